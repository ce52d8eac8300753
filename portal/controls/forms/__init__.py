"""Forms of the classification assistant, which change nothing and are sent by GET, and of the authority's editor."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from flask_babel import gettext, lazy_gettext
from wtforms import DateField, Field, RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError

from portal import countries
from portal.controls import catalogue
from portal.controls.change import KINDS, READ
from portal.controls.classify import NONE, Candidate, Question
from portal.controls.enquiry import LONGEST
from portal.controls.measures import cited
from portal.controls.models import ChangeKind
from portal.controls.quantities import Quantity
from portal.text import Language
from portal.web.forms import Form

UNKNOWN = "unknown"
LONGEST_REASON = 2000


class Asking(Form):
    """A form that only asks."""

    class Meta(Form.Meta):
        csrf = False


class TextForm(Asking):
    """Step one: what the goods are, and where they go."""

    text = StringField(
        lazy_gettext("Name, chemical formula, CAS number, HS code or control code"),
        description=lazy_gettext(
            "In English or Chinese, more than one if you have them. For example “gallium arsenide wafer”, “Ga2O3”, "
            "“仲钨酸铵” or “8112991000”."
        ),
        validators=[DataRequired(lazy_gettext("Enter what the goods are")), Length(max=LONGEST)],
        render_kw={"maxlength": str(LONGEST)},
    )
    destination = SelectField(
        lazy_gettext("Destination (optional)"),
        description=lazy_gettext("Some measures hold only for one destination."),
        validate_choice=False,
    )

    def validate_destination(self, field: Field) -> None:
        if field.data and not countries.exists(field.data):
            raise ValidationError(gettext("Choose a country from the list"))


def text_form(data: Mapping[str, Any] | None, language: Language, known: Mapping[str, str] | None = None) -> TextForm:
    """The first form; ``data`` are the request's arguments, or ``None`` for one that holds what is ``known``."""
    form = TextForm(data, data=known)
    form.destination.choices = [("", ""), *countries.choices(language)]
    return form


class _Items(SelectMultipleField):
    """Checkboxes of items; “none of these” excludes the others."""

    exclusive = NONE
    hints: ClassVar[dict[str, str]] = {}


class ItemForm(Asking):
    """Step two: which of the candidate items the goods are."""

    item = _Items(
        lazy_gettext("Which of these are your goods?"),
        description=lazy_gettext(
            "Choose all that fit. The words of the item decide, not its code. Choose nothing if you do not know: the "
            "answer is then open."
        ),
        validate_choice=False,
    )

    def validate_item(self, field: Field) -> None:
        if NONE in (field.data or []) and len(field.data) > 1:
            raise ValidationError(gettext("Choose items, or “None of these”, not both"))


def item_form(data: Any, candidates: Sequence[Candidate], language: Language) -> ItemForm:
    """The second form, with the candidates that name the goods already chosen."""
    sent = data is not None
    form = ItemForm(data) if sent else ItemForm(None, data={"item": [one.key for one in candidates if one.named]})
    form.item.choices = [
        *((one.key, one.item.title[language]) for one in candidates),
        (NONE, gettext("None of these")),
    ]
    form.item.hints = {one.key: _hint(one, language) for one in candidates}  # type: ignore[misc]  # this field’s own
    return form


def _hint(one: Candidate, language: Language) -> str:
    codes = ", ".join(one.item.control_codes)
    return " · ".join(part for part in (cited(one.measure.number)[language], codes) if part)


def values_form(data: Any, questions: Sequence[Question], known: Mapping[str, str], language: Language) -> Asking:
    """The third form: a field for each threshold question; ``known`` are values that the text already stated."""

    class ValuesForm(Asking):
        """The questions of these items."""

    several = len({title for question in questions for title in question.asked_by}) > 1
    for question in questions:
        setattr(ValuesForm, question.quantity.id, _field(question, language, asked_by=several))
    return ValuesForm(data) if data is not None else ValuesForm(None, data=dict(known))


