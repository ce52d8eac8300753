"""A key in AWS KMS, or in a service that speaks its protocol.

``awskms:ARN`` or ``awskms:ARN?endpoint=ADDRESS``. Credentials come from where Amazon's own tools take them.
"""

import hashlib
from typing import Any
from urllib.parse import parse_qsl

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from cryptography.hazmat.primitives.serialization import load_der_public_key

from portal.certificates.custody.service import SECONDS, ServiceSigner
from portal.certificates.signer import ED25519, Algorithm, KeyRefused, KeyUnavailable, known

# What does not pass by itself: there is no such key, or it may not be used.
_FINAL = frozenset({"NotFoundException", "AccessDeniedException", "DisabledException", "UnsupportedOperationException"})


class AwsKms:
    """One asymmetric key of AWS KMS."""

    def __init__(self, arn: str, client: Any) -> None:
        self._arn, self._client = arn, client

    def public_key(self) -> bytes:
        """The public key in DER. Raises ``KeyRefused`` or ``KeyUnavailable``."""
        return bytes(self._asked("get_public_key")["PublicKey"])

    def sign(self, data: bytes, algorithm: Algorithm) -> bytes:
        if algorithm == ED25519:
            told = self._asked("sign", Message=data, MessageType="RAW", SigningAlgorithm="ED25519_SHA_512")
        else:
            digest = hashlib.sha256(data).digest()
            told = self._asked("sign", Message=digest, MessageType="DIGEST", SigningAlgorithm="ECDSA_SHA_256")
        return bytes(told["Signature"])

    def _asked(self, operation: str, **members: Any) -> Any:
        try:
            return getattr(self._client, operation)(KeyId=self._arn, **members)
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "")
            if code in _FINAL:
                raise KeyRefused(f"AWS KMS refuses the key: {code}") from error
            raise KeyUnavailable(f"AWS KMS does not sign: {code}") from error
        except BotoCoreError as error:
            raise KeyUnavailable(f"AWS KMS does not answer: {error}") from error


def open_key(text: str) -> ServiceSigner:
    """The key that an ``awskms:`` address names. Raises ``KeyRefused`` or ``KeyUnavailable``."""
    arn, _, query = text.removeprefix("awskms:").partition("?")
    asked = dict(parse_qsl(query, keep_blank_values=True))
    parts = arn.split(":")
    if len(parts) != 6 or parts[0] != "arn" or parts[2] != "kms" or not parts[3] or set(asked) - {"endpoint"}:
        raise KeyRefused("the awskms: address must be awskms:arn:aws:kms:REGION:ACCOUNT:key/ID?endpoint=ADDRESS")
    limits = Config(connect_timeout=SECONDS, read_timeout=SECONDS, retries={"total_max_attempts": 2})
    client = boto3.client("kms", region_name=parts[3], endpoint_url=asked.get("endpoint") or None, config=limits)
    service = AwsKms(arn, client)
    try:
        return ServiceSigner(service, known(load_der_public_key(service.public_key())))
    except (ValueError, TypeError) as error:
        if isinstance(error, KeyRefused):
            raise
        raise KeyRefused(f"AWS KMS gave no public key: {error}") from error
