"""What ``portal verify`` prints, and the exit code that scripts rely on."""

import json
from datetime import datetime
from pathlib import Path

from portal.certificates import credential
from portal.certificates.trust import TrustRoot
from portal.text import Text
from portal.verification.comparison import with_match
from portal.verification.evidence import MAX_BYTES
from portal.verification.presented import NOTHING, Presented
from portal.verification.report import Report, Verdict
from portal.verification.sources import StatusSource
from portal.verification.verify import verify

EXIT_CODES = {"valid": 0, "not_valid": 1, "could_not_tell": 2}
_SUMMARY = {
    "valid": Text("VALID", "有效"),
    "not_valid": Text("NOT VALID", "无效"),
    "could_not_tell": Text("COULD NOT TELL", "无法判断"),
}
_ANSWER = {"yes": Text("yes", "是"), "no": Text("NO", "否"), "could_not_tell": Text("could not tell", "无法判断")}
_NAMES = (
    ("integrity", Text("Unchanged", "内容完整")),
    ("issuer", Text("Issuer trusted", "签发机构可信")),
    ("status", Text("In force", "状态有效")),
)
_ATTESTED = Text("Attestation proven", "声明可验证")
_MATCHED = {
    "match": Text("Matches what was presented", "与所呈货物相符"),
    "hs_codes": Text("  HS codes", "  商品编码"),
    "net_weight_kg": Text("  Net weight", "  净重"),
    "consignee": Text("  Consignee", "  收货人"),
    "destination": Text("  Destination", "  目的地"),
    "container": Text("  Container", "  集装箱"),
    "declaration": Text("  Declaration", "  报关单"),
}
_TEST = Text("TEST certificate: it proves nothing outside a test", "测试证书：仅供测试，不具任何证明力")


def run(
    path: Path,
    *,
    trust: TrustRoot,
    status: StatusSource | None,
    as_json: bool,
    language: str,
    now: datetime,
    presented: Presented = NOTHING,
    log_proof: str = "",
) -> tuple[str, int]:
    """Verify a file; gives the text to print and the exit code: 0 valid, 1 not valid, 2 could not tell.

    What was ``presented`` is compared with the certificate and counts in the code. ``log_proof`` completes a seal.
    Raises ``OSError`` when the file cannot be read.
    """
    with path.open("rb") as file:
        report = verify(file.read(MAX_BYTES + 1), trust=trust, status=status, now=now, log_proof=log_proof)
    report = with_match(report, presented)
    text = json.dumps(report.to_json(), ensure_ascii=False, indent=1) if as_json else tell(report, language)
    return text, EXIT_CODES[report.summary]


def read_log_proof(path: Path) -> str:
    """The log's proof in a file of its own, or in a credential. Raises ``OSError`` or ``ValueError``."""
    with path.open("rb") as file:
        data = file.read(MAX_BYTES)
    try:
        return credential.enclosed_log_proof(data) if data.lstrip().startswith(b"{") else data.decode("utf-8")
    except (LookupError, TypeError, AttributeError) as error:
        raise ValueError(f"{path} is neither a proof nor a credential") from error


def tell(report: Report, language: str) -> str:
    """The report as lines of text."""
    lines = [" ".join(part for part in (_SUMMARY[report.summary][language], report.number) if part)]
    if report.test:
        lines.append(_TEST[language])
    for attribute, name in _NAMES:
        verdict: Verdict = getattr(report, attribute)
        answer = _ANSWER[verdict.answer][language]
        lines.append(f"{name[language]}: {answer} [{verdict.code}] {verdict.text[language]}")
    if report.attestation is not None:
        answer = _ANSWER[report.attestation.answer][language]
        text = report.attestation.text[language]
        lines.append(f"{_ATTESTED[language]}: {answer} [{report.attestation.code}] {text}")
    if report.match is not None:
        found = [("match", report.match.verdict), *((one.field, one.verdict) for one in report.match.fields)]
        for field, verdict in found:
            answer = _ANSWER[verdict.answer][language]
            lines.append(f"{_MATCHED[field][language]}: {answer} [{verdict.code}] {verdict.text[language]}")
    facts = report.essentials
    if facts is not None:
        lines += [
            f"{Text('Exporter', '出口经营者')[language]}: {facts.exporter}",
            f"{Text('End user', '最终用户')[language]}: {facts.end_user} ({facts.end_user_country})",
            f"{Text('HS codes', '商品编码')[language]}: {', '.join(facts.hs_codes)}",
            f"{Text('Net weight', '净重')[language]}: {facts.net_weight_kg} kg",
            f"SHA-256: {facts.digest}",
        ]
    return "\n".join(lines)
