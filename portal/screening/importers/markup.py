"""XML read piece by piece: memory does not grow with the file, and no file can make entities of its own."""

import re
import xml.etree.ElementTree as Tree
from collections.abc import Collection, Iterator
from pathlib import Path
from xml.etree.ElementTree import Element

from portal.screening.importers.record import ListRefused

__all__ = ["Element", "attribute", "child", "children", "local", "pieces", "text", "texts"]

PROLOG = 1 << 16
ROOT = re.compile(rb"<[A-Za-z_]")
ENCODING = re.compile(rb"encoding\s*=\s*[\"']([A-Za-z0-9._-]+)[\"']")


def pieces(path: Path, root: str, wanted: Collection[str]) -> Iterator[Element]:
    """Elements named in ``wanted`` (without namespace) as each ends, then forgotten; the root itself comes first,
    without children. Refuses a file of another root, with a document type, not UTF-8, or cut off.
    """
    _refuse_declarations(path)
    open_elements: list[Element] = []
    try:
        for event, element in Tree.iterparse(path, events=("start", "end")):  # noqa: S314 - declarations are refused
            if event == "start":
                if not open_elements:
                    if local(element) != root:
                        raise ListRefused("root", path.name, found=local(element), wanted=root)
                    yield element
                open_elements.append(element)
                continue
            open_elements.pop()
            if local(element) in wanted:
                yield element
            if open_elements and not any(local(one) in wanted for one in open_elements):
                open_elements[-1].remove(element)
    except Tree.ParseError as error:
        raise ListRefused("broken_xml", path.name, error.position[0], error=error) from error
    except FileNotFoundError as error:
        raise ListRefused("absent", path.name) from error


def _refuse_declarations(path: Path) -> None:
    """A list needs no document type; with one a small file could be made to fill the memory."""
    try:
        with path.open("rb") as stream:
            start = stream.read(PROLOG)
    except FileNotFoundError as error:
        raise ListRefused("absent", path.name) from error
    begun = ROOT.search(start)
    prolog = start[: begun.start()] if begun else start
    if b"<!DOCTYPE" in prolog or b"<!ENTITY" in prolog:
        raise ListRefused("declares", path.name)
    encoding = ENCODING.search(prolog)
    if begun is None or b"\x00" in start[:64] or (encoding and encoding[1].lower() != b"utf-8"):
        raise ListRefused("not_xml", path.name)


def local(element: Element) -> str:
    """The name of an element without its namespace."""
    return element.tag.rpartition("}")[2]


def children(element: Element, name: str) -> Iterator[Element]:
    """The children of that name, in order."""
    return (one for one in element if local(one) == name)


def child(element: Element, name: str) -> Element | None:
    """The first child of that name."""
    return next(children(element, name), None)


def text(element: Element | None, name: str = "") -> str:
    """The text of an element, or of its first child of that name; "" where there is none. Spaces are single."""
    found = child(element, name) if element is not None and name else element
    return " ".join((found.text or "").split()) if found is not None else ""


def texts(element: Element, *names: str) -> list[str]:
    """The texts of the first children of those names that have one."""
    return [found for name in names if (found := text(element, name))]


def attribute(element: Element, name: str) -> str:
    """An attribute with single spaces; "" where there is none."""
    return " ".join(element.get(name, "").split())
