"""The pack: everything of one certificate as one ZIP, for the customs file.

The files of the certificate never change; only the word about its status is of the moment at which the pack is made.
From the same files and the same word the same bytes are made: names in a fixed order, stored without compression, dated
on the day of issue.
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from portal.certificates import issue, status
from portal.certificates.models import Certificate
from portal.certificates.status import StatusSigner
from portal.text import Text

MEDIA_TYPE = "application/zip"
SUMS = "SHA-256SUMS"
_README = Text(
    """Due-diligence certificate {number}

What is in this pack
  {number}.pdf               the certificate, signed; read this one
  {number}.json              the same as a credential, for machines
  {number}-seal.png          the seal, as it is printed on the certificate
  {number}-statement.json    the statement that all three sign, in canonical form (RFC 8785)
  {number}.tlog-proof        the proof that the statement is in the public log
  {number}-status.json       the issuer's signed word about the status at {at}
  {sums}                the digest of each file (check with: sha256sum -c {sums})

How to check it
  Online:  {address}
  On a machine with the portal, also without a network:  portal verify {number}.pdf
  Take the trust file from the issuer itself, never from whoever gave you this pack.

The status can have changed since {at}. Ask again before you rely on it.
The certificate proves due diligence. It is not an export licence.
""",
    """尽职调查证书 {number}

本压缩包内容
  {number}.pdf               经签名的证书，供阅读
  {number}.json              同一内容的电子凭证，供系统读取
  {number}-seal.png          证书上所印的数字印章
  {number}-statement.json    以上三者共同签署的声明，规范格式（RFC 8785）
  {number}.tlog-proof        该声明已载入公开日志的证明
  {number}-status.json       签发机构就{at}的状态所作的签名答复
  {sums}                各文件的摘要（核对命令：sha256sum -c {sums}）

核验方法
  在线：{address}
  在装有本门户的计算机上（可离线）：portal verify {number}.pdf
  信任文件须直接向签发机构索取，切勿采用提供本压缩包者所附的文件。

{at}之后状态可能已经变化，使用前请再次查询。
证书仅证明已开展尽职调查，不是出口许可证。
""",
)


def make(session: Session, certificate: Certificate, *, issuer: StatusSigner, now: datetime) -> bytes:
    """The pack of a certificate with the word about its status at this moment."""
    return build(certificate, status.answer(session, certificate.number, issuer=issuer, now=now))


def build(certificate: Certificate, told: Mapping[str, Any]) -> bytes:
    """The pack of a certificate and what was told of its status (see ``status.answer``)."""
    number, files = certificate.number, issue.files(certificate)
    readme = _README.filled(
        number=number, at=told["as_of"], sums=SUMS, address=json.loads(certificate.statement)["status_address"]
    )
    contents = {
        "README.txt": (readme.zh + "\n" + "-" * 72 + "\n\n" + readme.en).encode("utf-8"),
        f"{number}.pdf": files["pdf"],
        f"{number}.json": files["json"],
        f"{number}-seal.png": files["png"],
        f"{number}-statement.json": certificate.statement.encode("utf-8"),
        f"{number}.tlog-proof": issue.log_proof(certificate).encode("utf-8"),
        f"{number}-status.json": (json.dumps(dict(told), ensure_ascii=False, indent=1) + "\n").encode("utf-8"),
    }
    sums = "".join(f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in contents.items())
    contents[SUMS] = sums.encode("ascii")
    return _zipped(contents, folder=number, at=certificate.issued_at)


def _zipped(contents: Mapping[str, bytes], *, folder: str, at: datetime) -> bytes:
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_STORED) as archive:
        for name, data in contents.items():
            entry = zipfile.ZipInfo(f"{folder}/{name}", (at.year, at.month, at.day, 0, 0, 0))
            entry.create_system = 3  # Unix, on every machine, so that the mode below is read and bytes stay the same
            entry.external_attr = 0o100644 << 16
            archive.writestr(entry, data)
    return output.getvalue()
