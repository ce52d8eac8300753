"""Pages of the authority: registry, referrals, restricted list, lists, audit trail."""

from flask import Blueprint, Flask

from portal.authority import registry
from portal.web import access
from portal.web.requests import language

blueprint = Blueprint("authority", __name__, url_prefix="/authority")
blueprint.add_app_template_filter(lambda code: registry.purpose_text(code)[language()], "purpose")
blueprint.add_app_template_filter(lambda code: registry.reason_text(code)[language()], "reason")
blueprint.add_app_template_filter(lambda reason: registry.said(reason)[language()], "said")
blueprint.add_app_template_filter(lambda number: f"{number.scheme} {number.value}", "listed_number")
staff = access.roles("officer", "supervisor")

from portal.authority.views import (  # noqa: E402 - they add routes
    cases,
    certificates,
    endorsements,
    hits,
    jobs,
    judgements,
    keys,
    lists,
    machines,
    overview,
    pack,
    referrals,
    restricted,
    suspension,
    trail,
)

__all__ = [
    "blueprint",
    "cases",
    "certificates",
    "endorsements",
    "hits",
    "install",
    "jobs",
    "judgements",
    "keys",
    "lists",
    "machines",
    "overview",
    "pack",
    "referrals",
    "restricted",
    "staff",
    "suspension",
    "trail",
]


def install(app: Flask) -> None:
    """Give the application the exporter's page of a suspension, which lies among the shipments, what ports send, and
    what officers see beside a certificate that they verify.
    """
    app.register_blueprint(suspension.blueprint)
    app.register_blueprint(endorsements.machine)
    # A machine has no page to take a token from; who comes with a session is asked for it in ``access``.
    app.extensions["csrf"].exempt(endorsements.machine)
    app.jinja_env.globals["beside_certificate"] = endorsements.beside
