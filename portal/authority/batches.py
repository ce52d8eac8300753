"""What a port recorded while it had no network, as its device sends it: many endorsements in one piece of JSON."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from portal import audit
from portal.accounts.models import MachineCredential, User
from portal.authority import endorse
from portal.authority.endorse import EndorsementRefused, Outcome, Presented
from portal.text import Text

_ELSEWHERE = Text("This device's token is for {place} alone", "该设备的令牌仅可用于{place}")


@dataclass(frozen=True, slots=True)
class Item:
    """What became of one item of a batch: ``outcome``, or why it was refused."""

    id: str
    outcome: Outcome | None
    refused: EndorsementRefused | None = None

    @property
    def word(self) -> str:
        """``recorded``, ``known`` already, or ``refused``."""
        if self.outcome is None:
            return "refused"
        return "recorded" if self.outcome.new else "known"

    @property
    def pointer(self) -> str:
        """Where in the item the fault lies (RFC 6901)."""
        return "" if self.refused is None else f"/{self.refused.field.replace('line-', 'lines/')}"


def take_in(
    session: Session,
    items: Sequence[Mapping[str, Any]],
    *,
    by: User,
    actor: audit.Actor,
    now: datetime,
    device: MachineCredential | None = None,
) -> list[Item]:
    """Take a batch in whose shape was judged by its schema; one that is refused keeps none of the others back.

    ``device`` is what sent it with a token of its own; one that stands at a port records for no other place.
    """
    told = []
    for item in items:
        try:
            found = _presented(item)
            if device is not None and device.place and found.place.strip().upper() != device.place:
                raise EndorsementRefused("place", _ELSEWHERE.filled(place=device.place))
            through = device.id if device is not None else None
            kept = endorse.record(session, found, by=by, actor=actor, now=now, through=through)
            told.append(Item(item["id"], kept))
        except EndorsementRefused as refused:
            told.append(Item(item["id"], None, refused))
    return told


def _presented(item: Mapping[str, Any]) -> Presented:
    return Presented(
        reference=uuid.UUID(item["id"]),
        number=item["number"],
        declaration=item["declaration"],
        place=item["place"],
        at=_moment(item["at"]),
        quantities={line["line"]: (line["value"], line["unit"]) for line in item["lines"]},
        officer=item["officer"],
        device=item.get("device", ""),
    )


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return datetime.min  # noqa: DTZ901 - no moment at all, which is refused beside its field
