"""A country or region, by its ISO 3166-1 alpha-2 code."""

from functools import cache
from typing import Any

import pycountry
from babel import Locale
from flask_babel import lazy_gettext as _
from wtforms.fields import SelectField

from portal.questionnaires.fields.base import AnswerType, Asking, Typed, Unbound, Wrong, described, expect, short
from portal.questionnaires.model import Question
from portal.text import Language, Text

CHOOSE = Text("Choose a country or region", "请选择国家（地区）")

_NAMES = {
    "HK": Text("Hong Kong, China", "中国香港"),
    "MO": Text("Macao, China", "中国澳门"),
    "TW": Text("Taiwan, China", "中国台湾"),
}
"""Names as official Chinese documents write them; all others are those of the Unicode CLDR."""


@cache
def names() -> dict[str, Text]:
    """The name of every ISO 3166-1 code in both languages."""
    english, chinese = Locale.parse("en").territories, Locale.parse("zh_Hans").territories
    codes = sorted(each.alpha_2 for each in pycountry.countries)
    return {code: _NAMES.get(code) or Text(english[code], chinese[code]) for code in codes}


@cache
def choices(language: Language) -> tuple[tuple[str, str], ...]:
    """Code and name of every country and region, in the order in which a reader looks for them.

    GB 18030 has its common characters in the order of pinyin, which is how Chinese lists are sorted.
    """
    named = [(code, text[language]) for code, text in names().items()]
    return tuple(sorted(named, key=lambda pair: pair[1].encode("gb18030") if language == "zh" else pair[1].encode()))


class CountryAnswer(AnswerType):
    """Stored as the alpha-2 code."""

    def field(self, asking: Asking) -> Unbound:
        listed = [("", CHOOSE[asking.language]), *choices(asking.language)]
        return SelectField(choices=listed, validate_choice=False, **described(asking))

    def parse(self, asking: Asking, typed: Typed) -> str | None:
        code = short(typed).upper()
        if code and code not in names():
            raise Wrong(_("Choose a country or region from the list"))
        return code or None

    def missing(self, asking: Asking) -> Any:
        return _("Choose a country or region in answer to “%(question)s”", question=asking.label)

    def typed(self, value: Any) -> dict[str, list[str]]:
        return {"": [str(expect(value, str))]}

    def summary(self, question: Question, value: Any) -> Text:
        return names().get(value, Text(value, value))

    def schema(self, question: Question) -> dict[str, Any]:
        return {"enum": list(names())}
