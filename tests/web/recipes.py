"""For every address of the site: which object fills its parameters, what it answers, and how its form is filled."""

import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyotp
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from portal.db import new_id, utc_now
from portal.web import access
from portal.web.access import rule_of
from tests.web.pages import document
from tests.web.world import PASSWORD, World, picture

NEW_PASSWORD = "seven quiet lanterns drift"
READ, MOVED = 200, 303
UNITED_NATIONS = Path(__file__).parents[1] / "screening" / "data" / "published" / "un.xml"


@dataclass(frozen=True)
class Recipe:
    """One way to call an endpoint.

    ``of`` is whose object it names ("alfa", or "" for nobody's in particular): people of another organisation get 404.
    ``shown`` is the answer to GET and ``sent`` that to a filled form; ``verb`` is the audit event that the form
    leaves, "" for a form that changes nothing. ``only`` names the roles that may send it, where these are fewer than
    may open it. ``before`` prepares the client, as earlier pages would have done.
    """

    of: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    shown: int = READ
    sent: int = MOVED
    fill: dict[str, Any] = field(default_factory=dict)
    verb: str = ""
    only: tuple[str, ...] = ()
    before: Callable[[FlaskClient], None] = lambda client: None
    json: bool = False  # sent as JSON, by a program
    page: str = ""  # endpoint of the page whose button sends this; "" when it is the same address


def all_recipes(world: World) -> dict[str, list[Recipe]]:
    """Recipes by endpoint. A new address of the site needs one here."""
    return {**_public(world), **_accounts(world), **_shipments(world), **_controls(world), **_authority(world)}


def rules(world: World) -> Iterator[tuple[Rule, access.Rule, Recipe]]:
    """Every rule of the site with what it declares and each of its recipes. Fails for a rule without one."""
    known = all_recipes(world)
    for rule in world.app.url_map.iter_rules():
        declared = rule_of(world.app.view_functions[rule.endpoint])
        assert declared is not None, f"{rule.endpoint} declares nobody who may enter"
        fitting = [
            each
            for each in known.get(rule.endpoint, ())
            if rule.arguments - set(rule.defaults or ()) == set(each.values)
        ]
        assert fitting, (
            f"{rule.rule} ({rule.endpoint}) is new: add a recipe to tests/web/recipes.py that says which object fills "
            f"{sorted(rule.arguments)}, whose it is, and how its form is filled"
        )
        for recipe in fitting:
            yield rule, declared, recipe


def address(world: World, endpoint: str, recipe: Recipe) -> str:
    """The path of a recipe."""
    with world.app.test_request_context():
        return world.app.url_for(endpoint, **recipe.values)


