"""Forms of cases, and of the exporter's answer to a suspension."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext
from flask_babel.speaklater import LazyString
from flask_wtf.file import MultipleFileField
from wtforms import RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import Length, ValidationError

from portal.accounts.models import User
from portal.authority.cases import LONGEST_TITLE
from portal.authority.forms import LONGEST_REASON, required
from portal.authority.models import Agency, Because, CaseState, Outcome
from portal.certificates import number
from portal.web.forms import Form

LONGEST_NOTE = 5000

AGENCIES: dict[str, LazyString] = {
    Agency.COMMERCE: lazy_gettext("Commerce authority"),
    Agency.CUSTOMS: lazy_gettext("Customs"),
    Agency.POLICE: lazy_gettext("Police"),
}
BECAUSE: dict[str, LazyString] = {
    Because.HIT: lazy_gettext("A match on a list"),
    Because.REPORT: lazy_gettext("A report from outside"),
    Because.OFFICER: lazy_gettext("An officer's finding"),
    Because.ENDORSEMENT: lazy_gettext("An alarm at a port"),
    Because.MEASURE: lazy_gettext("A stricter measure"),
}
STATES: dict[str, LazyString] = {
    CaseState.OPEN: lazy_gettext("Open"),
    CaseState.WAITING: lazy_gettext("Waiting"),
    CaseState.CLOSED: lazy_gettext("Closed"),
}
OUTCOMES: dict[str, LazyString] = {
    Outcome.UNFOUNDED: lazy_gettext("Unfounded: nothing was wrong"),
    Outcome.REMEDIED: lazy_gettext("Remedied: the exporter put it right"),
    Outcome.SANCTIONED: lazy_gettext("Sanctioned: a measure was taken against somebody"),
    Outcome.HANDED_OVER: lazy_gettext("Handed over to another agency"),
}


def _choices(words: Mapping[str, LazyString], *first: SelectChoice) -> list[SelectChoice]:
    return [*first, *(SelectChoice(str(value), word) for value, word in words.items())]


def _note(label: Any, hint: Any = "", longest: int = LONGEST_REASON) -> TextAreaField:
    message = lazy_gettext("Use %(number)s characters or fewer", number=f"{longest:,}")
    return TextAreaField(label, description=hint, validators=[no_text, Length(max=longest, message=message)])


def no_text(form: Form, field: Any) -> None:
    """Blanks alone say nothing."""
    if not (field.data or "").strip():
        raise ValidationError(lazy_gettext("Write something"))


class CaseSearchForm(Form):
    """Find cases; a GET form, so that a search can be kept as a link."""

    class Meta(Form.Meta):
        csrf = False

    q = StringField(lazy_gettext("Number, title, certificate or party"))
    state = SelectField(
        lazy_gettext("State"), choices=_choices(STATES, SelectChoice("", lazy_gettext("Any"))), validate_choice=False
    )
    agency = SelectField(
        lazy_gettext("Agency"), choices=_choices(AGENCIES, SelectChoice("", lazy_gettext("Any"))), validate_choice=False
    )
    because = SelectField(
        lazy_gettext("Opened because of"),
        choices=_choices(BECAUSE, SelectChoice("", lazy_gettext("Anything"))),
        validate_choice=False,
    )


class CertificateNumberForm(Form):
    """The number of a certificate, in any way of writing it."""

    certificate = StringField(lazy_gettext("Number of the certificate"), validators=[no_text])

    def number(self) -> str:
        """The number as it is printed; "" where none was given."""
        typed = (self.certificate.data or "").strip()
        return number.parse(typed) if typed else ""

    def validate_certificate(self, field: Any) -> None:
        """A slip of the finger shows before anything is looked for."""
        try:
            self.number()
        except number.NumberError:
            raise ValidationError(
                lazy_gettext("Enter a certificate number, such as %(example)s", example=number.example())
            ) from None


class OpenForm(CertificateNumberForm):
    """Open a case by hand."""

    title = StringField(
        lazy_gettext("What is the case about?"),
        description=lazy_gettext("In one line, as colleagues will look for it."),
        validators=[no_text, Length(max=LONGEST_TITLE, message=lazy_gettext("Use 300 characters or fewer"))],
    )
    because = RadioField(
        lazy_gettext("Why is it opened?"),
        choices=_choices({key: BECAUSE[key] for key in (Because.REPORT, Because.OFFICER)}),
        validators=[required(lazy_gettext("Choose why the case is opened"))],
    )
    agency = RadioField(lazy_gettext("Agency that leads"), choices=_choices(AGENCIES), default=Agency.COMMERCE.value)
    certificate = StringField(
        lazy_gettext("Number of a certificate"),
        description=lazy_gettext("Where the case is about one. You can link more later."),
    )
    text = _note(lazy_gettext("What is known so far"), longest=LONGEST_NOTE)


class NoteForm(Form):
    """A note, and who may read it."""

    text = _note(lazy_gettext("Note"), lazy_gettext("It cannot be changed or removed later."), LONGEST_NOTE)
    agencies = SelectMultipleField(
        lazy_gettext("Who may read it?"),
        description=lazy_gettext("Choose none to let every agency read it. Your own always may."),
        choices=_choices(AGENCIES),
    )

    def readers(self, own: Agency) -> tuple[Agency, ...]:
        """The agencies chosen and the writer's own; none when all may read it."""
        chosen = [Agency(value) for value in self.agencies.data or ()]
        return tuple(dict.fromkeys((*chosen, own))) if chosen else ()


class AssignForm(Form):
    """Who leads the case."""

    agency = RadioField(
        lazy_gettext("Agency that leads"),
        choices=_choices(AGENCIES),
        validators=[required(lazy_gettext("Choose an agency"))],
    )
    assignee = SelectField(lazy_gettext("Person in charge"))

    def offer(self, people: Sequence[User]) -> "AssignForm":
        """Fill in the people who may be given the case."""
        named = (SelectChoice(str(person.id), f"{person.name} ({person.organisation.name})") for person in people)
        self.assignee.choices = [SelectChoice("", lazy_gettext("Nobody yet")), *named]
        return self


class ReasonForm(Form):
    """Why the state of a case changes."""

    reason = _note(lazy_gettext("Reason"))


class CloseForm(ReasonForm):
    """Close a case with what came of it."""

    outcome = RadioField(
        lazy_gettext("What came of it?"),
        choices=_choices(OUTCOMES),
        validators=[required(lazy_gettext("Choose what came of the case"))],
    )


class AnswerForm(Form):
    """What an exporter answers to a suspension."""

    text = _note(
        lazy_gettext("Your answer"),
        lazy_gettext(
            "Say what you know of the party, whether goods have left, and what you did. It cannot be changed."
        ),
        LONGEST_NOTE,
    )
    documents = TextAreaField(
        lazy_gettext("Documents that show it (optional)"),
        description=lazy_gettext("One a line: what it is, its number and date, and where the authority can get it."),
        validators=[Length(max=LONGEST_REASON, message=lazy_gettext("Use 2,000 characters or fewer"))],
    )
    files = MultipleFileField(lazy_gettext("Files (optional)"), render_kw={"multiple": True})

    def given(self) -> list[tuple[bytes, str]]:
        """The files that were sent: (bytes, name)."""
        sent = (file for file in self.files.data or () if file and getattr(file, "filename", ""))
        return [(file.read(), file.filename) for file in sent]
