"""Updates behind the signature that change what a viewer shows: the published classes of shadow and certification
attacks, and what a form, a layer or the metadata could say.

"Shadow Attacks" (Mainka, Mladenov, Rohlmann, NDSS 2021): hide, replace, hide and replace. "Breaking the Specification:
PDF Certification" (the same, IEEE S&P 2021): evil annotation and sneaky signature attack.
"""

from collections.abc import Callable
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import ArrayObject, DictionaryObject, NameObject, NumberObject, StreamObject, pdf_name
from pyhanko.pdf_utils.generic import pdf_string as text

from tests.verification.attacks import World, attack
from tests.verification.hostile_pdf import appended, gap

WHOLE_PAGE = (0, 0, 595, 842)


def dictionary(**members: Any) -> DictionaryObject:
    """A dictionary; text that begins with a slash is a name, a tuple is an array of numbers."""

    def made(value: Any) -> Any:
        if isinstance(value, str):
            return NameObject(value) if value.startswith("/") else text(value)
        if isinstance(value, tuple):
            return ArrayObject(NumberObject(number) for number in value)
        return NumberObject(value) if isinstance(value, int) else value

    return DictionaryObject({pdf_name("/" + name): made(value) for name, value in members.items()})


def look(writer: Any, operators: bytes = b"1 0 0 rg 0 0 595 842 re f") -> Any:
    """An appearance that covers the page, as an object of the file."""
    form = StreamObject(dictionary(Type="/XObject", Subtype="/Form", BBox=WHOLE_PAGE), stream_data=operators)
    return writer.add_object(form)


def laid_over(world: World, make: Callable[[Any], DictionaryObject], *, field: bool = False) -> bytes:
    """The PDF with one more annotation on page 1, and with one more field where it is one."""

    def change(writer: Any) -> None:
        mark = writer.add_object(make(writer))
        page = writer.root["/Pages"]["/Kids"][0]
        page["/Annots"].append(mark)
        writer.update_container(page["/Annots"])
        writer.update_container(page)
        if field:
            writer.root["/AcroForm"]["/Fields"].append(mark)
            writer.update_container(writer.root["/AcroForm"])

    return appended(world.issued.pdf, change)


def note(writer: Any, kind: str, **more: Any) -> DictionaryObject:
    return dictionary(
        Type="/Annot", Subtype=kind, Rect=WHOLE_PAGE, F=4, Contents="Net weight 900 kg",
        AP=dictionary(N=look(writer)), **more,
    )  # fmt: skip


@attack("added-after-signing")
def pdf_with_a_note_laid_over_it(world: World) -> bytes:
    """Evil annotation attack: notes and stamps are what a weaker certification allows."""
    return laid_over(world, lambda writer: note(writer, "/FreeText", DA="/Helv 12 Tf"))


@attack("added-after-signing")
def pdf_with_a_redaction_laid_over_it(world: World) -> bytes:
    return laid_over(world, lambda writer: note(writer, "/Redact", IC=(0, 0, 0)))


@attack("added-after-signing")
def pdf_with_a_signature_field_that_covers_it(world: World) -> bytes:
    """Sneaky signature attack: the look of a second, unsigned signature field covers the page."""
    return laid_over(world, lambda writer: note(writer, "/Widget", FT="/Sig", T="Approval"), field=True)


@attack("added-after-signing")
def pdf_with_a_filled_field_that_covers_it(world: World) -> bytes:
    """Shadow attack, replace: what a field shows is its look, not its value."""
    return laid_over(world, lambda writer: note(writer, "/Widget", FT="/Tx", T="Weight", V="900"), field=True)


@attack("added-after-signing")
def pdf_whose_signature_field_is_given_a_look(world: World) -> bytes:
    def change(writer: Any) -> None:
        field = writer.root["/AcroForm"]["/Fields"][0]
        field[pdf_name("/Rect")] = ArrayObject(NumberObject(number) for number in WHOLE_PAGE)
        field[pdf_name("/AP")] = dictionary(N=look(writer))
        writer.update_container(field)

    return appended(world.issued.pdf, change)


@attack("added-after-signing")
def pdf_whose_seal_is_hidden_by_an_update(world: World) -> bytes:
    """Shadow attack, hide: the picture that lay over other content is gone."""

    def change(writer: Any) -> None:
        pictures = writer.root["/Pages"]["/Kids"][0]["/Resources"]["/XObject"]
        for name in [name for name in pictures if pictures[name].get("/Subtype") == "/Image"]:
            pictures[name] = look(writer, b"")
        writer.update_container(pictures)

    return appended(world.issued.pdf, change)


@attack("added-after-signing")
def pdf_whose_pages_are_replaced_by_an_update(world: World) -> bytes:
    """Shadow attack, hide and replace: the catalogue leads to other pages."""

    def change(writer: Any) -> None:
        contents = writer.add_object(StreamObject(stream_data=b"1 0 0 rg 0 0 595 842 re f"))
        pages = dictionary(Type="/Pages", Count=1)
        parent = writer.add_object(pages)
        page = dictionary(Type="/Page", Parent=parent, MediaBox=WHOLE_PAGE, Contents=contents, Resources=dictionary())
        pages[pdf_name("/Kids")] = ArrayObject([writer.add_object(page)])
        writer.root[pdf_name("/Pages")] = parent
        writer.update_root()

    return appended(world.issued.pdf, change)


@attack("added-after-signing")
def pdf_with_a_layer_that_is_switched_off(world: World) -> bytes:
    def change(writer: Any) -> None:
        layer = writer.add_object(dictionary(Type="/OCG", Name="Seal"))
        off = dictionary(BaseState="/OFF", OFF=ArrayObject([layer]))
        writer.root[pdf_name("/OCProperties")] = dictionary(OCGs=ArrayObject([layer]), D=off)
        writer.update_root()

    return appended(world.issued.pdf, change)


@attack("added-after-signing")
def pdf_with_other_metadata(world: World) -> bytes:
    def change(writer: Any) -> None:
        packet = generic.StreamObject(dictionary(Type="/Metadata", Subtype="/XML"), stream_data=b"<x/>")
        writer.root[pdf_name("/Metadata")] = writer.add_object(packet)
        writer.update_root()

    return appended(world.issued.pdf, change)


@attack("added-after-signing")
def pdf_with_objects_behind_its_end_and_no_table(world: World) -> bytes:
    """Incremental saving attack: a reader that repairs files finds the objects all the same."""
    return world.issued.pdf + b"5 0 obj\n<< /Length 0 >>\nstream\n\nendstream\nendobj\n"


@attack("signature-structure")
def pdf_whose_signature_is_empty(world: World) -> bytes:
    """Universal signature forgery: there is a signature, and nothing in it to check."""
    start, end = gap(world.issued.pdf)
    return world.issued.pdf[:start] + b"<>".ljust(end - start) + world.issued.pdf[end:]