def _public(world: World) -> dict[str, list[Recipe]]:
    return {
        "static": [Recipe(values={"filename": "portal.css"})],
        "web.home": [Recipe()],
        "web.accessibility": [Recipe()],
        "web.privacy": [Recipe()],
        "web.health": [Recipe()],
        "guidance.index": [Recipe()],
        "guidance.page": [Recipe(values={"slug": "end-use"})],
        "verification.verify": [Recipe()],
        "verification.trust_file": [Recipe()],
        "api.openapi": [Recipe()],
        "api.reason_codes": [Recipe()],
        "api.problem": [Recipe(values={"name": "not-json"})],
        "api.certificate": [Recipe(values={"number": world.ids["number"]})],
        "api.verify": [Recipe(fill={"text": world.ids["number"]}, json=True, sent=READ)],
        "api.verify_batch": [Recipe(fill={"items": [{"text": world.ids["number"]}]}, json=True, sent=READ)],
        "status_lists.index": [Recipe()],
        "status_lists.status_list": [Recipe(values={"number": 1, "purpose": "revocation"})],
        "verification.revocation_list": [Recipe()],
        "verification.credential_context": [Recipe()],
        "offline.page": [Recipe()],
        "offline.worker": [Recipe()],
        "offline.reader": [Recipe()],
        "offline.rules": [Recipe()],
        "offline.manifest": [Recipe(values={"code": "zh"})],
        "log.index": [Recipe()],
        "log.checkpoint": [Recipe()],
        "log.tile": [Recipe(values={"level": "entries", "place": world.ids["bundle"]})],
        "verification.check": [Recipe(fill={"text": world.ids["number"]}, page="verification.verify")],
        "verification.by_number": [Recipe(values={"number": world.ids["number"]})],
        "accounts.sign_in": [
            Recipe(fill={"email": "preparer@beta.example", "password": PASSWORD}, verb="person.signed_in")
        ],
        "accounts.sign_in_code": [
            Recipe(
                shown=MOVED,  # nobody has given a password yet
                before=_password_given,
                fill={"code": world.ids["recovery_codes"][0]},
                verb="person.signed_in",
            )
        ],
        "accounts.sign_in_passkey": [Recipe(page="accounts.sign_in", verb="passkey.refused")],
        "accounts.sign_out": [Recipe(page="web.home", verb="person.signed_out")],
        "accounts.register": [Recipe(fill={"email": "new@delta.example"}, sent=READ, verb="registration.begun")],
        "accounts.register_organisation": [
            Recipe(
                values={"token": world.ids["registration_token"]},
                fill={
                    "name": "Gamma", "name_en": "Gamma", "address": "1 Gamma Road", "country": "DE",
                    "identifier": "213800KUD8LAJWSQ9D15", "person": "Ann", "position": "Head", "password": NEW_PASSWORD,
                },
                verb="organisation.registered",
            )
        ],
        "accounts.forgotten_password": [
            Recipe(fill={"email": "preparer@beta.example"}, sent=READ, verb="password.reset_asked")
        ],
        "accounts.reset_password": [
            Recipe(values={"token": world.ids["reset_token"]}, fill={"password": NEW_PASSWORD}, verb="password.reset")
        ],
        "accounts.invitation": [
            Recipe(
                values={"token": world.ids["invitation_token"]},
                fill={"name": "Bo", "position": "Clerk", "password": NEW_PASSWORD},
                verb="invitation.accepted",
            )
        ],
    }  # fmt: skip


def _password_given(client: FlaskClient) -> None:
    client.post("/sign-in", data={"email": "colleague@alfa.example", "password": PASSWORD})


def _accounts(world: World) -> dict[str, list[Recipe]]:
    colleague, gone = world.people["alfa.colleague"].id, world.people["alfa.gone"].id
    invitation = {"invitation_id": world.ids["invitation"]}
    page = "accounts.person"
    return {
        "accounts.account": [Recipe()],
        "accounts.account_details": [
            Recipe(fill={"name": "New name", "position": "New position"}, verb="person.described")
        ],
        "accounts.account_password": [
            Recipe(fill={"present": PASSWORD, "password": NEW_PASSWORD}, verb="password.changed")
        ],
        "accounts.account_second_factor": [
            Recipe(fill={"present": PASSWORD, "code": _first_code}, sent=READ, verb="second_factor.switched_on")
        ],
        "accounts.account_second_factor_off": [
            Recipe(before=_second_factor_on, fill={"present": PASSWORD}, verb="second_factor.switched_off")
        ],
        "accounts.account_passkeys": [Recipe()],
        "accounts.add_passkey": [Recipe(fill={"name": "Desk", "present": PASSWORD}, sent=READ)],
        "accounts.keep_passkey": [Recipe(page="accounts.add_passkey")],
        # It is one person's own, so that nobody else of the organisation finds it either.
        "accounts.remove_passkey": [Recipe("alfa.colleague", {"passkey_id": world.ids["passkey"]})],
        "accounts.organisation": [Recipe()],
        "accounts.organisation_details": [
            Recipe(
                fill={"name": "Renamed", "name_en": "Renamed", "address": "Elsewhere"}, verb="organisation.described"
            )
        ],
        "accounts.invite": [
            Recipe(fill={"email": "fresh@delta.example", "roles": _any_role, "language": "en"}, verb="invitation.made")
        ],
        "accounts.resend_invitation": [
            Recipe("alfa", invitation, page="accounts.organisation", verb="invitation.renewed")
        ],
        "accounts.withdraw_invitation": [
            Recipe("alfa", invitation, page="accounts.organisation", verb="invitation.withdrawn")
        ],
        "accounts.person": [
            Recipe("alfa", {"person_id": colleague}, fill={"roles": ["administrator"]}, verb="person.roles_changed")
        ],
        "accounts.deactivate_person": [Recipe("alfa", {"person_id": colleague}, page=page, verb="person.deactivated")],
        "accounts.reactivate_person": [Recipe("alfa", {"person_id": gone}, page=page, verb="person.reactivated")],
        "accounts.person_second_factor_off": [
            Recipe("alfa", {"person_id": colleague}, page=page, verb="second_factor.switched_off")
        ],
    }


