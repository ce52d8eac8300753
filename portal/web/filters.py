"""How moments, days, countries, money and audit events are written on a page, in the reader's language."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal
from flask import Flask
from flask_babel import get_locale

from portal import countries
from portal.audit import words


def _locale() -> Locale:
    found: Locale | None = get_locale()
    return found or Locale("en")


def _chinese() -> bool:
    return bool(_locale().language == "zh")


def moment(value: datetime | None) -> str:
    """A moment with its minute, in UTC, which is said: readers sit in many zones."""
    if value is None:
        return "–"
    pattern = "y年M月d日 HH:mm" if _chinese() else "d MMM y, HH:mm"
    return f"{format_datetime(value.astimezone(UTC), pattern, locale=_locale())} UTC"


def day(value: date | datetime | str | None) -> str:
    """A day; a moment gives its day in UTC, and text in ISO 8601 is read."""
    if not value:
        return "–"
    if isinstance(value, str):
        value = date.fromisoformat(value[:10])
    if isinstance(value, datetime):
        value = value.astimezone(UTC).date()
    return str(format_date(value, "y年M月d日" if _chinese() else "d MMM y", locale=_locale()))


def country(code: str) -> str:
    """The name of a country of ISO 3166-1 alpha-2, else the code as it is."""
    return countries.name(code)["zh" if _chinese() else "en"] if code else "–"


def listed_address(value: str) -> str:
    """An address as a judgement keeps it, "street · CC" or "CC", with the country's name in place of its code."""
    street, joint, code = value.rpartition(" · ")
    return f"{street}{joint}{country(code)}" if countries.exists(code) else value


def number(value: Decimal | int | str) -> str:
    """A number with the separators of the language, without digits that say nothing."""
    return str(format_decimal(Decimal(str(value)).normalize(), format="#,##0.######", locale=_locale()))


def verb(value: str) -> str:
    """What an audit event says was done."""
    return words.verb(value)["zh" if _chinese() else "en"]


def subject(value: str) -> str:
    """The thing that an audit event is about."""
    return words.subject(value)["zh" if _chinese() else "en"]


def install(app: Flask) -> None:
    """Give templates the filters."""
    filters: dict[str, Any] = {
        "moment": moment, "day": day, "country": country, "number": number, "verb": verb, "subject": subject,
        "listed_address": listed_address,
    }  # fmt: skip
    app.jinja_env.filters.update(filters)
