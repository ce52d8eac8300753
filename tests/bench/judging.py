"""(d) What one shipment costs: the walk through the questionnaires and the risk assessment."""

import json
from collections.abc import Iterator

from jsonschema import Draft202012Validator

from portal.questionnaires import case as question_case
from portal.questionnaires import model, path
from portal.questionnaires.path import Item
from portal.risk import assess, policy
from portal.risk.facts import Facts
from portal.shipments import assess as judgement
from portal.shipments import case as cases
from portal.shipments import edit, facts, intake
from portal.text import Text
from tests.bench.farm import Row, a_second, duel, milliseconds
from tests.bench.world import GERMANIUM, NOW, World


def rows(world: World, *, quick: bool) -> Iterator[Row]:
    """The germanium case, over and over."""
    data = GERMANIUM.read_bytes()
    case = cases.read(data, on=NOW.date())
    yield _walk(case, json.loads(data), quick)
    with world.sessions() as session:
        home = intake.organisation(session, case, NOW)
        pair = intake.people(session, home, case, NOW)
        draft = edit.create(session, organisation_id=home.id, reference="BENCH", by=pair.preparer, now=NOW)
        intake.fill(
            session, draft, case, intake.check_answers(case, NOW), {}, by=pair.preparer, now=NOW,
            settings=world.settings,
        )  # fmt: skip
        session.commit()
        known, rules = facts.build(session, draft, NOW).facts, policy.load()
        found = duel(
            lambda: assess.assess(known, rules),
            lambda: Facts.from_json(json.loads(json.dumps(known.to_json()))),
            rounds=5 if quick else 40,
            batch=2 if quick else 10,
        )
        yield Row(
            f"(d) assess the risk of one shipment by {len(rules.rules)} rules",
            f"{milliseconds(found.mine)}, {a_second(found.mine)} on one core",
            f"the same facts written as JSON and read again: {milliseconds(found.other)}",
            found.ratio,
            "judging by data instead of by code must stay of the order of storing what was judged",
        )
        whole = duel(
            lambda: judgement.preview(session, draft, NOW),
            lambda: assess.assess(known, rules),
            rounds=3 if quick else 25,
            other_batch=5,
        )
        yield Row(
            "(d) judge one shipment whole: answers, controls, screening of every party, risk, decision",
            f"{milliseconds(whole.mine)}, {a_second(whole.mine)} on one core",
            f"the risk assessment alone: {milliseconds(whole.other)}",
            whole.ratio,
            "50,000 shipments a day are 0.6 a second, 10 a second in a bad minute",
        )


def _walk(case: cases.Case, plain: dict[str, dict[str, dict[str, object]]], quick: bool) -> Row:
    answers = intake.check_answers(case, NOW)
    items = {
        "goods": [Item(str(at), Text(each.name, each.name)) for at, each in enumerate(case.goods, 1)],
        "parties": [Item(str(at), Text(each.name, each.name)) for at, each in enumerate(case.parties, 1)],
    }
    loaded = {name: model.load(name) for name in answers}
    schemas = {name: Draft202012Validator(question_case.schema(each)) for name, each in loaded.items()}
    given = {"end-use": plain["answers"]["end_use"], "end-user": plain["answers"]["end_user"]}

    def ours() -> None:
        for name, each in loaded.items():
            assert path.walk(each, answers[name], items, meta={"today": str(NOW.date())}).complete

    def theirs() -> None:
        for name, schema in schemas.items():
            assert schema.is_valid(given[name])

    found = duel(ours, theirs, rounds=5 if quick else 40, batch=5 if quick else 20)
    return Row(
        "(d) walk both questionnaires with all answers: what is asked, what is missing, what is wrong",
        f"{milliseconds(found.mine)}, {a_second(found.mine)} on one core",
        f"jsonschema over the same answers, without any routing: {milliseconds(found.other)}",
        found.ratio,
        "done on every page of the workspace, so it must not be felt",
    )
