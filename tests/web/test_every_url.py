"""Every address of the site, with every method, as everybody: who may enter, and that nobody else learns anything."""

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal.audit import words
from portal.web import access
from tests.web import recipes
from tests.web.pages import forbidden, form_of
from tests.web.recipes import Recipe
from tests.web.world import EXPORTER_ROLES, PRODUCT, World

ALFA = [f"alfa.{role}" for role in EXPORTER_ROLES]
BETA = [f"beta.{role}" for role in EXPORTER_ROLES]
AUTHORITY = ["authority.officer", "authority.supervisor"]
EVERYBODY = ["", *ALFA, *BETA, *AUTHORITY]
OTHER_METHODS = ("PUT", "DELETE", "OPTIONS", "PROPFIND", "POST", "GET")
OK, AWAY, UNKNOWN, FORBIDDEN, NOT_FOUND, NO_METHOD = 200, 303, 401, 403, 404, 405
# Whoever has the number or the link of these may read what they say of the first exporter.
OPEN_RECORDS = (
    "verification.by_number", "verification.check", "accounts.invitation", "accounts.reset_password",
    "api.verify", "api.verify_batch",
)  # fmt: skip
# Nobody who is signed in is meant to use these; what they do then is for the room's own tests.
SIGNED_OUT_ONLY = (
    "accounts.sign_in", "accounts.sign_in_code", "accounts.sign_in_passkey", "accounts.register",
    "accounts.register_organisation", "accounts.forgotten_password", "accounts.reset_password", "accounts.invitation",
)  # fmt: skip
# Pages whose buttons hold nothing to fill in.
BUTTONS = ("web.home", "accounts.organisation", "accounts.person", "controls.changes", "authority.machine")
# It changes nothing and uses no session: other programs may send it.
WITHOUT_TOKEN = ("verification.check", "api.verify", "api.verify_batch")


def right_answer(world: World, who: str, declared: access.Rule, recipe: Recipe, answer: int) -> int:
    """What declaration and ownership make of a request that is otherwise answered ``answer``."""
    if declared.everybody:
        return answer
    if not who:
        return UNKNOWN if declared.scope else AWAY
    if declared.roles is not None and not declared.roles & set(world.people[who].role_names):
        return FORBIDDEN
    if recipe.of and not who.startswith(f"{recipe.of}."):
        return NOT_FOUND
    return answer


def faults_of(response: TestResponse, who: str, endpoint: str) -> Iterator[str]:
    """What no answer may do: fail, tell of others, or let what people typed become markup."""
    if response.status_code >= 500:
        yield f"answers {response.status_code}"
    if not who.startswith(("alfa.", "authority.")) and endpoint not in OPEN_RECORDS:
        told = response.data + str(response.headers).encode()
        if b"ALFA-ONLY" in told or b"RESTRICTED-ONLY" in told:
            yield "tells what belongs to others"
    if response.mimetype == "text/html" and response.data:
        yield from forbidden(response.text)
        for written in ("<script>x7", "<img src=q", str(PRODUCT)):
            if written in response.text:
                yield f"lets {written} through"


def posts(world: World) -> list[tuple[str, access.Rule, Recipe]]:
    return [
        (rule.endpoint, declared, recipe)
        for rule, declared, recipe in recipes.rules(world)
        if "POST" in (rule.methods or ())
    ]


def blindly(client: FlaskClient, world: World, endpoint: str, recipe: Recipe) -> TestResponse:
    """Send the recipe's form without having opened its page."""
    known = {name: value for name, value in recipe.fill.items() if not callable(value)}
    if recipe.json:
        return client.post(recipes.address(world, endpoint, recipe), json=known)
    return client.post(recipes.address(world, endpoint, recipe), data=known)


def as_a_person(client: FlaskClient, world: World, endpoint: str, recipe: Recipe) -> TestResponse:
    """Open the page, fill its form in and send it; what is for machines has no page."""
    if recipe.json:
        return blindly(client, world, endpoint, recipe)
    recipe.before(client)
    page = recipes.address(world, endpoint, recipe)
    if recipe.page:
        of_page = recipe.values if recipe.page in ("accounts.person", "authority.machine") else {}
        page = recipes.address(world, recipe.page, Recipe(values=of_page))
    text = client.get(page).text
    fill = {name: value(text) if callable(value) else value for name, value in recipe.fill.items()}
    data = fill if recipe.page in BUTTONS else form_of(text).filled(**fill)
    return client.post(recipes.address(world, endpoint, recipe), data=data)


def test_every_address_has_a_recipe_and_every_recipe_an_address(world: World) -> None:
    assert list(recipes.rules(world))
    endpoints = {rule.endpoint for rule in world.app.url_map.iter_rules()}
    assert set(recipes.all_recipes(world)) <= endpoints


@pytest.mark.parametrize("who", EVERYBODY)
def test_reading(world: World, who: str) -> None:
    """GET and HEAD: the declaration holds, nothing of others is shown, and reading changes nothing."""
    faults = []
    client, before = world.client(who), world.contents()
    for rule, declared, recipe in recipes.rules(world):
        if "GET" not in (rule.methods or ()):
            continue
        place = recipes.address(world, rule.endpoint, recipe)
        right = right_answer(world, who, declared, recipe, recipe.shown)
        response = client.get(place, buffered=True)
        led_home = declared.everybody and who and response.status_code in (302, AWAY)
        if response.status_code != right and not led_home:
            faults.append(f"GET {place} ({rule.endpoint}): {response.status_code}, not {right}")
        if right == AWAY != recipe.shown and not response.headers.get("Location", "").startswith("/sign-in?next="):
            faults.append(f"GET {place} does not lead to signing in")
        faults += [f"GET {place}: {fault}" for fault in faults_of(response, who, rule.endpoint)]
        head = client.head(place, buffered=True)
        if head.status_code != response.status_code or head.data:
            faults.append(f"HEAD {place}: {head.status_code} with {len(head.data)} bytes")
    changed = {name for name, digest in world.contents().items() if before[name] != digest}
    assert not faults, "\n".join(faults)
    assert changed <= {"audit_event", "audit_head", "sqlite_sequence"}, "reading leaves at most audit events of a look"


