"""Countries and territories (ISO 3166-1) under the names that a Chinese ministry publishes."""

from functools import cache

import pycountry
from babel import Locale
from pypinyin import lazy_pinyin

from portal.text import LANGUAGES, Language, Text

# Regions of China that ISO 3166-1 gives a code of their own.
_OF_CHINA = {
    "HK": Text("Hong Kong, China", "中国香港"),
    "MO": Text("Macao, China", "中国澳门"),
    "TW": Text("Taiwan, China", "中国台湾"),
}


@cache
def _names() -> dict[str, Text]:
    english, chinese = Locale.parse("en").territories, Locale.parse("zh_Hans").territories
    names = {
        country.alpha_2: Text(
            str(english.get(country.alpha_2, country.name)), str(chinese.get(country.alpha_2, country.name))
        )
        for country in pycountry.countries
    }
    return names | _OF_CHINA


def exists(code: str) -> bool:
    """Whether the two letters are a country or territory of ISO 3166-1."""
    return code in _names()


def name(code: str) -> Text:
    """The name of a country; a code that is not known stands for itself."""
    return _names().get(code, Text(code, code))


@cache
def _sorted(language: Language) -> tuple[tuple[str, str], ...]:
    pairs = [(code, text[language]) for code, text in _names().items()]
    # China first, since most who register are there; then by letter, in Chinese by pinyin.
    return tuple(sorted(pairs, key=lambda pair: (pair[0] != "CN", lazy_pinyin(pair[1]), pair[1])))


def choices(language: str) -> tuple[tuple[str, str], ...]:
    """Code and name of every country for a select field, China first."""
    return _sorted(LANGUAGES[1] if language.startswith("zh") else LANGUAGES[0])
