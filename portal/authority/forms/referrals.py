"""The form that settles a referral."""

from flask_babel import lazy_gettext
from wtforms import RadioField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import Length

from portal.authority.forms import LONGEST_REASON, no_blank, required
from portal.web.forms import Form


class SettleForm(Form):
    """Settle a referral: certify, refuse, or send it back to the exporter."""

    outcome = RadioField(
        lazy_gettext("What do you decide?"),
        choices=[
            SelectChoice("certify", lazy_gettext("Certify: the doubts have been cleared")),
            SelectChoice("refuse", lazy_gettext("Refuse: no certificate is issued")),
            SelectChoice("return", lazy_gettext("Return: the exporter must supply more")),
        ],
        validators=[required(lazy_gettext("Choose what you decide"))],
    )
    reason = TextAreaField(
        lazy_gettext("Reason"),
        description=lazy_gettext("The exporter reads it. Name the evidence that you relied on."),
        validators=[no_blank, Length(max=LONGEST_REASON, message=lazy_gettext("Use 2,000 characters or fewer"))],
    )
