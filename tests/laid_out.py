"""Certificates whose pages are laid out once in a process: the next ones carry their own statement on the same pages.

To lay out two pages takes a quarter of a second of the processor, over a second where texts are long. What stands on a
page is tested with the certificates; elsewhere only that there is one, which is signed, carries its statement and shows
its own two codes, since these are read at issue and at verification.
"""

from collections.abc import Callable
from typing import Any

import weasyprint
from weasyprint.images import get_image_from_uri

from portal.certificates import page


class LaidOutOnce:
    """Takes the place of ``page._fitted``; all that ``page.render`` checks, attaches and writes is as it is."""

    def __init__(self) -> None:
        self._lay_out: Callable[..., weasyprint.Document] = page._fitted
        self._sides: dict[tuple[str, bool], weasyprint.Document] = {}

    def __call__(self, side: Any, shared: dict[str, Any], pictures: Any, *more: Any) -> weasyprint.Document:
        key = (side.template, bool(shared.get("proof")))
        if key not in self._sides:
            self._sides[key] = self._lay_out(side, shared, pictures, *more)
        else:
            _show(self._sides[key], pictures)
        return self._sides[key]


def _show(document: weasyprint.Document, pictures: Any) -> None:
    """Put other codes in the places of those that were laid out."""
    for sheet in document.pages:
        for box in sheet._page_box.descendants(placeholders=True):
            if getattr(box, "replacement", None) is not None and box.element_tag == "img":
                url = box.element.get("src")
                box.replacement = get_image_from_uri({}, pictures, weasyprint.DEFAULT_OPTIONS, url)
