"""Certificates whose pages are laid out once in a process: the next ones carry their own statement on the same pages.

To lay out two pages takes a quarter of a second of the processor, over a second where texts are long. What stands on a
page is tested with the certificates; elsewhere only that there is one, which is signed and carries its statement.
"""

from collections.abc import Callable
from typing import Any

import weasyprint

from portal.certificates import page


class LaidOutOnce:
    """Takes the place of ``page._fitted``; all that ``page.render`` checks, attaches and writes is as it is."""

    def __init__(self) -> None:
        self._lay_out: Callable[..., weasyprint.Document] = page._fitted
        self._sides: dict[tuple[str, bool], weasyprint.Document] = {}

    def __call__(self, side: Any, shared: dict[str, Any], *more: Any) -> weasyprint.Document:
        key = (side.template, bool(shared.get("proof")))
        if key not in self._sides:
            self._sides[key] = self._lay_out(side, shared, *more)
        return self._sides[key]
