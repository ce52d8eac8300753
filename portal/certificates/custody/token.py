"""A key on a PKCS#11 token: a smart card, a security module, or SoftHSM in tests."""

import hashlib
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qsl, unquote_to_bytes

import pkcs11
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key
from pkcs11 import Attribute, KeyType, Mechanism, ObjectClass
from pkcs11.util.ec import encode_ec_public_key, encode_ecdsa_signature

from portal.certificates.signer import (
    ED25519,
    Algorithm,
    KeyRefused,
    KeyUnavailable,
    PublicKey,
    algorithm_of,
    known,
    proven,
    thumbprint,
)

SECONDS = 10.0
T = TypeVar("T")
_TOKEN_PARTS = frozenset({"token", "serial"})
_KEY_PARTS = frozenset({"object", "id"})
_QUERY = frozenset({"module-path", "pin-value", "pin-source"})
# What a token says when the session or the token behind it is gone: the next attempt opens another session.
_SESSION_LOST = (
    pkcs11.SessionClosed,
    pkcs11.SessionHandleInvalid,
    pkcs11.DeviceRemoved,
    pkcs11.DeviceError,
    pkcs11.TokenNotPresent,
    pkcs11.UserNotLoggedIn,
    pkcs11.KeyHandleInvalid,
    pkcs11.ObjectHandleInvalid,
)
# A token locks itself after a few wrong PINs, so no process offers the same wrong one twice.
_wrong_pins: set[bytes] = set()
_tokens: dict[tuple[Any, ...], "Token"] = {}
_tokens_lock = threading.Lock()


@dataclass(frozen=True)
class TokenAddress:
    """The parts of a PKCS#11 URI (RFC 7512) that find a key."""

    module: str
    token: str | None
    serial: bytes | None
    label: str
    identifier: bytes
    pin: str

    @classmethod
    def parse(cls, text: str) -> "TokenAddress":
        """Read ``pkcs11:token=…;object=…?module-path=…&pin-source=file:…``. Raises ``KeyRefused``."""
        path, _, query = text.removeprefix("pkcs11:").partition("?")
        parts: dict[str, bytes] = {}
        for part in filter(None, path.split(";")):
            name, _, value = part.partition("=")
            if name in parts or name not in {*_TOKEN_PARTS, *_KEY_PARTS, "type"}:
                raise KeyRefused(f"'{name}' stands twice in the pkcs11: address, or is not understood in it")
            parts[name] = unquote_to_bytes(value)
        asked = dict(parse_qsl(query.replace("+", "%2B"), keep_blank_values=True))
        if unknown := set(asked) - _QUERY:
            raise KeyRefused(f"'{min(unknown)}' is not understood in a pkcs11: address")
        module = asked.get("module-path", "")
        if not module:
            raise KeyRefused("the pkcs11: address must say ?module-path=, the library of the token's maker")
        if not parts.keys() & _TOKEN_PARTS or not parts.keys() & _KEY_PARTS:
            raise KeyRefused("the pkcs11: address must name the token (token= or serial=) and the key (object= or id=)")
        if parts.get("type", b"private") != b"private":
            raise KeyRefused("the pkcs11: address must be that of a private key")
        token, label = (parts.get(name, b"").decode("utf-8", "replace") for name in ("token", "object"))
        return cls(module, token or None, parts.get("serial"), label, parts.get("id", b""), _pin(asked))


