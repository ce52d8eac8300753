"""Every form of the site under hostile, broken and enormous input: told beside the field, kept, and never a failure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from tests.web import recipes
from tests.web.pages import PageForm, document, form_of
from tests.web.recipes import Recipe
from tests.web.test_every_url import BUTTONS, EVERYBODY, faults_of, forgery
from tests.web.world import World

__all__ = ["forgery"]

# What these carry along in a hidden field may be nothing.
EMPTY_IS_NOTHING = {"controls.new_measure"}
MEGABYTES = "a" * (10 * 1024 * 1024)
# Each is typed into every text field of every form.
TYPED = {
    "markup": "\"'></textarea></title><script>x7()</script><img src=q onerror=x7()>",
    "template": "{{7919*7907}}${7919*7907}{%print(7919*7907)%}#{7919*7907}",
    "sql": "' OR '1'='1'; DROP TABLE shipment; -- %",
    "zero byte": "a\0b",
    "right to left": "abc\u202etxt.exe\u2066\u200b",
    "lone surrogate": "a\ud800b",
    "header": "a\r\nSet-Cookie: x7=1\r\n\r\n",
    "path": "../../../../etc/passwd\0.png",
    "not a number": "NaN",
    "endless number": "1e999999999",
    "below zero": "-1",
    "other digits": "١٢٣ ２０２６ ²",
    "letters that grow": "ﷺ" * 300,
    "accents": "e" + "\u0301" * 400,
    "format": "%s%n%(x)s{0.__class__}",
}
# The world is the same for every test, and so are its pages.
PAGES: dict[str, str] = {}
CHOSEN = ("no-such-choice", "", "x" * 100_000, "a\0b", "<script>x7()</script>")


@dataclass(frozen=True)
class Target:
    """A form, where it stands, and somebody who may send it."""

    endpoint: str
    address: str
    who: str
    recipe: Recipe


def targets(world: World) -> Iterator[Target]:
    """Every form that is filled in, once for each recipe of its address."""
    for rule, declared, recipe in recipes.rules(world):
        if "POST" not in (rule.methods or ()) or recipe.page in BUTTONS or recipe.json:
            continue
        everybody = dict.fromkeys((*EVERYBODY, *([recipe.of] if recipe.of in world.people else [])))
        able = [who for who in everybody if who and who.startswith(recipe.of or ("alfa", "authority"))]
        if declared.roles is not None:
            able = [who for who in able if declared.roles & set(world.people[who].role_names)]
        if recipe.only:
            able = [who for who in able if set(recipe.only) & set(world.people[who].role_names)]
        who = "" if declared.everybody else able[0]
        yield Target(rule.endpoint, recipes.address(world, rule.endpoint, recipe), who, recipe)


def opened(world: World, target: Target) -> tuple[FlaskClient, PageForm, dict[str, Any]]:
    """The page in the hands of somebody who may use it, and what they would rightly fill in."""
    client = world.client(target.who)
    target.recipe.before(client)
    page = recipes.address(world, target.recipe.page, Recipe()) if target.recipe.page else target.address
    if (text := PAGES.get(page, "")) == "":
        text = client.get(page).text
        if not target.recipe.before.__name__.startswith("_"):
            PAGES[page] = text
    right = {name: value(text) if callable(value) else value for name, value in target.recipe.fill.items()}
    return client, form_of(text), right


def test_the_forms_are_found(world: World) -> None:
    """Guards the tests below: most addresses that take a POST hold a form with fields to type in."""
    found = {target.endpoint: opened(world, target)[1] for target in targets(world)}
    assert len(found) > 35
    assert sum(bool(form.typed) for form in found.values()) > 25


def told(response: TestResponse) -> list[str]:
    """What is missing of a refusal: a summary whose links lead to fields, and a message beside each of them."""
    root = document(response.text)
    classes = [(element, (element.get("class") or "").split()) for element in root.iter() if element.tag != "html"]
    summary = next((element for element, names in classes if "govuk-error-summary" in names), None)
    if summary is None:
        return ["has no summary of what is wrong"]
    beside = [element for element, names in classes if "govuk-error-message" in names]
    links = [link.get("href", "") for link in summary.iter("a") if link.get("href", "").startswith("#")]
    ids = {element.get("id") for element in root.iter()}
    wanting = [f"links to {link}, which is not there" for link in links if link[1:] not in ids]
    if len(beside) < len(links):
        wanting.append("says nothing beside a field")
    title = root.find(".//title")
    if title is None or not str(title.text).strip().startswith(("Error:", "错误")):
        wanting.append("does not say so in its title")
    return wanting


def kept(response: TestResponse, sent: MultiDict[str, Any], names: list[str]) -> list[str]:
    """Which of the typed texts the page has lost; passwords are never sent back."""
    form = form_of(response.text)
    shown = {name: form.held.get(name, "") for name in names if form.kinds.get(name) not in (None, "password")}
    return [
        f"lost what was typed into {name}: {text[:60]!r}"
        for name, text in shown.items()
        if _comparable(str(sent[name]), form.kinds[name]) != _comparable(text, form.kinds[name])
    ]


def _comparable(text: str, kind: str) -> str:
    """As a browser would send it again: a zero byte becomes the replacement letter, a line field has one line."""
    text = text.replace("\0", "\ufffd").replace("\ud800", "%ED%A0%80").replace("\r\n", "\n")
    return text.strip() if kind == "textarea" else " ".join(text.split())


def in_parts(data: MultiDict[str, Any]) -> bytes:
    """The body of a form with files (RFC 7578), made by hand: no library would write half of a surrogate pair."""
    body = b""
    for name, value in data.items(multi=True):
        head = f'--x7\r\nContent-Disposition: form-data; name="{name}"'
        if isinstance(value, tuple):
            body += f'{head}; filename="{value[1]}"\r\n\r\n'.encode() + value[0].getvalue() + b"\r\n"
        else:
            body += f"{head}\r\n\r\n".encode() + str(value).encode("utf-8", "surrogatepass") + b"\r\n"
    return body + b"--x7--\r\n"


def send(client: FlaskClient, address: str, data: MultiDict[str, Any]) -> TestResponse:
    """Send as a browser does, but let through what no browser would: lone surrogates go as the bytes they would be."""
    if any(isinstance(value, tuple) for value in data.values()):
        return client.post(address, data=in_parts(data), content_type="multipart/form-data; boundary=x7")
    long = [(name, "LONG" if value is MEGABYTES else value) for name, value in data.items(multi=True)]
    body = urlencode(long, encoding="utf-8", errors="surrogatepass")
    if MEGABYTES in data.values():
        body = body.replace("=LONG", f"={MEGABYTES}")  # to quote each of its letters takes as long as to answer
    return client.post(address, data=body, content_type="application/x-www-form-urlencoded")


def accepted(world: World, client: FlaskClient, target: Target, response: TestResponse) -> Iterator[str]:
    """What the page after an accepted form does wrong. Puts the world back."""
    following = client.get(response.location)
    if following.status_code != 200:
        yield f"is accepted and leads to {following.status_code}"
    yield from faults_of(following, "alfa.", "")
    world.restore()


@pytest.mark.parametrize("name", TYPED)
def test_hostile_text_in_every_text_field(world: World, name: str) -> None:
    """It is refused beside the field and kept as typed, or taken and shown as the text that it is."""
    faults: list[str] = []
    for target in targets(world):
        client, form, right = opened(world, target)
        data = form.filled(**right)
        for field in form.typed:
            data[field] = TYPED[name]
        response = send(client, target.address, data)
        found = list(faults_of(response, "alfa.", ""))
        if response.status_code == 422:
            found += [*told(response), *kept(response, data, form.typed)]
        elif response.status_code in (302, 303):
            found += accepted(world, client, target, response)
        elif response.status_code != 200:
            found.append(f"answers {response.status_code}")
        if "x7=1" in "".join(response.headers.getlist("Set-Cookie")):
            found.append("sets a cookie that was typed")
        faults += [f"{target.endpoint}: {fault}" for fault in found]
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("value", CHOSEN, ids=["unknown", "empty", "long", "zero byte", "markup"])
def test_a_choice_that_was_not_offered(world: World, value: str) -> None:
    """Radios, boxes and selects take only what they offer."""
    faults: list[str] = []
    for target in targets(world):
        client, form, right = opened(world, target)
        chosen = [name for name, kind in form.kinds.items() if kind in ("radio", "checkbox", "select")]
        if not chosen:
            continue
        data = form.filled(**right)
        for field in chosen:
            data[field] = value
        response = send(client, target.address, data)
        found = list(faults_of(response, "alfa.", ""))
        if response.status_code == 422:
            found += told(response)
        elif response.status_code in (302, 303):
            found += accepted(world, client, target, response)
        elif response.status_code not in (200, 400):
            found.append(f"answers {response.status_code}")
        faults += [f"{target.endpoint}: {fault}" for fault in found]
    assert not faults, "\n".join(faults)


def test_hidden_fields_that_were_tampered_with(world: World) -> None:
    faults: list[str] = []
    for target in targets(world):
        client, form, right = opened(world, target)
        hidden = [name for name, kind in form.kinds.items() if kind == "hidden" and name != "csrf_token"]
        for value in ("", "-1", "9" * 400, "a\0b", "<script>x7()</script>", "x" * 100_000):
            data = form.filled(**right)
            for field in hidden:
                data[field] = value
            response = send(client, target.address, data) if hidden else None
            if response is None:
                continue
            faults += [f"{target.endpoint}: {fault}" for fault in faults_of(response, "alfa.", "")]
            none_is_fine = "add_" in target.endpoint or (not value and target.endpoint in EMPTY_IS_NOTHING)
            if response.status_code not in (409, 422) and not none_is_fine:
                faults.append(f"{target.endpoint}: {response.status_code} with {value[:20]!r} in {hidden}")
            if response.status_code in (302, 303):
                world.restore()
    assert not faults, "\n".join(faults)


def test_an_empty_form_says_what_is_missing(world: World) -> None:
    faults: list[str] = []
    for target in targets(world):
        client, form, _right = opened(world, target)
        response = client.post(target.address, data={})
        found = list(faults_of(response, "alfa.", ""))
        if form.typed and response.status_code == 422:
            found += told(response)
        if response.status_code in (302, 303):
            found += accepted(world, client, target, response)
        elif response.status_code not in (200, 400, 409, 422):
            found.append(f"answers {response.status_code}")
        faults += [f"{target.endpoint}: {fault}" for fault in found]
    assert not faults, "\n".join(faults)


def test_ten_megabytes_in_each_text_field(world: World) -> None:
    """4xx, one field at a time, of rows the first; and the page that tells of it is not ten megabytes long."""
    faults: list[str] = []
    seen: set[tuple[str, str]] = set()
    for target in targets(world):
        client, form, right = opened(world, target)
        for field in form.typed:
            kind = (target.endpoint, re.sub("[0-9]+", "0", field))
            if kind in seen:
                continue
            seen.add(kind)
            data = form.filled(**right)
            data[field] = MEGABYTES
            response = send(client, target.address, data)
            if response.status_code == 303 and world.size() < len(MEGABYTES):
                world.restore()  # the answer to a question that is not asked: it is left out
            elif not 400 <= response.status_code < 500:
                faults.append(f"{target.endpoint}: {response.status_code} with ten megabytes in {field}")
                world.restore()
    assert len(seen) > 80
    assert not faults, "\n".join(faults)


@pytest.mark.usefixtures("forgery")
def test_more_than_the_limit_is_413_with_a_page(world: World) -> None:
    part = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
    body = part + b"a" * (13 * 1024 * 1024) + b"\r\n--x--\r\n"
    for target in targets(world):
        response = world.client(target.who).post(
            target.address, data=body, content_type="multipart/form-data; boundary=x"
        )
        assert response.status_code == 413, target.endpoint
        assert document(response.text).find(".//h1") is not None, target.endpoint


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"{", "application/json"),
        (b'{"email": 1, "password": {"a": []}, "reason": null, "name": true}', "application/json"),
        (b"[1]", "application/json"),
        (b"\xff\xfe=\xff", "application/x-www-form-urlencoded"),
        (b"%", "application/x-www-form-urlencoded"),
        (b"a=1&" * 20_000, "application/x-www-form-urlencoded"),
        (b'--x\r\nContent-Disposition: form-data; name="a', "multipart/form-data; boundary=x"),
        (b"", "multipart/form-data"),
        (b"x", "multipart/form-data; boundary=" + "x" * 300),
        (b"<a/>", "text/xml; charset=utf-16"),
    ],
    ids=["cut json", "json", "list", "no utf-8", "percent", "many", "cut off", "no boundary", "long boundary", "xml"],
)
def test_a_body_that_is_no_form(world: World, body: bytes, kind: str) -> None:
    faults = []
    before = world.contents()
    for target in targets(world):
        response = world.client(target.who).post(target.address, data=body, content_type=kind)
        if response.status_code >= 500:
            faults.append(f"{target.endpoint}: {response.status_code}")
        if response.status_code in (302, 303) and world.contents() != before:
            world.restore()
    assert not faults, "\n".join(faults)


def test_a_field_sent_many_times_and_a_file_for_a_text(world: World) -> None:
    faults = []
    for target in targets(world):
        client, form, right = opened(world, target)
        several: MultiDict[str, Any] = MultiDict(
            (name, value) for name in form.kinds for value in ("1", "2", "<script>x7()</script>")
        )
        files = {name: (BytesIO(b"%PDF-1.7"), "../../x7.pdf") for name in form.kinds}
        texts = {name: "text" for name, kind in form.kinds.items() if kind == "file"}
        for data in (several, files, {**form.filled(**right), **texts}):
            response = client.post(target.address, data=data)
            faults += [f"{target.endpoint}: {fault}" for fault in faults_of(response, "alfa.", "")]
            if response.status_code in (302, 303):
                world.restore()
    assert not faults, "\n".join(faults)
