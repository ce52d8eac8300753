"""Hits of screening: the queue, one pair with both sides, and the measured rate of false alerts."""

import uuid

from flask import abort, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.authority import hits, registry
from portal.authority.forms.hits import HitsForm, JudgeForm
from portal.authority.views import blueprint, staff
from portal.screening import adjudicate, false_alerts
from portal.screening.models import ListEntry, Verdict
from portal.shipments import documents
from portal.shipments import hits as shipment_hits
from portal.shipments.hit_facts import Screened
from portal.shipments.models import PartyHit, Shipment
from portal.shipments.views.documents import handed_out
from portal.web.paging import page_of
from portal.web.requests import actor, language, now, settings
from portal.web.session import db_session


def hit_or_404(shipment_id: uuid.UUID, pair: str) -> PartyHit:
    """The hit of a shipment that the authority may look into; 404 for any other."""
    shipment = db_session.get(Shipment, shipment_id) or abort(404)
    return hits.find(db_session, shipment, pair) or abort(404)


@blueprint.get("/hits", endpoint="hits")
@staff
def waiting_hits() -> ResponseReturnValue:
    """Pairs that wait to be judged, those of referred shipments first."""
    form = HitsForm(request.args)
    found = page_of(db_session, hits.queue(now().date(), form.q.data or "", form.only.data or ""))
    return render_template(
        "authority/hits.html", form=form, page=found, proposals=hits.proposals(db_session, found.items)
    )


@blueprint.route("/hits/<uuid:shipment_id>/<string(length=32):pair>", methods=["GET", "POST"])
@staff
def hit(shipment_id: uuid.UUID, pair: str) -> ResponseReturnValue:
    """Both sides of one pair, the explained score, earlier judgements, and the form to judge. Each look is recorded."""
    row = hit_or_404(shipment_id, pair)
    form = JudgeForm().within(now().date())
    met = shipment_hits.live(db_session, row.shipment, pair, now().date())
    problem = ""
    if met and form.validate_on_submit() and form.expires.data:
        screened, live = met
        try:
            made = adjudicate.propose(
                db_session, live, screened.party, verdict=Verdict(form.verdict.data), reason=form.reason.data or "",
                evidence=form.evidence.data or "", expires=form.expires.data, actor=actor(), now=now(),
            )  # fmt: skip
        except adjudicate.AdjudicationRefused as refused:
            problem = refused.text[language()]
        else:
            flash(gettext("Your judgement waits for a second person."), "success")
            return redirect(url_for(".judgement", judgement_id=made.id), 303)
    elif not form.is_submitted():
        registry.looked_at(
            db_session, f"shipment:{shipment_id}", actor=actor(), now=now(),
            organisation_id=row.shipment.organisation_id,
        )  # fmt: skip
    past = hits.earlier(db_session, row, met[0].party) if met else []
    page = render_template(
        "authority/hit.html",
        row=row,
        form=form,
        problem=problem,
        hit=_shown(met[0], pair) if met else None,
        side=hits.side_of(db_session, row, met[0].party) if met else None,
        entry=db_session.get(ListEntry, met[1].entry_id) if met else None,
        lists_hit=met[1] if met else None,
        proposal=adjudicate.waiting(db_session, pair),
        earlier=past,
        worth=hits.worth(db_session, past, now().date()),
        others=[each for each in hits.with_pair(db_session, pair) if each.id != row.id],
        longest=now().date() + adjudicate.policy().longest,
    )
    return page, 422 if form.is_submitted() else 200


def _shown(screened: Screened, pair: str) -> dict[str, object]:
    (first, *_) = shipment_hits.shown([screened])
    found: dict[str, object] = next(each for each in first["hits"] if each["pair"] == pair)
    return found


@blueprint.get("/hits/<uuid:shipment_id>/explanations/<uuid:explanation_id>")
@staff
def explanation_file(shipment_id: uuid.UUID, explanation_id: uuid.UUID) -> ResponseReturnValue:
    """The exporter's evidence on a hit; each look is recorded."""
    shipment = db_session.get(Shipment, shipment_id) or abort(404)
    if shipment.state not in hits.OPEN_TO_AUTHORITY:
        abort(404)
    found = shipment_hits.explanation(db_session, shipment, explanation_id) or abort(404)
    data = documents.read(found, settings())
    registry.looked_at(
        db_session, f"shipment:{shipment_id}", actor=actor(), now=now(), organisation_id=shipment.organisation_id
    )
    return handed_out(data, found.media_type, found.filename)


@blueprint.get("/false-alerts", endpoint="false_alerts")
@staff
def false_alert_rates() -> ResponseReturnValue:
    """How often an alert was false, measured on judged pairs."""
    windows = false_alerts.measured(db_session, now())
    sources = sorted({source for window in windows for source in window.lists})
    return render_template(
        "authority/false_alerts.html", windows=windows, sources=sources, enough=adjudicate.policy().enough
    )


@blueprint.get("/false-alerts.json")
@staff
def false_alerts_json() -> ResponseReturnValue:
    """The same figures for programs."""
    return jsonify(false_alerts.to_json(false_alerts.measured(db_session, now())))
