"""Random facts: any answers to the published questionnaires, any parties, hits and goods."""

from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from portal.questionnaires import model
from portal.questionnaires.model import Question
from portal.questionnaires.path import Item, walk
from portal.risk.facts import Facts, HitFact, JudgementFact, LicenceFact, PartFact, ParticularFact, PartyFact
from portal.text import Text
from tests.risk import cases

QUESTIONNAIRES = (model.load("end-use"), model.load("end-user"))
QUESTIONS = {question.id: question for q in QUESTIONNAIRES for question in q.questions}
REPEATED = {
    question.id
    for q in QUESTIONNAIRES
    for section in q.sections
    if section.repeat == "goods"
    for page in section.pages
    for question in page.questions
}
COUNTRIES = ["DE", "US", "JP", "SG", "CN", "SD", "FR"]
ROLES = ["end_user", "ultimate_consignee", "consignee", "intermediary", "broker", "freight_forwarder", "payer", "owner"]


def values(question: Question, *, unknown: bool = True) -> st.SearchStrategy[Any]:
    """Any answer that the question takes."""
    options = [option.value for option in question.options if option.value != "unknown"]
    given: dict[str, st.SearchStrategy[Any]] = {
        "radio": st.sampled_from(options or [""]),
        "select": st.sampled_from(options or [""]),
        "checkboxes": _several(options, question.exclusive),
        "date": st.sampled_from(["2026-06-01", "2025-01-15", "2001-01-01"]),
        "country": st.sampled_from(COUNTRIES),
        "decimal": st.sampled_from(["0", "5", "8", "12.5", "900"]),
        "declaration": st.just(True),
    }
    found = given.get(question.type, st.just("some text"))
    if not (unknown and question.unknown):
        return found
    return found | st.just("unknown" if question.type in ("radio", "select") else cases.UNKNOWN)


def _several(options: list[str], exclusive: str | None) -> st.SearchStrategy[list[str]]:
    plain = [option for option in options if option != exclusive]
    some = st.lists(st.sampled_from(plain), min_size=1, unique=True) if plain else st.just([""])
    return some | st.just([exclusive]) if exclusive else some


@st.composite
def answers(draw: st.DrawFn, lines: int) -> dict[str, Any]:
    """Answers to any of the questions, whether or not they would be asked together."""
    found: dict[str, Any] = {}
    for question in QUESTIONS.values():
        if question.id in REPEATED:
            each = {str(n): draw(st.none() | values(question)) for n in range(1, lines + 1)}
            found[question.id] = {n: value for n, value in each.items() if value is not None}
        elif (value := draw(st.none() | values(question))) is not None:
            found[question.id] = value
    return found


@st.composite
def answers_on_path(draw: st.DrawFn, *, unknown: bool) -> dict[str, Any]:
    """Answers as the questionnaires collect them for one goods line: every question asked, and no other."""
    items = {"goods": [Item("1", Text("line", "line"))]}
    found: dict[str, Any] = {}
    for questionnaire in QUESTIONNAIRES:
        given = {
            (question.id, "1" if question.id in REPEATED else ""): draw(values(question, unknown=unknown))
            for question in questionnaire.questions
        }
        for (name, item), value in walk(questionnaire, given, items).answers.items():
            found[name] = {"1": value} if item else value
    return found


hits = st.builds(
    HitFact,
    source=st.sampled_from(["cn", "restricted", "ofac-sdn"]),
    entry=st.sampled_from(["e1", "e2"]),
    name=st.sampled_from(["Alpha Works", "贝塔公司"]),
    matched=st.sampled_from(["Alpha", "贝塔"]),
    score=st.sampled_from([1.0, 0.9, 0.8999, 0.8]),
    status=st.sampled_from(["listed", "suspended", "stopped"]),
    binding=st.booleans(),
    effect=st.sampled_from(["prohibited", "watch", "informs"]),
    program=st.sampled_from(["control", "watch"]),
    why=st.just("same words"),
    adjudicated=st.sampled_from(["", "same", "different"]),
    strength=st.sampled_from(["", "match", "possible", "history"]),
    by_name=st.sampled_from([0.9, 0.85]),
    parts=st.lists(st.just(PartFact("alpha", "alfa", 0.8, 0.95, "spelling")), max_size=2).map(tuple),
    particulars=st.lists(st.just(ParticularFact("phone", "1", "1", True, 0.5)), max_size=1).map(tuple),
    judgement=st.none()
    | st.just(JudgementFact("1", "same", "r", "A", "B", date(2026, 11, 1), date(2027, 1, 1), content="0" * 64)),
)
parties = st.builds(
    PartyFact,
    id=st.sampled_from(["p1", "p2", "p3"]),
    role=st.sampled_from(ROLES),
    name=st.sampled_from(["Alpha Works {x}", "Beta GmbH", "贝塔公司"]),
    country=st.sampled_from(COUNTRIES),
    screening=st.sampled_from(["clear", "possible", "match", "unavailable"]),
    hits=st.lists(hits, max_size=2).map(tuple),
)
licences = st.builds(
    LicenceFact,
    number=st.just("24-0001"),
    valid_until=st.sampled_from([None, date(2026, 1, 1), date(2027, 1, 1)]),
    scope=st.sampled_from(["yes", "no", "unknown"]),
)


ownership = st.builds(
    cases.ownership,
    party=st.sampled_from(["p1", "p2"]),
    source=st.sampled_from(["cn", "restricted", "ofac-sdn"]),
    verdict=st.sampled_from(["owned", "minority", "unknown"]),
    binding=st.booleans(),
)


@st.composite
def facts(draw: st.DrawFn) -> Facts:
    lines = draw(st.integers(1, 2))
    goods = tuple(
        cases.goods(
            line=n,
            name=f"Goods {n}",
            element=draw(st.sampled_from(["Ge", "Ga", "Xx"])),
            control_state=draw(st.sampled_from(["controlled", "not_controlled", "review"])),
            quantity=Decimal(draw(st.sampled_from(["1", "12.5", "300"]))),
            prohibited_to_destination=draw(st.booleans()),
        )
        for n in range(1, lines + 1)
    )
    return Facts(
        on=cases.ON,
        answers=draw(answers(lines)),
        goods=goods,
        parties=tuple(draw(st.lists(parties, max_size=4))),
        lists=tuple(draw(st.lists(st.sampled_from(cases.LISTS), unique=True))),
        destination=draw(st.sampled_from(COUNTRIES)),
        transit=tuple(draw(st.lists(st.sampled_from(COUNTRIES), max_size=2))),
        licence=draw(st.none() | licences),
        ownership=tuple(draw(st.lists(ownership, max_size=2, unique_by=lambda each: (each.party, each.source)))),
    )
