"""How alike names are found: what must be seen, what must not, and what the explanation says."""

import uuid

import pytest

from portal.screening import names, score, why
from portal.screening.agreement import Found
from portal.screening.models import ListInterval, Standing
from portal.screening.score import policy

WEIGHT = score.weigher(lambda token: 0, 0)


def compared(one: str, other: str, *, firm: bool = True) -> score.Scored:
    return score.compare(names.key(one).split(), names.key(other).split(), WEIGHT, firm=firm)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Lockheed Martin Corp.", "LOCKHEED MARTIN CORPORATION"),
        ("Martin Lockheed", "Lockheed Martin"),
        ("Lokheed Martin", "Lockheed Martin"),
        ("Rheinmetal AG", "Rheinmetall Aktiengesellschaft"),
        ("Mitsubishi Heavy Industry", "Mitsubishi Heavy Industries, Ltd."),
        ("Guangzhou Haige", "Haige Guangzhou"),
        ("Ivan Petrov", "PETROV, Ivan"),
        ("Muhammad Haniya", "Mohamed Haniya"),
        ("ООО Целина Оптика", "Tselina Optika LLC"),
        ("Celina Optika", "Tselina Optika"),
        ("Veldhoek Holdigs Limted", "Veldhoek Holdings Limited"),
        ("Velden hoek Metals", "Veldenhoek Metals"),
        ("VeldhoekMetals", "Veldhoek Metals"),
        ("First Test Works", "Test Works No. 1"),
        ("Veldhoek Petro Chemical Co", "Veldhoek Petrochemicals Company"),
        ("Muham mad Veldhoek", "Muhammad Veldhoek"),
        ("Veldhoek S R L", "Veldhoek Limited"),
        ("Veldhoek Ltd-BZE", "Veldhoek BZE Ltd"),
        ("Iran's Aluminum Company", "Iran Aluminium Company"),
        ("Haytham Hoseyn", "Haytham Husayn"),
        ("صدام حسين التكريتي", "Saddam Hussein Al-Tikriti"),
        ("عبدالغفور سليمان", "Abdul Ghafur Sulayman"),
        ("يحيى جوادي", "Yahia Djouadi"),
        ("عتيق الله ولي محمد", "Atiqullah Wali Mohammad"),
        ("김정은", "Kim Jong Un"),
        ("이명박", "Lee Myung-bak"),
        ("박근혜", "Park Geunhye"),
        ("ثناء الله ثاقب", "Sanaullah Saqib"),
        ("سليمان أبوغيث", "Sulayman Abo Ghaith"),
        ("محمدعبد الهادي", "Mohammad Abdul Hadi"),
        ("Grupo Se gtac, S.A. de C.V.", "Grupo Segtac, S.A. de C.V."),
        ("VeldhoekS.A.", "Veldhoek S.A."),
        ("Veldhoek13", "Veldhoek 13"),
    ],
)
def test_these_are_a_match(one: str, other: str) -> None:
    assert compared(one, other).score >= policy().match
    assert compared(other, one).score == pytest.approx(compared(one, other).score)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Lockheed Martin Missiles and Fire Control", "Lockheed Martin"),
        ("HENSOLDT Optronics GmbH", "HENSOLDT"),
        ("Jon Smyth", "John Smith"),
        ("I. Petrov", "Ivan Petrov"),
        ("Rheinmetall Waffe Munition GmbH", "Rheinmetall AG"),
    ],
)
def test_these_are_possible_but_no_match(one: str, other: str) -> None:
    assert policy().possible <= compared(one, other).score < policy().match


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Emma Daniels", "EMMA LLC"),
        ("A-B-C Company", "Zeta Company"),
        ("Acme Corp", "Corp"),
        ("Zeiss Group International", "Thales Group International"),
        ("Shanghai Trading Company", "Songi Trading Company"),
        ("Li Wei", "Li Wen"),
        ("Plant No. 1", "Plant No. 2"),
        ("Veldhoek Metals 5", "Veldhoek Metals 12"),
        ("Elmont AG", "Grupo Egmont, S.A."),
        ("P&P Computers", "Proveedor P Carnes C.A."),
        ("Zhang Jian", "Zhong Joanna"),
        ("Global Trading Technology", "International Industries Group"),
        ("Raytheon", "El Raton"),
        ("Bicentenario X", "Bicentenario XI"),
        ("Ricardo Testenko Olivera", "Mayela Testenko Olivera"),
    ],
)
def test_these_are_neither(one: str, other: str) -> None:
    assert compared(one, other).score < policy().possible


