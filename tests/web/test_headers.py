"""What every answer says to the browser: policy, cookies, caches, transport; and which host names are believed."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.app import create_app
from portal.config import Settings
from portal.db import Base
from portal.web import published
from tests.web import recipes
from tests.web.world import PASSWORD, World


def policy(header: str) -> dict[str, list[str]]:
    parts = [part.split() for part in header.split(";") if part.strip()]
    return {name: sources for name, *sources in parts}


@pytest.mark.parametrize("who", ["", "alfa.compliance_officer", "authority.supervisor"])
def test_every_answer_is_kept_to_its_own_origin(world: World, who: str) -> None:
    faults = []
    for rule, _declared, recipe in recipes.rules(world):
        place = recipes.address(world, rule.endpoint, recipe)
        for method in ("GET", "POST", "DELETE"):
            if method == "POST" and rule.endpoint == "accounts.sign_out":
                continue  # nobody is signed in afterwards
            answer = world.client(who).open(place, method=method, buffered=True)
            headers = answer.headers
            rules = policy(headers.get("Content-Security-Policy", ""))
            sources = {source for each in rules.values() for source in each}
            if rule.endpoint == "offline.reader" and method == "GET":
                # A worker's script, not a page: it alone may run WebAssembly, and can send nothing elsewhere.
                if rules != {
                    "default-src": ["'none'"],
                    "script-src": ["'self'", "'wasm-unsafe-eval'"],
                    "connect-src": ["'self'"],
                }:
                    faults.append(f"{place}: {rules}")
                continue
            sound = (
                rules.get("default-src") == ["'none'"]
                and rules.get("frame-ancestors") == ["'none'"]
                and rules.get("base-uri") == ["'none'"]
                and rules.get("form-action") == ["'self'"]
                and rules.get("script-src") == ["'self'"]
                and rules.get("style-src") == ["'self'"]
                and sources <= {"'none'", "'self'", "data:"}
                and headers.get("X-Content-Type-Options") == "nosniff"
                and headers.get("Referrer-Policy") == "same-origin"
                and headers.get("Cross-Origin-Opener-Policy") == "same-origin"
            )
            camera = "(self)" if place.startswith("/verify") and b'id="scan"' in answer.data else "()"
            sound = sound and headers.get("Permissions-Policy") == f"camera={camera}, geolocation=(), microphone=()"
            if not sound:
                faults.append(f"{method} {place}: {dict(headers)}")
            shared = getattr(world.app.view_functions[rule.endpoint], published.ATTRIBUTE, False) and method == "GET"
            if shared and ({"Set-Cookie"} & set(headers.keys()) or "Cookie" in headers.get("Vary", "")):
                faults.append(f"{place} is the same for everybody and depends on a cookie: {dict(headers)}")
            if who and not shared and headers.get("Cache-Control") != "no-store":
                faults.append(f"{method} {place} may be kept by a cache: {headers.get('Cache-Control')}")
    assert not faults, "\n".join(faults)


def test_files_for_machines_are_asked_for_again_by_their_tag(world: World) -> None:
    client = world.client("alfa.preparer")
    for endpoint in ("verification.trust_file", "status_lists.index", "status_lists.status_list", "log.checkpoint",
                     "log.tile", "verification.credential_context", "api.openapi"):  # fmt: skip
        [recipe] = recipes.all_recipes(world)[endpoint]
        place = recipes.address(world, endpoint, recipe)
        first = client.get(place)
        assert first.headers["Cache-Control"].startswith("public, max-age="), endpoint
        again = client.get(place, headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b""), endpoint


def test_pages_with_secret_links_are_not_kept_by_caches(world: World) -> None:
    for endpoint in ("accounts.invitation", "accounts.reset_password", "accounts.register_organisation"):
        [recipe] = recipes.all_recipes(world)[endpoint]
        headers = world.client().get(recipes.address(world, endpoint, recipe)).headers
        assert headers["Cache-Control"] == "no-store", endpoint
        assert headers["Referrer-Policy"] in ("same-origin", "no-referrer")


def test_files_are_handed_out_and_never_shown_inside_the_site(world: World) -> None:
    """A document that was uploaded comes as a download, with the type that its bytes proved."""
    client, officer = world.client("alfa.preparer"), world.client("authority.officer")
    for who, endpoint in ((client, "shipments.document"), (officer, "authority.document")):
        [recipe] = recipes.all_recipes(world)[endpoint]
        headers = who.get(recipes.address(world, endpoint, recipe), buffered=True).headers
        assert headers["Content-Disposition"].startswith("attachment"), endpoint
        assert headers["Content-Type"] == "image/png"


def make(folder: Path, **values: Any) -> Flask:
    """An application of its own with other settings."""
    folder.mkdir(parents=True)
    settings = Settings(instance=folder, **values)
    app = create_app(settings, TESTING=True, WTF_CSRF_ENABLED=False)
    Base.metadata.create_all(app.extensions["portal_engine"])
    return app


@pytest.fixture
def behind_tls(tmp_path: Path) -> Iterator[Flask]:
    """A portal whose public address is https, behind a proxy that ends TLS."""
    app = make(tmp_path / "i", public_address="https://portal.example", behind_proxy=True)
    yield app
    app.extensions["portal_engine"].dispose()


def cookie_of(client: FlaskClient, **options: Any) -> list[str]:
    """The Set-Cookie header that choosing a language leaves, split at its semicolons."""
    [header] = client.get("/?lang=zh", **options).headers.getlist("Set-Cookie")
    return [part.strip() for part in header.split(";")]


def test_the_cookie_of_a_portal_without_tls(world: World) -> None:
    parts = cookie_of(world.client())
    assert parts[0].startswith("session=")
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(parts)
    assert not any(part.startswith(("Domain", "Expires", "Max-Age")) for part in parts)


def test_the_cookie_behind_tls(behind_tls: Flask) -> None:
    client = behind_tls.test_client()
    parts = cookie_of(client, base_url="https://portal.example")
    assert parts[0].startswith("__Host-session=")
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(parts)
    assert not any(part.startswith("Domain") for part in parts)


def test_the_proxy_tells_of_tls_and_only_when_it_is_trusted(behind_tls: Flask, world: World) -> None:
    told = {"X-Forwarded-Proto": "https"}
    strict = behind_tls.test_client().get("/", headers=told).headers["Strict-Transport-Security"]
    assert int(re.findall(r"max-age=(\d+)", strict)[0]) >= 31_536_000
    assert "includeSubDomains" in strict
    assert "Strict-Transport-Security" not in world.client().get("/", headers=told).headers


@pytest.mark.parametrize("header", ["Host", "X-Forwarded-Host", "Forwarded", "X-Host", "X-Original-URL"])
def test_another_host_name_is_never_repeated(world: World, header: str) -> None:
    """Mails and redirects hold the address of the settings, whatever the request calls the portal."""
    client = world.client()
    evil = "host=evil.example" if header == "Forwarded" else "evil.example"
    mails = world.settings.instance / "mail"
    before = set(mails.rglob("*")) if mails.exists() else set()
    for path in ("/", "/sign-in", "/register", "/verify", "/no-such-page", "/shipments/"):
        answer = client.get(path, headers={header: evil})
        assert "evil.example" not in answer.text, path
        assert answer.headers.get("Location", "/").startswith("/"), path
    for path in ("/register", "/password/forgotten"):
        answer = client.post(path, data={"email": "preparer@beta.example"}, headers={header: evil})
        assert answer.status_code == 200
        assert "evil.example" not in answer.text
    letters = {path for path in mails.rglob("*") if path.is_file()} - before
    assert letters, "no letter was written"
    for letter in letters:
        text = letter.read_bytes()
        assert b"evil.example" not in text
        assert b"http://127.0.0.1:8000" in text or b"127.0.0.1" in text


METHOD_OVERRIDES = [
    {"headers": {"X-HTTP-Method-Override": "POST"}},
    {"headers": {"X-HTTP-Method": "DELETE"}},
    {"headers": {"X-Method-Override": "POST"}},
    {"query_string": {"_method": "POST"}},
]


@pytest.mark.parametrize("option", METHOD_OVERRIDES)
def test_a_get_stays_a_get(world: World, option: dict[str, Any]) -> None:
    before = world.contents()
    client = world.client("alfa.preparer")
    place = f"/shipments/{world.shipments['draft'].id}/goods/{world.shipments['draft'].goods[0].id}/remove"
    assert client.get(place, **option).status_code == 200
    assert world.contents() == before


# Where a person is led after signing in, for each ``next`` that a link could carry.
NEXT = [
    ("/shipments/?state=draft", "/shipments/?state=draft"),
    ("/guidance/end-use", "/guidance/end-use"),
    ("https://evil.example/", "/"),
    ("//evil.example/", "/"),
    ("///evil.example", "/"),
    ("////evil.example", "/"),
    ("/\\evil.example", "/"),
    ("\\\\evil.example", "/"),
    ("/%5cevil.example", "/%5cevil.example"),
    ("http:evil.example", "/"),
    ("javascript:alert(1)", "/"),
    ("JaVaScRiPt://%0aalert(1)", "/"),
    ("data:text/html,x", "/"),
    (" /shipments/", "/"),
    ("\t//evil.example", "/"),
    ("/\t/evil.example", "/"),
    ("/\n/evil.example", "/"),
    ("/\r\nSet-Cookie: x7=1", "/"),
    ("/\0evil", "/"),
    ("evil.example", "/"),
    ("@evil.example", "/"),
    ("", "/"),
    ("/" + "a" * 5000, "/"),
    ("/／evil.example", None),
    ("/。evil.example", None),
]


@pytest.mark.parametrize(("asked", "led"), NEXT)
def test_nobody_is_led_to_another_site(world: World, asked: str, led: str | None) -> None:
    client = world.client()
    form = {"email": "preparer@beta.example", "password": PASSWORD}
    answer = client.post("/sign-in", query_string={"next": asked}, data=form)
    assert answer.status_code == 303
    place = answer.headers["Location"]
    assert place.startswith("/")
    assert not place.startswith(("//", "/\\"))
    if led is not None:
        assert place == led
    assert "x7=1" not in str(answer.headers.getlist("Set-Cookie"))


def test_the_session_is_new_after_signing_in(world: World) -> None:
    """A session that somebody planted beforehand is worth nothing afterwards, and its token neither."""
    client = world.client()
    with client.session_transaction() as planted:
        planted["planted"] = "x"
        planted["csrf_token"] = "known"
    client.post("/sign-in", data={"email": "preparer@beta.example", "password": PASSWORD})
    with client.session_transaction() as kept:
        assert "planted" not in kept
        assert kept.get("csrf_token") != "known"
        assert kept["_user_id"]


def test_a_cookie_of_another_key_or_a_forged_one_is_nobody(world: World) -> None:
    client = world.client("alfa.preparer")
    cookie = client.get_cookie("session")
    assert cookie is not None
    for value in (cookie.value[:-2] + "xx", "eyJfdXNlcl9pZCI6IjEifQ.x.y", "{}", "a" * 3900, cookie.value.split(".")[0]):
        stranger = world.client()
        stranger.set_cookie("session", value)
        assert stranger.get("/account").status_code == 303


PATHS = [
    "/static/../portal/config.py",
    "/static/..%2fportal/config.py",
    "/static/%2e%2e/%2e%2e/etc/passwd",
    "/static/..\\..\\etc\\passwd",
    "/static//etc/passwd",
    "/static/%00",
    "/static/portal.css%00.png",
    "/static/vendor/",
    "/static/.",
    "/static/" + "a/" * 2000,
    "/guidance/../../etc/passwd",
    "/guidance/..%2f..%2fetc%2fpasswd",
    "/guidance/%2e%2e",
    "/guidance/\0",
    "/guidance/{{7*7}}",
    "/verify/../../etc/passwd",
    "/verify/%2e%2e%2f",
    "/verify/<script>x7()</script>",
    "/verify/DDC-2026-0000001-L%00",
    "/invitation/../../x",
    "/register/" + "a" * 5000,
    "/password/reset/%ff%fe",
    "/%ff",
    "/" + "a" * 20_000,
]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("who", ["", "authority.supervisor"])
def test_no_path_leads_out_of_its_folder(world: World, who: str, path: str) -> None:
    answer = world.client(who).get(path, buffered=True)
    assert 300 <= answer.status_code < 500
    for secret in (b"root:", b"class Settings", b"<script>x7", b"\n49\n"):
        assert secret not in answer.data


def test_documents_lie_outside_of_what_is_served(world: World) -> None:
    stored = next(path for path in (world.settings.instance / "documents").rglob("*") if path.is_file())
    assert Path(world.app.static_folder or "") not in stored.parents
    relative = stored.relative_to(world.settings.instance)
    for prefix in ("", "/static", "/instance", "/documents", "/shipments"):
        assert world.client("alfa.preparer").get(f"{prefix}/{relative}").status_code == 404


QUERIES = [
    "page",
    "q",
    "state",
    "subject",
    "lang",
    "format",
    "next",
    "check",
    "back",
    "text",
    "destination",
    "step",
    "item",
    "element",
]


@pytest.mark.parametrize(
    "value", ["\0", "' OR 1=1 --", "<script>x7()</script>", "-1", "9" * 5000, "a" * 60_000, "\u202e"]
)
def test_hostile_queries(world: World, value: str) -> None:
    """No value of any query argument fails on any page, or comes back as markup."""
    for who in ("", "alfa.preparer", "authority.supervisor"):
        client = world.client(who)
        for rule, _declared, recipe in recipes.rules(world):
            if "GET" in (rule.methods or ()) and not recipe.of:
                place = recipes.address(world, rule.endpoint, recipe)
                answer = client.get(place, query_string=dict.fromkeys(QUERIES, value), buffered=True)
                assert answer.status_code < 500, f"{place} as {who or 'nobody'}"
                # A file to download holds what the exporter wrote, and is never shown inside the site.
                if answer.mimetype != "application/zip":
                    assert b"<script>x7" not in answer.data, place


@pytest.fixture
def limited(tmp_path: Path) -> Iterator[Flask]:
    app = make(tmp_path / "i")
    yield app
    app.extensions["portal_engine"].dispose()


@pytest.mark.parametrize(
    ("path", "data", "most"),
    [
        ("/sign-in", {"email": "nobody@example.org", "password": "wrong"}, 20),
        ("/verify", {"text": "DDC-2026-0000001-X"}, 30),
        ("/register", {"email": "not an address"}, 10),
        ("/password/forgotten", {"email": "not an address"}, 5),
    ],
)
def test_too_many_attempts_get_a_page_and_a_time_to_wait(
    limited: Flask, path: str, data: dict[str, str], most: int
) -> None:
    client = limited.test_client()
    answers = [client.post(path, data=data) for _ in range(most + 1)]
    assert [answer.status_code for answer in answers[: min(most, 5)]].count(429) == 0
    last = answers[-1]
    assert last.status_code == 429
    assert "<h1" in last.text
    assert int(last.headers["Retry-After"]) > 0
    chinese = client.post(path, data=data, headers={"Accept-Language": "zh-CN"})
    assert chinese.status_code == 429
    assert 'lang="zh-Hans"' in chinese.text


def test_the_public_register_is_slowed_down_too(limited: Flask) -> None:
    client = limited.test_client()
    codes = [client.get("/verify/DDC-2026-0000001-X").status_code for _ in range(32)]
    assert codes[0] == 404
    assert codes[-1] == 429
