"""Bring status lists to where there is no network: from their issuers into a folder, or out of the own register."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy.orm import Session

from portal.certificates import strict_json
from portal.certificates.statuslist import form, publish
from portal.certificates.statuslist.form import PURPOSES
from portal.certificates.statuslist.publish import ListSigner
from portal.certificates.trust import TrustedIssuer, TrustRoot
from portal.verification.listed import MAX_LIST, read_list
from portal.verification.sources import NoRedirect, StatusUnavailable, may_be_asked

TRUST_FILE = "trust.json"
# All of it in one file, since a telephone chooses one more easily than a folder.
ONE_FILE = "lists.json"
_SECONDS = 20.0
_MOST = 100_000


@dataclass(frozen=True, slots=True)
class Brought:
    """One list, or an issuer's directory of them: its address, and why it could not be had where it could not."""

    address: str
    fault: str = ""


def fetch(trust: TrustRoot, folder: Path, *, now: datetime) -> Iterator[Brought]:
    """Fetch every living list of every issuer over HTTPS (this machine excepted), and write the trust file beside them.

    Only what can be believed is written, and never over a newer one, so that a list that cannot be had leaves the last
    one in place. All that lies there is also written into one file, ``lists.json``. The addresses come from the trust
    file and from nothing else.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = json.dumps(trust.to_json(now=now), ensure_ascii=False, indent=1)
    (folder / TRUST_FILE).write_text(written, encoding="utf-8")
    for issuer in trust.issuers:
        directory = form.index_address(issuer.status_address)
        try:
            numbers = _numbers(_get(directory))
        except (OSError, ValueError) as error:
            yield Brought(directory, str(error) or type(error).__name__)
            continue
        for number in numbers:
            for purpose in PURPOSES:
                yield _bring(issuer, number, purpose, trust, folder, now)
    tokens = [path.read_text("ascii") for path in sorted(folder.rglob("*.jwt"))]
    whole = {"type": "due-diligence-lists", "trust": json.loads(written), "status_lists": tokens}
    _put(folder / ONE_FILE, json.dumps(whole, ensure_ascii=False))


def write(session: Session, folder: Path, *, issuer: ListSigner, now: datetime) -> Iterator[Brought]:
    """Write the own register's living lists as a static site serves them: the paths are those of the addresses."""
    directory = form.index_address(issuer.status_address)
    living = publish.living(session, issuer.id, now.date())
    _put(folder / urlsplit(directory).path.lstrip("/"), form.directory(living))
    for number in living:
        for purpose in PURPOSES:
            address = form.address(issuer.status_address, number, purpose)
            found = publish.published(session, number, purpose, issuer=issuer, now=now)
            if found is not None:
                _put(folder / urlsplit(address).path.lstrip("/"), found.token)
                yield Brought(address)


def _bring(
    issuer: TrustedIssuer, number: int, purpose: form.Purpose, trust: TrustRoot, folder: Path, now: datetime
) -> Brought:
    address = form.address(issuer.status_address, number, purpose)
    parts = urlsplit(address)
    target = folder / parts.netloc.replace(":", "_") / parts.path.lstrip("/")
    try:
        token = _get(address).decode("ascii")
        begins, _ = read_list(token, address, purpose, issuer, trust, now)
    except StatusUnavailable as error:
        return Brought(address, error.key)
    except (OSError, ValueError) as error:
        return Brought(address, str(error) or type(error).__name__)
    try:
        before, _ = read_list(target.read_text("ascii"), address, purpose, issuer, trust, now)
    except (OSError, ValueError, StatusUnavailable):
        before = None
    if before is not None and before > begins:
        return Brought(address, "status-list-rolled-back")
    _put(target, token)
    return Brought(address)


def _put(target: Path, text: str) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = target.with_suffix(".new")
    beside.write_text(text, encoding="utf-8")
    beside.replace(target)


def _numbers(data: bytes) -> list[int]:
    told = strict_json.loads(data)
    numbers = told.get("lists") if isinstance(told, dict) else None
    if not isinstance(numbers, list) or len(numbers) > _MOST:
        raise ValueError("is no directory of status lists")
    if any(type(number) is not int or not 1 <= number <= form.LARGEST_NUMBER for number in numbers):
        raise ValueError("is no directory of status lists")
    return numbers


def _get(address: str) -> bytes:
    if not may_be_asked(address):
        raise ValueError("may not be asked: an address must begin with https://")
    opener = urllib.request.build_opener(NoRedirect)
    with opener.open(address, timeout=_SECONDS) as response:
        found: bytes = response.read(MAX_LIST + 1)
    if len(found) > MAX_LIST:
        raise ValueError("is too large")
    return found
