"""The whole way through a browser: from registering a firm to a certificate that is verified, revoked, and seen so."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from portal.accounts import people, registration
from portal.audit import Actor
from portal.certificates import keys
from portal.config import Settings
from portal.db import utc_now
from portal.screening import lists
from portal.shipments import case as cases
from portal.shipments import edit, intake
from tests.browser.conftest import CHEAP, HTML_LANG, Site, Visit, Visitor, serving
from tests.web.world import picture

pytestmark = pytest.mark.browser

CASE: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "data/cases/germanium-lens-blanks.json").read_text("utf-8")
)
PASSWORD = "glass river under moss"
FIRMS = {
    "en": {"identifier": "91110000600037341L", "name": "Kunming Lens Works", "name_en": "Kunming Lens Works"},
    "zh": {"identifier": "91530100MA6EX0GE10", "name": "云岭锗光材料有限公司", "name_en": "Yunling Germanium Optics"},
}
NUMBER = re.compile(r"DDC-\d{4}-\d{7}-[0-9A-Z]")


def prepared(app: Flask, settings: Settings) -> None:
    """What stands before the first firm comes: keys, lists, and an authority with one officer."""
    now, by = utc_now(), Actor.system("test")
    keys.open_issuer(settings, now=now)
    with app.extensions["portal_sessions"]() as session:
        lists.load_shipped(session, actor=by, now=now)
        home = registration.create_authority(
            session, name="主管部门", name_en="The authority", country="CN", now=now, actor=by
        )
        people.add(
            session, home, email="officer@authority.example", name="陈昊", position="审查员", roles=["officer"],
            password=PASSWORD, language="en", now=now, actor=by, cost=CHEAP,
        )  # fmt: skip
        session.commit()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One portal for all journeys: each brings a firm of its own."""
    with serving(tmp_path_factory.mktemp("journey") / "instance", prepared) as running:
        yield running


@dataclass
class Journey:
    """Who travels, in which language, and which kinds of page have been looked at closely."""

    visit: Visit
    language: str
    seen: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)

    closely: bool = True

    def look(self, visitor: Visitor, kind: str) -> None:
        """Check a page closely, the first time that one of its kind is met; the journey goes on with what it found."""
        if kind in self.seen or not self.closely:
            return
        self.seen.add(kind)
        try:
            visitor.check(HTML_LANG[self.language], kind)
        except AssertionError as fault:
            self.faults.append(f"{kind}: {str(fault).splitlines()[0]}")

    def arrive(self, visitor: Visitor, place: str, kind: str) -> None:
        """The page at which an action should have led, looked at closely."""
        assert re.search(place, visitor.page.url), (
            f"{visitor.page.url}: {visitor.page.locator('main').inner_text()[:600]}"
        )
        self.look(visitor, kind)


def case_value(question: str) -> Any:
    """The answer that the case gives to a question."""
    for answers in CASE["answers"].values():
        if question in answers:
            value = answers[question]
            return value["1"] if isinstance(value, dict) and "1" in value else value
    raise AssertionError(f"the case has no answer to {question}")


def fields_of(visitor: Visitor) -> dict[str, str]:
    """The fields of the page's form with their kinds, without what carries no answer."""
    named: list[list[str]] = visitor.page.eval_on_selector_all(
        "main form[method=post] [name]", "fields => fields.map(one => [one.name, one.type])"
    )
    return {name: kind for name, kind in named if name not in ("csrf_token", "seen", "later")}


def answer_page(visitor: Visitor) -> str:
    """Answer the questions of one page as the case does; gives the kinds of its fields."""
    kinds = fields_of(visitor)
    for name in kinds:
        question, _, part = name.partition("-")
        if part == "unknown":
            continue
        value = case_value(question)
        if part in ("year", "month", "day"):
            value = int(dict(zip(("year", "month", "day"), value.split("-"), strict=True))[part])
        visitor.put(name, value)
    return "+".join(sorted(set(kinds.values())))


def answer_all(journey: Journey, visitor: Visitor, shipment: str, name: str) -> int:
    """Answer a whole questionnaire page by page; gives how many pages there were."""
    visitor.open(f"{shipment}/questionnaires/{name}")
    journey.look(visitor, "questionnaire")
    visitor.click("main a[href*='/questionnaires/']")
    for number in range(1, 200):
        if visitor.page.url.endswith("/answers"):
            journey.look(visitor, "questionnaire_answers")
            return number - 1
        before = visitor.page.url, fields_of(visitor)
        kind = answer_page(visitor)
        journey.look(visitor, f"question-{kind}")
        visitor.press()
        # An answer may open another question on the same page, which is then asked before going on.
        assert (visitor.page.url, fields_of(visitor)) != before, visitor.page.locator("main").inner_text()[:800]
    raise AssertionError("the questionnaire has no end")


