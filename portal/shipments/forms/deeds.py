"""The forms of what is done to a shipment as a whole: begin, submit, attest, return, withdraw; and its documents."""

from collections.abc import Callable
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, Field, FileField, HiddenField, PasswordField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, StopValidation

from portal.shipments import values, vocabulary
from portal.shipments.forms.entry import SizedField, offered, with_none
from portal.shipments.values import Wrong
from portal.web.forms import Form
from portal.web.requests import language

LONGEST_REFERENCE = 60
LONGEST_REASON = 2000
LONGEST_PASSWORD = 1000


def text_of(longest: int, empty: Any, *, lines: bool = False) -> list[Callable[..., Any]]:
    """The field holds visible text of at most ``longest`` characters."""

    def check(form: Form, field: Field) -> None:
        given = field.data or ""
        if not given.strip():
            raise StopValidation(str(empty))
        if len(given) > longest:
            raise StopValidation(str(_("Use at most %(max)s characters", max=longest)))
        try:
            field.data = values.plain_text(given, lines=lines)
        except Wrong as wrong:
            raise StopValidation(wrong.text[language()]) from None
        if not field.data:
            raise StopValidation(str(empty))

    return [check]


class NewForm(Form):
    """The exporter's own reference of a new shipment."""

    reference = SizedField(
        _("Your reference"),
        text_of(LONGEST_REFERENCE, _("Enter a reference for the shipment")),
        description=_(
            "The number under which your firm keeps this order, for example “2026-0417”. It stands on every page."
        ),
        size="20",
    )


class FilterForm(Form):
    """What to look for in the list of shipments."""

    class Meta(Form.Meta):
        csrf = False

    q = StringField(_("Reference, contract or party"))
    state = SelectField(_("State"), validate_choice=False)


class DeedForm(Form):
    """A deed without anything to enter. ``version`` is that of the shipment that the person saw."""

    version = HiddenField()
    conflict = False

    @property
    def seen_version(self) -> int:
        """The version that the person saw; one that is no number matches none."""
        text = str(self.version.data or "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0


class SubmitForm(DeedForm):
    """The preparer's declaration at submission."""

    declared = BooleanField(
        _("I have entered this shipment truthfully and completely, as far as I know, and I have not avoided asking."),
        [InputRequired(_("Tick the declaration before you submit"))],
    )


class ReasonForm(DeedForm):
    """A deed that needs a reason."""

    reason = TextAreaField(_("Reason"), text_of(LONGEST_REASON, _("Enter a reason"), lines=True))


def _unless_passkey(form: Form, field: Field) -> None:
    """A passkey's answer stands in the password's place."""
    if form["passkey"].data:
        raise StopValidation


class AttestForm(DeedForm):
    """The compliance officer's word, given with a passkey, or with the password once more."""

    ceremony = HiddenField()
    passkey = HiddenField()
    passkey_refused = False

    agreed = BooleanField(
        _("I attest this"), [InputRequired(_("Tick the box if you attest this; else return the shipment"))]
    )
    password = PasswordField(
        _("Your password"),
        [_unless_passkey, InputRequired(_("Enter your password"))],
        description=_("Asked once more, so that nobody else can attest in your name."),
        render_kw={"autocomplete": "current-password"},
    )


class DocumentForm(Form):
    """A file, what it is, and what it belongs to."""

    kind = SelectField(_("What is it?"), [InputRequired(_("Choose what the document is"))], validate_choice=False)
    belongs_to = SelectField(
        _("What does it belong to?"),
        description=_("The whole shipment, one party or one goods line."),
        validate_choice=False,
    )
    file = FileField(_("File"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind.choices = with_none(offered(vocabulary.document_kinds()))


class ExplanationForm(Form):
    """Why a hit is another party, with a file that shows it."""

    text = TextAreaField(
        _("Why is it another party?"),
        text_of(LONGEST_REASON, _("Say why it is another party"), lines=True),
        description=_("For example another register number, address, founding year or line of business."),
    )
    file = FileField(_("Evidence (optional)"))
