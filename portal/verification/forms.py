"""The public form: a file, or a number or scanned text."""

from flask_babel import gettext, lazy_gettext
from flask_wtf.file import FileField
from wtforms import Field, TextAreaField
from wtforms.validators import ValidationError

from portal.certificates import number as numbers
from portal.verification import evidence
from portal.verification.reasons import NotVerified
from portal.web.forms import Form

# Characters. The longest seal has some 4,300, a credential some 20,000; more is no text that anybody scanned.
MAX_TYPED = 200_000


class EvidenceForm(Form):
    """What a member of the public puts before the verifier. It changes nothing, so it needs no CSRF token."""

    class Meta(Form.Meta):
        csrf = False

    file = FileField(
        lazy_gettext("Certificate or picture of its seal"),
        description=lazy_gettext(
            "The PDF as it was issued, the credential (JSON), or a picture of the seal (PNG or JPEG). On a phone you "
            "can take the picture now. At most 10 MB."
        ),
        render_kw={"accept": ".pdf,.json,.txt,.png,.jpg,.jpeg,application/pdf,image/png,image/jpeg"},
    )
    text = TextAreaField(
        lazy_gettext("Certificate number, or what a scanner read from the seal"),
        description=lazy_gettext(
            "For example %(number)s. Upper and lower case and spaces do not matter.", number=numbers.example()
        ),
        render_kw={"dir": "ltr"},
    )

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
            raise ValidationError(why_not(field.data)) from error

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
