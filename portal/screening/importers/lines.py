"""JSON read piece by piece: one object a line, or the items of one array; memory does not grow with the file."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from portal.screening.importers.record import ListRefused

CHUNK = 1 << 18
NO_TEXT = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")
LONGEST = 1 << 25  # characters of one item; a longer one is taken for a broken file


def objects(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """The object of each line, with the line's number. A last line without its end is refused when it is broken."""
    try:
        with path.open(encoding="utf-8-sig") as stream:
            for number, line in enumerate(stream, start=1):
                if line.strip():
                    yield number, _object(json.loads(line), path, number, line)
    except FileNotFoundError as error:
        raise ListRefused("absent", path.name) from error
    except UnicodeDecodeError as error:
        raise ListRefused("not_utf8", path.name) from error
    except (json.JSONDecodeError, RecursionError) as error:
        raise ListRefused("broken_json", path.name, number, error=error) from error


def items(path: Path, name: str) -> Iterator[dict[str, Any]]:
    """The objects of the array ``name`` in the outermost object. Refused where the array does not end."""
    at = 0
    try:
        with path.open(encoding="utf-8-sig") as stream:
            buffer = _begin(stream.read(CHUNK), name, path)
            decoder, first = json.JSONDecoder(), True
            while True:
                buffer = buffer.lstrip()
                if buffer.startswith("]"):
                    return
                start = buffer if first else buffer.removeprefix(",").lstrip()
                try:
                    if not first and not buffer.startswith(",") and buffer:
                        raise ListRefused("json_between", path.name, f"{name}/{at}")
                    item, end = decoder.raw_decode(start)
                except json.JSONDecodeError as error:
                    more = stream.read(CHUNK)
                    if not more or len(buffer) > LONGEST:
                        raise ListRefused("broken_json", path.name, f"{name}/{at}", error=error) from error
                    buffer += more
                    continue
                yield _object(item, path, f"{name}/{at}", start[:end])
                buffer, first, at = start[end:], False, at + 1
    except FileNotFoundError as error:
        raise ListRefused("absent", path.name) from error
    except UnicodeDecodeError as error:
        raise ListRefused("not_utf8", path.name) from error
    except RecursionError as error:
        raise ListRefused("json_deep", path.name, f"{name}/{at}") from error


def _begin(text: str, name: str, path: Path) -> str:
    """What follows the opening bracket of the array."""
    before, found, after = text.partition(f'"{name}"')
    bracket = after.lstrip().removeprefix(":").lstrip()
    if not before.lstrip().startswith("{") or not found or not bracket.startswith("["):
        raise ListRefused("no_array", path.name, name=name)
    return bracket[1:]


def _object(value: Any, path: Path, place: int | str, written: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ListRefused("no_object", path.name, place)
    if NO_TEXT.search(written) and not _is_text(value):
        raise ListRefused("no_text", path.name, place)
    return value


def _is_text(value: Any) -> bool:
    """Whether every string can be stored: no half of a pair of surrogates, no zero."""
    if isinstance(value, str):
        return "\0" not in value and not any("\ud800" <= character <= "\udfff" for character in value)
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return all(map(_is_text, parts)) and (not isinstance(value, dict) or all(map(_is_text, value)))
