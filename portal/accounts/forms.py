"""Forms of the accounts room."""

import unicodedata
from collections.abc import Callable
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import (
    Field,
    HiddenField,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.form import BaseForm
from wtforms.validators import InputRequired, Length, StopValidation

from portal import countries
from portal.accounts import addresses, identifiers, passwords, people
from portal.accounts.models import Role
from portal.web import requests
from portal.web.forms import Form

LANGUAGE_CHOICES = [SelectChoice("zh", "中文"), SelectChoice("en", "English")]
_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class CodeField(StringField):
    """A narrow box for a code."""

    size = 20


class Filled(InputRequired):
    """The field holds something other than blanks."""

    def __call__(self, form: BaseForm, field: Field) -> None:
        super().__call__(form, field)
        if isinstance(field.data, str) and not field.data.strip():
            field.errors = []
            raise StopValidation(str(self.message))


class Printable:
    """No control characters and no marks that reorder text, which could make one name look like another."""

    def __init__(self, lines: bool = False) -> None:
        self.allowed = "\r\n\t" if lines else ""

    def __call__(self, form: Form, field: Field) -> None:
        for character in field.data or "":
            control = unicodedata.category(character) in ("Cc", "Cs") and character not in self.allowed
            if control or character in _BIDI:
                raise StopValidation(_("Remove the invisible control characters"))


class AtMost(Length):
    """No longer than ``max`` characters; what comes after it need not fear megabytes."""

    def __call__(self, form: BaseForm, field: Field) -> None:
        if len(field.data or "") > self.max:
            raise StopValidation(_("Use at most %(max)s characters", max=self.max))


def _text(message: Any, longest: int, *, lines: bool = False) -> list[Callable[..., Any]]:
    return [Filled(message), AtMost(max=longest), Printable(lines)]


def email_address(form: Form, field: Field) -> None:
    """Refuse what mail cannot be sent to; ``address`` of the form becomes the normal form."""
    try:
        form.address = addresses.normalise(field.data)
    except addresses.WrongAddress:
        raise StopValidation(_("Enter an e-mail address like name@example.com, in ordinary letters")) from None


def email_field(label: Any, description: Any = "") -> StringField:
    """A field for an e-mail address."""
    kept = {"autocomplete": "email", "inputmode": "email"}
    checks = [Filled(_("Enter an e-mail address")), AtMost(max=addresses.LONGEST), email_address]
    return StringField(label, checks, description=description, render_kw=kept)


def guarded(form: Form, field: Field) -> None:
    """Refuse what anybody could guess; what only its owner's words make weak, the room refuses later."""
    try:
        passwords.refuse_weak(field.data)
    except passwords.WeakPassword as error:
        raise StopValidation(error.text[requests.language()]) from None


def new_password_field(label: Any) -> PasswordField:
    """A field for a password that is being chosen."""
    return PasswordField(
        label,
        [Filled(_("Enter a password")), guarded],
        description=_("At least 12 characters. Three or four words that do not belong together are a good choice."),
        render_kw={"autocomplete": "new-password"},
    )


def name_field() -> StringField:
    """A field for a person's name."""
    return StringField(_("Your name"), _text(_("Enter your name"), 120), render_kw={"autocomplete": "name"})


def position_field() -> StringField:
    """A field for a person's position."""
    return StringField(
        _("Your position"),
        _text(_("Enter your position"), 120),
        description=_("As it should stand on a certificate, for example “Export manager”."),
        render_kw={"autocomplete": "organization-title"},
    )


class SignInForm(Form):
    """E-mail address and password."""

    email = StringField(
        _("E-mail address"),
        [Filled(_("Enter your e-mail address"))],
        render_kw={"autocomplete": "username", "inputmode": "email"},
    )
    password = PasswordField(
        _("Password"), [Filled(_("Enter your password"))], render_kw={"autocomplete": "current-password"}
    )


class AddressForm(Form):
    """One e-mail address, to send a link to."""

    address = ""
    email = email_field(_("E-mail address"))


class NewPasswordForm(Form):
    """A password that is being chosen."""

    password = new_password_field(_("New password"))


class OrganisationForm(Form):
    """What an organisation may change of itself."""

    name = StringField(
        _("Name of the organisation"),
        _text(_("Enter the name of the organisation"), 200),
        description=_("As it is registered, in its own script."),
        render_kw={"autocomplete": "organization"},
    )
    name_en = StringField(
        _("Name in English"),
        _text(_("Enter the name in English, or the same name in Latin letters"), 200),
        description=_("It stands on certificates that foreign authorities read."),
    )
    address = TextAreaField(
        _("Registered address"),
        _text(_("Enter the registered address"), 500, lines=True),
        render_kw={"autocomplete": "street-address"},
    )


class RegistrationForm(OrganisationForm):
    """An organisation and its first person."""

    country = SelectField(
        _("Country or territory where it is registered"),
        [Filled(_("Choose a country or territory"))],
        render_kw={"autocomplete": "country"},
    )
    identifier = CodeField(
        _("Unified Social Credit Code or LEI"),
        [Filled(_("Enter the Unified Social Credit Code or the LEI"))],
        description=_(
            "In China the 18 characters on the business licence; elsewhere the 20 characters of the "
            "Legal Entity Identifier."
        ),
        render_kw={"autocomplete": "off"},
    )
    person = name_field()
    position = position_field()
    password = new_password_field(_("Password"))

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.country.choices = [SelectChoice(*pair) for pair in (("", ""), *countries.choices(requests.language()))]

    def validate_identifier(self, field: Field) -> None:
        """Prove the identifier by its own check digits, once the country says which it is."""
        if not countries.exists(self.country.data or ""):
            return
        try:
            identifiers.check(identifiers.scheme_of(self.country.data), field.data)
        except identifiers.WrongIdentifier as error:
            raise StopValidation(error.text[requests.language()]) from None


class PersonForm(Form):
    """What a person says of themselves."""

    name = name_field()
    position = position_field()
    language = RadioField(_("Language of pages and mails"), choices=LANGUAGE_CHOICES)


class AcceptForm(Form):
    """What an invited person adds to the invitation."""

    name = name_field()
    position = position_field()
    password = new_password_field(_("Password"))


class PresentPasswordForm(Form):
    """The present password, for a change that somebody at an unattended screen must not make."""

    present = PasswordField(
        _("Present password"),
        [Filled(_("Enter your present password"))],
        render_kw={"autocomplete": "current-password"},
    )


class PasskeyNameForm(PresentPasswordForm):
    """What a new passkey is called, and the password without which nobody adds one."""

    name = StringField(
        _("Name of the passkey"),
        _text(_("Enter a name for the passkey"), 60),
        description=_("So that you know it again, for example “Office computer” or “Security key in the safe”."),
        render_kw={"autocomplete": "off"},
    )


class PasskeyForm(Form):
    """What a passkey answered, and the ceremony that it answers; a script fills the answer in."""

    name = HiddenField()
    ceremony = HiddenField()
    passkey = HiddenField()

    @property
    def answered(self) -> bool:
        """Whether a passkey was used at all."""
        return bool(self.passkey.data)


class CodeForm(PasskeyForm):
    """A one-time code, or a recovery code, or a passkey in their place."""

    code = CodeField(
        _("One-time code"),
        [Filled(_("Enter the code")), AtMost(max=100)],
        description=_("The 6 digits that your authenticator app shows now, or one of your recovery codes."),
        render_kw={"autocomplete": "one-time-code"},
    )


class SwitchOnForm(PresentPasswordForm):
    """A first code that proves the app has the secret."""

    code = CodeField(
        _("One-time code"),
        [Filled(_("Enter the code")), AtMost(max=100)],
        description=_("The 6 digits that the app shows now."),
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric"},
    )


class ChangePasswordForm(PresentPasswordForm):
    """The present password and a new one."""

    password = new_password_field(_("New password"))


def role_word(role: str) -> Any:
    """The name of a role."""
    return {
        Role.PREPARER: _("Preparer"),
        Role.COMPLIANCE_OFFICER: _("Compliance officer"),
        Role.ADMINISTRATOR: _("Administrator"),
        Role.OFFICER: _("Officer"),
        Role.SUPERVISOR: _("Supervisor"),
    }[Role(role)]


def role_words(names: list[str]) -> str:
    """Roles as a reader reads them."""
    return ("、" if requests.language() == "zh" else ", ").join(str(role_word(name)) for name in names)


ROLE_HINTS = {
    Role.PREPARER: _("Describes shipments and answers the questions."),
    Role.COMPLIANCE_OFFICER: _("Checks what others have prepared, and attests it."),
    Role.ADMINISTRATOR: _("Invites people, gives roles and removes access."),
    Role.OFFICER: _("Searches certificates, sees the files behind them, suspends and revokes."),
    Role.SUPERVISOR: _("Everything that an officer does, and invites people and gives roles."),
}


class RolesForm(Form):
    """The roles of one person; the choice depends on the kind of organisation."""

    roles = SelectMultipleField(_("Roles"), [Filled(_("Choose at least one role"))])

    def __init__(self, kind: str, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        possible = people.roles_for(kind)
        self.roles.choices = [SelectChoice(role.value, role_word(role)) for role in possible]
        self.roles.hints = {role.value: ROLE_HINTS[role] for role in possible}  # type: ignore[attr-defined]


class InvitationForm(RolesForm):
    """An address to invite, and the roles to give."""

    address = ""
    email = email_field(_("E-mail address"), _("Their own work address, not a shared mailbox."))
    language = RadioField(_("Language of the invitation"), choices=LANGUAGE_CHOICES)


def refuse(field: Field, message: Any) -> None:
    """Put a message of the room beside a field that was well formed in itself."""
    field.errors = [*field.errors, message]


def weak(field: Field, error: passwords.WeakPassword) -> None:
    """Say beside the field why a password was refused."""
    refuse(field, error.text[requests.language()])