def register(journey: Journey) -> Visitor:
    """Register a firm by the link that its first person is mailed."""
    visitor = journey.visit(journey.language)
    visitor.open("/register")
    journey.look(visitor, "register")
    visitor.fill(email=f"first.{journey.language}@firm.example")
    visitor.press()
    journey.look(visitor, "register_sent")
    visitor.click("main .govuk-inset-text a")
    journey.arrive(visitor, "/register/", "register_organisation")
    visitor.press()
    journey.look(visitor, "register_organisation-wrong")
    firm = FIRMS[journey.language]
    visitor.fill(
        **firm, address="昆明市高新区示例路18号", country="CN", person="李晓岚", position="外贸专员", password=PASSWORD
    )
    visitor.fill(identifier=firm["identifier"][:-1] + "7")
    visitor.press()
    assert visitor.page.locator("#identifier-error").count() == 1, "the check digit was not proved"
    assert visitor.page.locator("#name").input_value() == firm["name"], "what was typed is lost"
    visitor.fill(identifier=firm["identifier"], password=PASSWORD)
    visitor.press()
    journey.arrive(visitor, "/organisation$", "organisation")
    return visitor


def invite_officer(journey: Journey, visitor: Visitor) -> Visitor:
    """Invite a compliance officer, who comes by the mailed link in a window of their own."""
    visitor.open("/organisation/people/invite")
    journey.look(visitor, "invite")
    visitor.fill(
        email=f"officer.{journey.language}@firm.example", roles=["compliance_officer"], language=journey.language
    )
    visitor.press()
    journey.arrive(visitor, "/organisation$", "organisation-invited")
    [link] = re.findall(r"http://\S+/invitation/[\w-]+", visitor.page.locator("main").inner_text())
    officer = journey.visit(journey.language)
    officer.page.goto(link)
    journey.look(officer, "invitation")
    officer.fill(name="周启明", position="合规负责人", password=PASSWORD)
    officer.press()
    sign_out_and_in(journey, officer, f"officer.{journey.language}@firm.example")
    return officer


def sign_out_and_in(journey: Journey, visitor: Visitor, email: str) -> None:
    """End the session and begin another, as on the next morning."""
    if visitor.page.locator("header form button").count():
        visitor.click("header form button")
    else:
        visitor.open("/sign-in")
    journey.arrive(visitor, "/sign-in", "sign_in")
    visitor.fill(email=email, password="not the password")
    visitor.press()
    journey.look(visitor, "sign_in-wrong")
    visitor.fill(email=email, password=PASSWORD)
    visitor.press()
    assert "/sign-in" not in visitor.page.url


def describe(journey: Journey, visitor: Visitor) -> str:
    """Enter contract, route, goods, parties, no licence and a document; gives the path of the shipment."""
    given = CASE["shipment"]
    visitor.open("/shipments/new")
    journey.look(visitor, "new")
    visitor.fill(reference=f"{given['reference']}-{journey.language}")
    visitor.press()
    journey.arrive(visitor, "/shipments/[0-9a-f-]{36}$", "task_list-empty")
    shipment = visitor.page.url.removeprefix(visitor.site.address)
    visitor.open(f"{shipment}/contract")
    journey.look(visitor, "contract")
    year, month, day = given["contract"]["date"].split("-")
    visitor.fill(**{"number": given["contract"]["number"], "date-day": day, "date-month": month, "date-year": year})
    visitor.press()
    visitor.open(f"{shipment}/route")
    journey.look(visitor, "route")
    year, month, day = given["route"]["planned_on"].split("-")
    visitor.fill(
        **{"departure": "CN", "destination": "DE", "mode": "air"},
        **{"planned_on-day": day, "planned_on-month": month, "planned_on-year": year},
    )
    visitor.press()
    enter_goods(journey, visitor, shipment)
    enter_parties(journey, visitor, shipment)
    visitor.open(f"{shipment}/licence")
    journey.look(visitor, "licence")
    visitor.fill(held="no")
    visitor.press()
    visitor.open(f"{shipment}/documents/add")
    journey.look(visitor, "document")
    visitor.fill(kind="other", file={"name": "合同.png", "mimeType": "image/png", "buffer": picture()})
    visitor.press()
    journey.arrive(visitor, "/documents$", "documents")
    return shipment


def enter_goods(journey: Journey, visitor: Visitor, shipment: str) -> None:
    visitor.open(f"{shipment}/goods/add")
    visitor.press()
    journey.look(visitor, "goods_line-wrong")
    line = {name: value for name, value in CASE["goods"][0].items() if value}
    visitor.fill(**line)
    visitor.press()
    journey.arrive(visitor, "/control$", "goods_control")
    visitor.open(f"{shipment}/goods")
    journey.look(visitor, "goods")


def enter_parties(journey: Journey, visitor: Visitor, shipment: str) -> None:
    for party in CASE["parties"]:
        visitor.open(f"{shipment}/parties/add")
        journey.look(visitor, "party")
        plain = {name: party[name] for name in ("name", "country", "address", "roles")}
        visitor.fill(**plain)
        visitor.press()
        journey.arrive(visitor, "/parties$", "parties")


