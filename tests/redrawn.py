"""Certificates whose page is drawn once in a process: the next ones carry their own statement on the same page.

Laying out two pages takes half a second of the processor, several when texts are long. What stands on a page is tested
with the certificates; here only that there is one, which can be signed and carries exactly its statement.
"""

import io
import json
from pathlib import Path
from typing import Any

import pikepdf

from portal.certificates import page

draw = page.render


class DrawnOnce:
    """Takes the place of ``page.render``."""

    def __init__(self) -> None:
        self._page = b""

    def __call__(self, statement_bytes: bytes, *, font_folder: Path, **codes: Any) -> bytes:
        """As ``page.render``, with what refuses a statement."""
        page.require_printable(json.loads(statement_bytes), font_folder)
        if not self._page:
            self._page = draw(statement_bytes, font_folder=font_folder, **codes)
        with pikepdf.open(io.BytesIO(self._page)) as pdf:
            pdf.Root.Names.EmbeddedFiles.Names[1].EF.F.write(statement_bytes)
            changed = io.BytesIO()
            pdf.save(changed, object_stream_mode=pikepdf.ObjectStreamMode.disable, deterministic_id=True)
        return changed.getvalue()
