"""Load the demonstration: an invented month of work, done through the same functions as real work is."""

import heapq
import json
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain, count
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts import passwords, people, registration
from portal.accounts.models import Organisation, User
from portal.audit import Actor
from portal.certificates import keys, status
from portal.certificates.keys import Issuer
from portal.config import Settings
from portal.demonstration import attesting, enforcement, judging, presenting
from portal.demonstration.attesting import Keyring
from portal.demonstration.cases import case, read
from portal.demonstration.steps import DemonstrationRefused, Step
from portal.screening import lists, restricted
from portal.shipments import case as case_files
from portal.shipments import conduct, intake
from portal.shipments.models import Shipment

BY = Actor.command("portal demo")
MONTH = timedelta(days=40)
Say = Callable[[str], Any]


def load(
    session: Session,
    *,
    settings: Settings,
    once: bool,
    now: datetime,
    say: Say,
    cost: passwords.Cost = passwords.STRONG,
) -> list[str]:
    """Load everything and give the lines that tell the sign-ins. ``cost`` is that of keeping the password.

    Does nothing but tell them when the demonstration is there already and ``once`` is set. Raises
    ``DemonstrationRefused`` in production, and where it is there already.
    """
    if settings.environment == "production":
        raise DemonstrationRefused("the demonstration is never loaded in production")
    password = _password(settings)
    if session.scalars(select(Organisation.id).where(Organisation.demonstration).limit(1)).first() is not None:
        if once:
            return sign_ins(password)
        raise DemonstrationRefused("the demonstration is loaded already")
    say("Loading the demonstration: five exporters, forty shipments, certificates (about half a minute)")
    began = now - MONTH
    issuer = keys.open_issuer(settings, now=began)
    lists.load_shipped(session, actor=BY, now=began)
    keep = _Keep(password, cost, Keyring(settings))
    officer, supervisor = _authority(session, read("world")["authority"], keep, began)
    ports = _authority(session, read("world")["customs"], keep, began)
    homes = {name: _exporter(session, facts, keep, began) for name, facts in read("world")["exporters"].items()}
    _restrict(session, supervisor, began)
    work = _work(session, homes, _Desk(supervisor, issuer, settings, keep.ring), now)
    files = (enforcement.report(session, officer, supervisor, now), enforcement.listed(session, officer, now))
    bench = judging.Bench(officer, supervisor, issuer, settings)
    presented = presenting.work(session, {person.email: person for person in ports}, now)
    for moment, act in _in_order(chain(work, files, judging.work(session, bench, now), presented)):
        if moment < now:
            act()
    keep.ring.put_away(session, now)
    return sign_ins(password)


def sign_ins(password: str) -> list[str]:
    """What to print: the accounts to sign in with, and their password."""
    accounts = read("world")["sign_ins"]
    return [
        "Demonstration sign-ins (all with the same password):",
        f"  preparer            {accounts[0]}",
        f"  compliance officer  {accounts[1]}",
        f"  authority           {accounts[2]}",
        f"  customs             {accounts[3]}",
        f"  password            {password}",
    ]


def _password(settings: Settings) -> str:
    """Made once for each installation, so that no password stands in the source."""
    path: Path = settings.instance / "demonstration-password"
    if not path.exists():
        settings.instance.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text("-".join(secrets.token_hex(2) for _ in range(4)), encoding="ascii")
    return path.read_text(encoding="ascii").strip()


@dataclass(frozen=True)
class _Keep:
    """The password that everybody has, what keeping it costs, and the officers' security keys."""

    password: str
    cost: passwords.Cost
    ring: Keyring


@dataclass(frozen=True)
class _Desk:
    """What the stories of shipments need: who changes certificates, who signs them, and the officers' security keys."""

    officer: User
    issuer: Issuer
    settings: Settings
    ring: Keyring


def _people(session: Session, home: Organisation, entries: Any, keep: _Keep, now: datetime) -> list[User]:
    return [
        people.add(session, home, **entry, password=keep.password, cost=keep.cost, now=now, actor=BY)
        for entry in entries
    ]


def _authority(session: Session, facts: dict[str, Any], keep: _Keep, now: datetime) -> list[User]:
    home = registration.create_authority(
        session, name=facts["name"], name_en=facts["name_en"], country="CN", agency=facts["agency"], now=now,
        demonstration=True, actor=BY,
    )  # fmt: skip
    return _people(session, home, facts["people"], keep, now)


def _exporter(session: Session, facts: dict[str, Any], keep: _Keep, now: datetime) -> Organisation:
    home = Organisation(
        kind="exporter",
        name=facts["name"],
        name_en=facts["name_en"],
        country="CN",
        identifier_scheme="USCC",
        identifier=facts["identifier"],
        address=facts["address"],
        created_at=now,
        demonstration=True,
    )
    session.add(home)
    session.flush()
    staff = _people(session, home, facts["people"], keep, now)
    if facts["passkey"]:
        for officer in attesting.officers(staff):
            keep.ring.hand_out(session, officer, now)
    return home


