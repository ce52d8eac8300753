"""One or several of the options that the question offers."""

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms.fields import RadioField, SelectField, SelectMultipleField

from portal.questionnaires.fields.base import SHORT, AnswerType, Asking, Typed, Unbound, Wrong, described, expect, one
from portal.questionnaires.fields.boxes import select_choices
from portal.questionnaires.model import DONT_KNOW, Question
from portal.questionnaires.rules import UNKNOWN
from portal.text import Text

CHOOSE = Text("Choose one", "请选择")
_COMMA = Text("; ", "；")


def _choices(asking: Asking) -> list[tuple[str, str]]:
    return [(option.value, option.label[asking.language]) for option in asking.question.options]


def _not_offered() -> Wrong:
    return Wrong(_("Choose from the answers that are offered"))


class RadioAnswer(AnswerType):
    """One option, stored as its value."""

    def field(self, asking: Asking) -> Unbound:
        return RadioField(choices=select_choices(_choices(asking)), validate_choice=False, **described(asking))

    def dress(self, field: Any, asking: Asking) -> None:
        super().dress(field, asking)
        options = asking.question.options
        field.hints = {option.value: option.hint[asking.language] for option in options if option.hint}

    def parse(self, asking: Asking, typed: Typed) -> str | None:
        value = one(typed)
        if not value:
            return None
        if len(value) > SHORT or asking.question.option(value) is None:
            raise _not_offered()
        return value

    def missing(self, asking: Asking) -> Any:
        return _("Choose an answer to “%(question)s”", question=asking.label)

    def typed(self, value: Any) -> dict[str, list[str]]:
        return {"": [str(expect(value, str))]}

    def summary(self, question: Question, value: Any) -> Text:
        option = question.option(value)
        return option.label if option else Text(value, value)

    def schema(self, question: Question) -> dict[str, Any]:
        return {"enum": [option.value for option in question.options]}


class SelectAnswer(RadioAnswer):
    """One option out of a long list."""

    def field(self, asking: Asking) -> Unbound:
        choices = [("", CHOOSE[asking.language]), *_choices(asking)]
        return SelectField(choices=select_choices(choices), validate_choice=False, **described(asking))


class CheckboxesAnswer(AnswerType):
    """Several options, stored as a list of their values in the order of the questionnaire."""

    def field(self, asking: Asking) -> Unbound:
        choices = _choices(asking)
        if asking.question.unknown:
            choices.append((UNKNOWN, DONT_KNOW[asking.language]))
        return SelectMultipleField(choices=select_choices(choices), validate_choice=False, **described(asking))

    def dress(self, field: Any, asking: Asking) -> None:
        super().dress(field, asking)
        question = asking.question
        field.kind = "checkboxes"
        field.hints = {option.value: option.hint[asking.language] for option in question.options if option.hint}
        field.exclusive = question.exclusive or (UNKNOWN if question.unknown else None)

    def parse(self, asking: Asking, typed: Typed) -> Any:
        question = asking.question
        chosen = {value.strip() for value in typed.get("", ())} - {""}
        if question.unknown and UNKNOWN in chosen:
            if len(chosen) > 1:
                raise self._both(DONT_KNOW[asking.language])
            return {UNKNOWN: True}
        values = [option.value for option in question.options if option.value in chosen]
        if len(values) < len(chosen):
            raise _not_offered()
        if question.exclusive in chosen and len(chosen) > 1:
            option = question.option(question.exclusive or "")
            raise self._both(option.label[asking.language] if option else "")
        return values or None

    def _both(self, label: str) -> Wrong:
        return Wrong(_("Choose “%(option)s” or other answers, not both", option=label))

    def missing(self, asking: Asking) -> Any:
        return _("Choose at least one answer to “%(question)s”", question=asking.label)

    def typed(self, value: Any) -> dict[str, list[str]]:
        return {"": [str(expect(each, str)) for each in expect(value, list)]}

    def summary(self, question: Question, value: Any) -> Text:
        labels = [option.label for option in question.options if option.value in value]
        return Text(_COMMA.en.join(label.en for label in labels), _COMMA.zh.join(label.zh for label in labels))

    def schema(self, question: Question) -> dict[str, Any]:
        values = [option.value for option in question.options]
        return {"type": "array", "minItems": 1, "uniqueItems": True, "items": {"enum": values}}
