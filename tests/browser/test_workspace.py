"""The workspace in a real browser: every type of page is sound in both languages, and works without script."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy.orm import Session

from portal.accounts import passwords
from portal.accounts.models import Organisation, User
from portal.accounts.passwords import Cost
from portal.audit import Actor
from portal.certificates import keys
from portal.db import utc_now
from portal.screening import lists
from portal.shipments import conduct
from tests.browser.conftest import Site, Visitor
from tests.shipments.conftest import Firm, drafted

pytestmark = pytest.mark.browser

CHEAP = Cost(passes=1, memory=8, lanes=1)
PASSWORD = "glass river under moss"
DRAFT = (
    "", "/contract", "/route", "/licence", "/goods", "/goods/add", "/parties/add", "/parties", "/documents",
    "/documents/add", "/questionnaires/end-use", "/questionnaires/end-use/answers", "/check", "/withdraw", "/history",
    "/questionnaires/end-use/use/stated_use",
)  # fmt: skip


def people(session: Session, home: Organisation) -> Firm:
    made = [
        User(
            organisation=home,
            email=f"{role}{number}@example.org",
            name=f"{role} {number}",
            position="Manager",
            role_names=[role],
            password_hash=passwords.keep(PASSWORD, CHEAP),
            created_at=home.created_at,
        )
        for role, number in (("preparer", 1), ("compliance_officer", 1), ("compliance_officer", 2))
    ]
    session.add_all(made)
    session.flush()
    return Firm(home, *made)


@pytest.fixture
def shipments(site: Site) -> dict[str, str]:
    """The addresses of shipments as a draft, submitted, certified and refused."""
    with ThreadPoolExecutor(1) as other:  # signing needs an event loop, and Playwright's runs in this thread
        return other.submit(prepared, site).result()


def prepared(site: Site) -> dict[str, str]:
    """Shipments at every stage in the site's database."""
    site.app.config["PASSWORD_COST"] = CHEAP
    now = utc_now()
    found: dict[str, str] = {}
    with site.app.extensions["portal_sessions"]() as session:
        home = Organisation(kind="exporter", name="云岭锗光", name_en="Yunling", country="CN", created_at=now)
        home.identifier_scheme, home.identifier, home.address = "USCC", "91110000600037341L", "昆明"
        session.add(home)
        firm = people(session, home)
        lists.load_shipped(session, actor=Actor.system("test"), now=now)
        issuer = keys.open_issuer(site.settings, now=now)
        for name, case, far in (
            ("draft", "germanium-lens-blanks", 0), ("submitted", "germanium-lens-blanks", 1),
            ("certified", "germanium-lens-blanks", 2), ("refused", "samarium-cobalt-magnets", 2),
        ):  # fmt: skip
            made = drafted(session, firm, now, site.settings, case)
            if far > 0:
                conduct.submit(session, made, by=firm.preparer, now=now)
            if far > 1:
                conduct.attest(session, made, officer=firm.officer, now=now, issuer=issuer, settings=site.settings)
            found[name] = f"/shipments/{made.id}"
            found[f"{name} line"] = f"/shipments/{made.id}/goods/{made.goods[0].id}"
        session.commit()
    return found


def sign_in(visitor: Visitor, email: str, language: str = "en") -> None:
    page = visitor.open(f"/sign-in?lang={language}")
    page.locator("[name=email]").fill(email)
    page.locator("[name=password]").fill(PASSWORD)
    visitor.click("main button[type=submit]", last=True)


@pytest.mark.parametrize(("language", "lang"), [("en", "en"), ("zh", "zh-Hans")])
def test_pages_are_sound(visit: Callable[..., Visitor], shipments: dict[str, str], language: str, lang: str) -> None:
    visitor = visit(language)
    sign_in(visitor, "preparer1@example.org", language)
    paths = ["/shipments/", "/shipments/new", *(shipments["draft"] + path for path in DRAFT)]
    paths += [shipments["draft line"] + rest for rest in ("", "/control", "/remove")]
    for name in ("certified", "refused"):
        paths += [shipments[name] + rest for rest in ("", "/decision", "/file")]
    paths += [shipments["certified"] + "/amend", shipments["certified"] + "/contract"]
    for path in paths:
        visitor.open(path)
        visitor.check(lang)
    for path in ("/goods/add", "/parties/add", "/documents/add", "/questionnaires/end-use/use/stated_use"):
        page = visitor.open(shipments["draft"] + path)
        for box in page.locator("main textarea, main input[type=text]").all():
            if box.is_visible():
                box.fill("")
        visitor.click("main form button[type=submit]", last=True)
        visitor.check(lang)
    visitor.context.clear_cookies()
    sign_in(visitor, "compliance_officer1@example.org", language)
    for path in (
        "/shipments/",
        shipments["submitted"],
        shipments["submitted"] + "/attest",
        shipments["submitted"] + "/return",
    ):
        visitor.open(path)
        visitor.check(lang)


def test_attested_without_script(visit: Callable[..., Visitor], shipments: dict[str, str]) -> None:
    visitor = visit("en", script=False)
    sign_in(visitor, "compliance_officer1@example.org")
    page = visitor.open("/shipments/")
    page.locator(".shipments-waiting a").first.click()
    page.get_by_role("button", name="Read and attest").click()
    page.get_by_label("I attest this").check()
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Attest", exact=True).click()
    assert "The shipment is certified" in page.locator("h1").inner_text()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the signed PDF").click()
    assert download.value.suggested_filename.startswith("DDC-")
