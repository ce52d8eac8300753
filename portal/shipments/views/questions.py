"""The questionnaires of a shipment: their sections, one page at a time, and everything on one page to check."""

import uuid

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.questionnaires import form as forms
from portal.questionnaires import summary
from portal.questionnaires.form import PageForm
from portal.questionnaires.path import PathPage
from portal.shipments import answers
from portal.shipments.answers import Answered
from portal.shipments.models import Shipment
from portal.shipments.states import Deed, ShipmentChanged, State, allowed
from portal.shipments.views import answering, blueprint, tasks
from portal.shipments.views.answering import answer, editable, me, own
from portal.web.requests import language, now
from portal.web.session import db_session

NAMES = '<any("end-use", "end-user"):name>'
BASE = f"/<uuid:shipment_id>/questionnaires/{NAMES}"
LATER = "later"  # name of the button that keeps even what is incomplete and leaves


@blueprint.get(BASE)
@answering.readers
def questionnaire(shipment_id: uuid.UUID, name: str) -> ResponseReturnValue:
    """The sections of a questionnaire with how far each is."""
    found = own(shipment_id)
    each = answers.answered(db_session, found, name, now())
    following = next((page for page in each.path.pages if page.status != "complete"), None)
    return answer(
        "shipments/questionnaire.html",
        shipment=found,
        each=each,
        stands=tasks.status_of(each.path),
        following=following,
        page_href=lambda page: href(found, name, page),
        open=Deed.EDIT in allowed(State(found.state)),
    )


@blueprint.get(f"{BASE}/answers")
@answering.readers
def questionnaire_answers(shipment_id: uuid.UUID, name: str) -> ResponseReturnValue:
    """Every question on the path with its answer, to check and change."""
    found = own(shipment_id)
    each = answers.answered(db_session, found, name, now())
    return render_template(
        "shipments/questionnaire_answers.html",
        shipment=found,
        each=each,
        rows=summary.rows(each.path, language(), typed=each.draft.typed),
        page_href=lambda page: href(found, name, page, back="answers"),
        open=Deed.EDIT in allowed(State(found.state)),
    )


@blueprint.route(f"{BASE}/<section>/<page>", methods=["GET", "POST"], defaults={"item": ""})
@blueprint.route(f"{BASE}/<section>/<page>/<item>", methods=["GET", "POST"])
@answering.writers
def question_page(shipment_id: uuid.UUID, name: str, section: str, page: str, item: str) -> ResponseReturnValue:
    """One page of questions; whatever comes is saved, good or bad, and then the path says where to go."""
    found = editable(shipment_id)
    each = answers.answered(db_session, found, name, now())
    place = each.path.page(section, page, item)
    if place is None:
        return _astray(found, each, section, page, item)
    if request.method != "POST":
        form = forms.page_form(place, each.draft.answers, language(), today=now().date(), typed=each.draft.typed)
        return _page(found, each, place, form)
    form = forms.page_form(place, each.draft.answers, language(), request.form, today=now().date())
    if not _saved(found, each, place, form):
        return _page(found, answers.answered(db_session, found, name, now()), place, form, 409)
    if LATER in request.form:
        flash(gettext("Saved. You can come back at any time."), "success")
        return redirect(url_for(".shipment", shipment_id=found.id), 303)
    after = answers.answered(db_session, found, name, now())
    if not form.validate():
        return _page(found, after, after.path.page(*place.key) or place, form, 422)
    return _onward(found, name, after, place)


def _astray(found: Shipment, each: Answered, section: str, page: str, item: str) -> ResponseReturnValue:
    """A page that earlier answers have taken off the path: back to the list. One that never was: 404."""
    parts = [one for one in each.questionnaire.sections if one.id == section]
    items = [one.id for one in answers.lists(found).get(parts[0].repeat, ())] if parts and parts[0].repeat else [""]
    if not parts or item not in items or page not in [one.id for one in parts[0].pages]:
        abort(404)
    if request.method == "POST":
        raise ShipmentChanged
    return redirect(_start(found, each), 303)


def _saved(found: Shipment, each: Answered, place: PathPage, form: PageForm) -> bool:
    """Save the page; not when somebody else has answered it since it was shown."""
    if request.form.get("seen", "") != str(each.draft.seen(place.keys)):
        return False
    name, values, invalid = each.questionnaire.id, forms.read(form), forms.invalid(form)
    try:
        answers.save(db_session, found, name, values, by=me(), now=now(), invalid=invalid)
    except ShipmentChanged:
        return False
    return True


def _onward(found: Shipment, name: str, after: Answered, place: PathPage) -> ResponseReturnValue:
    """The next page; from "check your answers" back there, unless the answer has opened another question."""
    following = after.path.after(place)
    if request.args.get("back") == "answers" and (following is None or following.status == "complete"):
        following = None
    target = (
        href(found, name, following)
        if following
        else url_for(".questionnaire_answers", shipment_id=found.id, name=name)
    )
    return redirect(target, 303)


def _page(found: Shipment, each: Answered, place: PathPage, form: PageForm, status: int = 200) -> ResponseReturnValue:
    before = each.path.before(place)
    numbers = [page.key for page in each.path.pages]
    return answer(
        "shipments/question_page.html",
        status=status,
        code=status,
        questions=form,
        shipment=found,
        each=each,
        place=place,
        seen=each.draft.seen(place.keys),
        number=numbers.index(place.key) + 1 if place.key in numbers else 1,
        back_href=href(found, each.questionnaire.id, before) if before else _start(found, each),
    )


def _start(found: Shipment, each: Answered) -> str:
    return url_for(".questionnaire", shipment_id=found.id, name=each.questionnaire.id)


def href(found: Shipment, name: str, page: PathPage, **query: str) -> str:
    """The address of a page of the path."""
    section, page_id, item = page.key
    return url_for(
        ".question_page",
        shipment_id=found.id,
        name=name,
        section=section,
        page=page_id,
        item=item or None,
        **query,  # type: ignore[arg-type]  # query arguments only, never url_for's own
    )
