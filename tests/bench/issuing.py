"""(a) A whole certificate against the bare drawing of its two pages."""

import io
import json
from collections.abc import Iterator

import segno
import weasyprint

from portal.certificates import issue, page, printed, proof_code, qr, seal
from portal.certificates import statement as statements
from portal.certificates.log.note import LogProof
from tests.bench.farm import Row, a_second, duel, milliseconds
from tests.bench.world import NOW, World
from tests.certificates.samples import issue_one


def rows(world: World, *, quick: bool) -> Iterator[Row]:
    """Issue certificates and draw the same HTML by turns."""

    def ours() -> None:
        with world.sessions() as session:
            issue_one(session, world.issuer, world.settings)
            session.commit()

    with world.sessions() as session:
        sample = issue_one(session, world.issuer, world.settings)
        session.commit()
        size = len(issue.files(sample)["pdf"])
        text = issue.seal_text(sample)
        canonical = sample.statement.encode()
    folder = issue.font_folder(world.settings)
    code = str(proof_code.write(LogProof.parse(issue.log_proof(sample)), witnesses=0))
    sides, pictures = (
        _html(canonical),
        page._OwnPictures({page.SEAL_ADDRESS: qr.png(text, qr.ON_PAGE), page.PROOF_ADDRESS: qr.png(code, qr.ON_PAGE)}),
    )
    configuration, style = page._style(folder)

    def bare() -> None:
        for html in sides:
            source = weasyprint.HTML(string=html, url_fetcher=pictures, media_type="print")
            source.write_pdf(font_config=configuration, stylesheets=[style])

    found = duel(ours, bare, rounds=3 if quick else 15)
    yield Row(
        "(a) issue a certificate: number, statement, seal, credential, page, PDF/A-3, PAdES, proof, database",
        f"{milliseconds(found.mine)}, {a_second(found.mine)} on one core; PDF {size / 1000:.0f} kB",
        f"WeasyPrint draws the same HTML, nothing else: {milliseconds(found.other)}",
        found.ratio,
        "how much a signed and proven certificate costs beyond drawing two pages; asked: at most 1.25, PDF 110 kB",
    )
    drawn = duel(
        lambda: page.render(canonical, qr_text=text, proof_text=code, font_folder=folder),
        bare,
        rounds=3 if quick else 9,
    )
    yield Row(
        "(a) draw the page alone, glyphs checked, PDF/A-3b, statement attached",
        milliseconds(drawn.mine),
        f"the same: {milliseconds(drawn.other)}",
        drawn.ratio,
        "what the certificate's own page adds to WeasyPrint; the rest of (a) is signing and proving",
    )
    yield _code(text, quick)
    _check(world)


def _code(text: str, quick: bool) -> Row:
    found = duel(
        lambda: qr.png(text, qr.ON_PAGE),
        lambda: segno.make_qr(text, error=qr.ERROR_LEVEL).save(io.BytesIO(), "png", scale=qr.ON_PAGE, border=4),
        rounds=3 if quick else 40,
        batch=3,
    )
    return Row(
        f"(a) draw the QR code of a seal of {len(text)} characters as a PNG",
        milliseconds(found.mine),
        f"segno, the same code: {milliseconds(found.other)}",
        found.ratio,
        "measured before at 34 ms",
    )


def _html(canonical: bytes) -> list[str]:
    """Both sides' HTML as the page lays it out first."""
    digest = "0" * 64
    facts = json.loads(canonical)
    shared = {"facts": facts, "digest": [digest[at : at + 8] for at in range(0, 64, 8)], "seal": page.SEAL_ADDRESS}
    shared |= {"proof": page.PROOF_ADDRESS, "proof_large": False}
    made = []
    for side in (page._FRONT, page._BACK):
        fit: printed.Fit = side.fits[0]
        made.append(page._environment().get_template(side.template).render(shared, **side.show(facts, fit)))
    return made


def _check(world: World) -> None:
    """What was timed is a certificate: its statement reads back and its seal is of it."""
    with world.sessions() as session:
        made = issue_one(session, world.issuer, world.settings)
        read = statements.read(made.statement.encode())
        assert seal.essentials(read.facts, read.digest).number == made.number
        assert made.issued_at == NOW
