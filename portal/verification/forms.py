"""The public form: a file, or a number or scanned text; and what lies before the reader, to compare."""

from typing import Any

from flask_babel import gettext, lazy_gettext
from flask_wtf.file import FileField
from wtforms import Field, SelectField, StringField, TextAreaField
from wtforms.validators import ValidationError

from portal import countries
from portal.certificates import number as numbers
from portal.verification import evidence, presented
from portal.verification.presented import Presented, PresentedRefused
from portal.verification.reasons import NotVerified, reasons
from portal.web.forms import Form
from portal.web.requests import language

# Characters. The longest seal has some 4,300, a credential some 20,000; more is no text that anybody scanned.
MAX_TYPED = 200_000
# What can be wrong with codes that were each read well.
_OF_CODES = frozenset({"seal-missing", "several-seals"})


class EvidenceForm(Form):
    """What a member of the public puts before the verifier. It changes nothing, so it needs no CSRF token."""

    class Meta(Form.Meta):
        csrf = False

    file = FileField(
        lazy_gettext("Certificate or picture of its seal"),
        description=lazy_gettext(
            "The PDF as it was issued, the credential (JSON), or a picture (PNG or JPEG) of the seal, best of the "
            "whole page with both codes. On a phone you can take the picture now. At most 10 MB."
        ),
        render_kw={"accept": ".pdf,.json,.txt,.png,.jpg,.jpeg,application/pdf,image/png,image/jpeg"},
    )
    text = TextAreaField(
        lazy_gettext("Certificate number, or what a scanner read from the seal"),
        description=lazy_gettext(
            "For example %(number)s. Upper and lower case and spaces do not matter. Scan the log proof beside the "
            "seal into the next line.",
            number=numbers.example(),
        ),
        render_kw={"dir": "ltr"},
    )

    hs_codes = StringField(
        lazy_gettext("HS codes of the goods"),
        description=lazy_gettext("As on the declaration; several apart by commas"),
        render_kw={"dir": "ltr"},
    )
    net_weight_kg = StringField(lazy_gettext("Net weight in kilograms"), render_kw={"inputmode": "decimal"})
    consignee = StringField(lazy_gettext("Consignee"))
    destination = SelectField(lazy_gettext("Country of destination"), validate_choice=False)
    container = StringField(lazy_gettext("Container number"), render_kw={"dir": "ltr"})
    declaration = StringField(lazy_gettext("Number of the customs declaration"), render_kw={"dir": "ltr"})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.destination.choices = [("", ""), *countries.choices(language())]
        self.presented = Presented()

    def validate(self, extra_validators: Any = None) -> bool:
        """The evidence, and what lies before the reader; every fault at once."""
        sound = bool(super().validate(extra_validators))
        try:
            self.presented = presented.read({name: str(self[name].data or "") for name in presented.FIELDS})
        except PresentedRefused as refused:
            for name, text in refused.errors.items():
                self[name].errors = [text[language()]]
            return False
        return sound

    @property
    def compared(self) -> list[Field]:
        """The fields of what lies before the reader."""
        return [self[name] for name in presented.FIELDS]

    def validate_file(self, field: Field) -> None:
        if field.data and self.text.data:
            raise ValidationError(gettext("Choose a file or enter a text, not both"))
        if not field.data and not self.text.data:
            raise ValidationError(gettext("Choose a file, or enter a number or the text of a seal below"))
        if field.data and not field.data.stream.read(1):
            raise ValidationError(gettext("The file is empty"))

    def validate_text(self, field: Field) -> None:
        if not field.data:
            return
        if len(field.data) > MAX_TYPED:
            field.data = ""
            raise ValidationError(gettext("The text is too long to be a seal or a number"))
        try:
            evidence.of_text(field.data)
        except NotVerified as error:
            told = reasons()[error.key].text[language()] if error.key in _OF_CODES else why_not(field.data)
            raise ValidationError(told) from error

    @property
    def number(self) -> str:
        """The certificate number that was typed; empty when the form holds something else."""
        if self.file.data:
            return ""
        found = evidence.of_text(self.text.data or "")
        return found.text if found.sort == "number" else ""

    @property
    def given(self) -> bytes:
        """The bytes to examine, one more than is allowed at most."""
        if not self.file.data:
            return str(self.text.data).encode("utf-8")
        self.file.data.stream.seek(0)
        return bytes(self.file.data.stream.read(evidence.MAX_BYTES + 1))

    def refuse(self, message: str) -> None:
        """Put a message beside the field that the evidence came from."""
        field = self.file if self.file.data else self.text
        field.errors = [*field.errors, message]


def why_not(text: str) -> str:
    """Why a typed text is nothing that can be verified, in the reader's language."""
    example = numbers.example()
    if text.strip().upper().startswith("DDC") and len(text) <= 64 and ":" not in text:
        why = gettext("Check the number: a character is missing or mistyped. It looks like %(number)s", number=example)
    else:
        why = gettext(
            "This is neither a certificate number nor the text of a seal. A number looks like %(number)s",
            number=example,
        )
    return str(why)
