"""Read JSON from a person and, where it breaks, say the line, the column and the JSON path that was reached."""

import json
import re
from decimal import Decimal
from typing import Any, NoReturn

from portal.shipments.entries import json_path

MAX_BYTES = 1024 * 1024
MAX_DEPTH = 24

_SPACE = re.compile(r"[ \t\r\n]*")
_STRING = re.compile(r'"((?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*)"')
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?", re.ASCII)
_WORD = re.compile(r"[A-Za-z]+")
_WORDS: dict[str, Any] = {"true": True, "false": False, "null": None}
_MAX_DIGITS = 40


class JsonFault(ValueError):
    """Where a text stops being JSON that the portal reads: line and column from 1, and the path reached."""

    def __init__(self, line: int, column: int, path: str, reason: str) -> None:
        super().__init__(f"line {line}, column {column}, at {path}: {reason}")
        self.line, self.column, self.path, self.reason = line, column, path, reason


def loads(data: bytes) -> Any:
    """Parse one JSON value; numbers become ``int`` or ``Decimal``, never a binary fraction.

    Raises ``JsonFault`` for text that is cut off, too long, nested too deeply, not UTF-8, or that names a member
    twice, which two readers could read in two ways.
    """
    if len(data) > MAX_BYTES:
        raise JsonFault(1, 1, "$", f"the file is larger than {MAX_BYTES} bytes")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8", errors="replace")
        line, column = _position(before, len(before))
        raise JsonFault(line, column, "$", "the file is not UTF-8 text") from None
    return _Reader(text).whole()


def _position(text: str, at: int) -> tuple[int, int]:
    return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)


class _Reader:
    """One pass from left to right; ``where`` is the path to the value that is being read."""

    def __init__(self, text: str) -> None:
        self.text, self.at, self.where = text, 0, list[str | int]()

    def whole(self) -> Any:
        value = self.value()
        self.space()
        if self.at < len(self.text):
            self.fail("there is more after the end")
        return value

    def value(self) -> Any:
        letter = self.peek()
        if len(self.where) >= MAX_DEPTH and letter in "{[":
            self.fail("nested too deeply")
        if letter == "{":
            return self.object()
        if letter == "[":
            return self.array()
        if letter == '"':
            return self.string()
        if letter == "-" or letter.isdigit():
            return self.number()
        return self.word()

    def object(self) -> dict[str, Any]:
        members: dict[str, Any] = {}
        self.at += 1
        if self.peek() == "}":
            self.at += 1
            return members
        while True:
            if self.peek() != '"':
                self.fail("the name of a member is expected, in double quotes")
            start = self.at
            name = self.string()
            self.where.append(name)
            if name in members:
                self.at = start
                self.fail("this member is named twice")
            self.take(":")
            members[name] = self.value()
            self.where.pop()
            if self.take(",", "}") == "}":
                return members

    def array(self) -> list[Any]:
        items: list[Any] = []
        self.at += 1
        if self.peek() == "]":
            self.at += 1
            return items
        while True:
            self.where.append(len(items))
            items.append(self.value())
            self.where.pop()
            if self.take(",", "]") == "]":
                return items

    def string(self) -> str:
        found = _STRING.match(self.text, self.at)
        if found is None:
            end = re.compile(r'"(?:[^"\\\x00-\x1f]|\\["\\/bfnrtu])*').match(self.text, self.at)
            self.at = end.end() if end else self.at
            self.fail("the file ends within text" if self.at >= len(self.text) else "text is broken here")
        value: str = json.loads(found.group())
        if any("\ud800" <= letter <= "\udfff" for letter in value):
            self.fail("half of a surrogate pair")
        self.at = found.end()
        return value

    def number(self) -> int | Decimal:
        found = _NUMBER.match(self.text, self.at)
        if found is None:
            self.fail("this is no number")
        if len(found.group()) > _MAX_DIGITS:
            self.fail("this number is too long")
        if found.group(2):
            self.fail("write the number without an exponent")
        self.at = found.end()
        return Decimal(found.group()) if found.group(1) else int(found.group())

    def word(self) -> Any:
        found = _WORD.match(self.text, self.at)
        if found is None or found.group() not in _WORDS:
            self.fail("a value is expected")
        self.at = found.end()
        return _WORDS[found.group()]

    def space(self) -> None:
        found = _SPACE.match(self.text, self.at)
        self.at = found.end() if found else self.at

    def peek(self) -> str:
        self.space()
        if self.at >= len(self.text):
            self.fail("the file ends too early")
        return self.text[self.at]

    def take(self, *letters: str) -> str:
        letter = self.peek()
        if letter not in letters:
            self.fail(f"{' or '.join(letters)} is expected")
        self.at += 1
        return letter

    def fail(self, reason: str) -> NoReturn:
        line, column = _position(self.text, self.at)
        raise JsonFault(line, column, json_path(tuple(self.where)), reason)
