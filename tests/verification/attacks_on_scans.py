"""Hostile scans: PDFs without a signature that are nothing but pictures, or pretend to be."""

import io

import pikepdf
from PIL import Image

from tests.verification import scans
from tests.verification.attacks import World, attack
from tests.verification.attacks_on_pictures import drawn_codes
from tests.verification.attacks_on_seals import seal_of_an_unknown_issuer, seal_with_another_end_user

SHEET = (827, 1169)


def sheet(*texts: str) -> Image.Image:
    """A sheet at 100 dots an inch with codes on it, one below the other."""
    whole, top = Image.new("L", SHEET, 255), 20
    for code in drawn_codes(*texts):
        whole.paste(code, (20, top))
        top += code.height + 20
    return whole


@attack("changed")
def scan_of_a_forged_seal(world: World) -> bytes:
    return scans.scanned(sheet(seal_with_another_end_user(world).decode()))


@attack("several-seals")
def scan_of_two_certificates(world: World) -> bytes:
    return scans.scanned(sheet(world.issued.seal), sheet(seal_of_an_unknown_issuer(world).decode()))


@attack("no-seal-in-scan")
def scan_without_a_code(world: World) -> bytes:
    return scans.scanned(sheet())


@attack("no-seal-in-scan")
def scan_of_ten_thousand_pages_with_a_seal_on_the_last(world: World) -> bytes:
    made = pikepdf.Pdf.new()
    scans.add_page(made, SHEET, *scans.coded(sheet(), "jpeg"))
    scans.add_page(made, SHEET, *scans.coded(sheet(world.issued.seal), "jpeg"))
    blank, last = made.Root.Pages.Kids
    made.Root.Pages.Kids, made.Root.Pages.Count = pikepdf.Array([blank] * 9_999 + [last]), 10_000
    return scans.saved(made)


@attack("no-seal-in-scan")
def scan_whose_code_is_a_note_laid_over_it(world: World) -> bytes:
    made = pikepdf.Pdf.new()
    scans.add_page(made, SHEET, *scans.coded(sheet(), "jpeg"))
    scans.add_page(made, SHEET, *scans.coded(sheet(world.issued.seal), "jpeg"))
    shown = made.pages[1].Resources.XObject.Scan
    look = made.make_stream(b"595 0 0 842 0 0 cm /Scan Do", Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Form)
    look.BBox, look.Resources = (
        pikepdf.Array([0, 0, 595, 842]),
        pikepdf.Dictionary(XObject=pikepdf.Dictionary(Scan=shown)),
    )
    note = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Stamp, Rect=[0, 0, 595, 842], F=4, AP=pikepdf.Dictionary(N=look)
    )
    made.pages[0].Annots = pikepdf.Array([made.make_indirect(note)])
    del made.pages[1]
    return scans.saved(made)


@attack("not-signed")
def scan_with_words_written_over_it(world: World) -> bytes:
    made = pikepdf.Pdf.new()
    scans.add_page(made, SHEET, *scans.coded(sheet(world.issued.seal), "jpeg"))
    made.pages[0].Resources.Font = pikepdf.Dictionary(
        F=pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
    )
    made.pages[0].contents_add(b"BT /F 12 Tf 100 700 Td (Net weight 900 kg) Tj ET")
    return scans.saved(made)


@attack("encrypted")
def scan_encrypted(world: World) -> bytes:
    with pikepdf.open(io.BytesIO(scans.scanned(sheet(world.issued.seal)))) as made:
        return scans.saved(made, encryption=pikepdf.Encryption(owner="secret", user="secret"))


@attack("too-large")
def scan_that_unpacks_to_gigabytes(world: World) -> bytes:
    return scans.bomb()


@attack("no-seal-in-scan", "too-large")
def scan_whose_picture_says_less_than_it_unpacks_to(world: World) -> bytes:
    return scans.bomb(side=400)


@attack("no-seal-in-scan", "too-large")
def scan_in_jbig2_that_is_noise(world: World) -> bytes:
    made = pikepdf.Pdf.new()
    # A segment for a symbol dictionary that announces four thousand million symbols (ITU-T T.88, 7.4.2).
    data = bytes.fromhex("00000000 00 00 01 00000020 0000 03ff fdff 02fe feff ffff ffff ffff ffff") + bytes(range(256))
    scans.add_page(made, SHEET, data, pikepdf.Name.JBIG2Decode, bits=1)
    return scans.saved(made)


@attack("no-seal-in-scan", "too-large")
def scan_in_jpeg_2000_that_announces_more_than_it_holds(world: World) -> bytes:
    data, filtered, parameters = scans.coded(sheet(world.issued.seal), "jpx")
    size = data.index(b"\xff\x51") + 8
    huge = data[:size] + (2**31 - 1).to_bytes(4, "big") * 2 + data[size + 8 :]
    made = pikepdf.Pdf.new()
    scans.add_page(made, SHEET, huge, filtered, parameters)
    return scans.saved(made)