def _pin(asked: dict[str, str]) -> str:
    """The PIN, from its own file rather than from the address where there is a choice."""
    source = asked.get("pin-source", "")
    if not source:
        return asked.get("pin-value", "")
    if "pin-value" in asked:
        raise KeyRefused("the pkcs11: address must not have both pin-source and pin-value")
    try:
        return Path(source.removeprefix("file:").removeprefix("//")).read_text("utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise KeyRefused(f"the PIN cannot be read from pin-source: {error}") from error


class Token:
    """One token and its session, which every key on it shares, as a token has one login in a process.

    The calls are made one after another by a thread of its own: a token that hangs is left alone after ``seconds``.
    """

    def __init__(self, address: TokenAddress, *, seconds: float = SECONDS) -> None:
        self._address, self._seconds = address, seconds
        self._lock = threading.Lock()
        self._worker: ThreadPoolExecutor | None = None
        self._process = 0
        self._session: Any = None

    def call(self, work: Callable[[Any], T]) -> T:
        """What ``work`` gives for the session. Raises ``KeyRefused`` or ``KeyUnavailable``."""
        with self._lock:
            if self._worker is None or self._process != os.getpid():
                # After a fork neither thread nor session is there any longer.
                self._worker, self._process, self._session = ThreadPoolExecutor(1), os.getpid(), None
            worker = self._worker
        future = worker.submit(self._attempt, work)
        try:
            return future.result(self._seconds)
        except TimeoutError as error:
            with self._lock:
                worker.shutdown(wait=False, cancel_futures=True)
                self._worker = None
            raise KeyUnavailable(f"the token did not answer within {self._seconds:g} seconds") from error
        except pkcs11.PKCS11Error as error:
            raise KeyUnavailable(f"the token does not sign: {_words(error)}") from error

    def _attempt(self, work: Callable[[Any], T]) -> T:
        kept = self._session is not None
        try:
            return work(self._opened())
        except _SESSION_LOST:
            self._session = None
            if not kept:
                raise
        return work(self._opened())

    def _opened(self) -> Any:
        if self._session is None:
            self._session = self._login()
        return self._session

    def _login(self) -> Any:
        address = self._address
        tried = hashlib.sha256(repr((address.module, address.token, address.serial, address.pin)).encode()).digest()
        if tried in _wrong_pins:
            raise KeyRefused("the PIN was wrong before and is not tried again, so that the token does not lock")
        try:
            library = pkcs11.lib(address.module)
            found = list(library.get_tokens(token_label=address.token, token_serial=address.serial))
        except (RuntimeError, OSError) as error:
            raise KeyRefused(f"the library {address.module} cannot be used: {_words(error)}") from error
        if len(found) != 1:
            raise KeyRefused(f"{len(found)} tokens are there by that name; there must be exactly one")
        try:
            return found[0].open(user_pin=address.pin or None)
        except pkcs11.UserAlreadyLoggedIn:
            # A login holds for every session of a process, and another address of the same token has made it.
            return found[0].open()
        except (pkcs11.PinIncorrect, pkcs11.PinInvalid, pkcs11.PinLenRange) as error:
            _wrong_pins.add(tried)
            raise KeyRefused("the PIN is wrong") from error
        except (pkcs11.PinLocked, pkcs11.PinExpired, pkcs11.UserPinNotInitialized) as error:
            raise KeyRefused(f"the token is locked: {_words(error)}; its security officer must unlock it") from error


@dataclass(frozen=True)
class TokenSigner:
    """A key that never leaves its token."""

    token: Token
    label: str
    identifier: bytes
    public_key: PublicKey

    @property
    def algorithm(self) -> Algorithm:
        return algorithm_of(self.public_key)

    @cached_property
    def thumbprint(self) -> str:
        return thumbprint(self.public_key)

    def sign(self, data: bytes) -> bytes:
        return proven(self.token.call(lambda session: self._sign(session, data)), data, self.public_key)

    def _sign(self, session: Any, data: bytes) -> bytes:
        key = _only(session, ObjectClass.PRIVATE_KEY, self.label, self.identifier)
        if self.algorithm == ED25519:
            return bytes(key.sign(data, mechanism=Mechanism.EDDSA))
        # Hashed here: tokens that hash and sign in one step (CKM_ECDSA_SHA256) are the rarer ones.
        return encode_ecdsa_signature(key.sign(hashlib.sha256(data).digest(), mechanism=Mechanism.ECDSA))


def open_token(text: str) -> TokenSigner:
    """The key that a ``pkcs11:`` address names. Raises ``KeyRefused`` or ``KeyUnavailable``."""
    address = TokenAddress.parse(text)
    with _tokens_lock:
        token = _tokens.setdefault((address.module, address.token, address.serial, address.pin), Token(address))
    public_key = token.call(lambda session: _public_key(session, address))
    return TokenSigner(token, address.label, address.identifier, public_key)


def _public_key(session: Any, address: TokenAddress) -> PublicKey:
    _only(session, ObjectClass.PRIVATE_KEY, address.label, address.identifier)
    found = _only(session, ObjectClass.PUBLIC_KEY, address.label, address.identifier)
    try:
        if found[Attribute.KEY_TYPE] == KeyType.EC_EDWARDS:
            point = bytes(found[Attribute.EC_POINT])
            # The point is an OCTET STRING by PKCS#11 2.40, and bare on some tokens.
            return Ed25519PublicKey.from_public_bytes(point[2:] if point[:2] == b"\x04\x20" else point)
        return known(load_der_public_key(encode_ec_public_key(found)))
    except KeyRefused:
        raise
    except (ValueError, TypeError, pkcs11.AttributeTypeInvalid) as error:
        raise KeyRefused(f"the token's public key cannot be read: {error}") from error


def _only(session: Any, kind: ObjectClass, label: str, identifier: bytes) -> Any:
    asked: dict[Attribute, Any] = {Attribute.CLASS: kind}
    if label:
        asked[Attribute.LABEL] = label
    if identifier:
        asked[Attribute.ID] = identifier
    found = list(session.get_objects(asked))
    if len(found) != 1:
        word = "private" if kind == ObjectClass.PRIVATE_KEY else "public"
        raise KeyRefused(f"{len(found)} {word} keys are on the token by that name; there must be exactly one")
    return found[0]


def _words(error: Exception) -> str:
    return f"{type(error).__name__} {error}".strip()
