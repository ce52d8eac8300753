"""What the compliance officer reads of the screening: what listed parties own, with chain, rule and mark."""

import pytest
from flask import Flask, get_template_attribute
from flask_babel import force_locale

from tests.risk import cases


@pytest.mark.parametrize(
    ("language", "verdict", "told"),
    [
        ("en", "owned", "60% in all"),
        ("en", "unknown", "could not tell: 60% is proved, 100% is possible"),
        ("zh", "unknown", "无法确定：已证明60%，可能达100%"),
    ],
)
def test_what_listed_parties_own(app: Flask, language: str, verdict: str, told: str) -> None:
    facts = cases.facts(ownership=(cases.ownership(verdict=verdict),)).to_json()
    with app.test_request_context(f"/?lang={language}"), force_locale("zh_Hans" if language == "zh" else "en"):
        shown = str(get_template_attribute("shipments/dossier.html", "screening")(facts, language))
    assert told in shown
    assert facts["ownership"][0]["chains_zh" if language == "zh" else "chains"] in shown
    assert facts["ownership"][0]["rule_zh" if language == "zh" else "rule"] in shown