def _second_factor_on(client: FlaskClient) -> None:
    text = client.get("/account/second-factor").text
    client.post("/account/second-factor", data={"present": PASSWORD, "code": _first_code(text)})


def _first_code(text: str) -> str:
    """The code of an app that has scanned the page's secret."""
    secret = document(text).find(".//code")
    assert secret is not None
    return pyotp.TOTP(str(secret.text)).now()


def _any_role(text: str) -> list[str]:
    return ["preparer"] if 'value="preparer"' in text else ["officer"]


def _shipments(world: World) -> dict[str, list[Recipe]]:
    draft = world.shipments["draft"]
    line, party = draft.goods[0].id, draft.parties[0].id
    filed = draft.documents[0].id

    def of(shipment: str, **more: Any) -> dict[str, Any]:
        return {"shipment_id": world.shipments[shipment].id, **more}

    def read(*shipments: str, **more: Any) -> list[Recipe]:
        return [Recipe("alfa", of(each, **more)) for each in shipments]

    question = of("draft", name="end-use", section="goods_need", page="item_fate", item=str(line))
    plain = of("draft", name="end-use", section="use", page="stated_use")
    return {
        "shipments.index": [Recipe()],
        "shipments.new": [Recipe(fill={"reference": "NEW-1"}, verb="shipment.created")],
        "shipments.shipment": read(
            "draft", "bare", "submitted", "returned", "certified", "suspended", "referred", "refused", "withdrawn"
        ),
        "shipments.contract": [
            Recipe("alfa", of("draft"), fill={"number": "C-2"}, verb="shipment.contract_changed"),
            Recipe(
                "alfa", of("bare"), fill={"number": "C-1", "date-day": "1", "date-month": "10", "date-year": "2026"},
                verb="shipment.contract_changed",
            ),
        ],
        "shipments.route": [Recipe("alfa", of("draft"), fill={"mode": "sea"}, verb="shipment.route_changed")],
        "shipments.licence": [
            Recipe(
                "alfa",
                of("draft"),
                fill={
                    "held": "yes", "number": "L-1", "valid_until-day": "1", "valid_until-month": "6",
                    "valid_until-year": "2027", "scope": "yes",
                },
                verb="shipment.licence_changed",
            )
        ],
        "shipments.goods": read("draft", "bare", "certified"),
        "shipments.add_goods": [
            Recipe(
                "alfa",
                of("bare"),
                fill={
                    "name": "Gallium", "element": "Ga", "hs_code": "8112929090", "quantity": "2", "value": "3",
                    "currency": "USD", "purity": "99.99%",
                },
                verb="shipment.goods_added",
            )
        ],
        "shipments.change_goods": [
            Recipe(
                "alfa",
                of("draft", line_id=line),
                fill={"quantity": "13", "net_weight_kg": "13"},
                verb="shipment.goods_changed",
            )
        ],
        "shipments.goods_control": read("draft", line_id=line),
        "shipments.remove_goods": [
            Recipe("alfa", of("draft", line_id=line), verb="shipment.goods_removed")
        ],
        "shipments.parties": read("draft", "bare", "certified"),
        "shipments.add_party": [
            Recipe(
                "alfa",
                of("bare"),
                fill={"roles": ["end_user"], "name": "Optik GmbH", "country": "DE", "address": "Jena"},
                verb="shipment.party_added",
            )
        ],
        "shipments.change_party": [
            Recipe("alfa", of("draft", party_id=party), fill={"address": "Berlin"}, verb="shipment.party_changed")
        ],
        "shipments.remove_party": [
            Recipe("alfa", of("draft", party_id=party), verb="shipment.party_removed")
        ],
        "shipments.documents": read("draft", "bare", "certified"),
        "shipments.add_document": [
            Recipe("alfa", of("draft"), fill={"kind": "other", "file": _new_file}, verb="shipment.document_added")
        ],
        "shipments.document": read("draft", document_id=filed),
        "shipments.remove_document": [
            Recipe("alfa", of("draft", document_id=filed), verb="shipment.document_removed")
        ],
        "shipments.questionnaire": [
            *read("draft", name="end-use"), *read("bare", name="end-user"), *read("certified", name="end-use"),
        ],
        "shipments.questionnaire_answers": [
            *read("draft", name="end-use"), *read("bare", name="end-user"), *read("certified", name="end-user"),
        ],
        "shipments.question_page": [
            Recipe("alfa", plain, fill={"stated_end_use": "Lenses"}, verb="shipment.answers_changed"),
            Recipe("alfa", question, fill={"item_fate": "resold"}, verb="shipment.answers_changed"),
        ],
        "shipments.check": [
            Recipe(
                "alfa", of("draft"), fill={"declared": "y"}, verb="shipment.submitted", only=("preparer",)
            )
        ],
        "shipments.withdraw": [
            Recipe("alfa", of(name), fill={"reason": "Cancelled"}, verb="shipment.withdrawn")
            for name in ("draft", "submitted")
        ],
        "shipments.attest": [
            Recipe(
                "alfa", of("submitted"), fill={"agreed": "y", "password": PASSWORD}, verb="shipment.certified"
            )
        ],
        "shipments.return_shipment": [
            Recipe("alfa", of("submitted"), fill={"reason": "Add a report"}, verb="shipment.returned")
        ],
        "shipments.decision": read("certified", "suspended", "referred", "refused"),
        "shipments.hit": [
            Recipe("alfa", of("refused", pair=world.ids["hit"]), fill={"text": "Another"}, verb="hit.explained"),
            Recipe(
                "alfa", of("refused", pair=world.ids["explained_hit"]),
                fill={"text": "Another", "file": _new_file}, verb="hit.explained",
            ),
        ],
        "shipments.explanation_file": read("refused", explanation_id=world.ids["explanation"]),
        "shipments.file": read("draft", "submitted", "certified", "referred", "refused"),
        "shipments.history": read("draft", "certified", "withdrawn"),
        "shipments.certificate_file": [
            *read("certified", kind="pdf"), *read("certified", kind="json"), *read("certified", kind="png"),
            *read("certified", kind="zip"),
        ],
        "shipments.amend": [Recipe("alfa", of("certified"), verb="shipment.amended")],
    }  # fmt: skip


