"""Forms of the restricted list."""

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext
from wtforms import SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import Length, ValidationError

from portal.authority.forms import LONGEST_REASON, no_blank
from portal.web.forms import Form

LONGEST_NAME = 200


class RestrictedForm(Form):
    """Put a party on the restricted list."""

    names = TextAreaField(
        lazy_gettext("Names"),
        description=lazy_gettext("One a line: the main name first, then aliases and the name in its own script."),
        validators=[Length(max=20 * LONGEST_NAME, message=lazy_gettext("Use fewer names"))],
    )
    country = SelectField(lazy_gettext("Country"), validate_choice=True)
    reason = TextAreaField(
        lazy_gettext("Reason"),
        description=lazy_gettext("Why exporters must not deal with this party, and the file that shows it."),
        validators=[no_blank, Length(max=LONGEST_REASON, message=lazy_gettext("Use 2,000 characters or fewer"))],
    )

    def offer(self, countries: Sequence[tuple[str, str]]) -> "RestrictedForm":
        """Fill in the countries."""
        self.country.choices = [
            SelectChoice("", lazy_gettext("Not known")),
            *(SelectChoice(*country) for country in countries),
        ]
        return self

    def validate_names(self, field: Any) -> None:
        """At least one name, and none too long for the list."""
        given = self.name_list()
        if not given:
            raise ValidationError(lazy_gettext("Enter at least one name"))
        if any(len(name) > LONGEST_NAME for name in given):
            raise ValidationError(lazy_gettext("A name must have 200 characters or fewer"))

    def name_list(self) -> list[str]:
        """The names as typed, one a line, without blank lines."""
        return [name.strip() for name in (self.names.data or "").splitlines() if name.strip()]


class RemovalForm(Form):
    """Take a party off the restricted list."""

    reason = StringField(
        lazy_gettext("Why is the party taken off the list?"),
        validators=[no_blank, Length(max=200, message=lazy_gettext("Use 200 characters or fewer"))],
    )
