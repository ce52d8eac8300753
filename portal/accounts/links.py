"""Links that are mailed to people: a secret of 256 bits, of which only the digest is kept."""

import hashlib
import secrets


def new_token() -> str:
    """A secret for one link."""
    return secrets.token_urlsafe(32)


def digest(token: str) -> str:
    """What the database keeps of a token. The secret is random, so a fast hash gives nothing away."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