def _new_file(text: str) -> tuple[io.BytesIO, str]:
    return io.BytesIO(picture("red")), "red.png"


def _authority(world: World) -> dict[str, list[Recipe]]:
    certified = world.shipments["certified"]
    number, suspended = world.ids["number"], world.ids["suspended_number"]
    reason = {"reason": "File D-1"}
    line = f"line_{world.ids['line']}"
    presented = {
        "id": str(new_id()), "number": number, "declaration": "D-2", "place": "CNTAO", "officer": "Wang",
        "at": f"{utc_now():%Y-%m-%dT%H:%M:%SZ}",
        "lines": [{"line": world.ids["line"], "value": "1", "unit": world.ids["unit"]}],
    }  # fmt: skip
    settled = {"shipment_id": world.shipments["referred"].id}
    refused = {"shipment_id": world.shipments["refused"].id}
    return {
        "authority.index": [Recipe()],
        "authority.certificates": [Recipe()],
        "authority.certificate": [Recipe(values={"number": number}), Recipe(values={"number": suspended})],
        "authority.certificate_file": [Recipe(values={"number": number})],
        "authority.change": [
            Recipe(
                values={"number": of, "deed": deed}, fill={"reason_code": code, **reason}, verb=f"certificate.{past}"
            )
            for of, deed, code, past in (
                (number, "suspend", "under-review", "suspended"),
                (number, "revoke", "false-statement", "revoked"),
                (suspended, "reinstate", "review-closed", "reinstated"),
            )
        ],
        "authority.endorse_certificate": [
            Recipe(
                values={"number": number},
                fill={"declaration": "D-1", "place": "CNSHA", line: "1"},
                verb="certificate.endorsed",
            )
        ],
        "authority.endorsements": [Recipe()],
        "authority.upload_endorsements": [
            Recipe(
                page="authority.endorsements",
                sent=READ,
                verb="certificate.endorsed",
                fill={"file": lambda text: (io.BytesIO(json.dumps({"items": [presented]}).encode()), "ports.json")},
            )
        ],
        "authority.endorsement_alarm": [
            Recipe(
                values={"alarm_id": world.ids["alarm"]},
                fill={"ruling": "stands", **reason},
                verb="certificate.endorsement_ruled",
            )
        ],
        "endorsements.upload": [Recipe(fill={"items": [presented]}, json=True, sent=READ, verb="certificate.endorsed")],
        "endorsements.pack": [Recipe(values={"number": number})],
        **_keys(world),
        "authority.machines": [Recipe()],
        "authority.machine": [Recipe(values={"credential_id": world.ids["machine"]})],
        "authority.new_machine": [
            Recipe(
                fill={
                    "name": "Gate 4",
                    "kind": "device",
                    "place": "CNSHA",
                    "scopes": ["endorse"],
                    "days": "30",
                    "responsible": str(world.people["authority.officer"].id),
                    "per_minute": "60",
                },
                sent=READ,
                verb="machine.made",
            )
        ],
        "authority.rotate_machine": [
            Recipe(
                values={"credential_id": world.ids["machine"]}, fill={"hours": "0"}, sent=READ, verb="machine.rotated"
            )
        ],
        "authority.revoke_machine": [
            Recipe(values={"credential_id": world.ids["machine"]}, page="authority.machine", verb="machine.revoked")
        ],
        "authority.referrals": [Recipe()],
        "authority.referral": [
            Recipe(values=settled, fill={"outcome": outcome, **reason}, verb=f"shipment.{past}")
            for outcome, past in (("certify", "certified"), ("refuse", "refused"), ("return", "returned"))
        ],
        "authority.document": [Recipe(values=_document(certified))],
        "authority.restricted": [Recipe()],
        "authority.restricted_add": [
            Recipe(fill={"names": "Somebody", "country": "KG", **reason}, verb="restricted.added")
        ],
        "authority.restricted_remove": [
            Recipe(values={"entry_id": world.ids["restricted"]}, fill=reason, verb="restricted.removed")
        ],
        "authority.hits": [Recipe()],
        "authority.hit": [
            Recipe(
                values={**refused, "pair": world.ids["hit"]},
                verb="adjudication.proposed",
                fill={"verdict": "different", "evidence": "Register", "expires": _in_a_month(), **reason},
            ),
        ],
        "authority.explanation_file": [Recipe(values={**refused, "explanation_id": world.ids["explanation"]})],
        "authority.judgements": [Recipe()],
        "authority.judgement": [
            Recipe(
                values={"judgement_id": world.ids["judgement"]},
                fill={"answer": answer, **reason},
                only=("supervisor",),
                verb=f"adjudication.{past}",
            )
            for answer, past in (("agree", "decided"), ("refuse", "rejected"))
        ],
        "authority.false_alerts": [Recipe()],
        "authority.false_alerts_json": [Recipe()],
        "authority.lists": [Recipe()],
        "authority.list_history": [Recipe(values={"source": name}) for name in ("cn", "restricted", "un", "us-dpl")],
        "authority.list_load": [
            Recipe(
                values={"source": "un"},
                fill={"files": lambda text: (io.BytesIO(UNITED_NATIONS.read_bytes()), "un.xml")},
                verb="list.imported",
            )
        ],
        "authority.trail": [Recipe()],
        **_cases(world),
    }


