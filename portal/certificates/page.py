"""The certificate as a document: two A4 pages in both languages, PDF/A-3b, with the statement attached.

The page is drawn from the same bytes that are attached, so that the two cannot differ. Signing comes after.
"""

import hashlib
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pydyf  # type: ignore[import-untyped]
import weasyprint
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from PIL import ImageCms
from weasyprint.text.fonts import FontConfiguration

from portal.certificates import fonts, lean, ornament, printed, qr
from portal.certificates.fonts import GlyphMissing
from portal.certificates.qr import SealTooLarge
from portal.certificates.statement import certifiable
from portal.config import SOURCE_ROOT

__all__ = ["ATTACHMENT", "GlyphMissing", "NotCertified", "PageOverflow", "SealTooLarge", "render"]

ATTACHMENT = "statement.json"
SEAL_ADDRESS, PROOF_ADDRESS = "seal:picture", "proof:picture"
PAGE_MILLIMETRES = (210, 297)
POINTS = 72 / 25.4
# Members of an ICC profile's header (ICC.1:2010, 7.2).
_ICC_VERSION, _ICC_DATE = slice(8, 12), slice(24, 36)
# Pango's font maps must not be used by two threads at once, and the configuration is shared between renderings.
_lock = threading.Lock()


class NotCertified(ValueError):
    """The statement's assessment did not end in a certificate: there is nothing to print."""


class PageOverflow(RuntimeError):
    """A side does not fit its page even when everything is shortened; the statement breaks its schema's limits."""


@dataclass(frozen=True, slots=True)
class _Side:
    template: str
    show: Callable[[dict[str, Any], printed.Fit], dict[str, Any]]
    fits: tuple[printed.Fit, ...]


_FRONT = _Side("certificates/front.html", printed.front, printed.FRONT_FITS)
_BACK = _Side("certificates/back.html", printed.back, printed.BACK_FITS)


class _OwnPictures(weasyprint.URLFetcher):  # type: ignore[misc]
    """Gives the two codes and refuses every other address: a certificate is drawn from its statement alone."""

    def __init__(self, pictures: Mapping[str, bytes] = MappingProxyType({})) -> None:
        super().__init__()
        self._pictures = pictures

    def fetch(self, url: str, headers: object = None) -> Any:
        if url not in self._pictures:
            raise ValueError(f"a certificate fetches nothing, and was asked for {url[:80]}")
        return weasyprint.urls.URLFetcherResponse(url, self._pictures[url], {"Content-Type": "image/png"})


def require_printable(facts: dict[str, Any], font_folder: Path) -> None:
    """Raise ``NotCertified`` or ``GlyphMissing`` for facts that no page may or can show."""
    _require_certified(facts)
    lacking = fonts.missing_glyphs("".join(_texts(facts)), font_folder)
    if lacking:
        raise GlyphMissing(lacking)


def render(statement_bytes: bytes, *, qr_text: str, proof_text: str | None = None, font_folder: Path) -> bytes:
    """Draw the certificate of a statement: an unsigned PDF/A-3b of exactly two pages; the same bytes each time.

    ``statement_bytes`` is the canonical statement (checked by ``statement.read`` before); exactly these bytes are
    attached once as ``statement.json``. ``qr_text`` is the seal's text, ``proof_text`` that of the proof beside it
    (``proof_code.write``), ``font_folder`` what ``fonts.build`` filled.
    Raises ``NotCertified``, ``GlyphMissing``, ``SealTooLarge`` or ``fonts.FontsUnavailable``.
    """
    facts = json.loads(statement_bytes)
    require_printable(facts, font_folder)
    digest = hashlib.sha256(statement_bytes).hexdigest()
    # One dot for each module is all that the layout needs; ``lean`` makes of it what a printer does.
    pictures = {SEAL_ADDRESS: qr.png(qr_text, 1)}
    shared = {"facts": facts, "digest": [digest[at : at + 8] for at in range(0, 64, 8)], "seal": SEAL_ADDRESS}
    if proof_text is not None:
        pictures[PROOF_ADDRESS] = qr.png(proof_text, 1, level=qr.level_of_proof(proof_text))
    shared["proof"] = PROOF_ADDRESS if proof_text is not None else ""
    shared["proof_large"] = len(proof_text or "") > qr.WIDE
    with _lock:
        sides = [_fitted(side, shared, _OwnPictures(pictures), font_folder) for side in (_FRONT, _BACK)]
        document = sides[0].copy([page for side in sides for page in side.pages])
        return _write(document, statement_bytes, digest=bytes.fromhex(digest), issued_at=facts["issued_at"])


def _require_certified(facts: dict[str, Any]) -> None:
    assessment = facts["assessment"]
    if not certifiable(assessment):
        raise NotCertified(f"the assessment's outcome is {assessment['outcome']!r}, and no authority cleared it")
    if any(factor["kind"] == "hard_stop" for factor in assessment["factors"]):
        raise NotCertified("the assessment holds a hard stop")


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    # An installed wheel carries the templates inside the package.
    folders = [SOURCE_ROOT / "templates", Path(__file__).resolve().parent.parent / "_templates"]
    loader = FileSystemLoader(folders)
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    environment.filters["wider_than"] = printed.wider_than
    environment.filters["straight"] = printed.straight
    return environment


@lru_cache(maxsize=2)
def _style(font_folder: Path) -> tuple[FontConfiguration, weasyprint.CSS]:
    with fonts.isolated(font_folder):
        configuration = FontConfiguration()
    text = _environment().get_template("certificates/page.css").render()
    style = weasyprint.CSS(string=text, font_config=configuration, url_fetcher=_OwnPictures())
    return configuration, style


