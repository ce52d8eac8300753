"""Pages of the accounts room: signing in, registering, one's own account, the organisation's people."""

from flask import Blueprint, Response

from portal.accounts.views import sessions

blueprint = Blueprint("accounts", __name__)
install = sessions.install


@blueprint.after_request
def keep_out_of_caches(response: Response) -> Response:
    """These pages hold secret links and personal data, also before anybody has signed in."""
    response.headers["Cache-Control"] = "no-store"
    return response


from portal.accounts.views import account, arrival, entrance, organisation, second_factor  # noqa: E402, F401 - they add routes
