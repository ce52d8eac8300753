"""Names as they are compared: scripts, legal forms, spellings."""

import pytest

from portal.screening import names


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Lockheed Martin Corporation", "lockheed martin ~stock"),
        ("RHEINMETALL Aktiengesellschaft", "rheinmetall ~stock"),
        ("Müller & Söhne GmbH", "muller ~ sohne ~limited"),
        ("Prueba, S.A. de C.V.", "prueba ~stock"),
        ("Foo Sp. z o.o.", "foo ~limited"),
        ("Acme A/S", "acme ~stock"),
        ("ООО «Целина Оптика»", "~limited tselina optika"),
        ("Общество с ограниченной ответственностью Ромашка", "~limited romashka"),
        ("Nu'man AL-SHANTI", "numan ~ shanti"),
        ("J.R. Smith", "j r smith"),
        ("U.S.A. Tech Inc", "usa technology ~stock"),
        ("习近平", "xi jinping"),
        ("習近平", "xi jinping"),
        ("欧阳娜娜", "ouyang nana"),
        ("广州海格通信有限公司", "guang zhou hai ge tong xin ~limited"),
        ("김정은", "+gim +jeongeun"),
        ("이명박", "+i +myeongbag"),
        ("삼성전자 주식회사", "+samseongjeonja ~stock"),
        ("عبد الرحمن", "abd ~ rahman"),
        ("عبدالرحمن محمد", "abd ~ rahman mohammed"),
        ("عبدالغفور", "abd ~ *ghfwr"),
        ("ابراهیم عیسی", "ibrahim isa"),
        ("صحراوي والمسلمين", "*sahrawy ~ ~ *mslmyn"),
        ("أبواليزيد", "abu ~ *yzyd"),
        ("عتيق الله", "*atyqallah"),
        ("Abdulrahman Mohamed", "abd ~ rahman mohammed"),
        ("トウキョウ シャープ", "tokyo shapu"),
        ("Li Fang Gong Si", "li fang ~company"),
        ("Plant No. 2", "plant ~ 2"),
        ("Petrov I.", "petrov i"),
        ("People's Works", "popular works"),
        ("Acme L L C", "acme ~limited"),
        ("Acme Ltd-BZE", "acme ~limited bze"),
        ("Jae-in Se-hoon", "jae in se hoon"),
        ("Second Works", "2 works"),
        ("", ""),
        ("!!!", ""),
    ],
)
def test_key(name: str, key: str) -> None:
    assert names.key(name) == key


@pytest.mark.parametrize(
    ("name", "native"),
    [
        ("日東電工株式會社", "日东电工株式会社"),
        ("洛克希德·马丁公司", "洛克希德马丁公司"),
        ("L3哈里斯公司", "哈里斯公司"),
        ("Acme", ""),
        ("株", ""),
    ],
)
def test_native_characters_are_simplified_and_joined(name: str, native: str) -> None:
    assert names.native(name) == native


def test_the_legal_form_is_set_apart_from_chinese_characters() -> None:
    assert names.native_core("东方灯笼贸易有限公司") == ("东方灯笼贸易", ("有限公司",))
    assert names.native_core("有限公司") == ("有限公司", ()), "a name is never emptied"


@pytest.mark.parametrize(
    ("name", "script"),
    [
        ("Acme 12", "latin"),
        ("Целина", "cyrillic"),
        ("東方", "han"),
        ("محمد", "arabic"),
        ("김정은", "hangul"),
        ("12", ""),
    ],
)
def test_script(name: str, script: str) -> None:
    assert names.script(name) == script


@pytest.mark.parametrize(
    ("one", "other"), [("mohammed", "muhammad"), ("petrenko", "petrynko"), ("khaled", "haled"), ("filip", "philip")]
)
def test_spellings_of_one_sound_share_a_skeleton(one: str, other: str) -> None:
    assert names.skeleton(one) == names.skeleton(other)


def test_a_stored_key_gives_back_its_tokens() -> None:
    assert [token.text for token in names.from_key(names.key("Acme Holdings Ltd"))] == ["acme", "holding", "~limited"]
