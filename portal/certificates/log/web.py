"""Plain HTTP for logs and witnesses: bounded in size and time, and never led elsewhere."""

import urllib.error
import urllib.request
from typing import Any

MAX_BYTES = 256 * 1024
SECONDS = 5.0


class Unreachable(OSError):
    """A server gave no answer that can be used; the message names the address."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Only the address that was configured is asked."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


_opener = urllib.request.build_opener(_NoRedirect)


def send(address: str, body: bytes | None = None, *, seconds: float = SECONDS) -> tuple[int, bytes]:
    """Status and body of a GET, or of a POST where there is a body. Raises ``Unreachable``."""
    if not address.startswith(("https://", "http://")):
        raise Unreachable(f"{address} begins neither with https:// nor http://")
    headers = {"Content-Type": "text/plain; charset=utf-8"} if body is not None else {}
    request = urllib.request.Request(address, data=body, headers=headers)  # noqa: S310 - the scheme was checked
    try:
        try:
            response = _opener.open(request, timeout=seconds)
        except urllib.error.HTTPError as error:
            response = error
        with response:
            data = response.read(MAX_BYTES + 1)
            status = int(response.status)
    except (OSError, ValueError) as error:
        raise Unreachable(f"{address}: {error}") from error
    if len(data) > MAX_BYTES:
        raise Unreachable(f"{address}: more than {MAX_BYTES} bytes")
    return status, data
