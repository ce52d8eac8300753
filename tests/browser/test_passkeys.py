"""Passkeys in a real browser with Chromium's virtual authenticator: registered, signed in with, and attested with."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from playwright.sync_api import CDPSession, expect
from sqlalchemy import select

from portal.accounts.models import Organisation, User
from portal.audit import Actor
from portal.certificates import attested
from portal.certificates.models import Certificate
from portal.db import utc_now
from portal.screening import lists
from portal.shipments import conduct
from tests.browser.conftest import Site, Visitor
from tests.browser.test_workspace import CHEAP, PASSWORD, people, sign_in
from tests.shipments.conftest import drafted

pytestmark = pytest.mark.browser
OFFICER = "compliance_officer1@example.org"


@pytest.fixture
def shipment(site: Site) -> Iterator[str]:
    """The address of a submitted shipment; the site is then known by its name, as passkeys want it."""
    with ThreadPoolExecutor(1) as other:
        yield other.submit(_submitted, site).result()


def _submitted(site: Site) -> str:
    site.app.config["PASSWORD_COST"] = CHEAP
    now = utc_now()
    with site.app.extensions["portal_sessions"]() as session:
        home = Organisation(kind="exporter", name="云岭锗光", name_en="Yunling", country="CN", created_at=now)
        home.identifier_scheme, home.identifier, home.address = "USCC", "91110000600037341L", "昆明"
        session.add(home)
        firm = people(session, home)
        lists.load_shipped(session, actor=Actor.system("test"), now=now)
        made = drafted(session, firm, now, site.settings)
        conduct.submit(session, made, by=firm.preparer, now=now)
        session.commit()
        return f"/shipments/{made.id}"


def by_name(visitor: Visitor) -> Visitor:
    """The same window on the same site, at its name."""
    visitor.site = replace(visitor.site, address=visitor.site.address.replace("127.0.0.1", "localhost"))
    return visitor


def authenticator(visitor: Visitor, verifies: bool = True) -> tuple[CDPSession, str]:
    """A security key in the window, whose user proves who they are, or cannot."""
    driver = visitor.context.new_cdp_session(visitor.page)
    driver.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": verifies, "automaticPresenceSimulation": True,
    }  # fmt: skip
    return driver, driver.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]


def use_passkey(visitor: Visitor) -> None:
    visitor.click("[data-passkey-button]")


def test_from_registering_a_passkey_to_a_certificate_that_carries_its_proof(
    visit: Callable[..., Visitor], shipment: str, site: Site
) -> None:
    visitor = by_name(visit())
    driver, key = authenticator(visitor)
    sign_in(visitor, OFFICER)
    visitor.open("/account/passkeys/add")
    visitor.fill(name="Office computer", present=PASSWORD)
    visitor.press()
    visitor.check("en", "passkey-create")
    use_passkey(visitor)
    assert "recovery codes" in visitor.page.title()
    visitor.open("/account/passkeys")
    visitor.check("en", "passkeys")

    visitor.context.clear_cookies()
    visitor.open("/sign-in")
    use_passkey(visitor)
    assert visitor.page.locator(f"header a[href='{'/account'}']").is_visible()

    visitor.context.clear_cookies()
    sign_in(visitor, OFFICER)
    assert visitor.page.url.endswith("/sign-in/code?next=/")
    visitor.check("en", "sign-in-code")
    use_passkey(visitor)

    page = visitor.open(f"{shipment}/attest")
    visitor.check("en", "attest")
    page.locator("[data-passkey-button]").click()
    expect(page.locator("[data-passkey-unticked]")).to_be_visible()
    driver.send("WebAuthn.setUserVerified", {"authenticatorId": key, "isUserVerified": False})
    visitor.fill(agreed=True)
    page.locator("[data-passkey-button]").click()
    expect(page.locator("[data-passkey-failed]")).to_be_visible()
    visitor.check("en", "attest-failed")
    driver.send("WebAuthn.setUserVerified", {"authenticatorId": key, "isUserVerified": True})
    use_passkey(visitor)
    assert page.url.endswith(f"{shipment}/decision")
    with site.app.extensions["portal_sessions"]() as session:
        (made,) = session.scalars(select(Certificate)).all()
        facts = json.loads(made.statement)
        officer = session.scalars(select(User).where(User.email == OFFICER)).one()
        assert facts["attestation"]["officer"] == officer.name
    assert attested.check(facts) == attested.Checked(before_review=False, counter_stale=False)


def test_without_script_each_page_says_what_a_passkey_needs(visit: Callable[..., Visitor], shipment: str) -> None:
    visitor = by_name(visit("zh", script=False))
    page = visitor.open("/sign-in?lang=zh")
    expect(page.locator("[data-passkey-without]")).to_be_visible()
    expect(page.locator("[data-passkey-button]")).to_be_hidden()


def test_at_a_number_the_page_leads_to_its_name(visit: Callable[..., Visitor], shipment: str, site: Site) -> None:
    visitor = visit()
    page = visitor.open("/sign-in")
    visitor.click("main a[href^='http://localhost']")
    assert page.url == site.address.replace("127.0.0.1", "localhost") + "/sign-in"
    expect(page.locator("[data-passkey-button]")).to_be_visible()
