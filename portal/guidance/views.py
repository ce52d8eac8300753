"""The public guidance: an index that can be searched, and one address a page."""

from flask import Blueprint, abort, current_app, render_template, request
from flask.typing import ResponseReturnValue

from portal.guidance import content, markup, search, sources, topics
from portal.web import access
from portal.web.requests import language

blueprint = Blueprint("guidance", __name__, url_prefix="/guidance")

# Where the application puts what ``topics.topics`` makes of the published questionnaires.
TOPICS = "guidance_topics"


@blueprint.get("/")
@access.public
def index() -> ResponseReturnValue:
    """All pages as cards, or the sections that hold the words of ``?q=``."""
    query = request.args.get("q", "").strip()[: search.QUERY_LIMIT]
    return render_template(
        "guidance/index.html",
        query=query,
        hits=search.search(query, language()),
        summaries=content.summaries(language()),
    )


@blueprint.get("/<slug>")
@access.public
def page(slug: str) -> ResponseReturnValue:
    """One page in the reader's language."""
    try:
        found = content.page(slug)
    except content.UnknownPage:
        abort(404)
    previous, following = content.neighbours(slug)
    explained: dict[str, tuple[topics.Topic, ...]] = current_app.extensions.get(TOPICS, {})
    return render_template(
        "guidance/page.html",
        page=found,
        body=found.body(language()),
        previous=previous,
        following=following,
        topics=explained.get(slug, ()),
        certainties=sources.CERTAINTY,
        check_now=markup.WARNINGS["check-now"],
    )
