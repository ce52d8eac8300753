"""Ask witnesses to cosign a checkpoint (C2SP tlog-witness): each vouches that it saw this log only grow."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from portal.certificates.log import web
from portal.certificates.log.note import (
    ED25519,
    NoteRefused,
    NoteSignature,
    SignatureWrong,
    SignedCheckpoint,
    VerifierKey,
    encoded,
)

OK, CONFLICT = 200, 409
Prove = Callable[[int], Sequence[bytes]]


class WitnessesRefused(ValueError):
    """The file of witnesses cannot be read; the message names its line."""


@dataclass(frozen=True, slots=True)
class Witness:
    """A witness: the key that it cosigns with, and the address that ``/add-checkpoint`` is put behind."""

    key: VerifierKey
    address: str


@dataclass(frozen=True, slots=True)
class Witnesses:
    """The witnesses that are asked, and how many of them must cosign before anything is handed out."""

    asked: tuple[Witness, ...] = ()
    required: int = 0


def read(path: Path) -> Witnesses:
    """Read a file of witnesses: C2SP's tlog-policy, with one flat group as the quorum.

    Lines: ``witness NAME VKEY ADDRESS``, ``group NAME N|any|all WITNESS…``, ``quorum NAME|none``; ``#`` begins a
    remark. Raises ``WitnessesRefused``.
    """
    named: dict[str, Witness] = {}
    groups: dict[str, int] = {"none": 0}
    quorum = ""
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise WitnessesRefused(f"{path}: {error}") from error
    for count, line in enumerate(lines, 1):
        words = line.split("#")[0].split()
        try:
            match words:
                case []:
                    continue
                case ["witness", name, key, address] if name not in named:
                    named[name] = _witness(key, address)
                    groups[name] = 1
                case ["group", name, number, *members] if members and set(members) <= set(named):
                    groups[name] = {"any": 1, "all": len(members)}.get(number) or _count(number, len(members))
                case ["quorum", name] if name in groups and not quorum:
                    quorum = name
                case _:
                    raise ValueError("is not understood")
        except ValueError as error:
            raise WitnessesRefused(f"{path}, line {count}: {error}") from error
    if not quorum:
        raise WitnessesRefused(f"{path}: names no quorum")
    return Witnesses(tuple(named.values()), groups[quorum])


def gather(
    witnesses: Sequence[Witness], note: SignedCheckpoint, *, before: int, prove: Prove
) -> tuple[list[NoteSignature], list[str]]:
    """Every cosignature that can be had, proven, and what went wrong with the others.

    All are asked at once. Each is first thought to know the tree of ``before`` entries; one that remembers another
    size says so and is asked once more. ``prove`` gives the consistency proof from a size to the note's.
    """
    found: list[NoteSignature] = []
    complaints: list[str] = []
    waiting = dict.fromkeys(witnesses, before)
    for last in (False, True):
        requests = [_Request(one, note, request_body(size, prove(size), note)) for one, size in waiting.items()]
        with ThreadPoolExecutor(max(1, len(requests))) as pool:
            answers = list(pool.map(_ask, requests))
        waiting = {}
        for one, answer in zip([request.witness for request in requests], answers, strict=True):
            if isinstance(answer, str):
                complaints.append(answer)
            elif isinstance(answer, list):
                found += answer
            elif answer > note.checkpoint.size or last:
                complaints.append(f"{one.key.name} has seen {answer} entries, and the log has {note.checkpoint.size}")
            else:
                waiting[one] = answer
    return found, complaints


def request_body(older: int, proof: Sequence[bytes], note: SignedCheckpoint) -> bytes:
    """What ``add-checkpoint`` is sent."""
    lines = (f"old {older}", *(encoded(one) for one in proof))
    return ("\n".join(lines) + "\n\n" + note.text).encode("utf-8")


@dataclass(frozen=True, slots=True)
class _Request:
    witness: Witness
    note: SignedCheckpoint
    body: bytes


def _ask(request: _Request) -> list[NoteSignature] | int | str:
    """The witness's cosignature, or the size that it remembers, or a complaint."""
    key, name = request.witness.key, request.witness.key.name
    try:
        status, data = web.send(f"{request.witness.address}/add-checkpoint", request.body)
        text = data.decode("utf-8")
        if status == CONFLICT:
            return int(text) if text.strip().isdecimal() and len(text) < 24 else f"{name} holds another tree"
        if status != OK:
            return f"{name} answered with status {status}"
        lines = [NoteSignature.parse(line) for line in text.removesuffix("\n").split("\n")]
        own = [line for line in lines if (line.name, line.key_id) == (name, key.id)]
        if not SignedCheckpoint(request.note.checkpoint, tuple(own)).signed_by([key]):
            return f"{name} did not sign with the key that is known"
    except (web.Unreachable, UnicodeDecodeError, NoteRefused, SignatureWrong) as error:
        return f"{name}: {error}"
    return own[:1]


def _witness(key: str, address: str) -> Witness:
    found = VerifierKey.parse(key)
    if found.kind == ED25519:
        raise ValueError("a log's key is no witness's")
    if not address.startswith(("https://", "http://")):
        raise ValueError("the address begins neither with https:// nor http://")
    return Witness(found, address.rstrip("/"))


def _count(number: str, members: int) -> int:
    if not number.isdecimal() or not 0 < int(number) <= members:
        raise ValueError("asks for a number of members that the group does not have")
    return int(number)
