"""Forms of endorsements: that a certificate was presented, what a port without a network recorded, and a ruling."""

import uuid
from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext
from flask_wtf.file import FileField
from werkzeug.datastructures import FileStorage
from wtforms import HiddenField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import Length, ValidationError

from portal.authority.endorse import LONGEST_REASON
from portal.authority.forms import no_blank, required
from portal.authority.standing import Finding, Line
from portal.certificates import wording
from portal.text import Language, Text
from portal.web.forms import Form

STANDS = "stands"


class EndorseForm(Form):
    """One presentation at a port; ``endorse_form`` adds a quantity for each line of goods.

    ``reference`` is made with the page, so that a form that is sent twice is recorded once.
    """

    reference = HiddenField()
    declaration = StringField(lazy_gettext("Number of the customs declaration"))
    place = StringField(lazy_gettext("Place (UN/LOCODE)"), description=lazy_gettext("Five characters, such as CNSHA"))
    device = StringField(lazy_gettext("Office or counter (optional)"))

    def identity(self) -> uuid.UUID | None:
        """The identity that the page gave it; nothing for another text."""
        try:
            return uuid.UUID(self.reference.data or "")
        except ValueError:
            return None

    def validate_declaration(self, field: Any) -> None:
        """Without the page's own identity a form that is sent twice would be recorded twice."""
        del field
        if self.identity() is None:
            raise ValidationError(lazy_gettext("The form was changed on its way: check it and send it again"))

    def refuse(self, where: str, text: Text, language: Language) -> None:
        """Put what was refused beside its field, and what has none beside the declaration."""
        name = where.replace("-", "_")
        beside = [one for one in self if one.name == name or (where == "lines" and one.name.startswith("line_"))]
        (beside or [self.declaration])[0].errors = [text[language]]


def endorse_form(lines: Sequence[Line], language: Language) -> EndorseForm:
    """The form for a certificate's goods."""
    fields: dict[str, Any] = {}
    for line in lines:
        name = line.name_zh if language == "zh" and line.name_zh else line.name
        unit = wording.word(wording.UNITS, line.unit)[language] or line.unit
        hint = lazy_gettext("%(left)s of %(total)s %(unit)s left", left=line.left, total=line.total, unit=unit)
        fields[f"line_{line.number}"] = StringField(f"{line.number}. {name}", description=hint)
    made: EndorseForm = type("EndorseFormOfLines", (EndorseForm,), fields)()
    return made


class UploadForm(Form):
    """What a port recorded while it had no network: the file that its device keeps."""

    file = FileField(lazy_gettext("File of the device (JSON)"))

    def given(self) -> FileStorage | None:
        """The file that was chosen."""
        found = self.file.data
        return found if isinstance(found, FileStorage) and found.filename else None

    def validate_file(self, field: Any) -> None:
        """A file must be chosen."""
        del field
        if self.given() is None:
            raise ValidationError(lazy_gettext("Choose a file"))


class RulingForm(Form):
    """Which side was a mistake, or that all stand, and why."""

    ruling = RadioField(lazy_gettext("What is right?"), validators=[required(lazy_gettext("Choose what is right"))])
    reason = TextAreaField(
        lazy_gettext("Why?"),
        validators=[no_blank, Length(max=LONGEST_REASON, message=lazy_gettext("Use 2,000 characters or fewer"))],
    )

    def offer(self, finding: Finding) -> "RulingForm":
        """One choice for each side, and one for all of them."""
        sides = (finding.endorsement, *finding.others)
        self.ruling.choices = [
            *(
                SelectChoice(
                    str(side.id),
                    lazy_gettext(
                        "Declaration %(declaration)s at %(place)s was recorded by mistake: withdraw it",
                        declaration=side.declaration, place=side.place,
                    ),
                )
                for side in sides
            ),
            SelectChoice(STANDS, lazy_gettext("Everything happened as recorded: let it stand")),
        ]  # fmt: skip
        return self
