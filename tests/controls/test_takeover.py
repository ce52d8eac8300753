"""What a worked answer hands over to a goods line: only what is beyond doubt."""

import uuid

import pytest

from portal.controls import classify, enquiry, takeover
from portal.controls.measures import load
from tests.controls.samples import TODAY

SHIPPED = load()


@pytest.mark.parametrize(
    ("text", "chosen", "typed", "over"),
    [
        (
            "InP wafer", "10/2025:indium-phosphide", {},
            {"element": "In", "chemical_form": "InP", "control_code": "3C004.a", "hs_code": "2853904051"},
        ),
        ("GeO2 2825600002", "23/2023:germanium-dioxide", {},
         {"element": "Ge", "chemical_form": "GeO2", "hs_code": "2825600002"}),
        ("scandium oxide", "18/2025:scandium", {}, {"element": "Sc"}),
        ("Sb2O3", "33/2024:antimony-oxide", {"purity": "99.99 %"},
         {"element": "Sb", "chemical_form": "Sb2O3", "purity": "99.99 %", "hs_code": "2825800010"}),
        ("steel bolts 7318150000", "", {}, {"hs_code": "7318150000"}),
        ("Bi4Ge3O12 and GaAs", "", {}, {}),
    ],
)  # fmt: skip
def test_only_what_is_beyond_doubt_is_handed_over(
    text: str, chosen: str, typed: dict[str, str], over: dict[str, str]
) -> None:
    asked = enquiry.read(text, SHIPPED)
    answers, _ = classify.stated(typed)
    said = frozenset({chosen}) if chosen else None
    worked = classify.answer(asked, SHIPPED, TODAY, chosen=said, answers=answers)
    assert takeover.values(asked, worked, typed) == over


def test_who_asks_is_read_from_the_address_or_is_nobody() -> None:
    one, two = uuid.uuid4(), uuid.uuid4()
    assert takeover.Asker.read(f"{one}/{two}") == takeover.Asker(one, two)
    assert takeover.Asker.read(f"{one}") == takeover.Asker(one, None)
    for text in ("", "x", f"{one}/x", f"x/{two}", "../.."):
        assert takeover.Asker.read(text) is None
