"""One database transaction a request: an answer that a view returns is committed, an exception undoes it."""

from flask import Flask, Response, current_app, g
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.local import LocalProxy

EXTENSION = "portal_sessions"


def _current() -> Session:
    if "db_session" not in g:
        factory: sessionmaker[Session] = current_app.extensions[EXTENSION]
        g.db_session = factory()
    session: Session = g.db_session
    return session


db_session: Session = LocalProxy(_current)  # type: ignore[assignment]  # a proxy that acts as the session


def undo() -> None:
    """Roll back what the request has changed so far; error handlers call it."""
    if "db_session" in g:
        g.db_session.rollback()


def install(app: Flask, factory: sessionmaker[Session]) -> None:
    """Give the application its sessions and the rule of one commit a request."""
    app.extensions[EXTENSION] = factory

    @app.after_request
    def commit(response: Response) -> Response:
        if "db_session" in g:
            g.db_session.commit()
        return response

    @app.teardown_appcontext
    def close(_: BaseException | None) -> None:
        session = g.pop("db_session", None)
        if session is not None:
            session.close()