def _restrict(session: Session, officer: User, now: datetime) -> None:
    for party in read("world")["restricted"]:
        restricted.add(session, **party, actor=people.as_actor(officer), now=now)


def _in_order(works: Iterator[Iterator[Step]]) -> Iterator[Step]:
    """The steps of all shipments in the order of their moments, as they would have happened."""
    order = count()
    waiting: list[tuple[datetime, int, Callable[[], None], Iterator[Step]]] = []
    for work in works:
        for moment, act in work:
            heapq.heappush(waiting, (moment, next(order), act, work))
            break
    while waiting:
        moment, _, act, work = heapq.heappop(waiting)
        yield moment, act
        for following, deed in work:
            heapq.heappush(waiting, (following, next(order), deed, work))
            break


def _work(session: Session, homes: dict[str, Organisation], desk: _Desk, now: datetime) -> Iterator[Iterator[Step]]:
    for number, row in enumerate(read("shipments")):
        yield _story(session, row, number, homes[row["exporter"]], desk, now)


def _story(
    session: Session, row: dict[str, Any], number: int, home: Organisation, desk: _Desk, now: datetime
) -> Iterator[Step]:
    """One shipment from its first line to its end; each step acts when its turn comes."""
    begun = now - timedelta(days=row["days"], hours=number % 7, minutes=number * 7 % 60)
    given = case_files.read(_as_bytes(case(row, number, now.date())), on=begun.date())
    pair = intake.people(session, home, given, begun)
    made: list[Shipment] = []

    def begin() -> None:
        draft = intake.begin(session, home, given.shipment.reference, pair, begun)
        made.append(draft)
        if not row.get("empty"):
            answers = intake.check_answers(given, begun)
            intake.fill(session, draft, given, answers, {}, by=pair.preparer, now=begun, settings=desk.settings)

    yield begun, begin
    if row["end"] == "draft":
        return
    handed = begun + timedelta(hours=20)
    yield handed, lambda: _submit(session, made[-1], pair, handed)
    attested = begun + timedelta(hours=45)
    if row["end"] == "returned":
        yield attested, lambda: conduct.return_to_draft(session, made[-1], row["why"], by=pair.officer, now=attested)
    elif row["end"] == "withdrawn":
        yield attested, lambda: conduct.withdraw(session, made[-1], row["why"], by=pair.preparer, now=attested)
    elif row["end"] == "decided":
        yield attested, lambda: _attest(session, made[-1], pair, desk, attested)
        yield from _afterwards(session, row, made, pair, desk, attested)


def _submit(session: Session, shipment: Shipment, pair: intake.Pair, now: datetime) -> None:
    left = conduct.submit(session, shipment, by=pair.preparer, now=now)
    if left:
        raise DemonstrationRefused(f"{shipment.reference} is not complete: {left[0]}")


def _attest(session: Session, shipment: Shipment, pair: intake.Pair, desk: _Desk, now: datetime) -> None:
    desk.ring.attest(session, shipment, pair.officer, desk.issuer, desk.settings, now)


def _afterwards(
    session: Session, row: dict[str, Any], made: list[Shipment], pair: intake.Pair, desk: _Desk, attested: datetime
) -> Iterator[Step]:
    """What befalls a certificate after its issue."""
    then, later = row.get("then"), attested + timedelta(days=4)
    if then in ("suspend", "reinstate"):
        yield later, lambda: _change(session, made[-1], status.suspend, row["code"], row["why"], desk.officer, later)
    if then == "revoke":
        yield later, lambda: _change(session, made[-1], status.revoke, row["code"], row["why"], desk.officer, later)
    if then == "reinstate":
        end, words = later + timedelta(days=3), "用途已核实。"
        yield end, lambda: _change(session, made[-1], status.reinstate, "review-closed", words, desk.officer, end)
    if then == "amend":
        yield later, lambda: made.append(conduct.amend(session, made[-1], by=pair.preparer, now=later))
        handed, again = later + timedelta(hours=6), later + timedelta(hours=26)
        yield handed, lambda: _submit(session, made[-1], pair, handed)
        yield again, lambda: _attest(session, made[-1], pair, desk, again)


def _change(
    session: Session, shipment: Shipment, deed: Any, code: str, reason: str, officer: User, now: datetime
) -> None:
    certificate = conduct.certificate(session, shipment)
    if certificate is None:
        raise DemonstrationRefused(f"{shipment.reference} has no certificate to change")
    deed(session, certificate, reason_code=code, reason=reason, actor=people.as_actor(officer), now=now)


def _as_bytes(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()
