"""A paper that was scanned to a PDF: it carries no signature, so the codes that the pictures show are examined.

Whatever a stranger sends is drawn here by PDFium, so it is done in a process of its own, with little memory and time
(``scan_reader``). What comes back are the texts of codes, which are verified like any other.
"""

import json
import logging
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from portal.verification import container, image
from portal.verification.evidence import Evidence
from portal.verification.reasons import NotVerified

log = logging.getLogger(__name__)
READER = Path(__file__).with_name("scan_reader.py")
# Seconds by the clock, for a reader that waits for a processor too.
PATIENCE = 20
# Readers at a time, each with a gigabyte at most.
_TURNS = threading.BoundedSemaphore(2)
_REASONS = frozenset({"not-signed", "encrypted", "too-large"})


def unsigned(pdf: bytes) -> bool:
    """Whether nothing in a PDF even looks like a signature."""
    try:
        container.split(pdf)
    except NotVerified as refusal:
        return refusal.key == "not-signed"
    return False


def read(pdf: bytes) -> Evidence:
    """The seal, or the verification address, that the first four pages of a scan show. Raises ``NotVerified``.

    1. A page that shows text or drawings of its own is no picture of a paper: the file is a certificate whose
       signature was taken away, or a print of something, and not signed.
    2. Pictures with more pixels than paper needs are not drawn.
    3. Codes are told apart as in a picture: two different seals are one too many.
    """
    told = _told(pdf)
    reason = told["found"]
    if reason != "scan":
        raise NotVerified(reason if reason in _REASONS else "examination-failed", "no scan")
    try:
        return image.of_codes_shown(told["codes"])
    except NotVerified as refusal:
        if refusal.key != "no-seal-in-picture":
            raise
        raise NotVerified("no-seal-in-scan") from refusal


def _told(pdf: bytes) -> dict[str, Any]:
    command = [sys.executable, "-I", str(READER)]
    if not _TURNS.acquire(timeout=PATIENCE):
        raise NotVerified("examination-failed", "too many scans at once")
    try:
        # Nothing of the command comes from outside.
        done = subprocess.run(  # noqa: S603
            command, input=pdf, capture_output=True, timeout=PATIENCE, env={}, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise NotVerified("too-large", "took too long") from error
    finally:
        _TURNS.release()
    if done.returncode:
        # Killed for what it took, or PDFium gave up: the file is to blame.
        log.info("the reader of a scan ended with %s", done.returncode)
        raise NotVerified("too-large", "took too much")
    found: dict[str, Any] = json.loads(done.stdout)
    return found
