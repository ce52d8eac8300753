"""Public verification: by file, by scanned text, and by number. No sign-in, nothing is kept."""

import json

from flask import Blueprint, Flask, Response, abort, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.certificates import credential, wording
from portal.certificates import number as numbers
from portal.certificates import status as statuses
from portal.verification import comparison
from portal.verification.forms import EvidenceForm, why_not
from portal.verification.report import Report
from portal.verification.views import api, lists, log, offline, opened
from portal.web import access, headers
from portal.web.filters import country
from portal.web.limits import limiter
from portal.web.published import same_for_everybody
from portal.web.requests import language, now
from portal.web.session import db_session

blueprint = Blueprint("verification", __name__)
RATE = "30 per minute"
# Reasons that concern what was put in rather than a certificate: they are told beside the field.
_NOT_EVIDENCE = frozenset({"not-recognised", "picture-format", "too-large", "no-seal-in-picture", "no-seal-in-scan",
                           "several-seals", "foreign-code", "seal-missing"})  # fmt: skip


def install(app: Flask) -> None:
    """Let other programs post evidence without a token: no check changes anything or uses a session.

    The interface for machines, the transparency log, the status lists and the offline app have blueprints of their own.
    """
    app.extensions["csrf"].exempt(f"{__name__}.check")
    app.register_blueprint(api.blueprint)
    app.extensions["csrf"].exempt(api.blueprint)
    app.register_blueprint(log.blueprint)
    app.register_blueprint(lists.blueprint)
    app.register_blueprint(offline.blueprint)


@blueprint.get("/verify")
@access.public
def verify() -> ResponseReturnValue:
    """The form."""
    return _form(EvidenceForm(formdata=None))


@blueprint.post("/verify")
@access.public
@limiter.limit(RATE)
def check() -> ResponseReturnValue:
    """Examine what was uploaded or typed; a number is led to its own address."""
    form = EvidenceForm()
    if not form.validate():
        return _refused(form)
    if form.number and not form.presented:
        return redirect(url_for(".by_number", number=form.number, format=request.args.get("format")), 303)
    report = opened.register().examine(form.given, db_session, now=now())
    report = comparison.with_match(report, form.presented, paper=report.paper)
    if report.integrity.key in _NOT_EVIDENCE:
        form.refuse(report.integrity.text[language()])
        return _refused(form, report)
    if _wants_json():
        return _json(report.to_public_json())
    return _fresh(render_template("verification/result.html", report=report, facts=_shown(report), unit=_unit))


@blueprint.get("/verify/<number>")
@access.public
@limiter.limit(RATE)
def by_number(number: str) -> ResponseReturnValue:
    """What the register says of a number, for people and (``format=json``) signed for machines."""
    try:
        parsed = numbers.parse(number)
    except numbers.NumberError as error:
        return _no_number(number, str(error))
    if parsed != number:
        return redirect(url_for(".by_number", number=parsed, format=request.args.get("format")))
    register = opened.register()
    if _wants_json():
        told = statuses.answer(db_session, parsed, issuer=register.issuer, now=now())
        return _json(told, 404 if told["state"] == statuses.NOT_REGISTERED else 200)
    report = register.examine(parsed.encode("ascii"), db_session, now=now())
    page = render_template(
        "verification/number.html", report=report, number=parsed, state=_state(report), facts=_brief(report)
    )
    return _fresh(page, 404 if report.status.key == "not-registered" else 200)


def _refused(form: EvidenceForm, report: Report | None = None) -> ResponseReturnValue:
    if _wants_json():
        told = report.to_public_json() if report else {}
        return _json({**told, "errors": form.errors}, 422)
    return _fresh(_form(form), 422)


def _form(form: EvidenceForm) -> Response:
    """The page with the form, on which codes are scanned with the camera."""
    response = make_response(render_template("verification/form.html", form=form))
    response.headers["Permissions-Policy"] = headers.WITH_CAMERA
    return response


def _no_number(number: str, detail: str) -> ResponseReturnValue:
    if _wants_json():
        problem = {"type": "about:blank", "title": "Not a certificate number", "status": 404, "detail": detail}
        return _json(problem, 404, "application/problem+json")
    form = EvidenceForm(formdata=None, data={"text": number[:64]})
    form.text.errors = [why_not(number)]
    return _fresh(_form(form), 404)


def _wants_json() -> bool:
    kinds = ["text/html", "application/json"]
    return request.args.get("format") == "json" or request.accept_mimetypes.best_match(kinds) == kinds[1]


