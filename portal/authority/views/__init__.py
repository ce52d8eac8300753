"""Pages of the authority: registry, referrals, restricted list, lists, audit trail."""

from flask import Blueprint

from portal.authority import registry
from portal.web import access
from portal.web.requests import language

blueprint = Blueprint("authority", __name__, url_prefix="/authority")
blueprint.add_app_template_filter(lambda code: registry.purpose_text(code)[language()], "purpose")
blueprint.add_app_template_filter(lambda code: registry.reason_text(code)[language()], "reason")
staff = access.roles("officer", "supervisor")

from portal.authority.views import (  # noqa: E402, F401 - they add routes
    certificates,
    lists,
    overview,
    referrals,
    restricted,
    trail,
)