@pytest.mark.parametrize("who", ["", "alfa.preparer", "beta.preparer", "authority.supervisor"])
def test_other_methods(world: World, who: str) -> None:
    """A method that is not routed is refused without harm."""
    faults = []
    client, before = world.client(who), world.contents()
    for rule, recipe in {rule.rule: (rule, recipe) for rule, _, recipe in recipes.rules(world)}.values():
        place = recipes.address(world, rule.endpoint, recipe)
        same = [each for each in world.app.url_map.iter_rules() if each.rule == rule.rule]
        routed = {method for each in same for method in each.methods or ()}
        for method in OTHER_METHODS:
            if method in routed and method != "OPTIONS":
                continue
            response = client.open(place, method=method, buffered=True)
            right = (NO_METHOD,) if method != "OPTIONS" else (OK, AWAY, UNKNOWN, FORBIDDEN)
            if response.status_code not in right:
                faults.append(f"{method} {place}: {response.status_code}")
            faults += [f"{method} {place}: {fault}" for fault in faults_of(response, who, rule.endpoint)]
    assert not faults, "\n".join(faults)
    assert world.contents() == before


@pytest.mark.parametrize("who", EVERYBODY)
def test_sending(world: World, who: str) -> None:
    """POST: whoever may, does, and leaves an audit event; whoever may not changes nothing."""
    faults = []
    for endpoint, declared, recipe in posts(world):
        if who and endpoint in SIGNED_OUT_ONLY:
            continue
        place = f"POST {recipes.address(world, endpoint, recipe)} ({endpoint})"
        right = right_answer(world, who, declared, recipe, recipe.sent)
        may = right == recipe.sent and (declared.everybody or bool(who))
        if may and recipe.only and not set(recipe.only) & set(world.people[who].role_names):
            right, may = FORBIDDEN, False
        client, before, earlier = world.client(who), world.contents(), len(world.verbs())
        response = (as_a_person if may else blindly)(client, world, endpoint, recipe)
        if response.status_code != right:
            faults.append(f"{place}: {response.status_code}, not {right}")
        faults += [f"{place}: {fault}" for fault in faults_of(response, who, endpoint)]
        verbs = world.verbs()[earlier:]
        leaves = may and recipe.verb and not (endpoint == "accounts.sign_out" and not who)
        if leaves and recipe.verb not in verbs:
            faults.append(f"{place} left {verbs}, not {recipe.verb}")
        if not leaves and world.contents() != before:
            faults.append(f"{place} changed something, and left {verbs}")
        faults += [f"{verb} has no words in audit/words.yaml" for verb in verbs if words.verb(verb)["zh"] == verb]
        if may:
            world.restore()
    assert not faults, "\n".join(faults)


@pytest.fixture
def forgery(world: World) -> Iterator[None]:
    """The protection against forged forms, switched on."""
    world.app.config["WTF_CSRF_ENABLED"] = True
    yield
    world.app.config["WTF_CSRF_ENABLED"] = False


@pytest.mark.usefixtures("forgery")
@pytest.mark.parametrize("who", ["", *ALFA, *AUTHORITY])
def test_a_form_without_its_token_is_refused(world: World, who: str) -> None:
    faults = []
    before = world.contents()
    for endpoint, declared, recipe in posts(world):
        response = blindly(world.client(who), world, endpoint, recipe)
        right = response.status_code == 400
        if declared.scope:
            right = response.status_code == (FORBIDDEN if who else UNKNOWN)
        if endpoint in WITHOUT_TOKEN:
            right = response.status_code < 400
        if not right:
            faults.append(f"{endpoint}: {response.status_code}")
    assert not faults, "\n".join(faults)
    assert world.contents() == before


def test_ids_of_nothing_are_not_found(world: World) -> None:
    """An id that no object has is answered like one of somebody else."""
    faults = []
    for rule, declared, recipe in recipes.rules(world):
        swapped = {
            name: "00000000-0000-0000-0000-000000000000" if name.endswith("_id") else value
            for name, value in recipe.values.items()
        }
        if swapped == recipe.values or declared.roles is None:
            continue
        who = next(each for each in [*ALFA, *AUTHORITY] if declared.roles & set(world.people[each].role_names))
        place = recipes.address(world, rule.endpoint, Recipe(values=swapped))
        for method in {"GET", "POST"} & (rule.methods or set()):
            if (found := world.client(who).open(place, method=method).status_code) != NOT_FOUND:
                faults.append(f"{method} {place}: {found}")
    assert not faults, "\n".join(faults)


def test_an_object_is_found_only_below_its_own_shipment(world: World) -> None:
    """Goods, parties and documents of one's own are not found under another shipment of one's own."""
    faults = []
    client, other = world.client("alfa.preparer"), world.shipments["bare"].id
    for rule, _declared, recipe in recipes.rules(world):
        inside = {"line_id", "party_id", "document_id", "item"} & set(recipe.values)
        if not inside or not rule.endpoint.startswith("shipments."):
            continue
        place = recipes.address(world, rule.endpoint, Recipe(values={**recipe.values, "shipment_id": other}))
        for method in {"GET", "POST"} & (rule.methods or set()):
            if (found := client.open(place, method=method, buffered=True).status_code) != NOT_FOUND:
                faults.append(f"{method} {place}: {found}")
    assert not faults, "\n".join(faults)
