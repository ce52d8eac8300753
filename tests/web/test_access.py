"""Deny by default: a view that declares nothing lets nobody in, and every view of the site declares."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.web import access


def test_every_route_declares_who_may_enter(app: Flask) -> None:
    silent = [
        rule.endpoint for rule in app.url_map.iter_rules() if access.rule_of(app.view_functions[rule.endpoint]) is None
    ]
    assert silent == []


def test_a_route_without_a_declaration_is_closed(app: Flask) -> None:
    app._got_first_request = False
    app.add_url_rule("/undeclared", "undeclared", lambda: "secret")
    answer = app.test_client().get("/undeclared")
    assert answer.status_code == 403
    assert b"secret" not in answer.data


def test_naming_no_role_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="at least one role"):
        access.roles()


@pytest.mark.parametrize("path", ["/", "/accessibility", "/privacy", "/health"])
def test_public_pages_answer(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 200


def test_every_answer_carries_the_protecting_headers(client: FlaskClient) -> None:
    for path in ("/", "/no-such-page", "/static/portal.css"):
        headers = client.get(path, buffered=True).headers
        assert "script-src 'self'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "Strict-Transport-Security" not in headers


def test_strict_transport_security_behind_tls(client: FlaskClient) -> None:
    assert "max-age" in client.get("/", base_url="https://portal.example").headers["Strict-Transport-Security"]


@pytest.mark.parametrize(("query", "language"), [("zh", "zh-Hans"), ("en", "en"), ("xx", "en")])
def test_language_is_chosen_and_remembered(client: FlaskClient, query: str, language: str) -> None:
    assert f'lang="{language}"' in client.get(f"/?lang={query}").text
    assert f'<html lang="{language}"' in client.get("/privacy").text


def test_language_follows_the_browser(client: FlaskClient) -> None:
    assert '<html lang="zh-Hans"' in client.get("/", headers={"Accept-Language": "zh-CN,zh;q=0.9"}).text
