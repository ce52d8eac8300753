"""A key in a service that signs: what the adapters for AWS KMS and for Vault have in common."""

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from portal.certificates.signer import Algorithm, PublicKey, algorithm_of, proven, thumbprint

# How long a service may take for one answer, in seconds.
SECONDS = 5.0


class Service(Protocol):
    """Signs with one key of a service."""

    def sign(self, data: bytes, algorithm: Algorithm) -> bytes:
        """A signature over ``data``: of ECDSA in DER, of Ed25519 64 bytes. Raises ``KeyUnavailable``."""


@dataclass(frozen=True)
class ServiceSigner:
    """A key that never leaves its service. What the service gives is verified before it is used."""

    service: Service
    public_key: PublicKey

    @property
    def algorithm(self) -> Algorithm:
        return algorithm_of(self.public_key)

    @cached_property
    def thumbprint(self) -> str:
        return thumbprint(self.public_key)

    def sign(self, data: bytes) -> bytes:
        return proven(self.service.sign(data, self.algorithm), data, self.public_key)
