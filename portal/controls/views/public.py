"""Public pages: the measures on file and how they stand today, and the classification assistant."""

from flask import abort, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.controls import catalogue, change, classify, enquiry, forms, open_data, takeover
from portal.controls.classify import Candidate, Worked
from portal.controls.enquiry import Enquiry
from portal.controls.measures import describe
from portal.controls.takeover import Asker
from portal.controls.views import blueprint, on_file
from portal.web import access
from portal.web.limits import limiter
from portal.web.requests import language, now
from portal.web.session import db_session

RATE = "60 per minute"
# Seconds for which anybody may keep the measures: an approved change is seen no later than this.
FRESH = 300
ITEMS, VALUES, ANSWER = "items", "values", "answer"


@blueprint.get("/")
@access.public
def index() -> ResponseReturnValue:
    """Every measure as it stands today; ``?element=`` keeps those that control it."""
    measures, element = on_file(), request.args.get("element", "")
    elements = [
        one for one in measures.elements if any(one.symbol in catalogue.elements_of(m) for m in measures.measures)
    ]
    chosen = element if element in {one.symbol for one in elements} else ""
    today = now().date()
    shown = [(m, m.standing(today), describe(m, today)) for m in catalogue.newest_first(measures, chosen)]
    return render_template(
        "controls/index.html", measures=measures, shown=shown, elements=elements, chosen=chosen, today=today,
        editor=_is_staff(),
    )  # fmt: skip


@blueprint.get("/measures/<name>")
@access.public
def measure(name: str) -> ResponseReturnValue:
    """One measure: how it stands, its life in time, its items with codes and thresholds, and its source."""
    found = catalogue.find(on_file(), name) or abort(404)
    today = now().date()
    return render_template(
        "controls/measure.html", measure=found, standing=found.standing(today), words=describe(found, today),
        stretches=catalogue.line_of_time(found, today), editor=_is_staff(),
        history=change.history(db_session, found.number) if _is_staff() else (),
    )  # fmt: skip


@blueprint.get("/measures.json")
@access.public
@limiter.limit(RATE)
def measures_json() -> ResponseReturnValue:
    """All measures for machines; the digest is the ETag, so that who has them already is told so without a body."""
    measures = on_file()
    answer = jsonify(open_data.document(measures))
    answer.set_etag(measures.digest)
    answer.cache_control.public = True
    answer.cache_control.max_age = FRESH
    answer.access_control_allow_origin = "*"
    return answer.make_conditional(request)


@blueprint.get("/classify")
@access.public
@limiter.limit(RATE)
def assistant() -> ResponseReturnValue:
    """The assistant, step by step; the address carries what was said so far, so that every step can be gone back to."""
    if "step" not in request.args and ("text" not in request.args or request.args.get("edit")):
        known = {name: request.args.get(name, "") for name in ("text", "destination")}
        form = forms.text_form(None, language(), known)
        return render_template("controls/text.html", form=form, carried={"goods": request.args.get("goods", "")})
    form = forms.text_form(request.args, language())
    if not form.validate():
        return render_template("controls/text.html", form=form, carried={"goods": request.args.get("goods", "")}), 422
    asked = enquiry.read(form.text.data or "", on_file())
    found = classify.candidates(asked, on_file(), now().date())
    step = request.args.get("step", "")
    if not found or step == ANSWER:
        return _values(asked, found, done=True)
    return _values(asked, found, done=False) if step == VALUES else _items(asked, found, sent=step == ITEMS)


def _is_staff() -> bool:
    return bool(current_user.is_authenticated and current_user.has_role("officer", "supervisor"))


def _items(asked: Enquiry, found: tuple[Candidate, ...], *, sent: bool) -> ResponseReturnValue:
    """Which of the candidates the goods are."""
    form = forms.item_form(request.args if sent else None, found, language())
    if sent and form.validate():
        return _values(asked, found, done=False)
    page = render_template("controls/items.html", form=form, asked=asked, carried=_carried())
    return page, 422 if sent else 200


def _values(asked: Enquiry, found: tuple[Candidate, ...], *, done: bool) -> ResponseReturnValue:
    """The threshold questions of the chosen items; the answer where there are none, or where they were answered."""
    chosen = frozenset(request.args.getlist("item")) or None
    questions = classify.questions([one for one in found if chosen is None or one.key in chosen])
    known = {name: str(value) for name, value in asked.answers.items()}
    form = forms.values_form(request.args if done else None, questions, known, language())
    if questions and not (done and form.validate()):
        page = render_template("controls/values.html", form=form, asked=asked, carried=_carried(), items=chosen or ())
        return page, 422 if done else 200
    typed = {one.quantity.id: request.args.get(one.quantity.id, "").strip() for one in questions}
    values, _ = classify.stated(typed)
    worked = classify.answer(
        asked, on_file(), now().date(), destination=request.args.get("destination", ""), chosen=chosen, answers=values
    )
    return _answer(asked, worked, typed)


def _answer(asked: Enquiry, worked: Worked, typed: dict[str, str]) -> ResponseReturnValue:
    asker = Asker.read(request.args.get("goods", ""))
    return render_template(
        "controls/answer.html", asked=asked, worked=worked, measures=on_file(), duties=catalogue.duties(),
        destination=request.args.get("destination", ""), asker=asker,
        over=takeover.values(asked, worked, typed) if asker else {},
    )  # fmt: skip


def _carried() -> dict[str, str]:
    """What the first step was told, for the later ones."""
    return {name: request.args.get(name, "") for name in ("text", "destination", "goods")}
