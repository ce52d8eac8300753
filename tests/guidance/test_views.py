"""The public pages as a reader gets them."""

import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urldefrag, urljoin

import pytest
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from flask import Flask
from flask.testing import FlaskClient

from portal.guidance import content, views
from portal.guidance.topics import Topic
from portal.text import Text

ROOT = Path(__file__).resolve().parents[2]


class Seen(HTMLParser):
    """The ids, links and tags of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.ids: Counter[str] = Counter()
        self.links: list[str] = []
        self.tags: Counter[str] = Counter()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.tags[tag] += 1
        if values.get("id"):
            self.ids[str(values["id"])] += 1
        if tag == "a":
            self.links.append(values.get("href") or "")


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("slug", content.slugs())
def test_every_page_in_both_languages(client: FlaskClient, slug: str, language: str) -> None:
    answer = client.get(f"/guidance/{slug}?lang={language}")
    assert answer.status_code == 200
    seen = Seen(answer.text)
    page = content.page(slug)
    assert seen.tags["h1"] == 1
    assert f"{page.title['zh' if language == 'zh' else 'en']}</h1>" in answer.text
    assert f'<html lang="{"zh-Hans" if language == "zh" else "en"}"' in answer.text
    assert [id_ for id_, times in seen.ids.items() if times > 1] == []
    assert not re.search(r"<(script|style)>|style=|onclick", answer.text)
    assert ("2026年11月24日" if language == "zh" else "24 November 2026") in answer.text
    for source in page.sources:
        assert f'id="source-{source.key}"' in answer.text


@pytest.mark.parametrize("slug", content.slugs())
def test_links_within_the_guidance_lead_to_something(client: FlaskClient, slug: str) -> None:
    here = f"/guidance/{slug}"
    for link in Seen(client.get(here).text).links:
        address, anchor = urldefrag(urljoin(here, link))
        if address.startswith("/guidance/"):
            answer = client.get(address)
            assert answer.status_code == 200, link
            assert not anchor or anchor in Seen(answer.text).ids, link


def test_addresses_outside_the_guidance_are_those_that_stay(client: FlaskClient) -> None:
    outside = {urljoin("/guidance/x", address) for address in views.markup.SITE.values()}
    assert outside == {"/verify", "/verify/offline/", "/account/passkeys", "/shipments/", "/guidance/", "/"}


@pytest.mark.parametrize("slug", ["nothing", "END-USE", "end-use.md", "..%2fpages", "锗"])
def test_an_unknown_page_is_not_found(client: FlaskClient, slug: str) -> None:
    assert client.get(f"/guidance/{slug}").status_code == 404


def test_the_index_lists_every_page(client: FlaskClient) -> None:
    answer = client.get("/guidance/?lang=zh")
    assert answer.status_code == 200
    for entry in content.summaries("zh"):
        assert f'href="/guidance/{entry.slug}">{entry.title}</a>' in answer.text


def test_the_search_shows_where_words_stand_and_escapes_them(client: FlaskClient) -> None:
    found = client.get("/guidance/", query_string={"q": "undertakings", "lang": "en"})
    assert "<mark>undertakings</mark>" in found.text
    assert "/guidance/end-user#" in found.text
    hostile = client.get("/guidance/", query_string={"q": '"><script>alert(1)</script>'})
    assert hostile.status_code == 200
    assert "<script>alert" not in hostile.text
    assert client.get("/guidance/", query_string={"q": "锗" * 5000}).status_code == 200


def test_a_page_names_the_questions_that_it_explains(app: Flask) -> None:
    title = Text("End-use questionnaire", "最终用途问卷")
    app.extensions[views.TOPICS] = {"end-use": (Topic(title, (Text("Stated use", "申报用途"),)),)}
    client = app.test_client()
    assert "Stated use" in client.get("/guidance/end-use?lang=en").text
    assert "Stated use" not in client.get("/guidance/end-user").text
    assert "申报用途" in client.get("/guidance/end-use?lang=zh").text


def test_every_interface_string_has_its_chinese() -> None:
    used = set()
    for template in sorted((ROOT / "templates/guidance").glob("*.html")):
        with template.open("rb") as file:
            for _, message, _, _ in extract("jinja2.ext:babel_extract", file, keywords={"_": None, "ngettext": (1, 2)}):
                used.add(message if isinstance(message, str) else message[0])
    catalogue = ROOT / "portal/guidance/translations/zh_Hans/LC_MESSAGES/messages.po"
    with catalogue.open("rb") as file:
        translated = {
            message.id if isinstance(message.id, str) else message.id[0]: message
            for message in read_po(file, locale="zh_Hans")
            if message.id
        }
    assert used
    assert used == set(translated)
    assert all(message.string and not message.fuzzy for message in translated.values())
