"""E-mail addresses have one form each, and look-alikes show."""

import pytest

from portal.accounts.addresses import WrongAddress, normalise


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" Li.Wei@Example.COM ", "li.wei@example.com"),
        ("ｌｉ＠example.com", "li@example.com"),
        ("li@例子.中国", "li@xn--fsqu00a.xn--fiqs8s"),
        ("li@аpple.com", "li@xn--pple-43d.com"),  # a Cyrillic letter in the domain becomes visible
    ],
)
def test_one_form(typed: str, kept: str) -> None:
    assert normalise(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "", "li", "li@", "@example.com", "li@example", "li@@example.com", "li wei@example.com", "li@exam\x00ple.com",
        "li\x00@example.com", "li@example.com\nBcc: x@example.com", "lі@example.com", "mıke@example.com",
        "li@127.0.0.1", "li@[127.0.0.1]", '"li wei"@example.com', "Li <li@example.com>", "a" * 300 + "@example.com",
        "x" * 10_000_000,
    ],
)  # fmt: skip
def test_refused(typed: str) -> None:
    with pytest.raises(WrongAddress):
        normalise(typed)
