"""Forms of hits: find them, judge one, and decide what a first person proposed."""

from datetime import date
from typing import Any

from flask_babel import gettext, lazy_gettext
from wtforms import DateField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import InputRequired, Length, ValidationError

from portal.authority.forms import LONGEST_REASON, no_blank, required
from portal.screening.adjudicate import policy
from portal.screening.models import Verdict
from portal.web.forms import Form

TOO_LONG = lazy_gettext("Use 2,000 characters or fewer")


class HitsForm(Form):
    """Which hits to show; a GET form."""

    class Meta(Form.Meta):
        csrf = False

    q = StringField(lazy_gettext("Party or listed name"))
    only = SelectField(
        lazy_gettext("Show"),
        choices=[
            SelectChoice("", lazy_gettext("All that wait")),
            SelectChoice("new", lazy_gettext("Not taken up yet")),
            SelectChoice("proposed", lazy_gettext("Awaiting a second person")),
        ],
        validate_choice=False,
    )


class JudgementsForm(Form):
    """Which judgements to show; a GET form."""

    class Meta(Form.Meta):
        csrf = False

    q = StringField(lazy_gettext("Party, listed name, list or reason"))
    state = SelectField(lazy_gettext("Status"), validate_choice=False)


class JudgeForm(Form):
    """A first person's judgement of a hit."""

    verdict = RadioField(
        lazy_gettext("Is the party the one on the list?"),
        choices=[
            SelectChoice(Verdict.DIFFERENT.value, lazy_gettext("No, it is another party")),
            SelectChoice(Verdict.SAME.value, lazy_gettext("Yes, it is the same party")),
        ],
        validators=[required(lazy_gettext("Choose whether it is the same party"))],
    )
    reason = TextAreaField(
        lazy_gettext("Reason"),
        description=lazy_gettext("Every exporter whose party meets this entry reads it. Name no other exporter."),
        validators=[no_blank, Length(max=LONGEST_REASON, message=TOO_LONG)],
    )
    evidence = TextAreaField(
        lazy_gettext("Evidence"),
        description=lazy_gettext(
            "What was looked at: registers with their numbers, documents, dates. Only the authority reads it."
        ),
        validators=[no_blank, Length(max=LONGEST_REASON, message=TOO_LONG)],
    )
    expires = DateField(
        lazy_gettext("Holds until"),
        description=lazy_gettext("Year-month-day, for example 2026-11-28. On the next day the hit counts again."),
        validators=[InputRequired(lazy_gettext("Enter the last day"))],
    )

    def within(self, today: date) -> "JudgeForm":
        """Judge the last day from this day on."""
        self._today = today
        return self

    def validate_expires(self, field: Any) -> None:
        """Not past, and no longer than the policy allows."""
        last = self._today + policy().longest
        if field.data is not None and not self._today < field.data <= last:
            raise ValidationError(
                gettext("The last day must lie after today and not after %(last)s", last=last.isoformat())
            )


class DecideForm(Form):
    """A second person's word on a proposal."""

    answer = RadioField(
        lazy_gettext("Do you agree?"),
        choices=[
            SelectChoice("agree", lazy_gettext("Yes, the judgement holds from now on")),
            SelectChoice("refuse", lazy_gettext("No, I turn it down")),
        ],
        validators=[required(lazy_gettext("Choose whether you agree"))],
    )
    reason = TextAreaField(
        lazy_gettext("Reason, if you turn it down"),
        validators=[Length(max=LONGEST_REASON, message=TOO_LONG)],
    )

    def validate_reason(self, field: Any) -> None:
        """Who turns a judgement down says why."""
        if self.answer.data == "refuse":
            no_blank(self, field)
