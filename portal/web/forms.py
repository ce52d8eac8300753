"""Base of every form: CSRF token, messages in the reader's language, surrounding blanks removed."""

from collections.abc import Callable
from typing import Any

from flask import request
from flask_wtf import FlaskForm
from flask_wtf.form import SUBMIT_METHODS
from werkzeug.datastructures import MultiDict
from wtforms import Field
from wtforms.fields import FileField, MultipleFileField, StringField, TextAreaField


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

        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            """What was sent as a form: a file only where one is asked for and text everywhere else, never JSON.

            An empty form is one in which everything is missing, not one that was never sent.
            """
            if formdata is None or hasattr(formdata, "getlist"):
                return formdata
            if request.method not in SUBMIT_METHODS:
                return None
            takes_file = {field.name for field in form if isinstance(field, FileField | MultipleFileField)}
            files = [(name, file) for name, file in request.files.items(multi=True) if name in takes_file]
            texts = [(name, text) for name, text in request.form.items(multi=True) if name not in takes_file]
            return MultiDict([*files, *texts])
