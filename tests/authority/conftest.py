"""An authority's registry with real certificates."""

from tests.certificates.samples import issuer, settings

__all__ = ["issuer", "settings"]
