"""Addresses, telephones, e-mail and domains: one spelling, what agrees, and what that weighs."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from portal.screening import lists, particulars, score
from portal.screening.match import Hit, Screener
from portal.screening.models import ListMark
from portal.screening.particulars import Agreement, Particulars
from tests.screening.conftest import ACTOR, DATA

TODAY = date(2026, 11, 24)
NOBODY = ["Quite Another Name"]
PHONES = [
    ("+47 22 34 56 78", (), "+4722345678"),
    ("(47)(22345678)", (), "+4722345678"),
    ("0047 22345678", (), "+4722345678"),
    ("22 34 56 78", ("NO",), "+4722345678"),
    ("010-62381234", ("CN",), "+861062381234"),
    ("+86 10 6238 1234 ext. 12", (), "+861062381234"),
    ("138 0013 8000", ("CN",), "+8613800138000"),
    ("263-4-486946", ("ZW",), "+2632634486946"),
    ("call me", ("CN",), ""),
    ("", ("CN",), ""),
    ("12345", ("CN",), ""),
    ("9" * 400, ("CN",), ""),
]


@pytest.mark.parametrize(("text", "countries", "number"), PHONES)
def test_telephone_numbers_have_one_spelling(text: str, countries: tuple[str, ...], number: str) -> None:
    assert particulars.phone(text, countries) == number


DOMAINS = [
    ("https://www.fjord-magnetics.example/en?x=1", "fjord-magnetics.example"),
    ("sales@mail.firm.co.uk", "firm.co.uk"),
    ("WWW.FIRM.COM.CN.", "firm.com.cn"),
    ("https://bücher.example", "xn--bcher-kva.example"),
    ("somebody@qq.com", ""),
    ("somebody@vip.163.com", ""),
    ("https://www.facebook.com/firm", ""),
    ("co.uk", ""),
    ("http://[", ""),
    ("127.0.0.1", ""),
    ("no domain at all", ""),
    ("a@" + "x" * 300 + ".com", ""),
]


@pytest.mark.parametrize(("text", "domain"), DOMAINS)
def test_a_domain_is_the_one_that_was_registered(text: str, domain: str) -> None:
    assert particulars.domain(text) == domain


SAME = [
    ("Zweierstrasse 35, Zurich CH-8022", "35 Zweierstr., 8022 Zürich", True),
    ("Zweierstrasse 35, Zurich CH-8022", "Zweierstrasse 37, Zurich CH-8022", False),
    ("ул. Ленина, д. 5, Москва, 101000", "5 Lenina Street, Moskva 101000", True),
    ("北京市海淀区中关村南大街5号", "北京市海淀區中關村南大街5號", True),
    ("北京市海淀区中关村南大街5号", "北京市海淀区中关村南大街6号", False),
    ("Suite 1204, 25 Queen's Road Central, Hong Kong", "25 Queens Road Central, Hong Kong", True),
    ("Suite 1204, 25 Queen's Road Central, Hong Kong", "Suite 1300, 25 Queen's Road Central, Hong Kong", False),
    ("P.O. Box 1620, Damascus", "P.O. Box 1620, Aleppo", False),
    ("Isfahan Industrial Zone, Isfahan", "Isfahan Industrial Zone, Isfahan", False),
    ("", "", False),
]


@pytest.mark.parametrize(("one", "other", "same"), SAME)
def test_two_addresses_are_one_place(one: str, other: str, same: bool) -> None:
    assert particulars.same_address(one, other) is same
    assert particulars.same_address(other, one) is same
    if same:
        assert particulars.address_marks(one) & particulars.address_marks(other)


@given(st.text(max_size=200), st.text(max_size=60))
def test_nothing_that_is_typed_breaks_it(text: str, other: str) -> None:
    reached = Particulars((text,), (text,), (text,), (text,))
    for kind, value in particulars.marks(reached, ["CN", other[:2]]):
        assert kind in ("email", "phone", "domain", "address")
        assert 0 < len(value) <= particulars.LONGEST_MARK
    assert particulars.same_address(text, other) == particulars.same_address(other, text)


agreements = st.lists(
    st.builds(
        Agreement,
        kind=st.sampled_from(["email", "phone", "domain", "address"]),
        party=st.just("a"),
        listed=st.just("b"),
        agrees=st.just(True),
        weight=st.just(0.5),
    ),
    max_size=4,
)


@given(st.floats(0, 1), agreements, agreements)
def test_more_agreement_never_lowers_a_score(value: float, some: list[Any], more: list[Any]) -> None:
    lowest = score.policy().possible
    assert value <= particulars.weighed(value, some, lowest) <= particulars.weighed(value, [*some, *more], lowest) <= 1
    assert particulars.alone(some) <= particulars.alone([*some, *more]) < score.policy().match


def test_every_weight_makes_somebody_look_and_none_decides() -> None:
    for kind, value in particulars.policy().alone.items():
        assert score.policy().possible <= value < score.policy().match, kind
    assert particulars.policy().most_alone < score.policy().match


def hits(session: Session, names: list[str], country: str, reached: Particulars, **more: Any) -> dict[str, Hit]:
    result = Screener.open(session).screen(names, country, TODAY, reached=reached, **more)
    return {hit.entry: hit for hit in result.hits}


FJORD = "Northern Fjord Magnetic"
ADDRESS, PHONE = "14 Testbrygga, N-5003 Bergen", "+47 22 34 56 78"


@pytest.mark.parametrize(
    ("reached", "kind"),
    [
        (Particulars((ADDRESS,)), "address"),
        (Particulars((), (PHONE,)), "phone"),
        (Particulars((), ("0047 22345679",)), "phone"),
        (Particulars((), (), (), ("https://shop.fjord-magnetics.example/",)), "domain"),
        (Particulars((), (), ("boss@fjord-magnetics.example",)), "domain"),
    ],
)
def test_what_is_shared_alone_is_possible(reading: Session, reached: Particulars, kind: str) -> None:
    found = hits(reading, NOBODY, "NO", reached)["108"]
    assert (found.strength, [one.kind for one in found.particulars]) == ("possible", [kind])
    assert "no name comes near" in found.why.en
    assert "名称均不相近" in found.why.zh
    assert found.matched == found.particulars[0].party


def test_a_shared_telephone_is_found_in_another_country_too(reading: Session) -> None:
    found = hits(reading, NOBODY, "DE", Particulars((), (PHONE,)))["108"]
    assert (found.strength, found.country) == ("possible", "differs")


def test_an_address_is_not_shared_across_a_border(reading: Session) -> None:
    assert hits(reading, NOBODY, "DE", Particulars((ADDRESS,))) == {}


def test_a_mailbox_that_everybody_may_have_agrees_only_as_a_whole(reading: Session) -> None:
    assert hits(reading, NOBODY, "EE", Particulars((), (), ("other@qq.com",))) == {}
    found = hits(reading, NOBODY, "EE", Particulars((), (), ("Testima@QQ.com",)))["119"]
    assert [one.kind for one in found.particulars] == ["email"]


def test_what_is_shared_confirms_a_name_and_is_explained(reading: Session) -> None:
    name = ["Northern Fjord"]
    plain = hits(reading, name, "NO", Particulars())["108"]
    assert plain.strength == "possible"
    found = hits(reading, name, "NO", Particulars((ADDRESS,), (PHONE,)))["108"]
    assert (found.strength, found.score > plain.score) == ("match", True)
    assert (
        "the telephone number +47 22 34 56 78 is the list's ((47)(22345678)), which takes away 80% of" in found.why.en
    )
    assert "the address “14 Testbrygga, N-5003 Bergen” is the list's “Testbrygga 14, Bergen 5003”" in found.why.en
    assert "电话号码+47 22 34 56 78与名单（(47)(22345678)）一致，消除疑点的80%" in found.why.zh


def test_another_address_weakens_and_never_hides(reading: Session) -> None:
    plain = hits(reading, [FJORD], "NO", Particulars())["108"]
    found = hits(reading, [FJORD], "NO", Particulars(("Storgata 3, 0155 Oslo",)))["108"]
    assert found.score == pytest.approx(plain.score - particulars.policy().address_differs, abs=0.001)
    assert "is not the list's “Testbrygga 14, Bergen 5003”, which takes 0.02 off the score" in found.why.en
    weak = hits(reading, ["Northern Fjord"], "NO", Particulars(("Storgata 3, 0155 Oslo",)))["108"]
    assert weak.score >= score.policy().possible


def test_another_number_of_a_scheme_in_which_each_has_one_weakens(reading: Session) -> None:
    name = ["Karakum Precision Alloys LLC"]
    plain = hits(reading, name, "KZ", Particulars())["101"]
    found = hits(reading, name, "KZ", Particulars(), identifiers=[("uscc", "91530100MA6K5TEST1")])["101"]
    assert found.score == pytest.approx(plain.score - particulars.policy().number_differs, abs=0.001)
    assert "USCC 91530100MA6K5TEST1 is not the list's USCC 91310000MA1K0TEST8" in found.why.en
    same = hits(reading, name, "KZ", Particulars(), identifiers=[("uscc", "91310000MA1K0TEST8")])["101"]
    assert (same.score, same.particulars) == (1.0, ())


def test_what_is_shared_belongs_to_the_pair_that_two_people_judged(reading: Session) -> None:
    plain, moved, elsewhere = (
        hits(reading, [FJORD], "NO", Particulars(addresses))["108"].key
        for addresses in ((), (ADDRESS,), ("Storgata 3, 0155 Oslo",))
    )
    assert moved != plain == elsewhere


def test_one_question_finds_all_that_is_shared(reading: Session) -> None:
    """However many particulars a party has, and none at all where it has none."""
    asked: list[str] = []
    screener = Screener.open(reading)
    screener.screen(NOBODY, "NO", TODAY)

    def count(*arguments: Any) -> Iterator[None] | None:
        asked.append(str(arguments[2]))
        return None

    engine = reading.get_bind()
    event.listen(engine, "before_cursor_execute", count)
    try:
        screener.screen(NOBODY, "NO", TODAY)
        assert not any("list_mark" in statement for statement in asked)
        many = Particulars(("1 A Road, Oslo 0155", "2 B Road, Oslo 0155"), ("+49 30 1234567",), ("a@b.example",))
        screener.screen(NOBODY, "NO", TODAY, reached=many)
    finally:
        event.remove(engine, "before_cursor_execute", count)
    assert sum("list_mark" in statement for statement in asked) == 1


def test_marks_are_kept_with_the_list(shipped: Session, now: datetime) -> None:
    lists.import_list(shipped, "ofac-sdn", DATA / "ofac" / "sdn.csv", actor=ACTOR, now=now)
    kept = shipped.execute(select(ListMark.kind, ListMark.value).where(ListMark.kind != "address")).all()
    assert sorted(map(tuple, kept)) == [
        ("domain", "fjord-magnetics.example"),
        ("domain", "testima.example"),
        ("email", "sales@testima.example"),
        ("email", "testima@qq.com"),
        ("phone", "+4722345678"),
        ("phone", "+4722345679"),
    ]
    lived = shipped.scalars(select(ListMark.value).where(ListMark.kind == "address"))
    assert sorted(lived) == [
        "12 almaty", "12 test", "14 5003", "14 bergen", "14 testbrygga", "5003 bergen", "5003 testbrygga", "9 shenzhen",
        "9 test",
    ]  # fmt: skip
