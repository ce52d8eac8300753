"""Keep the indexes of the editions in use open in a process that serves, so that no request has to wait for one."""

import logging
import threading

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from portal.screening import lists, opening

PAUSE = 3.0  # seconds between two looks at which editions are in use
log = logging.getLogger(__name__)


def follow(sessions: sessionmaker[Session], *, pause: float = PAUSE) -> threading.Event:
    """Open the indexes now, and those of every later edition beside the ones in use, in a thread of its own.

    Setting what is given back ends it.
    """
    ended = threading.Event()

    def look() -> None:
        while True:
            try:
                with sessions() as session:
                    opening.open_indexes(session, lists.current(session))
            except SQLAlchemyError as error:  # the next look may find the database there
                log.warning("the indexes of the lists could not be opened: %s", type(error).__name__)
            if ended.wait(pause):
                return

    threading.Thread(target=look, name="indexes", daemon=True).start()
    return ended
