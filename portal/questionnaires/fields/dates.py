"""A date in three boxes: day, month, year."""

from datetime import date
from typing import Any

from babel.dates import format_date
from flask_babel import get_locale
from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString
from wtforms.fields import Field

from portal.questionnaires.fields.base import AnswerType, Asking, Typed, Unbound, Wrong, described, expect, short
from portal.questionnaires.fields.boxes import Box, sent
from portal.questionnaires.model import Question
from portal.text import Text

FIRST_YEAR, LAST_YEAR = 1900, 2100
EXAMPLE = Text("For example, 27 3 2026", "例如：2026年3月27日，依次填写27、3、2026")

_INCOMPLETE = {
    ("day",): _("Enter the day as well"),
    ("month",): _("Enter the month as well"),
    ("year",): _("Enter the year as well"),
    ("day", "month"): _("Enter the day and month as well"),
    ("day", "year"): _("Enter the day and year as well"),
    ("month", "year"): _("Enter the month and year as well"),
}


def written(day: date) -> Text:
    """A date as people write it: 27 March 2026, 2026年3月27日."""
    return Text(format_date(day, "d MMMM y", locale="en"), format_date(day, "long", locale="zh_Hans"))


def _shown(day: date) -> LazyString:
    """The date in the language that the page turns out to be in."""
    return LazyString(lambda: written(day)[getattr(get_locale(), "language", "en")])


class DateField(Field):
    """Three boxes, each keeping what was typed."""

    kind = "date"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.day, self.month, self.year = (self._box(None, part) for part in DateAnswer.boxes)

    def _box(self, formdata: Any, part: str) -> Box:
        name = f"{self.name}-{part}"
        return Box(f"{self.id}-{part}", name, sent(formdata, name))

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        """Keep what was typed in the three boxes, as it was typed."""
        self.process_errors = []
        self.day, self.month, self.year = (self._box(formdata, part) for part in DateAnswer.boxes)
        self.data = (self.day.text, self.month.text, self.year.text)


class DateAnswer(AnswerType):
    """Stored as an ISO 8601 date. Years run from 1900 to 2100."""

    boxes = ("day", "month", "year")

    def field(self, asking: Asking) -> Unbound:
        shown = described(asking)
        shown["description"] = shown["description"] or EXAMPLE[asking.language]
        return DateField(**shown)

    def parse(self, asking: Asking, typed: Typed) -> str | None:
        texts = {box: short(typed, box) for box in self.boxes}
        empty = tuple(box for box in self.boxes if not texts[box])
        if len(empty) == 3:
            return None
        if empty:
            raise Wrong(_INCOMPLETE[empty])
        day = self._real(texts)
        self._bounded(asking, day)
        return day.isoformat()

    def _real(self, texts: dict[str, str]) -> date:
        if not all(text.isascii() and text.isdigit() for text in texts.values()):
            raise Wrong(_("Enter a real date in digits, for example 27 3 2026"))
        numbers = {box: int(text[:10]) for box, text in texts.items()}
        if not FIRST_YEAR <= numbers["year"] <= LAST_YEAR:
            raise Wrong(
                _("Enter the year in four digits, from %(first)s to %(last)s", first=FIRST_YEAR, last=LAST_YEAR)
            )
        try:
            return date(numbers["year"], numbers["month"], numbers["day"])
        except ValueError:
            raise Wrong(_("Enter a real date in digits, for example 27 3 2026")) from None

    def _bounded(self, asking: Asking, day: date) -> None:
        question = asking.question
        if question.past and day > asking.today:
            raise Wrong(_("Enter today’s date or a date in the past"))
        if question.future and day < asking.today:
            raise Wrong(_("Enter today’s date or a date in the future"))
        if question.min and day < (first := date.fromisoformat(question.min)):
            raise Wrong(_("Enter %(date)s or a later date", date=_shown(first)))
        if question.max and day > (last := date.fromisoformat(question.max)):
            raise Wrong(_("Enter %(date)s or an earlier date", date=_shown(last)))

    def missing(self, asking: Asking) -> Any:
        return _("Enter a date in answer to “%(question)s”", question=asking.label)

    def typed(self, value: Any) -> dict[str, list[str]]:
        parts = str(expect(value, str)).split("-")
        if [len(part) for part in parts] != [4, 2, 2]:
            raise Wrong(_("Write the date as year-month-day, for example 2026-03-27"))
        return {"year": [parts[0]], "month": [parts[1]], "day": [parts[2]]}

    def summary(self, question: Question, value: Any) -> Text:
        return written(date.fromisoformat(value))

    def schema(self, question: Question) -> dict[str, Any]:
        return {"type": "string", "format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
