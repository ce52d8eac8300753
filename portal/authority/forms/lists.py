"""Form of the lists: a newer file."""

from typing import Any

from flask_babel import lazy_gettext
from flask_wtf.file import MultipleFileField
from werkzeug.datastructures import FileStorage
from wtforms.validators import ValidationError

from portal.web.forms import Form

MOST_FILES = 4


class ListFileForm(Form):
    """The file of a list; of a list that is several files, all of them together."""

    files = MultipleFileField(lazy_gettext("File"), render_kw={"multiple": True})

    def given(self) -> list[FileStorage]:
        """The files that were chosen."""
        return [file for file in self.files.data or () if isinstance(file, FileStorage) and file.filename]

    def validate_files(self, field: Any) -> None:
        """At least one file, and no more than any list has."""
        del field
        if not self.given():
            raise ValidationError(lazy_gettext("Choose a file"))
        if len(self.given()) > MOST_FILES:
            raise ValidationError(lazy_gettext("Choose the files of one list only"))
