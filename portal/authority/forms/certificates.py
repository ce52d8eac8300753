"""Forms of the registry: search, and a change of status."""

from collections.abc import Sequence

from flask_babel import lazy_gettext
from wtforms import RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import Length

from portal.authority.forms import LONGEST_REASON, no_blank, required
from portal.certificates.status import Reason
from portal.text import Language
from portal.web.forms import Form


class ChangeForm(Form):
    """Suspend, reinstate or revoke: a reason code and the officer's own words."""

    reason_code = RadioField(
        lazy_gettext("Reason"), validators=[required(lazy_gettext("Choose a reason"))], validate_choice=True
    )
    reason = TextAreaField(
        lazy_gettext("Explain for the file"),
        description=lazy_gettext("What was found, by whom, and the reference of the case. The exporter sees it."),
        validators=[
            no_blank,
            Length(max=LONGEST_REASON, message=lazy_gettext("Use 2,000 characters or fewer")),
        ],
    )

    def offer(self, reasons: Sequence[Reason], language: Language) -> "ChangeForm":
        """Fill in the reason codes that may be given."""
        self.reason_code.choices = [SelectChoice(reason.code, reason.text[language]) for reason in reasons]
        return self


class SearchForm(Form):
    """Find certificates; a GET form, so that a search can be kept as a link."""

    class Meta(Form.Meta):
        csrf = False

    q = StringField(lazy_gettext("Number, exporter, end user or destination"))
    state = SelectField(lazy_gettext("Status"), validate_choice=False)
