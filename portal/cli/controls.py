"""What is controlled: classify goods, show the measures on file."""

from typing import Any

import click

from portal import terminal
from portal.cli.base import JSON, LANGUAGE, Country, database, fail, finish, main
from portal.config import Settings
from portal.db import utc_now

DAY = click.option("--date", "day", type=click.DateTime(["%Y-%m-%d"]), help="The day to judge for; by default today.")


@main.group()
def controls() -> None:
    """What is controlled."""


@controls.command("classify")
@click.argument("text")
@DAY
@click.option("--destination", default="", type=Country(), help="ISO 3166-1 alpha-2 code.")
@JSON
@LANGUAGE
def classify(text: str, day: Any, destination: str, as_json: bool, language: str) -> None:
    """Judge TEXT: a name, formula, CAS number, HS or control code; exit 0 not controlled, 1 controlled, 2 review."""
    from portal.controls import classify as assistant
    from portal.controls import enquiry, open_data, overlay, reasons

    if len(text) > enquiry.LONGEST:
        fail(f"more than {enquiry.LONGEST} characters; nothing was judged")
    now = utc_now()
    with database(Settings()) as session:
        measures = overlay.current(session, now)
    asked = enquiry.read(text, measures)
    worked = assistant.answer(asked, measures, day.date() if day else now.date(), destination=destination)
    if as_json:
        lines = terminal.as_json(
            {"text": asked.text, "recognised": [one.to_json() for one in asked.recognised]}
            | open_data.worked_json(worked)
        )
    else:
        remains = [f"- {reasons.CATCH_ALL[language]}"] if worked.state != "controlled" else []
        lines = "\n".join([*open_data.told(worked, language), *remains])
    finish(lines, {"not_controlled": 0, "controlled": 1}.get(worked.state, 2))


@controls.command("show")
@click.argument("number", default="")
@DAY
@JSON
@LANGUAGE
def show(number: str, day: Any, as_json: bool, language: str) -> None:
    """Show the measures on file, or only NUMBER ("46/2024 ¶2" or 2024-46-2), and how each stands on the day."""
    from portal.controls import catalogue, open_data, overlay
    from portal.controls.measures import cited, describe

    now = utc_now()
    with database(Settings()) as session:
        measures = overlay.current(session, now)
    shown = catalogue.newest_first(measures)
    if number:
        shown = tuple(one for one in shown if number in (one.number, catalogue.slug(one.number)))
        if not shown:
            fail(f"no measure {number} is on file", 1)
    if as_json:
        whole = open_data.document(measures)
        if number:
            whole["measures"] = [open_data.measure_json(one) for one in shown]
        finish(terminal.as_json(whole), 0)
    on = day.date() if day else now.date()
    lines = [
        f"{cited(one.number)[language]} [{one.mark}] {describe(one, on)[language]}: {one.title[language]}"
        for one in shown
    ]
    finish("\n".join(lines), 0)


@controls.command("recheck")
@click.argument("numbers", nargs=-1)
def recheck(numbers: tuple[str, ...]) -> None:
    """Judge goods of live certificates again by the measures NUMBERS (all without them); exit 1 when any is stricter.

    For a daily run: a measure whose suspension has ended holds again without anybody approving it.
    """
    from portal.authority import recheck as rechecking
    from portal.controls import overlay

    now = utc_now()
    with database(Settings()) as session:
        known = {one.number for one in overlay.current(session, now).measures}
        if unknown := [number for number in numbers if number not in known]:
            fail(f"no measure {unknown[0]} is on file; nothing was judged")
        found = rechecking.run(session, numbers, now)
    finish(f"Goods lines newly found to be judged more strictly: {found}", 1 if found else 0)