def test_a_single_word_of_a_person_is_not_seen_within_a_longer_name() -> None:
    assert compared("Volodymyr Testenko", "Testenko", firm=False).score < policy().possible
    assert compared("Testenko Verwaltung", "Testenko", firm=True).contained


def test_a_word_that_joins_several_is_not_a_lone_word() -> None:
    assert compared("Volodymyr Testenko", "VolodymyrTestenko", firm=False).score >= policy().match


def test_names_that_differ_in_titles_and_small_words_only_are_possible_however_common_they_are() -> None:
    assert compared("Muhammad", "Al-Shaykh Muhammad", firm=False).score >= policy().possible
    assert compared("Muhammad", "Muhammad Veldhoek", firm=False).score < policy().possible


def test_a_word_written_in_two_weighs_no_more_than_the_whole() -> None:
    whole, apart = compared("Testenko Hensoldt", "Testenko Zeiss"), compared("Testen ko Hensoldt", "Testenko Zeiss")
    assert apart.score == pytest.approx(whole.score)


def test_words_of_its_own_on_either_side_part_two_names_more_than_a_word_left_out() -> None:
    short, other = (
        compared("Rare Veldhoek", "Rare Veldhoek Hensoldt"),
        compared("Rare Veldhoek Optik", "Rare Veldhoek Hensoldt"),
    )
    assert other.score < policy().match * short.score


def test_common_words_weigh_less_than_rare_ones() -> None:
    assert WEIGHT("group") < WEIGHT("bank") < WEIGHT("aerospace") < WEIGHT("hensoldt") == 1.0
    assert WEIGHT("~limited") == policy().form_weight
    met = score.weigher(lambda token: 500 if token == "hensoldt" else 0, 50_000)
    assert met("hensoldt") < WEIGHT("hensoldt")


def test_the_explanation_accounts_for_every_word_of_both_names() -> None:
    parts = compared("Veldhoek Raer Metals GmbH", "Veldhoek Rare Metals Trading BV").parts
    assert [(p.party, p.listed, p.kind) for p in parts if p.kind != "none"] == [
        ("veldhoek", "veldhoek", "same"),
        ("raer", "rare", "spelling"),
        ("metals", "metals", "same"),
        ("~limited", "~limited", "form"),
    ]
    assert [(p.party, p.listed) for p in parts if p.kind == "none"] == [("", "trading")]


@pytest.mark.parametrize(
    ("one", "other", "least", "most"),
    [
        ("洛克希德马丁公司", "洛克希德马丁公司", 1.0, 1.0),
        ("洛克希德马丁", "洛克希德马丁公司", 1.0, 1.0),
        ("洛克希德马丁导弹与火控公司", "洛克希德马丁公司", 0.78, 0.899),
        ("张伟", "张伟", 1.0, 1.0),
        ("张伟", "张玮", 0.0, 0.0),
        ("王小明", "王小朋", 0.0, 0.0),
        ("上海国际贸易有限公司", "北京国际贸易有限公司", 0.0, 0.7799),
    ],
)
def test_chinese_characters(one: str, other: str, least: float, most: float) -> None:
    assert least <= score.compare_characters(one, other).score <= most


def test_nothing_agrees_with_nothing() -> None:
    assert score.compare((), (), WEIGHT, firm=True).score == 0.0
    assert score.compare(("acme",), (), WEIGHT, firm=True).score == 0.0


@pytest.mark.parametrize(
    ("party", "listed", "told"),
    [
        ("The Veldhoek Corp.", "VELDHOEK Corporation", "the same: Veldhoek; the legal form agrees: Corp = Corporation"),
        (
            "Acme Technologies Ltd",
            "Acme Tech AG",
            "the same: Acme, Technologies = Tech; the legal form differs: Ltd, AG",
        ),
        (
            "Muham mad Omar",
            "Muhammad Umar",
            "the same: Omar = Umar; the same when written together: Muham mad = Muhammad",
        ),
        ("ООО Целина", "Tselina LLC", "the same: Целина = Tselina; the legal form agrees: ООО = LLC"),
    ],
)
def test_words_are_told_as_they_stand_in_the_two_names(party: str, listed: str, told: str) -> None:
    found = Found(uuid.uuid4(), uuid.uuid4(), party, compared(party, listed))
    interval = ListInterval(standing=Standing.LISTED, position=0)
    sentence = why.sentence(found, listed, (), "unknown", interval, None)
    assert sentence.en == f"“{party}” compared with “{listed}”: {told}. Listed."
