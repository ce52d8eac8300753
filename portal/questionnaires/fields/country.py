"""A country or region, by its ISO 3166-1 alpha-2 code."""

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms.fields import SelectField

from portal import countries
from portal.questionnaires.fields.base import AnswerType, Asking, Typed, Unbound, Wrong, described, expect, short
from portal.questionnaires.fields.boxes import select_choices
from portal.questionnaires.model import Question
from portal.text import Text

CHOOSE = Text("Choose a country or region", "请选择国家（地区）")


class CountryAnswer(AnswerType):
    """Stored as the alpha-2 code."""

    def field(self, asking: Asking) -> Unbound:
        listed = [("", CHOOSE[asking.language]), *countries.choices(asking.language)]
        return SelectField(choices=select_choices(listed), validate_choice=False, **described(asking))

    def parse(self, asking: Asking, typed: Typed) -> str | None:
        code = short(typed).upper()
        if code and not countries.exists(code):
            raise Wrong(_("Choose a country or region from the list"))
        return code or None

    def missing(self, asking: Asking) -> Any:
        return _("Choose a country or region in answer to “%(question)s”", question=asking.label)

    def typed(self, value: Any) -> dict[str, list[str]]:
        return {"": [str(expect(value, str))]}

    def summary(self, question: Question, value: Any) -> Text:
        return countries.name(value)

    def schema(self, question: Question) -> dict[str, Any]:
        return {"enum": sorted(code for code, _name in countries.choices("en"))}
