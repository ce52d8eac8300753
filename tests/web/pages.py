"""Read a page as a browser would: its forms with what they hold, and anything that a strict policy forbids."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import lxml.html
from lxml.html import HtmlElement
from werkzeug.datastructures import MultiDict

TYPED = ("text", "password", "email", "tel", "url", "search", "number", "textarea")


@dataclass
class PageForm:
    """One form of a page. ``held`` is what a browser would send unchanged; ``kinds`` tells what each field is."""

    action: str
    method: str
    held: MultiDict[str, str] = field(default_factory=MultiDict)
    kinds: dict[str, str] = field(default_factory=dict)

    @property
    def typed(self) -> list[str]:
        """Names of the fields that text is typed into, a password among them."""
        return [name for name, kind in self.kinds.items() if kind in TYPED]

    def filled(self, **values: object) -> MultiDict[str, object]:
        """What is sent once a person has filled fields in; a list stands for several boxes."""
        sent: MultiDict[str, object] = MultiDict(self.held.items(multi=True))
        for name, value in values.items():
            if isinstance(value, list):
                sent.setlist(name, value)
            else:
                sent[name] = value
        return sent


def document(text: str) -> HtmlElement:
    """The page as a tree. A zero byte becomes the replacement letter, as in a browser."""
    return lxml.html.document_fromstring(text.replace("\0", "\ufffd"))


def form_of(text: str) -> PageForm:
    """The form of the page's main part that is sent by POST."""
    found = [each for each in forms(text) if each.method == "post"]
    assert found, "the page's main part has no form to send"
    return found[0]


def forms(text: str) -> list[PageForm]:
    """Every form in the main part of the page."""
    main = document(text).find(".//main")
    assert main is not None, "the page has no main part"
    return [_read(each) for each in main.iter("form")]


def _read(form: HtmlElement) -> PageForm:
    read = PageForm(form.get("action", ""), form.get("method", "get").lower())
    for element in form.iter():
        name = element.get("name")
        if not name or "disabled" in element.attrib:
            continue
        if element.tag == "textarea":
            _put(read, name, "textarea", "".join(element.itertext()).removeprefix("\n"))
        elif element.tag == "select":
            _put(read, name, "select", _chosen(element))
        elif element.tag == "input":
            kind = element.get("type", "text")
            ticked = kind not in ("radio", "checkbox") or "checked" in element.attrib
            value = element.get("value", "on" if kind == "checkbox" else "")
            _put(read, name, kind, value if ticked and kind not in ("file", "submit") else None)
    return read


def _put(form: PageForm, name: str, kind: str, value: str | None) -> None:
    form.kinds[name] = kind
    if value is not None:
        form.held.add(name, value)


def _chosen(select: HtmlElement) -> str:
    options = list(select.iter("option"))
    chosen = [each for each in options if "selected" in each.attrib] or options
    if not chosen:
        return ""
    return chosen[0].get("value", "".join(chosen[0].itertext()))


def forbidden(text: str) -> Iterator[str]:
    """What a page without inline script and style must not hold, each with the element."""
    for element in document(text).iter():
        if not isinstance(element.tag, str):
            continue
        if element.tag == "style" or (element.tag == "script" and not element.get("src")):
            yield f"<{element.tag}> with content of its own"
        if element.tag in ("iframe", "object", "embed", "base"):
            yield f"<{element.tag}>"
        for name, value in element.attrib.items():
            if name == "style" or name.startswith("on"):
                yield f"<{element.tag} {name}={value!r}>"
            address = value.strip().lower()
            if name in ("href", "src", "action", "formaction") and address.startswith(("javascript:", "data:text")):
                yield f"<{element.tag} {name}={value!r}>"
            if name in ("src", "action", "formaction") and address.startswith(("http:", "https:", "//")):
                yield f"<{element.tag} {name}={value!r}>"
