"""Arrays kept in a file that many processes map into their memory, so that none has to make them again.

A file is whole or not there: it is written beside its place and then moved to it, and it is read only where the
digest of all that it holds is right. What was mapped stays readable when the file is replaced or removed. Nothing in a
file is ever run: it holds numbers, and one JSON object that says what they are.
"""

import hashlib
import json
import mmap
import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

MAGIC = b"portal index 1\n\n"
LENGTH, DIGEST, ALIGNED = 8, 32, 64  # bytes
ENDING = ".index"
Arrays = Mapping[str, NDArray[Any]]


def write(file: Path, about: Mapping[str, Any], arrays: Arrays, *, most: int) -> None:
    """Keep arrays under a name; of the other files beside it the newest stay, ``most`` in all.

    What cannot be written is not kept: a full disk or a folder that may only be read is no reason not to screen.
    """
    with suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=file.parent, prefix=file.stem, suffix=".part")
        try:
            with os.fdopen(handle, "wb") as out:
                head, places = _head(about, arrays)
                found = hashlib.sha256(head)
                out.write(MAGIC + bytes(DIGEST) + head)
                for key, array in arrays.items():
                    out.write(bytes(places[key] - out.tell()))
                    data = np.ascontiguousarray(array).view(np.uint8).data if array.size else b""
                    found.update(data)
                    out.write(data)
                out.seek(len(MAGIC))
                out.write(found.digest())
            Path(name).replace(file)
        finally:
            Path(name).unlink(missing_ok=True)
        others = sorted(file.parent.glob("*" + ENDING), key=lambda one: one.stat().st_mtime, reverse=True)
        for old in [one for one in others if one != file][most - 1 :]:
            old.unlink(missing_ok=True)


def read(file: Path) -> tuple[dict[str, Any], dict[str, NDArray[Any]]] | None:
    """What was kept: what it is about, and its arrays; ``None`` where it is not there, or not as it was written.

    The arrays are pages of the file, which all processes share as long as none writes into them.
    """
    try:
        with file.open("rb") as opened:
            whole = mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_COPY)
    except (OSError, ValueError):
        return None
    with suppress(OSError):
        os.utime(file)  # what is in use is not old
    start = len(MAGIC) + DIGEST
    if whole[: len(MAGIC)] != MAGIC or len(whole) < start + LENGTH:
        return None
    end = start + LENGTH + int.from_bytes(whole[start : start + LENGTH], "little")
    found = hashlib.sha256(whole[start:end])
    try:
        head = json.loads(whole[start + LENGTH : end])
        arrays = {
            key: np.frombuffer(whole, np.dtype(kind), int(np.prod(shape)), place).reshape(shape)
            for key, (kind, shape, place) in head["arrays"].items()
        }
    except (ValueError, KeyError, TypeError):
        return None
    for array in arrays.values():
        found.update(array.view(np.uint8).data if array.size else b"")
    return (head["about"], arrays) if found.digest() == whole[len(MAGIC) : start] else None


def about(file: Path) -> dict[str, Any]:
    """What a file says that it is about, before anybody has looked whether it is as it was written; else nothing."""
    try:
        with file.open("rb") as opened:
            start = opened.read(len(MAGIC) + DIGEST + LENGTH)
            told = json.loads(opened.read(int.from_bytes(start[len(MAGIC) + DIGEST :], "little")))
        return dict(told["about"]) if start.startswith(MAGIC) else {}
    except (OSError, ValueError, KeyError, TypeError, OverflowError, MemoryError):
        return {}


def _head(about: Mapping[str, Any], arrays: Arrays) -> tuple[bytes, dict[str, int]]:
    """The object that says what is where, with its length before it, and the place of each array in the file."""
    told = {"about": about, "arrays": {key: [array.dtype.str, array.shape, 0] for key, array in arrays.items()}}
    room = len(json.dumps(told)) + 20 * len(arrays)
    at = len(MAGIC) + DIGEST + LENGTH + room
    places = {}
    for key, array in arrays.items():
        at = -(-at // ALIGNED) * ALIGNED
        places[key] = at
        told["arrays"][key][2] = at
        at += array.nbytes
    return room.to_bytes(LENGTH, "little") + json.dumps(told).encode().ljust(room), places
