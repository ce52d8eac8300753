"""(b) Verification against the bare cryptography in it."""

from collections.abc import Iterator
from io import BytesIO

from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from portal.certificates import issue, keys
from portal.verification import seal
from portal.verification.verify import verify
from tests.bench.farm import Row, a_second, duel, each, milliseconds, tails
from tests.bench.world import NOW, World
from tests.certificates.samples import issue_one

SEAL_BYTES = 420  # about what a seal signs


def rows(world: World, *, quick: bool) -> Iterator[Row]:
    """Verify one seal and one PDF over and over."""
    with world.sessions() as session:
        made = issue_one(session, world.issuer, world.settings)
        session.commit()
        files, text = issue.files(made), issue.seal_text(made)
    trust = keys.trust_root(world.settings, now=NOW)
    assert seal.verify(text, trust=trust).essentials.number == made.number
    yield _seal(text, trust, quick)
    yield _pdf(world, files["pdf"], trust, quick)
    times = each([lambda: verify(files["png"], trust=trust, status=None, now=NOW)] * (5 if quick else 200))
    yield Row(
        "(b) read the seal from its picture and verify it",
        tails(times),
        "",
        "",
        "what a phone or a desk scanner's upload costs the server",
    )


def _seal(text: str, trust: object, quick: bool) -> Row:
    private = ec.generate_private_key(ec.SECP256R1())
    public, message = private.public_key(), b"x" * SEAL_BYTES
    signature = private.sign(message, ec.ECDSA(hashes.SHA256()))
    found = duel(
        lambda: seal.verify(text, trust=trust),  # type: ignore[arg-type]
        lambda: public.verify(signature, message, ec.ECDSA(hashes.SHA256())),
        rounds=5 if quick else 60,
        batch=20 if quick else 100,
        warm_up=20,
    )
    return Row(
        f"(b) verify a seal of {len(text)} characters, from its text to its facts",
        f"{milliseconds(found.mine)}, {a_second(found.mine)} on one core",
        f"one ES256 verification by cryptography: {milliseconds(found.other)}",
        found.ratio,
        "1 would be nothing but the curve; asked: at most 1.67, which is 60 % of the bare verifications a second",
    )


def _pdf(world: World, pdf: bytes, trust: object, quick: bool) -> Row:
    issuer = world.issuer
    roots = [_asn1(root) for root in (*issuer.trusted.roots, *issuer.trusted.timestamp_roots)]
    others = [_asn1(certificate) for certificate in issuer.chain]

    def ours() -> None:
        assert verify(pdf, trust=trust, status=None, now=NOW).integrity.answer == "yes"  # type: ignore[arg-type]

    def theirs() -> None:
        context = ValidationContext(trust_roots=roots, other_certs=others, moment=NOW, allow_fetching=False)
        embedded = PdfFileReader(BytesIO(pdf)).embedded_signatures[0]
        assert validate_pdf_signature(embedded, context, context, skip_diff=True).intact

    found = duel(ours, theirs, rounds=3 if quick else 60, warm_up=2)
    return Row(
        f"(b) verify a PDF of {len(pdf) / 1000:.0f} kB: structure, signature, chain, revocation, time stamp, statement",
        f"{tails(sorted(found.ours))}, {a_second(found.mine)} on one core",
        f"pyHanko checks signature and time stamp alone: {milliseconds(found.other)}",
        found.ratio,
        "what the portal's own steps (attacks on the container, the attached statement, policy) add; asked: p99 150 ms",
    )


def _asn1(certificate: object) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(certificate.public_bytes(serialization.Encoding.DER))  # type: ignore[attr-defined]
