"""Forms of the authority: a change of status, the restricted list, the settlement of a referral."""

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext
from wtforms import RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import InputRequired, Length, ValidationError

from portal.certificates.status import Reason
from portal.text import Language
from portal.web.forms import Form

LONGEST_REASON = 2000
LONGEST_NAME = 200


def required(message: Any) -> InputRequired:
    """The field must be filled; the message says with what."""
    return InputRequired(message)


def no_blank(form: Form, field: Any) -> None:
    """Blanks alone are no answer."""
    if not (field.data or "").strip():
        raise ValidationError(lazy_gettext("Enter a reason"))


class ChangeForm(Form):
    """Suspend, reinstate or revoke: a reason code and the officer's own words."""

    reason_code = RadioField(
        lazy_gettext("Reason"), validators=[required(lazy_gettext("Choose a reason"))], validate_choice=True
    )
    reason = TextAreaField(
        lazy_gettext("Explain for the file"),
        description=lazy_gettext("What was found, by whom, and the reference of the case. The exporter sees it."),
        validators=[
            no_blank,
            Length(max=LONGEST_REASON, message=lazy_gettext("Use 2,000 characters or fewer")),
        ],
    )

    def offer(self, reasons: Sequence[Reason], language: Language) -> "ChangeForm":
        """Fill in the reason codes that may be given."""
        self.reason_code.choices = [SelectChoice(reason.code, reason.text[language]) for reason in reasons]
        return self


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


class SettleForm(Form):
    """Settle a referral: certify, refuse, or send it back to the exporter."""

    outcome = RadioField(
        lazy_gettext("What do you decide?"),
        choices=[
            SelectChoice("certify", lazy_gettext("Certify: the doubts have been cleared")),
            SelectChoice("refuse", lazy_gettext("Refuse: no certificate is issued")),
            SelectChoice("return", lazy_gettext("Return: the exporter must supply more")),
        ],
        validators=[required(lazy_gettext("Choose what you decide"))],
    )
    reason = TextAreaField(
        lazy_gettext("Reason"),
        description=lazy_gettext("The exporter reads it. Name the evidence that you relied on."),
        validators=[no_blank, Length(max=LONGEST_REASON, message=lazy_gettext("Use 2,000 characters or fewer"))],
    )


class SearchForm(Form):
    """Find certificates; a GET form, so that a search can be kept as a link."""

    class Meta(Form.Meta):
        csrf = False

    q = StringField(lazy_gettext("Number, exporter, end user or destination"))
    state = SelectField(lazy_gettext("Status"), validate_choice=False)
