"""A statement that the person confirms by ticking one box."""

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms.fields import BooleanField

from portal.questionnaires.fields.base import TICKED, AnswerType, Asking, Typed, Unbound, Wrong, described, one
from portal.questionnaires.model import Question
from portal.text import Text

CONFIRMED = Text("Confirmed", "已确认")


class DeclarationAnswer(AnswerType):
    """Stored as true. A declaration that is not made is no answer; it is never stored as false."""

    def field(self, asking: Asking) -> Unbound:
        return BooleanField(**described(asking))

    def parse(self, asking: Asking, typed: Typed) -> bool | None:
        text = one(typed)
        if text not in ("", TICKED):
            raise Wrong(_("Tick the box to confirm, or leave it empty"))
        return True if text else None

    def missing(self, asking: Asking) -> Any:
        return _("Tick the box to confirm: %(question)s", question=asking.label)

    def typed(self, value: Any) -> dict[str, list[str]]:
        if value is not True:
            raise Wrong(_("Tick the box to confirm, or leave it empty"))
        return {"": [TICKED]}

    def summary(self, question: Question, value: Any) -> Text:
        return CONFIRMED

    def schema(self, question: Question) -> dict[str, Any]:
        return {"const": True}
