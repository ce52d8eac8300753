"""Forms of the authority; what they share is here."""

from typing import Any

from flask_babel import lazy_gettext
from wtforms.validators import InputRequired, ValidationError

from portal.web.forms import Form

LONGEST_REASON = 2000


def required(message: Any) -> InputRequired:
    """The field must be filled; the message says with what."""
    return InputRequired(message)


def no_blank(form: Form, field: Any) -> None:
    """Blanks alone are no answer."""
    if not (field.data or "").strip():
        raise ValidationError(lazy_gettext("Enter a reason"))
