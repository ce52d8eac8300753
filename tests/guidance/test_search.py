"""Searching the guidance in both languages."""

import pytest

from portal.guidance.search import search, terms


def test_terms_are_words_and_pairs_of_chinese_characters() -> None:
    assert terms("End-use, 0.1 %") == (("end-use",), ("0.1",))
    assert terms("最终用户") == (("最终", "终用", "用户"),)
    assert terms("锗") == (("锗",),)
    assert terms("  ") == ()


@pytest.mark.parametrize("query", ["", "   ", "?!", "<", "()[]*"])
def test_a_query_without_words_finds_nothing(query: str) -> None:
    assert search(query, "en") == ()


def test_the_section_named_after_the_words_comes_first() -> None:
    assert search("foreign government check", "en")[0].section_id == "foreign-checks"
    assert search("外国政府核查", "zh")[0].section_id == "foreign-checks"


def test_every_word_must_be_there() -> None:
    both = {(hit.slug, hit.section_id) for hit in search("gallium radar", "en")}
    one = {(hit.slug, hit.section_id) for hit in search("gallium", "en")}
    assert both < one
    assert both
    assert search("gallium xylophone", "en") == ()


def test_languages_do_not_mix() -> None:
    assert search("undertaking", "zh") == ()
    assert search("承诺", "en") == ()
    assert search("承诺", "zh")


def test_the_excerpt_joins_to_text_and_marks_what_was_found() -> None:
    hit = next(hit for hit in search("self-blinding", "en"))
    assert "self-blinding" in hit.excerpt[1::2]
    assert "called self-blinding" in "".join(hit.excerpt)
    whole = search("自我蒙蔽", "zh")[0]
    assert "自我蒙蔽" in whole.excerpt[1::2] or {"自我", "蒙蔽"} <= set(whole.excerpt[1::2])


def test_the_query_is_cut_to_a_bounded_length() -> None:
    assert sum(len(pieces) for pieces in terms("镓锗" * 10_000)) < 200
    assert sum(len(pieces) for pieces in terms("a b " * 10_000)) < 200
