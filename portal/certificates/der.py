"""Write DER (ITU-T X.690), as far as signatures and time stamps need it: no more than lengths and order.

asn1crypto reads what comes from elsewhere. What it writes it encodes anew with every member that is set, which took
a sixth of the time of a whole certificate.
"""

INTEGER, OCTET_STRING, SEQUENCE, SET = 0x02, 0x04, 0x30, 0x31


def wrapped(tag: int, *parts: bytes) -> bytes:
    """A value with its tag and length (X.690 section 8.1)."""
    content = b"".join(parts)
    length = len(content)
    if length < 0x80:
        return bytes((tag, length)) + content
    size = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(size))) + size + content


def context(number: int, *parts: bytes) -> bytes:
    """A constructed value with a context-specific tag."""
    return wrapped(0xA0 | number, *parts)


def sequence(*parts: bytes) -> bytes:
    """SEQUENCE, or SEQUENCE OF."""
    return wrapped(SEQUENCE, *parts)


def set_of(*parts: bytes) -> bytes:
    """SET OF, in the order that DER asks (X.690 section 11.6)."""
    return wrapped(SET, *sorted(parts))


def integer(value: int) -> bytes:
    """A number that is not negative."""
    return wrapped(INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def content(value: bytes) -> bytes:
    """What a value holds, without its tag and length."""
    return value[2:] if value[1] < 0x80 else value[2 + (value[1] & 0x7F) :]
