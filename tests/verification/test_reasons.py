"""The texts that an officer acts on: stable codes, both languages, and every placeholder filled."""

import re
from string import Formatter

import pytest

from portal.text import Text
from portal.verification.reasons import reasons
from portal.verification.report import Verdict

# The codes that other systems know. A line may be added; none may ever be changed or taken away.
CODES = {
    100: "intact", 101: "scan-codes-intact", 102: "page-codes-unread",
    110: "number-only", 111: "unsigned-statement", 112: "not-recognised", 113: "too-large",
    114: "no-seal-in-picture", 115: "several-seals", 116: "encrypted", 117: "foreign-code",
    118: "seal-missing", 119: "examination-failed", 121: "no-key", 122: "log-not-examined",
    123: "pdf-not-here", 124: "log-not-wholly-examined",
    125: "no-seal-in-scan", 126: "picture-format", 150: "changed",
    151: "added-after-signing", 152: "not-signed",
    153: "signature-structure", 154: "not-certified", 155: "no-timestamp", 156: "attachment",
    157: "statement-malformed", 158: "seal-malformed", 159: "credential-malformed", 160: "date-disagrees",
    161: "log-proof-missing", 162: "log-proof-wrong", 163: "log-signature", 164: "log-unknown",
    165: "log-witness-missing", 166: "log-date-disagrees", 167: "log-key-out-of-term",
    168: "codes-disagree", 169: "archive-timestamp", 170: "page-codes",
    200: "issuer-known", 201: "issuer-test", 202: "issuer-before-compromise",
    210: "issuer-unknown", 211: "key-out-of-term", 212: "issuer-disagrees", 213: "signer-certificate",
    214: "key-compromised", 220: "issuer-not-examined", 221: "key-suspect",
    300: "status-valid", 310: "status-suspended", 311: "status-revoked", 312: "status-expired",
    313: "status-superseded", 314: "status-used-up", 315: "not-registered", 316: "registered-otherwise",
    317: "not-yet-issued", 318: "status-ended",
    350: "status-not-asked", 351: "status-unreachable", 352: "status-untrusted",
    353: "status-stale", 354: "status-no-source", 355: "status-not-examined", 356: "number-needs-register",
    359: "status-no-list", 360: "status-list-signer", 361: "status-list-purpose", 362: "status-list-expired",
    363: "status-list-rolled-back", 364: "status-list-malformed", 365: "status-list-bomb", 366: "status-list-length",
    367: "status-list-range", 368: "status-list-missing",
    390: "clock-wrong",
    400: "matches", 410: "match-open", 411: "match-not-verified", 420: "hs-covered", 421: "weight-within",
    422: "consignee-named", 424: "destination-same", 430: "hs-not-all-told", 431: "consignee-spelled-otherwise",
    432: "consignee-not-told", 433: "container-not-told", 434: "declaration-not-told", 435: "match-needs-paper",
    450: "matches-not", 460: "hs-not-covered", 461: "weight-exceeded", 462: "weight-exceeded-of-codes",
    463: "consignee-other", 464: "destination-other",
    500: "attested-by-passkey", 501: "attested-before-review", 510: "attestation-weak",
    511: "passkey-counter-stale", 550: "passkey-evidence-broken",
}  # fmt: skip
VALUES = {
    "presented": "x",
    "certificate": "y",
    "role": Text("End user", "最终用户"),
    "issuer": Text("Issuer", "机构"),
    "as_of": "2026",
    "since": "2026",
    "valid_until": "2027",
    "reason": "x",
    "method": Text("with a password", "以密码"),
}


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_the_codes_are_the_ones_that_were_published() -> None:
    assert {reason.code: reason.key for reason in reasons().values()} == CODES


@pytest.mark.parametrize("key", reasons())
def test_a_reason_says_the_same_in_both_languages(key: str) -> None:
    reason = reasons()[key]
    assert placeholders(reason.text.en) == placeholders(reason.text.zh) <= set(VALUES)
    verdict = Verdict.of(key, **VALUES)
    assert "{" not in verdict.text.en + verdict.text.zh
    assert re.search("[\u4e00-\u9fff]", verdict.text.zh)
    assert not re.search("[\u4e00-\u9fff]", reason.text.en)


def test_only_the_good_reasons_answer_yes() -> None:
    good = {reason.key for reason in reasons().values() if reason.answer == "yes"}
    matching = {"matches", "hs-covered", "weight-within", "consignee-named", "destination-same"}
    attested = {"attested-by-passkey", "attested-before-review"}
    issuers = {"issuer-known", "issuer-test", "issuer-before-compromise"}
    assert good == {"intact", "scan-codes-intact", "page-codes-unread", "status-valid"} | issuers | matching | attested
