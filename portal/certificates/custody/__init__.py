"""Where a signing key lies: in a file, on a PKCS#11 token, or in a key service. One address in the settings says it.

``file:PATH`` · ``pkcs11:…`` (RFC 7512) · ``awskms:ARN`` · ``vault:ADDRESS/transit/keys/NAME``
"""

from portal.certificates.custody.address import file_behind, open_signer

__all__ = ["file_behind", "open_signer"]
