"""Measures as they would be on file once a person had compared each with the official text, and unsuspended."""

from dataclasses import replace
from datetime import date, timedelta

from portal.controls.measures import Measure, MeasureSet, load

TODAY = date(2026, 11, 24)


def checked(on: date = TODAY) -> MeasureSet:
    """The shipped measures, compared with the official text ten days before a day."""
    day = on - timedelta(days=10)
    return replace(load(), measures=tuple(_confirmed(measure, day) for measure in load().measures))


def _confirmed(measure: Measure, day: date) -> Measure:
    suspensions = tuple(replace(suspension, after="in_force") for suspension in measure.suspensions)
    return replace(measure, checked=day, suspensions=suspensions)