def _field(question: Question, language: Language, *, asked_by: bool) -> Field:
    quantity = question.quantity
    hints = [quantity.hint[language]] if quantity.hint else []
    if asked_by:
        items = ("；" if language == "zh" else "; ").join(title[language] for title in question.asked_by)
        hints.append(gettext("Asked for: %(items)s", items=items))
    hint = " ".join(hints)
    label = quantity.question[language]
    if quantity.options:
        options = [(option, text[language]) for option, text in quantity.options.items()]
        return RadioField(
            label, description=hint, choices=[*options, (UNKNOWN, gettext("I don’t know"))], validate_choice=False
        )
    return _ValueField(label, quantity, hint)


class _ValueField(StringField):
    """A value with its unit, as people write it: "99.95 %", "≥ 5N", "10–45 µm"."""

    kind = "input"
    size = "10"

    def __init__(self, label: str, quantity: Quantity, hint: str, **kwargs: Any) -> None:
        super().__init__(label, description=hint, **kwargs)
        self.quantity = quantity
        self.suffix = quantity.unit

    def post_validate(self, form: Any, validation_stopped: bool) -> None:
        if self.data and self.data.strip() and self.quantity.read(self.data) is None:
            raise ValidationError(
                gettext("Enter a number, a range or a limit in %(unit)s, or leave it empty", unit=self.quantity.unit)
            )


class ChangeForm(Form):
    """A change of one measure, as an officer drafts it."""

    kind = RadioField(
        lazy_gettext("What happens to the measure?"), validators=[InputRequired(lazy_gettext("Choose one"))]
    )
    effective = DateField(
        lazy_gettext("First day"),
        description=lazy_gettext(
            "Year-month-day, for example 2026-11-28. Of a comparison: the day on which it was made."
        ),
        validators=[InputRequired(lazy_gettext("Enter the first day"))],
    )
    until = DateField(
        lazy_gettext("Last day"),
        description=lazy_gettext("Only for a suspension or its extension."),
        validators=[Optional()],
    )
    announcement = StringField(
        lazy_gettext("Announcement that does it"),
        description=lazy_gettext("Its number and year, for example 70/2025. Not for a comparison."),
        validators=[Length(max=64)],
    )
    successor = SelectField(
        lazy_gettext("Replaced by"), description=lazy_gettext("Only for a replacement."), validators=[Optional()]
    )
    source = StringField(
        lazy_gettext("Where the text was read"),
        description=lazy_gettext("Address or file of the text that you had before you."),
        validators=[
            InputRequired(lazy_gettext("Say where the text was read")),
            Length(max=LONGEST_REASON, message=lazy_gettext("Use 2,000 characters or fewer")),
        ],
    )
    mark = RadioField(lazy_gettext("How was it read?"), validators=[InputRequired(lazy_gettext("Choose one"))])
    reason = TextAreaField(
        lazy_gettext("Why the change is made"),
        validators=[
            InputRequired(lazy_gettext("Say why the change is made")),
            Length(max=LONGEST_REASON, message=lazy_gettext("Use 2,000 characters or fewer")),
        ],
    )


def change_form(others: Sequence[str], language: Language) -> ChangeForm:
    """The form with its choices; ``others`` are the numbers of the measures that may replace this one."""
    form = ChangeForm()
    form.kind.choices = [(str(kind), text[language]) for kind, text in KINDS.items() if kind != ChangeKind.NEW]
    form.successor.choices = [("", ""), *((number, cited(number)[language]) for number in others)]
    form.mark.choices = [(mark, catalogue.MARKS[mark][1][language]) for mark in READ]
    return form


class DecisionForm(Form):
    """What a second person says of a change."""

    reason = TextAreaField(
        lazy_gettext("Reason (needed to reject)"),
        validators=[Length(max=LONGEST_REASON, message=lazy_gettext("Use 2,000 characters or fewer"))],
    )
    unseen = TextAreaField(
        lazy_gettext("Why you approve it though nobody can say now what it would touch"),
        description=lazy_gettext("Kept with your approval, for whoever looks into it later."),
        validators=[Length(max=LONGEST_REASON, message=lazy_gettext("Use 2,000 characters or fewer"))],
    )
