"""Who may enter: every view declares it, and a view that declares nothing lets nobody in."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from flask import Flask, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.web import machines, problems

View = TypeVar("View", bound=Callable[..., Any])
ATTRIBUTE = "access_rule"


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may use a view: everybody, anyone signed in, or people who hold one of ``roles``.

    ``scope`` is what a machine's token must cover; a view without one knows no tokens.
    """

    everybody: bool = False
    roles: frozenset[str] | None = None
    scope: str = ""


def public(view: View) -> View:
    """Open to everybody, signed in or not."""
    return _declare(view, Rule(everybody=True))


def signed_in(view: View) -> View:
    """Open to anyone who has signed in."""
    return _declare(view, Rule())


def roles(*names: str) -> Callable[[View], View]:
    """Open to people who hold at least one of the named roles."""
    if not names:
        raise ValueError("name at least one role")
    return lambda view: _declare(view, Rule(roles=frozenset(names)))


def public_or_machine(scope: str) -> Callable[[View], View]:
    """Open to everybody; a machine that shows a token needs the scope, and is held to its own rate."""
    return lambda view: _declare(view, Rule(everybody=True, scope=scope))


def machine_or_roles(scope: str, *names: str) -> Callable[[View], View]:
    """Open to machines whose token covers the scope, and to people who hold at least one of the named roles."""
    return lambda view: _declare(view, Rule(roles=frozenset(names), scope=scope))


def rule_of(view: Callable[..., Any]) -> Rule | None:
    """What a view declared; ``None`` when it declared nothing."""
    return cast("Rule | None", getattr(view, ATTRIBUTE, None))


def _declare(view: View, rule: Rule) -> View:
    setattr(view, ATTRIBUTE, rule)
    return view


def guard(app: Flask) -> None:
    """Check the declaration before every request; without one the answer is 403."""
    static = app.view_functions["static"]
    _declare(static, Rule(everybody=True))

    @app.before_request
    def check_access() -> ResponseReturnValue | None:
        if request.endpoint is None:
            return None
        rule = rule_of(app.view_functions[request.endpoint])
        if rule is None:
            abort(403)
        if rule.scope and machines.shown():
            return machines.judge(rule.scope)
        if rule.everybody:
            return None
        if not current_user.is_authenticated:
            if problems.for_machines():
                return machines.unknown()
            here = request.full_path.rstrip("?") if request.method == "GET" else None
            return redirect(url_for("accounts.sign_in", next=here), 303)
        if rule.roles is not None and not rule.roles & set(current_user.role_names):
            abort(403)
        if problems.for_machines() and app.config["WTF_CSRF_ENABLED"]:
            # Its blueprint asks no machine for the page's token, which a browser's session cannot do without.
            app.extensions["csrf"].protect()
        return None
