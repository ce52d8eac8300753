"""The public pages: the measures as they stand today, and the assistant from text to answer, in both languages."""

import html
import re
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.app import create_app
from portal.config import Settings
from portal.controls import catalogue
from portal.controls.measures import load
from portal.db import Base
from tests.controls.samples import TODAY

GRAPHITE = {
    "text": "人造石墨",
    "item": "39/2023:artificial-graphite",
    "step": "answer",
    "purity": "99.85%",
    "flexural_strength": "45",
    "density": "1.82",
}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """One application for all of these tests, which only read."""
    settings = Settings(instance=tmp_path_factory.mktemp("instance"), public_address="http://127.0.0.1:8000")
    application = create_app(settings, TESTING=True, RATELIMIT_ENABLED=False)
    Base.metadata.create_all(application.extensions["portal_engine"])
    yield application
    application.extensions["portal_engine"].dispose()


def words(text: str) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", text)))


def classify(client: FlaskClient, lang: str = "en", **values: str) -> str:
    return words(client.get(f"/controls/classify?{urlencode({**values, 'lang': lang})}").text)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_measure_is_listed_and_has_a_page_of_its_own(client: FlaskClient, language: str) -> None:
    page = client.get(f"/controls/?lang={language}").text
    for measure in load().measures:
        address = f"/controls/measures/{catalogue.slug(measure.number)}"
        assert f'href="{address}"' in page
        own = client.get(address)
        assert own.status_code == 200
        shown = words(own.text)
        assert measure.title[language] in shown
        assert measure.source in shown
        for item in measure.items:
            assert item.title[language] in shown
            assert all(code in shown for code in (*item.control_codes, *item.hs_codes, *item.hs_doubtful))
            assert all(parameter.text[language] in shown for parameter in item.parameters)