def _keys(world: World) -> dict[str, list[Recipe]]:
    key, report = {"thumbprint": world.ids["key"]}, {"report_id": world.ids["key_report"]}
    return {
        "authority.keys": [Recipe()],
        "authority.key": [Recipe(values=key)],
        "authority.report_key": [
            Recipe(
                values={"thumbprint": world.ids["other_key"]},
                fill={"since": "2026-01-02 09:00", "reason": "Lost"},
                verb="key.reported",
            )
        ],
        "authority.decide_key": [
            Recipe(values=report, fill={"decision": "reject", "answer": "Found"}, verb="key.report_rejected")
        ],
        "authority.rotate_keys": [Recipe(page="authority.keys", verb="key.rotated")],
    }


def _cases(world: World) -> dict[str, list[Recipe]]:
    open_one, waiting, closed = ({"number": world.ids[f"{state}_case"]} for state in ("open", "waiting", "closed"))
    said = {"reason": "File D-1"}
    new = {"title": "Goods seen elsewhere", "because": "report", "text": "A letter", "certificate": ""}
    return {
        "authority.cases": [Recipe()],
        "authority.case": [Recipe(values=open_one), Recipe(values=waiting), Recipe(values=closed)],
        "authority.open_case": [Recipe(fill=new, verb="case.opened")],
        "authority.case_note": [
            Recipe(values=open_one, fill={"text": "Seen", "agencies": ["police"]}, verb="case.note")
        ],
        "authority.case_link": [Recipe(values=open_one, fill={"certificate": world.ids["number"]}, verb="case.linked")],
        "authority.case_assign": [
            Recipe(
                values=open_one,
                fill={"agency": "customs", "assignee": str(world.people["authority.officer"].id)},
                verb="case.assigned",
            )
        ],
        "authority.case_state": [
            Recipe(values={**open_one, "deed": "wait"}, fill=said, verb="case.waiting"),
            Recipe(values={**waiting, "deed": "resume"}, fill=said, verb="case.resumed"),
        ],
        "authority.case_close": [Recipe(values=open_one, fill={"outcome": "remedied", **said}, verb="case.closed")],
        "authority.case_reopen": [Recipe(values=closed, fill=said, verb="case.reopened")],
        "authority.jobs": [Recipe()],
        "authority.retry_job": [Recipe(values={"job_id": world.ids["job"]}, page="authority.jobs", verb="job.retried")],
        "answers.page": [
            Recipe(
                "alfa",
                {"shipment_id": world.shipments["suspended"].id},
                fill={"text": "The goods are with us", "documents": "Letter 1"},
                verb="case.answer",
                only=("preparer", "compliance_officer"),
            )
        ],
        "answers.file": [
            Recipe("alfa", {"shipment_id": world.shipments["suspended"].id, "file_id": world.ids["answer_file"]})
        ],
        "authority.answer_file": [Recipe(values={**open_one, "file_id": world.ids["answer_file"]})],
    }


