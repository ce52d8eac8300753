"""One page of a long listing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import request, url_for
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

SIZE = 20


@dataclass(frozen=True, slots=True)
class Page:
    """``items`` of page ``number`` (from 1) out of ``pages``; ``total`` counts all items."""

    items: Sequence[Any]
    number: int
    pages: int
    total: int

    def href(self, number: int) -> str:
        """The address of another page of the same listing."""
        arguments = {**(request.view_args or {}), **request.args.to_dict(), "page": number}
        return url_for(request.endpoint or "web.home", **arguments)


def page_of(session: Session, statement: Select[Any], size: int = SIZE) -> Page:
    """Run ``statement`` (one entity) for the page that the request's ``?page=`` asks for."""
    total = session.scalar(select(func.count()).select_from(statement.order_by(None).subquery())) or 0
    pages = max(1, -(-total // size))
    asked = request.args.get("page", "1")
    number = min(max(int(asked), 1), pages) if asked.isascii() and asked.isdigit() and len(asked) < 9 else 1
    items = session.scalars(statement.limit(size).offset((number - 1) * size)).unique().all()
    return Page(items, number, pages, total)
