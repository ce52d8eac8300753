"""Forms of keys: that one may be in other hands, and what another supervisor says to it."""

from datetime import UTC, datetime
from typing import Any

from flask_babel import lazy_gettext
from wtforms import RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import Length, ValidationError

from portal.authority.forms import LONGEST_REASON, no_blank, required
from portal.web.forms import Form

CONFIRM, REJECT = "confirm", "reject"


class KeyReportForm(Form):
    """A supervisor's report."""

    since = StringField(
        lazy_gettext("Since when may somebody else have signed with it? (UTC)"),
        description=lazy_gettext("The earliest moment that cannot be ruled out, such as 2026-11-24 09:00"),
    )
    reason = TextAreaField(
        lazy_gettext("What happened?"),
        validators=[no_blank, Length(max=LONGEST_REASON, message=lazy_gettext("Use 2,000 characters or fewer"))],
    )

    def moment(self) -> datetime | None:
        """The moment as typed, in UTC; nothing for another text."""
        try:
            return datetime.strptime(self.since.data or "", "%Y-%m-%d %H:%M").replace(tzinfo=UTC)
        except ValueError:
            return None

    def validate_since(self, field: Any) -> None:
        """A moment to the minute."""
        del field
        if self.moment() is None:
            raise ValidationError(lazy_gettext("Write the moment as 2026-11-24 09:00"))


class KeyDecisionForm(Form):
    """Another supervisor's answer."""

    decision = RadioField(
        lazy_gettext("Is the report right?"),
        choices=[
            SelectChoice(CONFIRM, lazy_gettext("Yes: mark the key, at once and for everybody")),
            SelectChoice(REJECT, lazy_gettext("No: nothing changes")),
        ],
        validators=[required(lazy_gettext("Choose yes or no"))],
    )
    answer = TextAreaField(
        lazy_gettext("Why not? (for a no)"),
        validators=[Length(max=LONGEST_REASON, message=lazy_gettext("Use 2,000 characters or fewer"))],
    )

    def validate_answer(self, field: Any) -> None:
        """Who turns a report down says why."""
        if self.decision.data == REJECT and not (field.data or "").strip():
            raise ValidationError(lazy_gettext("Enter a reason"))