def _in_a_month() -> str:
    return (utc_now() + timedelta(days=30)).date().isoformat()


def _controls(world: World) -> dict[str, list[Recipe]]:
    draft, proposed = world.ids["draft_change"], world.ids["proposed_change"]
    return {
        "controls.index": [Recipe()],
        "controls.measure": [Recipe(values={"name": "2025-57"})],
        "controls.measures_json": [Recipe()],
        "controls.assistant": [Recipe()],
        "controls.changes": [Recipe()],
        "controls.draft_change": [
            Recipe(
                values={"name": "2025-18"},
                fill={
                    "kind": "check", "effective": "2026-01-02", "source": "The official text", "mark": "V",
                    "reason": "Compared",
                },
                verb="measure.drafted",
            )
        ],
        "controls.new_measure": [
            Recipe(
                fill={
                    "number": "1/2099", "title_en": "Test", "title_zh": "测试", "authority_en": "Ministry",
                    "authority_zh": "商务部", "issued": "2026-01-02", "effective": "2026-01-02", "effect": "licence",
                    "source": "The official text", "mark": "V", "reason": "Announced",
                },
                verb="measure.drafted",
            )
        ],
        "controls.one_change": [Recipe(values={"change_id": draft}), Recipe(values={"change_id": proposed})],
        "controls.decide_change": [
            Recipe(
                values={"change_id": of, "deed": deed}, fill=fill, only=(role,) if role else (),
                page="controls.changes", verb=f"measure.{past}",
            )
            for of, deed, role, past, fill in (
                (draft, "propose", "officer", "proposed", {}),
                (draft, "withdraw", "officer", "withdrawn", {}),
                (draft, "count", "", "preview_asked", {}),
                (proposed, "approve", "supervisor", "approved", {"unseen": "The worker stands still"}),
                (proposed, "reject", "supervisor", "rejected", {"reason": "Another text"}),
            )
        ],
    }  # fmt: skip


def _document(shipment: Any) -> dict[str, Any]:
    return {"shipment_id": shipment.id, "document_id": shipment.documents[0].id}
