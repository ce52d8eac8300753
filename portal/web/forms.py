"""Base of every form: CSRF token, messages in the reader's language, surrounding blanks removed."""

from collections.abc import Callable
from typing import Any

from flask_wtf import FlaskForm
from wtforms import Field
from wtforms.fields import StringField, TextAreaField


def strip(value: Any) -> Any:
    """Text without blanks around it; anything else as it is."""
    return value.strip() if isinstance(value, str) else value


class Form(FlaskForm):  # type: ignore[misc]  # flask_wtf ships no types
    """A form of the portal. Text fields lose blanks around them; passwords do not."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        def bind_field(self, form: Any, unbound_field: Any, options: dict[str, Any]) -> Field:
            if unbound_field.field_class in (StringField, TextAreaField):
                given: list[Callable[[Any], Any]] = list(unbound_field.kwargs.get("filters", ()))
                if strip not in given:
                    unbound_field.kwargs["filters"] = [strip, *given]
            bound: Field = unbound_field.bind(form=form, **options)
            return bound
