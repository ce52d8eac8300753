"""JSON from strangers: no duplicate member, no float, no lone surrogate, no bomb."""

import json
from typing import Any, NoReturn

MAX_BYTES = 1024 * 1024
MAX_DEPTH = 32


class JsonRefused(ValueError):
    """The bytes are not JSON that the portal reads; the message says why."""


def loads(data: bytes | str, *, max_bytes: int = MAX_BYTES) -> Any:
    """Parse one JSON value, refusing whatever two parsers could read in two ways.

    Raises ``JsonRefused`` for text beyond ``max_bytes`` or ``MAX_DEPTH``, that is not UTF-8, that names a member
    twice, or that holds a float, ``NaN`` or half of a surrogate pair.
    """
    try:
        raw = data.encode("utf-8") if isinstance(data, str) else data
        if len(raw) > max_bytes:
            raise JsonRefused(f"larger than {max_bytes} bytes")
        value = json.loads(
            raw.decode("utf-8"), object_pairs_hook=_members, parse_float=_no_float, parse_constant=_no_float
        )
    except UnicodeError as error:
        raise JsonRefused("not UTF-8 text") from error
    except RecursionError as error:
        raise JsonRefused("nested too deeply") from error
    except JsonRefused:
        raise
    except ValueError as error:
        raise JsonRefused("not JSON") from error
    _inspect(value, MAX_DEPTH)
    return value


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise JsonRefused("a member is named twice")
    return members


def _no_float(text: str) -> NoReturn:
    raise JsonRefused(f"{text[:40]} is not a whole number")


def _inspect(value: Any, depth: int) -> None:
    if depth == 0:
        raise JsonRefused("nested too deeply")
    if isinstance(value, str):
        if any("\ud800" <= letter <= "\udfff" for letter in value):
            raise JsonRefused("half of a surrogate pair")
    elif isinstance(value, dict):
        for name, item in value.items():
            _inspect(name, depth - 1)
            _inspect(item, depth - 1)
    elif isinstance(value, list):
        for item in value:
            _inspect(item, depth - 1)
