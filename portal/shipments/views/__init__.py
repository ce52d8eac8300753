"""The exporter's workspace: shipments from the first entry to the certificate."""

from flask import Blueprint

from portal.shipments.states import ShipmentRefused
from portal.shipments.views import answering, filters

blueprint = Blueprint("shipments", __name__, url_prefix="/shipments")
blueprint.register_error_handler(ShipmentRefused, answering.refused)
filters.install(blueprint)

from portal.shipments.views import (  # noqa: E402, F401 - they add routes
    attesting,
    closing,
    documents,
    explaining,
    goods,
    listing,
    outcome,
    parties,
    questions,
    voyage,
)
