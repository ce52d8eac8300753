"""From the address of a key in the settings to the key."""

import threading
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import ModuleType
from urllib.parse import unquote

from pydantic import SecretStr

from portal.certificates.custody import vault
from portal.certificates.signer import FileSigner, KeyRefused, KeyUnavailable, Signer

_lock = threading.Lock()
_opened: dict[str, Signer] = {}


def open_signer(address: SecretStr, setting: str) -> Signer:
    """The key behind an address; ``setting`` is named in what is told when there is none.

    A file is read anew each time. A token or a key service is asked for its public key once in the life of a process,
    and asked again after it could not be reached. Raises ``KeyRefused`` or ``KeyUnavailable``, neither of which tells
    a PIN or a password.
    """
    text = address.get_secret_value()
    scheme, _, rest = text.partition(":")
    if scheme == "file" and rest:
        return FileSigner.read(file_path(rest))
    if scheme not in _HOLDERS or not rest:
        raise KeyRefused(f"{setting} must begin with file:, {', '.join(f'{name}:' for name in _HOLDERS)}")
    with _lock:
        found = _opened.get(text)
        if found is None:
            try:
                found = _opened[text] = _HOLDERS[scheme](text)
            except KeyUnavailable as error:
                raise KeyUnavailable(f"{setting}: {error}") from error
            except KeyRefused as error:
                raise KeyRefused(f"{setting}: {error}") from error
        return found


def file_behind(address: SecretStr) -> Path | None:
    """The file that an address names, so that a change of it can be seen; none for any other key."""
    scheme, _, rest = address.get_secret_value().partition(":")
    return file_path(rest) if scheme == "file" and rest else None


def file_path(rest: str) -> Path:
    """The path behind ``file:`` (RFC 8089: ``file:///…``, ``file:/…``), and a plain relative one."""
    return Path(unquote(rest.removeprefix("//") if rest.startswith("///") else rest))


def _optional(module: str, extra: str, package: str) -> ModuleType:
    try:
        return import_module(module)
    except ImportError as error:
        told = f"needs the package {package}: install due-diligence-portal[{extra}]"
        raise KeyRefused(f"a key of this kind {told} ({error})") from error


def _on_token(text: str) -> Signer:
    module = _optional("portal.certificates.custody.token", "pkcs11", "python-pkcs11")
    signer: Signer = module.open_token(text)
    return signer


def _in_aws(text: str) -> Signer:
    module = _optional("portal.certificates.custody.awskms", "aws", "boto3")
    signer: Signer = module.open_key(text)
    return signer


_HOLDERS: dict[str, Callable[[str], Signer]] = {"pkcs11": _on_token, "awskms": _in_aws, "vault": vault.open_key}
