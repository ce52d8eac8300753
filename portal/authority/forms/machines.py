"""Forms of machines' credentials: what a new one may do, and how long the token before it still works."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from flask_babel import lazy_gettext
from wtforms import IntegerField, RadioField, SelectField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import InputRequired, Length, NumberRange, Regexp, ValidationError

from portal.accounts.machines import GREATEST_RATE, Wanted
from portal.accounts.models import User
from portal.authority.forms import required
from portal.web import machines
from portal.web.forms import Form

PROGRAM, DEVICE = "program", "device"
SCOPE_WORDS = {
    machines.VERIFY: lazy_gettext("Verify certificates"),
    machines.STATUS: lazy_gettext("Ask for a certificate’s status"),
    machines.ENDORSE: lazy_gettext("Record that a certificate was presented"),
    machines.PACK: lazy_gettext("Download a certificate’s pack (each is recorded)"),
}
_DAYS = (30, 90, 180, 365)
_HOURS = {"0": lazy_gettext("At once"), "24": lazy_gettext("In 24 hours"), "168": lazy_gettext("In 7 days")}


class MachineForm(Form):
    """A new credential."""

    name = StringField(
        lazy_gettext("Name of the machine"),
        description=lazy_gettext("What it is and where, such as: single window, gate 3, tablet 7"),
        validators=[
            required(lazy_gettext("Enter a name")),
            Length(max=60, message=lazy_gettext("Use 60 characters or fewer")),
        ],
    )
    kind = RadioField(
        lazy_gettext("Which kind of machine is it?"),
        choices=[
            SelectChoice(PROGRAM, lazy_gettext("A program, such as customs’ single window")),
            SelectChoice(DEVICE, lazy_gettext("A device at one port")),
        ],
        validators=[required(lazy_gettext("Choose what it is"))],
    )
    place = StringField(
        lazy_gettext("Port of the device (UN/LOCODE)"),
        description=lazy_gettext("For a device only: it records for this place alone. Five characters, such as CNSHA"),
        validators=[
            Regexp(r"([A-Za-z]{2}[A-Za-z2-9]{3})?$", message=lazy_gettext("Enter five characters, such as CNSHA"))
        ],
    )
    scopes = SelectMultipleField(
        lazy_gettext("What may it do?"),
        choices=[SelectChoice(scope, word) for scope, word in SCOPE_WORDS.items()],
        validators=[required(lazy_gettext("Choose at least one"))],
    )
    responsible = SelectField(lazy_gettext("Which officer answers for it?"))
    per_minute = IntegerField(
        lazy_gettext("Requests a minute"),
        description=lazy_gettext("At most; the public has 120. From 1 to %(most)s", most=GREATEST_RATE),
        default=600,
        validators=[
            InputRequired(lazy_gettext("Enter a whole number")),
            NumberRange(1, GREATEST_RATE, lazy_gettext("Enter a number from 1 to %(most)s", most=GREATEST_RATE)),
        ],
    )
    days = SelectField(
        lazy_gettext("When does it end?"),
        choices=[SelectChoice(str(days), lazy_gettext("In %(days)s days", days=days)) for days in _DAYS],
        default="180",
    )

    def offer(self, people: Sequence[User]) -> "MachineForm":
        """The officers who may answer for it."""
        self.responsible.choices = [SelectChoice(str(one.id), one.name) for one in people]
        return self

    def validate_place(self, field: Any) -> None:
        """A device stands at a port, a program at none."""
        if self.kind.data == DEVICE and not field.data:
            raise ValidationError(lazy_gettext("Enter five characters, such as CNSHA"))
        if self.kind.data == PROGRAM and field.data:
            raise ValidationError(lazy_gettext("Leave this empty for a program"))

    def wanted(self, people: Sequence[User], now: datetime) -> Wanted:
        """What was filled in."""
        return Wanted(
            name=self.name.data or "",
            place=(self.place.data or "").upper(),
            scopes=tuple(self.scopes.data or ()),
            per_minute=self.per_minute.data or 0,
            responsible=next(one for one in people if str(one.id) == self.responsible.data),
            expires_at=now + timedelta(days=int(self.days.data)),
        )


class RotateForm(Form):
    """A new token for the same machine."""

    hours = RadioField(
        lazy_gettext("When does the old token end?"),
        choices=[SelectChoice(hours, word) for hours, word in _HOURS.items()],
        default="24",
        validators=[required(lazy_gettext("Choose when it ends"))],
    )

    def grace(self) -> timedelta:
        """How long the token before still works."""
        return timedelta(hours=int(self.hours.data))
