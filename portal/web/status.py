"""How each status of the portal is shown: a word, a shape and a tone, so that colour is never alone."""

from dataclasses import dataclass

from flask_babel import gettext, lazy_gettext
from flask_babel.speaklater import LazyString


@dataclass(frozen=True, slots=True)
class Look:
    """A status on the page; ``tone`` is good, bad, wait or plain."""

    word: str
    shape: str
    tone: str


_LOOKS: dict[str, tuple[LazyString, str, str]] = {
    "draft": (lazy_gettext("Draft"), "○", "plain"),
    "submitted": (lazy_gettext("Awaiting attestation"), "◔", "wait"),
    "returned": (lazy_gettext("Returned"), "↩", "wait"),
    "attested": (lazy_gettext("Attested"), "◕", "wait"),
    "certified": (lazy_gettext("Certified"), "✓", "good"),
    "referred": (lazy_gettext("Referred"), "→", "wait"),
    "refused": (lazy_gettext("Refused"), "✕", "bad"),
    "withdrawn": (lazy_gettext("Withdrawn"), "—", "plain"),
    "valid": (lazy_gettext("Valid"), "✓", "good"),
    "suspended": (lazy_gettext("Suspended"), "‖", "wait"),
    "revoked": (lazy_gettext("Revoked"), "✕", "bad"),
    "expired": (lazy_gettext("Expired"), "✕", "bad"),
    "superseded": (lazy_gettext("Superseded"), "↻", "bad"),
    "used_up": (lazy_gettext("Used up"), "∅", "bad"),
    "not_valid": (lazy_gettext("Not valid"), "✕", "bad"),
    "could_not_tell": (lazy_gettext("Could not tell"), "?", "wait"),
    "yes": (lazy_gettext("Yes"), "✓", "good"),
    "no": (lazy_gettext("No"), "✕", "bad"),
    "complete": (lazy_gettext("Complete"), "✓", "good"),
    "in_progress": (lazy_gettext("In progress"), "◑", "wait"),
    "not_started": (lazy_gettext("Not started"), "○", "plain"),
    "has_errors": (lazy_gettext("Needs correction"), "!", "bad"),
    "low": (lazy_gettext("Low"), "▁", "good"),
    "moderate": (lazy_gettext("Moderate"), "▃", "wait"),
    "high": (lazy_gettext("High"), "▅", "bad"),
    "very_high": (lazy_gettext("Very high"), "▇", "bad"),
    "clear": (lazy_gettext("No match"), "✓", "good"),
    "possible": (lazy_gettext("Possible match"), "?", "wait"),
    "match": (lazy_gettext("Match"), "✕", "bad"),
    "unavailable": (lazy_gettext("Could not be screened"), "?", "bad"),
    "loaded": (lazy_gettext("Loaded"), "✓", "good"),
    "stale": (lazy_gettext("Out of date"), "△", "wait"),
    "missing": (lazy_gettext("Missing"), "!", "bad"),
    "controlled": (lazy_gettext("Controlled"), "■", "wait"),
    "not_controlled": (lazy_gettext("Not found to be controlled"), "□", "plain"),
    "review": (lazy_gettext("Needs review"), "?", "wait"),
    "different": (lazy_gettext("Another party"), "≠", "good"),
    "same": (lazy_gettext("The same party"), "=", "bad"),
    "unjudged": (lazy_gettext("Not judged yet"), "?", "wait"),
    "proposed": (lazy_gettext("Awaits a second person"), "◔", "wait"),
    "standing": (lazy_gettext("Holds"), "✓", "good"),
    "ends_soon": (lazy_gettext("Ends soon"), "△", "wait"),
    "ended": (lazy_gettext("Ended"), "○", "plain"),
    "outdated": (lazy_gettext("The list has changed since"), "!", "wait"),
    "turned_down": (lazy_gettext("Turned down"), "↩", "plain"),
    "listed": (lazy_gettext("Listed"), "■", "bad"),
    "open": (lazy_gettext("Open"), "◔", "wait"),
    "waiting": (lazy_gettext("Waiting"), "…", "wait"),
    "closed": (lazy_gettext("Closed"), "■", "plain"),
    "stopped": (lazy_gettext("Stopped"), "□", "plain"),
}


def status_look(status: str) -> Look:
    """The look of a status; one that is not known is shown as it is, and never in a good tone."""
    known = _LOOKS.get(status)
    if known is None:
        return Look(gettext("Unknown: %(status)s", status=status), "?", "wait")
    word, shape, tone = known
    return Look(str(word), shape, tone)