def _json(told: object, code: int = 200, kind: str = "application/json") -> Response:
    response = _fresh(json.dumps(told, ensure_ascii=False), code)
    response.content_type = kind
    return response


def _fresh(body: str | Response, code: int = 200) -> Response:
    """An answer that no cache may keep: a status is worth something only while it is new."""
    response = make_response(body, code)
    response.headers["Cache-Control"] = "no-store"
    response.vary.add("Accept")
    return response


def _state(report: Report) -> str:
    """The state to show large for a number: what the register says, and only if its record was verified."""
    if report.status.answer == "yes":
        return "valid" if report.issuer.answer == "yes" else "could_not_tell"
    if report.status.answer == "could_not_tell":
        return "could_not_tell"
    known = report.status.key.removeprefix("status-").replace("-", "_")
    return known if known in ("suspended", "revoked", "expired", "superseded", "used_up") else "not_valid"


def _purpose(report: Report) -> str:
    facts = report.essentials
    if facts is None:
        return ""
    words = {
        "licence-application": gettext("For an export licence application; it does not permit export"),
        "shipment-under-licence": gettext("For shipment under export licence %(licence)s", licence=facts.licence),
        "shipment-uncontrolled": gettext("The goods were not found to be controlled on the day of issue"),
    }
    return str(words[facts.purpose])


def _brief(report: Report) -> list[tuple[str, str]]:
    """What anybody may see of a certificate whose number is known."""
    facts = report.essentials
    if facts is None:
        return []
    return [
        (gettext("Certificate number"), facts.number),
        (gettext("Exporter"), facts.exporter),
        (gettext("HS codes"), ", ".join(facts.hs_codes)),
        (gettext("Purpose"), _purpose(report)),
    ]


def _shown(report: Report) -> list[tuple[str, str]]:
    return _facts(report) if report.paper else _brief(report)


def _unit(code: str) -> str:
    """A unit in words; a code that has none stays a code."""
    return wording.word(wording.UNITS, code)[language()] or code


def _facts(report: Report) -> list[tuple[str, str]]:
    """What whoever holds the certificate may compare with the paper."""
    facts = report.essentials
    if facts is None:
        return []
    exporter = f"{facts.exporter} ({facts.exporter_id})" if facts.exporter_id else facts.exporter
    return [
        (gettext("Certificate number"), facts.number),
        (gettext("Purpose"), _purpose(report)),
        (gettext("Exporter"), exporter),
        (gettext("End user"), f"{facts.end_user} ({country(facts.end_user_country)})"),
        (gettext("HS codes"), ", ".join(facts.hs_codes)),
        (gettext("Goods lines"), str(facts.goods_lines)),
        (gettext("Net weight"), f"{facts.net_weight_kg} kg"),
    ]


@blueprint.get("/.well-known/due-diligence/trust.json")
@access.public
@same_for_everybody
@limiter.limit(RATE)
def trust_file() -> ResponseReturnValue:
    """The trust file of this installation, for ``portal verify --trust FILE``; whoever uses it decides to trust it."""
    moment = now()
    # To five minutes, for which a cache may keep it anyway: else it would be another file every second.
    written = moment.replace(minute=moment.minute - moment.minute % 5, second=0, microsecond=0)
    told = opened.register().trust.to_json(now=written)
    return _published(json.dumps(told, ensure_ascii=False), "application/json")


@blueprint.get("/.well-known/due-diligence/test-root.crl")
@access.public
@same_for_everybody
@limiter.limit(RATE)
def revocation_list() -> ResponseReturnValue:
    """The TEST authority's revocation list (RFC 5280); an authority of one's own publishes its own."""
    found = opened.register().issuer.revocation_list(now())
    return _published(found, "application/pkix-crl") if found is not None else abort(404)


@blueprint.get(credential.CONTEXT_PATH)
@access.public
@same_for_everybody
def credential_context() -> ResponseReturnValue:
    """The JSON-LD context of what the portal adds to the UNTP credential."""
    return _published(json.dumps(credential.context()), "application/ld+json")


def _published(body: str | bytes, media_type: str) -> Response:
    """A file that anybody may keep for five minutes."""
    answer = make_response(body)
    answer.mimetype = media_type
    answer.headers["Cache-Control"] = "public, max-age=300"
    answer.headers["Access-Control-Allow-Origin"] = "*"
    answer.add_etag()
    answer.make_conditional(request)
    return answer
