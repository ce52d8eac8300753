"""Sign a mail so that its reader's program shows who sent it and that nothing was changed (S/MIME 4.0, RFC 8551).

``multipart/signed`` (RFC 1847) and not one opaque object: who has no S/MIME reads text and attachments all the same.
"""

import base64
import secrets
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7


@dataclass(frozen=True, slots=True)
class MailSigner:
    """A key for mail alone, its certificate (RFC 8550: it names the sender's address), and those above it."""

    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
    certificate: x509.Certificate
    above: tuple[x509.Certificate, ...] = ()


def signed(headers: EmailMessage, content: EmailMessage, signer: MailSigner) -> bytes:
    """The whole mail as it goes out, with ``\\r\\n`` line ends: it may not be written anew on its way, only copied.

    ``headers`` holds the header of the mail and no content; ``content`` the text with its attachments.
    """
    # Everything in seven bits, so that no mail server on the way has a reason to change it.
    inner = content.as_bytes(policy=SMTP.clone(cte_type="7bit")).removesuffix(b"\r\n")
    boundary = f"signed-{secrets.token_hex(16)}"
    parts = [
        headers.as_bytes(policy=SMTP).rstrip(b"\r\n"),
        b"MIME-Version: 1.0",
        b'Content-Type: multipart/signed; protocol="application/pkcs7-signature"; micalg="sha-256";',
        f' boundary="{boundary}"'.encode(),
        b"",
        f"--{boundary}".encode(),
        inner,
        f"--{boundary}".encode(),
        b'Content-Type: application/pkcs7-signature; name="smime.p7s"',
        b"Content-Transfer-Encoding: base64",
        b'Content-Disposition: attachment; filename="smime.p7s"',
        b"",
        base64.encodebytes(_signature(inner, signer)).rstrip(b"\n").replace(b"\n", b"\r\n"),
        f"--{boundary}--".encode(),
        b"",
    ]
    return b"\r\n".join(parts)


def _signature(data: bytes, signer: MailSigner) -> bytes:
    """The detached CMS signature (RFC 5652), with the certificates that lead up to the root."""
    builder = pkcs7.PKCS7SignatureBuilder().set_data(data).add_signer(signer.certificate, signer.key, SHA256())
    for certificate in signer.above:
        builder = builder.add_certificate(certificate)
    return builder.sign(Encoding.DER, [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.Binary])