def _fitted(side: _Side, shared: dict[str, Any], pictures: _OwnPictures, font_folder: Path) -> weasyprint.Document:
    """Lay out one side with the roomiest fit that keeps it to one page."""
    configuration, style = _style(font_folder)
    template = _environment().get_template(side.template)

    def laid_out(fit: printed.Fit) -> weasyprint.Document | None:
        html = template.render(shared, **side.show(shared["facts"], fit))
        source = weasyprint.HTML(string=html, url_fetcher=pictures, media_type="print")
        document = source.render(font_config=configuration, stylesheets=[style], pdf_variant="pdf/a-3b")
        return document if len(document.pages) == 1 else None

    # Most certificates fit at once; the others are found by halving, since each attempt costs a whole layout.
    best = laid_out(side.fits[0])
    if best is not None:
        return best
    low, high = 1, len(side.fits)
    while low < high:
        middle = (low + high) // 2
        document = laid_out(side.fits[middle])
        best, low, high = (document, low, middle) if document else (best, middle + 1, high)
    if best is None:
        raise PageOverflow(f"{side.template} does not fit one page")
    return best


def _write(document: weasyprint.Document, statement_bytes: bytes, *, digest: bytes, issued_at: str) -> bytes:
    at = datetime.fromisoformat(issued_at)
    attachment = weasyprint.Attachment(
        string=statement_bytes,
        name=ATTACHMENT,
        description="The statement that this certificate signs, in canonical form (RFC 8785)",
        relationship="Source",
        created=at,
        modified=at,
        url_fetcher=_OwnPictures(),
    )

    def finish(drawn: weasyprint.Document, pdf: pydyf.PDF) -> None:
        _require_drawn(drawn)
        _name_once(pdf)
        _state_colours(pdf)
        lean.tighten(pdf, drawn.fonts.values())
        _decorate(pdf, digest)

    data = document.write_pdf(
        pdf_variant="pdf/a-3b", output_intent="", pdf_tags=True, attachments=[attachment], finisher=finish
    )
    return bytes(data)


def _require_drawn(document: weasyprint.Document) -> None:
    """Refuse a page with an empty box on it: a font may cover a letter that ends up in a run of another font."""
    lacking = {chr(point) for font in document.fonts.values() for point in font.missing}
    if lacking:
        raise GlyphMissing(lacking)


def _name_once(pdf: pydyf.PDF) -> None:
    """Keep one reference to each associated file: WeasyPrint 70 lists an attachment twice in the catalogue's /AF."""
    pdf.catalog["AF"] = pydyf.Array(dict.fromkeys(pdf.catalog["AF"]))


def _state_colours(pdf: pydyf.PDF) -> None:
    """Say that colours are sRGB, as PDF/A asks; WeasyPrint 70 does it too, with a profile seven times as long."""
    name = pydyf.String("sRGB IEC61966-2.1")
    profile = pydyf.Stream([_colour_profile()], {"N": 3}, compress=True)
    pdf.add_object(profile)
    intent = {"Type": "/OutputIntent", "S": "/GTS_PDFA1", "OutputConditionIdentifier": name, "Info": name}
    pdf.catalog["OutputIntents"] = pydyf.Array([pydyf.Dictionary({**intent, "DestOutputProfile": profile.reference})])


@lru_cache(maxsize=1)
def _colour_profile() -> bytes:
    """sRGB as an ICC profile of version 4.2, the newest that PDF 1.7 knows; always dated with the same day."""
    made = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    made[_ICC_VERSION] = bytes((4, 0x20, 0, 0))
    made[_ICC_DATE] = b"".join(part.to_bytes(2, "big") for part in (2026, 1, 1, 0, 0, 0))
    return bytes(made)


def _decorate(pdf: pydyf.PDF, digest: bytes) -> None:
    """Draw the ornament beneath the text of both pages, marked as an artifact that a screen reader passes over."""
    band = ornament.band(millimetres=182, height=5.4)
    rosette = ornament.rosette(digest, millimetres=62)
    shared = next(o for o in pdf.objects if isinstance(o, dict) and "ExtGState" in o and "XObject" in o)
    for drawing in (band, rosette):
        # A part may reach beyond the drawing's box before it is placed.
        reach = max(drawing.box)
        box = pydyf.Array((-reach, -reach, reach, reach))
        for name, operators in drawing.parts.items():
            extra = {"Type": "/XObject", "Subtype": "/Form", "BBox": box}
            form = pydyf.Stream([operators], extra, compress=True)
            pdf.add_object(form)
            shared["XObject"][name] = form.reference
    pages = [page for page in pdf.objects if isinstance(page, dict) and page.get("Type") == "/Page"]
    front, back = (pdf.objects[int(page["Contents"].split()[0])] for page in pages)
    top = PAGE_MILLIMETRES[1] - 11
    front.stream.insert(0, _placed(band, 14, top) + _placed(rosette, 137, top - 5))
    back.stream.insert(0, _placed(band, 14, top))


def _placed(drawing: ornament.Drawing, left: float, top: float) -> bytes:
    """Operators that show a drawing with its upper left corner at ``left``, ``top`` (millimetres, from below)."""
    width, height = (side * POINTS for side in drawing.size)
    x, y = left * POINTS, top * POINTS - height
    scale = f"{width / drawing.box[0]:.6f} 0 0 {height / drawing.box[1]:.6f} {x:.3f} {y:.3f}"
    shown = "\n".join(f"q {' '.join(f'{n:.5f}' for n in place)} cm /{name} Do Q" for name, place in drawing.places)
    return f"/Artifact BMC q {scale} cm\n{shown}\nQ EMC\n".encode("ascii")
