"""A key in HashiCorp Vault's transit engine, or in OpenBao's.

``vault:https://HOST:8200/transit/keys/NAME?token-file=PATH&version=N``. Without ``token-file`` the token comes from the
variable VAULT_TOKEN. Without ``version`` it is the newest when the key is first used: a certificate is for one version.
"""

import base64
import binascii
import json
import os
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from portal.certificates.custody.service import SECONDS, ServiceSigner
from portal.certificates.signer import ED25519, Algorithm, KeyRefused, KeyUnavailable, PublicKey, known

MAX_BYTES = 1024 * 1024
_REFUSALS = {
    400: "does not understand what it is asked",
    403: "does not accept the token for this key",
    404: "has no such key",
}


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """The token goes to the address that was configured and nowhere else."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


_opener = urllib.request.build_opener(_NoRedirect)


@dataclass(frozen=True)
class Vault:
    """One key of a transit engine, in one version. The token is read anew for each call, as agents renew it."""

    origin: str
    mount: str
    name: str
    token_file: str
    version: int = 0

    def described(self) -> dict[str, Any]:
        """What the engine tells of the key. Raises ``KeyRefused`` or ``KeyUnavailable``."""
        return self._asked("keys")

    def sign(self, data: bytes, algorithm: Algorithm) -> bytes:
        asked: dict[str, Any] = {"input": base64.b64encode(data).decode("ascii"), "key_version": self.version}
        if algorithm != ED25519:
            asked |= {"hash_algorithm": "sha2-256", "marshaling_algorithm": "asn1"}
        told = self._asked("sign", asked).get("signature")
        prefix = f"vault:v{self.version}:"
        try:
            if not isinstance(told, str) or not told.startswith(prefix):
                raise ValueError("another version signed")
            return base64.b64decode(told.removeprefix(prefix), validate=True)
        except (binascii.Error, ValueError) as error:
            raise KeyUnavailable(f"Vault gave no signature of version {self.version}: {error}") from error

    def _asked(self, operation: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        address = f"{self.origin}/v1/{quote(self.mount)}/{operation}/{quote(self.name, safe='')}"
        data = json.dumps(body).encode("utf-8") if body is not None else None
        headers = {"X-Vault-Token": self._token(), "Content-Type": "application/json"}
        request = urllib.request.Request(address, data=data, headers=headers)  # noqa: S310 - the scheme was checked
        try:
            with _opener.open(request, timeout=SECONDS) as response:
                told = json.loads(response.read(MAX_BYTES))
        except urllib.error.HTTPError as error:
            error.close()
            if error.code in _REFUSALS:
                raise KeyRefused(f"Vault {_REFUSALS[error.code]} (status {error.code})") from error
            word = "is sealed" if error.code == 503 else "does not sign"
            raise KeyUnavailable(f"Vault {word} (status {error.code})") from error
        except (OSError, ValueError) as error:
            raise KeyUnavailable(f"Vault does not answer: {error}") from error
        found = told.get("data") if isinstance(told, dict) else None
        if not isinstance(found, dict):
            raise KeyUnavailable("Vault gave an answer of another form")
        return found

    def _token(self) -> str:
        if not self.token_file:
            found = os.environ.get("VAULT_TOKEN", "")
        else:
            try:
                found = Path(self.token_file).read_text("utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                raise KeyRefused(f"the token cannot be read from token-file: {error}") from error
        if not found.isascii() or not found.isprintable() or not found:
            raise KeyRefused("a vault: address needs a token, in ?token-file= or VAULT_TOKEN")
        return found


def open_key(text: str) -> ServiceSigner:
    """The key that a ``vault:`` address names. Raises ``KeyRefused`` or ``KeyUnavailable``."""
    parts = urlsplit(text.removeprefix("vault:"))
    asked = dict(parse_qsl(parts.query, keep_blank_values=True))
    mount, _, name = parts.path.strip("/").rpartition("/keys/")
    version = asked.get("version", "0")
    loopback = parts.hostname in ("127.0.0.1", "::1", "localhost")
    if parts.scheme != "https" and not (parts.scheme == "http" and loopback):
        raise KeyRefused("the vault: address must begin with vault:https://, as the token goes there")
    if not mount or not name or parts.username or set(asked) - {"token-file", "version"} or not version.isdecimal():
        raise KeyRefused("the vault: address must be vault:https://HOST/MOUNT/keys/NAME?token-file=PATH&version=N")
    vault = Vault(f"{parts.scheme}://{parts.netloc}", mount, name, asked.get("token-file", ""))
    told = vault.described()
    chosen = int(version) or told.get("latest_version")
    versions = told.get("keys")
    entry = versions.get(str(chosen)) if isinstance(versions, dict) else None
    if not isinstance(chosen, int) or not isinstance(entry, dict):
        raise KeyRefused(f"Vault has no version {chosen} of the key")
    public_key = _public_key(told.get("type"), str(entry.get("public_key", "")))
    return ServiceSigner(Vault(vault.origin, mount, name, vault.token_file, chosen), public_key)


def _public_key(kind: object, text: str) -> PublicKey:
    try:
        if kind == "ed25519":
            return Ed25519PublicKey.from_public_bytes(base64.b64decode(text, validate=True))
        return known(load_pem_public_key(text.encode("ascii")))
    except KeyRefused:
        raise
    except (ValueError, TypeError) as error:
        raise KeyRefused(f"Vault gave no public key of a known kind ({kind})") from error
