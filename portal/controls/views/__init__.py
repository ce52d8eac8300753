"""Pages of the controls room: what is controlled, the classification assistant, the authority's editor."""

from flask import Blueprint, g

from portal.controls import catalogue, overlay
from portal.controls.change import KINDS, STATES
from portal.controls.explain import compared
from portal.controls.measures import MeasureSet, cited
from portal.web.requests import now
from portal.web.session import db_session

blueprint = Blueprint("controls", __name__, url_prefix="/controls")


@blueprint.context_processor
def words() -> dict[str, object]:
    """What the room's templates call."""
    return {
        "compared": compared,
        "cited": cited,
        "measure_slug": catalogue.slug,
        "control_marks": catalogue.MARKS,
        "change_kinds": KINDS,
        "change_states": STATES,
        "standings": catalogue.STANDINGS,
    }


def on_file() -> MeasureSet:
    """The measures that hold for this request, the authority's approved changes included."""
    if "measures" not in g:
        g.measures = overlay.current(db_session, now())
    found: MeasureSet = g.measures
    return found


from portal.controls.views import editor, public  # noqa: E402, F401 - they add routes
