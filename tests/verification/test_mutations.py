"""Thousands of seals and credentials and hundreds of PDFs with random damage: none accepted, none crashing."""

import logging
import random
import time
from collections.abc import Callable

import pytest

from portal.verification.report import Report
from portal.verification.verify import verify
from tests.certificates.samples import NOW, Issued
from tests.verification.test_attacks import AlwaysValid

BASE45 = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."
SECONDS = 2.0


def exchanged(data: bytes, chance: random.Random, alphabet: bytes) -> bytes:
    place = chance.randrange(len(data))
    return data[:place] + bytes([chance.choice(alphabet)]) + data[place + 1 :]


def flipped(data: bytes, chance: random.Random, _: bytes) -> bytes:
    place = chance.randrange(len(data))
    return data[:place] + bytes([data[place] ^ (1 << chance.randrange(8))]) + data[place + 1 :]


def removed(data: bytes, chance: random.Random, _: bytes) -> bytes:
    start = chance.randrange(len(data))
    return data[:start] + data[start + chance.randrange(1, 40) :]


def doubled(data: bytes, chance: random.Random, _: bytes) -> bytes:
    start = chance.randrange(len(data))
    end = start + chance.randrange(1, 40)
    return data[:end] + data[start:end] + data[end:]


def swapped(data: bytes, chance: random.Random, _: bytes) -> bytes:
    one, two = sorted(chance.sample(range(len(data) - 8), 2))
    return data[:one] + data[two : two + 8] + data[one + 8 : two] + data[one : one + 8] + data[two + 8 :]


def filled(data: bytes, chance: random.Random, alphabet: bytes) -> bytes:
    start = chance.randrange(len(data))
    length = min(chance.randrange(1, 200), len(data) - start)
    return data[:start] + bytes([chance.choice(alphabet)]) * length + data[start + length :]


DAMAGE: list[Callable[[bytes, random.Random, bytes], bytes]] = [exchanged, flipped, removed, doubled, swapped, filled]


def examined(data: bytes, issued: Issued) -> Report:
    """What is said of it, and soon. What is slow is slow again; the collection of memory that fell into it is not."""
    for _try in range(3):
        began = time.thread_time()
        report = verify(data, trust=issued.trust, status=AlwaysValid(issued), now=NOW)
        if time.thread_time() - began < SECONDS:
            return report
    raise AssertionError(f"slower than {SECONDS} seconds")


@pytest.mark.parametrize(
    ("kind", "count", "seed"),
    [("seal", 5000, 1), ("token", 2500, 2), ("json", 1000, 3), ("pdf", 600, 4)],
)
def test_damage_is_never_accepted(
    issued: Issued, caplog: pytest.LogCaptureFixture, kind: str, count: int, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 - the same damage each time
    genuine = getattr(issued, kind)
    genuine = genuine if isinstance(genuine, bytes) else genuine.encode("ascii")
    alphabet = {"seal": BASE45, "token": BASE64, "json": BASE64 + b'"{}: '}.get(kind, bytes(range(256)))
    tried = 0
    with caplog.at_level(logging.ERROR):
        for number in range(count):
            damaged = DAMAGE[number % len(DAMAGE)](genuine, chance, alphabet)
            if damaged.strip() == genuine.strip():
                continue
            tried += 1
            report = examined(damaged, issued)
            # White space that JSON allows around the envelope's members changes nothing that is signed.
            harmless = kind == "json" and report.digest == issued.digest
            assert report.summary != "valid" or harmless, (number, DAMAGE[number % len(DAMAGE)].__name__)
            assert "foreseen" not in caplog.text, (number, DAMAGE[number % len(DAMAGE)].__name__)
    assert tried > 0.9 * count


@pytest.mark.parametrize("container", ["signature", "archive time stamp"])
def test_damage_inside_a_container_is_never_accepted(
    issued: Issued, caplog: pytest.LogCaptureFixture, container: str
) -> None:
    """The gaps are the places that the signature does not cover, so they get more than their share."""
    chance = random.Random(5)  # noqa: S311 - the same damage each time
    find = issued.pdf.index if container == "signature" else issued.pdf.rindex
    start = find(b"/Contents <") + len(b"/Contents <")
    end, digits = issued.pdf.index(b">", start), sorted(set(b"0123456789ABCDEFabcdef"))
    with caplog.at_level(logging.ERROR):
        for number in range(300):
            place = chance.randrange(start, end)
            digit = chance.choice([digit for digit in digits if digit != issued.pdf[place]])
            report = examined(issued.pdf[:place] + bytes([digit]) + issued.pdf[place + 1 :], issued)
            assert "foreseen" not in caplog.text, (number, place - start, caplog.text[-3000:])
            assert report.summary != "valid", (number, place - start)


def test_a_damaged_proof_beside_a_seal_never_proves_it(issued: Issued, caplog: pytest.LogCaptureFixture) -> None:
    """With no network nothing else proves the seal, so one slip would show."""
    chance = random.Random(6)  # noqa: S311 - the same damage each time
    genuine = issued.proof_code.encode("ascii")
    with caplog.at_level(logging.ERROR):
        for number in range(1000):
            damaged = DAMAGE[number % len(DAMAGE)](genuine, chance, BASE45)
            if damaged.strip() == genuine:
                continue
            evidence = issued.seal.encode("ascii") + b"\n" + damaged
            report = verify(evidence, trust=issued.trust, status=None, now=NOW)
            assert report.integrity.answer != "yes", (number, DAMAGE[number % len(DAMAGE)].__name__)
            assert "foreseen" not in caplog.text, (number, caplog.text[-2000:])
