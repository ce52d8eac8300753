"""The shared certificate, its issuer and its settings."""

from tests.certificates.samples import issued, issuer, settings, trust

__all__ = ["issued", "issuer", "settings", "trust"]