def test_machines_read_the_measures_as_dated_intervals_and_keep_them(client: FlaskClient) -> None:
    answer = client.get("/controls/measures.json")
    assert answer.json is not None
    assert (answer.json["version"], answer.json["digest"]) == (load().version, load().digest)
    assert len(answer.json["measures"]) == len(load().measures)
    holmium = next(one for one in answer.json["measures"] if one["number"] == "57/2025")
    assert holmium["in_force"] == [{"from": "2025-11-08", "to": None}]
    assert holmium["suspensions"] == [
        {"from": "2025-11-07", "to": "2026-11-10", "by": "70/2025", "mark": "V2", "after": None}
    ]
    assert (holmium["mark"], holmium["checked"]) == ("V2", None)
    lines = [item["parameters"] for one in answer.json["measures"] for item in one["items"] if item["id"] == "mpcvd"]
    assert {"quantity": "microwave_power", "op": ">", "value": "10", "unit": "kW", "mark": "V"} in lines[0][0]["test"][
        "all"
    ]
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    again = client.get("/controls/measures.json", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_addresses_of_measures_are_unique_and_an_unknown_one_is_not_found(client: FlaskClient) -> None:
    names = [catalogue.slug(measure.number) for measure in load().measures]
    assert len(set(names)) == len(names)
    assert catalogue.slug("46/2024 ¶2") == "2024-46-2"
    assert client.get("/controls/measures/2099-1").status_code == 404


def test_the_list_can_be_narrowed_to_an_element(client: FlaskClient) -> None:
    page = client.get("/controls/?element=Bi").text
    assert set(re.findall(r"/controls/measures/([\w-]+)", page)) == {"2025-10"}
    assert '<option value="Bi" selected>' in page
    everything = client.get("/controls/?element=<b>").text
    assert len(set(re.findall(r"/controls/measures/([\w-]+)", everything))) == len(load().measures)


def test_a_line_of_time_shows_what_was_suspended_until_when_and_that_it_must_be_checked() -> None:
    measure = catalogue.find(load(), "2025-57")
    assert measure is not None
    stretches = catalogue.line_of_time(measure, TODAY)
    assert [(str(one.since), str(one.until), one.standing, one.now) for one in stretches] == [
        ("2025-11-07", "2026-11-10", "suspended", False),
        ("2026-11-11", "None", "check", True),
    ]


def test_each_day_of_a_line_of_time_stands_as_the_measure_does() -> None:
    for measure in load().measures:
        for one in catalogue.line_of_time(measure, TODAY):
            assert measure.standing(one.since) == one.standing
            if one.until:
                assert measure.standing(one.until) == one.standing


def test_a_measure_that_came_back_warns(client: FlaskClient) -> None:
    assert "Treat the measure as in force" in words(client.get("/controls/measures/2025-57").text)


def test_an_empty_text_is_asked_for_again(client: FlaskClient) -> None:
    answer = client.get("/controls/classify?text=")
    assert answer.status_code == 422
    assert "Enter what the goods are" in answer.text
    assert client.get("/controls/classify?text=x&destination=ZZ").status_code == 422


def test_a_text_that_is_too_long_is_refused_and_not_cut(client: FlaskClient) -> None:
    assert client.get(f"/controls/classify?{urlencode({'text': 'bolts ' * 90 + 'GaAs'})}").status_code == 422


def test_the_second_step_offers_the_candidates_and_has_chosen_what_is_named(client: FlaskClient) -> None:
    page = client.get("/controls/classify?text=Bi4Ge3O12").text
    chosen = re.findall(r'value="([^"]+)"\s+checked', page)
    assert chosen == ["10/2025:bismuth-germanate"]
    assert 'value="23/2023:germanium-metal"' in page
    assert 'value="none"' in page
    assert "formula Bi4Ge3O12" in words(page)


def test_choosing_an_item_and_none_of_them_is_a_mistake(client: FlaskClient) -> None:
    query = urlencode({"text": "Bi4Ge3O12", "step": "items", "item": ["none", "10/2025:bismuth-germanate"]}, doseq=True)
    answer = client.get(f"/controls/classify?{query}")
    assert answer.status_code == 422
    assert "not both" in answer.text


def test_the_third_step_asks_the_items_own_questions_and_knows_what_the_text_said(client: FlaskClient) -> None:
    query = urlencode({"text": "人造石墨 99.85%", "step": "items", "item": "39/2023:artificial-graphite"})
    page = client.get(f"/controls/classify?{query}").text
    assert re.findall(r'<input class="govuk-input[^>]* name="(\w+)"', page) == [
        "purity",
        "flexural_strength",
        "density",
    ]
    assert 'value="99.85"' in page
    assert '<input type="hidden" name="item" value="39/2023:artificial-graphite">' in page


def test_a_value_that_cannot_be_read_is_asked_again_as_typed(client: FlaskClient) -> None:
    answer = client.get(f"/controls/classify?{urlencode({**GRAPHITE, 'density': 'heavy'})}")
    assert answer.status_code == 422
    assert 'value="heavy"' in answer.text
    assert "in g/cm³, or leave it empty" in answer.text


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ["Near a threshold. Not settled: have it reviewed before export", "Purity 99.85 % > 99.9 % −0.05 %",
                "≈ outside, but near", "A draft", "Density 1.82 g/cm³ > 1.73 g/cm³ +0.09 g/cm³"]),
        ("zh", ["接近管制阈值；尚不能判定：出口前须复核", "纯度 99.85 % > 99.9 % −0.05 %", "仅为草稿",
                "《两用物项出口管制条例》第十四条"]),
    ],
)  # fmt: skip
def test_a_worked_answer(client: FlaskClient, language: str, said: list[str]) -> None:
    page = classify(client, language, **GRAPHITE)
    assert "不属于管制物项，纯度99.85%，抗折强度45MPa，密度1.82g/cm³" in page
    for one in said:
        assert one in page
    assert load().digest in page


def test_nothing_found_goes_straight_to_an_answer_with_the_catch_all(client: FlaskClient) -> None:
    page = classify(client, text="stainless steel bolts")
    assert "Not found to be controlled by the measures on file" in page
    assert "That is no clearance" in page
    assert "knows, should know or is told" in page


def test_no_question_means_no_third_step(client: FlaskClient) -> None:
    page = classify(client, text="GaAs", step="items", item="23/2023:gallium-arsenide", destination="JP")
    assert "Controlled: an export licence is needed" in page
    assert "depends on the user and the use" in page
    assert "属于两用物项" in page


def test_what_somebody_typed_is_shown_as_text(client: FlaskClient) -> None:
    for step in ("", "items", "answer"):
        page = client.get(f"/controls/classify?{urlencode({'text': '<b>GaAs</b>', 'step': step})}").text
        assert "<b>" not in page


def test_the_assistant_is_rate_limited(settings: Settings) -> None:
    settings.instance.mkdir(parents=True, exist_ok=True)
    app: Flask = create_app(settings, TESTING=True)
    Base.metadata.create_all(app.extensions["portal_engine"])
    client = app.test_client()
    codes = [client.get("/controls/classify").status_code for _ in range(61)]
    assert codes.count(429) >= 1
    assert codes[0] == 200
    app.extensions["portal_engine"].dispose()
