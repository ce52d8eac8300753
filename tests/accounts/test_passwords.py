"""Passwords are kept by Argon2id, and those that are easy to guess are refused."""

import pytest

from portal.accounts import passwords
from portal.accounts.passwords import Cost, WeakPassword

CHEAP = Cost(passes=1, memory=8, lanes=1)
OWN = ["li.wei@example.com", "Li Wei", "云南锗业光学有限公司", "Yunnan Germanium Optics"]


def test_the_real_cost_is_the_one_of_rfc_9106() -> None:
    assert passwords.keep("glass river under moss").startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_only_the_right_password_fits() -> None:
    kept = passwords.keep("glass river under moss", CHEAP)
    assert passwords.fits("glass river under moss", kept, CHEAP)
    assert not passwords.fits("glass river under mosS", kept, CHEAP)
    assert not passwords.fits("", kept, CHEAP)
    assert not passwords.fits("x" * 10_000_000, kept, CHEAP)
    assert "moss" not in kept


@pytest.mark.parametrize("kept", [None, "", "!", "glass river under moss", "$argon2id$broken"])
def test_nobody_and_a_broken_hash_fit_nothing(kept: str | None) -> None:
    for tried in ("", "!", "glass river under moss", "the password of nobody"):
        assert not passwords.fits(tried, kept, CHEAP)


def test_composed_and_full_width_forms_are_the_same_password() -> None:
    kept = passwords.keep("Ｃafé sur la rivière", CHEAP)
    assert passwords.fits("Cafe\u0301 sur la rivie\u0300re", kept, CHEAP)


def test_another_cost_makes_a_hash_outdated() -> None:
    kept = passwords.keep("glass river under moss", CHEAP)
    assert not passwords.is_outdated(kept, CHEAP)
    assert passwords.is_outdated(kept, Cost(passes=2, memory=8, lanes=1))


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("", passwords.TOO_SHORT),
        ("short pass1", passwords.TOO_SHORT),
        ("x" * 201, passwords.TOO_LONG),
        ("aaaaaaaaaaaaaaaa", passwords.TOO_EASY),
        ("abcabcabcabcabc", passwords.TOO_EASY),
        ("123456789012", passwords.TOO_EASY),
        ("qwertyuiop12", passwords.TOO_EASY),
        ("987654321098", passwords.TOO_EASY),
        ("password1234", passwords.TOO_EASY),
        ("Passw0rd2026", passwords.TOO_EASY),
        ("woaini1314520", passwords.TOO_EASY),
        ("li.wei@example.com", passwords.TOO_EASY),
        ("YunnanGermanium1", passwords.TOO_EASY),
        ("云南锗业光学有限公司2026", passwords.TOO_EASY),
        ("ＰＡＳＳＷＯＲＤ１２３４", passwords.TOO_EASY),
    ],
)
def test_refused(password: str, why: object) -> None:
    with pytest.raises(WeakPassword) as caught:
        passwords.refuse_weak(password, OWN)
    assert caught.value.text == why


@pytest.mark.parametrize(
    "password",
    [
        "glass river under moss",
        "k7#pQ2vR9xLm",
        "白云苍狗与青山绿水之间的河",
        "wei walks to the harbour",
        "no-digits-no-capitals-needed",
        "x7" + "Kq3 mT" * 3 + "unrelated",
    ],
)
def test_accepted(password: str) -> None:
    passwords.refuse_weak(password, OWN)
