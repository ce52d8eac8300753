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


from portal.accounts.views import (  # noqa: E402 - they add routes
    account,  # noqa: F401
    arrival,  # noqa: F401
    entrance,  # noqa: F401
    organisation,  # noqa: F401
    passkeys,  # noqa: F401
    second_factor,  # noqa: F401
)