def submit(journey: Journey, visitor: Visitor, shipment: str) -> None:
    visitor.open(shipment)
    journey.look(visitor, "task_list-complete")
    visitor.open(f"{shipment}/check")
    journey.look(visitor, "check")
    visitor.press()
    journey.look(visitor, "check-wrong")
    visitor.fill(declared=True)
    visitor.press()
    journey.arrive(visitor, f"{shipment}$", "standing-submitted")


def attest(journey: Journey, officer: Visitor, shipment: str) -> Path:
    """Read the file, attest it with the password, and take the certificate."""
    officer.open("/shipments/")
    journey.look(officer, "shipments-to-attest")
    officer.open(f"{shipment}/attest")
    journey.look(officer, "attest")
    officer.fill(agreed=True, password="not the password")
    officer.press()
    journey.look(officer, "attest-wrong")
    officer.fill(agreed=True, password=PASSWORD)
    officer.press()
    journey.arrive(officer, "/decision$", "decision")
    with officer.page.expect_download() as started:
        officer.page.locator("main a[href$='/certificate.pdf']").click()
    return started.value.path()


def verify(journey: Journey, file: Path) -> Visitor:
    """Anybody uploads the certificate."""
    visitor = journey.visit(journey.language)
    visitor.open("/verify")
    journey.look(visitor, "verify")
    visitor.fill(file=file)
    visitor.press()
    return visitor


def verdict(visitor: Visitor) -> str:
    """What the page says in large."""
    return visitor.page.locator("main .portal-verdict, main .verdict").first.inner_text()


def revoke(journey: Journey, number: str) -> None:
    """An officer of the authority finds the certificate and revokes it."""
    officer = journey.visit(journey.language)
    sign_out_and_in(journey, officer, "officer@authority.example")
    officer.open(f"/?lang={journey.language}")
    journey.arrive(officer, "/authority/", "authority")
    officer.open(f"/authority/certificates?q={number}")
    journey.look(officer, "authority-certificates")
    officer.follow(f"/authority/certificates/{number}")
    journey.look(officer, "authority-certificate")
    officer.follow("/revoke")
    journey.look(officer, "authority-revoke")
    officer.press()
    journey.look(officer, "authority-revoke-wrong")
    officer.fill(reason_code="false-statement", reason="经核查，所附证明与原件不符。")
    officer.press()
    journey.arrive(officer, f"/certificates/{number}$", "authority-certificate-revoked")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_from_registration_to_a_verified_and_revoked_certificate(visit: Visit, language: str, tmp_path: Path) -> None:
    journey = Journey(visit, language)
    preparer = register(journey)
    officer = invite_officer(journey, preparer)
    shipment = describe(journey, preparer)
    assert answer_all(journey, preparer, shipment, "end-use") > 10
    assert answer_all(journey, preparer, shipment, "end-user") > 10
    submit(journey, preparer, shipment)
    file = attest(journey, officer, shipment)
    assert file.read_bytes().startswith(b"%PDF-")
    public = verify(journey, file)
    journey.look(public, "result-valid")
    [number] = set(NUMBER.findall(public.page.locator("main").inner_text()))
    assert public.page.locator("main .portal-tag--good, main [class*=good]").count() >= 1
    revoke(journey, number)
    public = verify(journey, file)
    journey.look(public, "result-revoked")
    public.open(f"/verify/{number}")
    journey.look(public, "number-revoked")
    assert not journey.faults, "\n".join(journey.faults)


@pytest.fixture
def unanswered(site: Site) -> str:
    """A shipment that lacks nothing but answers, and a preparer; gives its path."""
    now, by = utc_now(), Actor.system("test")
    given = cases.read(json.dumps(CASE).encode(), on=now.date())
    with site.app.extensions["portal_sessions"]() as session:
        person = registration.register(
            session, name="Optik GmbH", name_en="Optik GmbH", country="DE", identifier="213800KUD8LAJWSQ9D15",
            address="Jena", email="plain@firm.example", person="Anna", position="Clerk", password=PASSWORD,
            language="en", now=now, cost=CHEAP,
        )  # fmt: skip
        draft = edit.create(session, organisation_id=person.organisation_id, reference="PLAIN-1", by=person, now=now)
        intake.fill(session, draft, given, {}, {}, by=person, now=now, settings=site.settings)
        people.change_roles(session, person, ["preparer", "administrator"], actor=by, now=now)
        session.commit()
        return f"/shipments/{draft.id}"


def test_the_questionnaires_without_script(visit: Visit, unanswered: str) -> None:
    """Script switched off: both questionnaires from the first page to submission, one mistake on the way."""
    visitor = visit("en", script=False)
    visitor.open("/sign-in")
    visitor.fill(email="plain@firm.example", password=PASSWORD)
    visitor.press()
    visitor.open(f"{unanswered}/questionnaires/end-use")
    visitor.click("main a[href*='/questionnaires/']")
    visitor.press()
    assert visitor.page.locator(".govuk-error-summary").count() == 1
    journey = Journey(visit, "en", closely=False)
    assert answer_all(journey, visitor, unanswered, "end-use") > 10
    assert answer_all(journey, visitor, unanswered, "end-user") > 10
    submit(journey, visitor, unanswered)
