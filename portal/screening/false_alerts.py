"""The measured rate of false alerts: of the pairs that two people judged, how many were another party.

It says how often an alert is false once somebody has looked; not how many of all names alert. With few judgements a
rate says little, so each comes with a 95 % interval (Wilson score: E. B. Wilson, Probable inference, the law of
succession, and statistical inference, JASA 22 (1927), 209-212), and with fewer than the policy's least none is told.
"""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.screening.adjudicate import policy
from portal.screening.models import Adjudication, AdjudicationState, Verdict

Z = 1.959963984540054  # the 97.5 % point of the standard normal distribution: two-sided 95 %


@dataclass(frozen=True, slots=True)
class FalseAlerts:
    """Of the pairs decided in a time, how many were another party. ``rate`` is 0 to 1, ``None`` without decisions."""

    decided: int
    different: int

    @property
    def rate(self) -> float | None:
        return self.different / self.decided if self.decided else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """The lower and upper end of the 95 % interval, 0 to 1; ``None`` without decisions."""
        return wilson(self.different, self.decided) if self.decided else None

    @property
    def enough(self) -> bool:
        """Whether there are decisions enough for the rate to be told."""
        return self.decided >= policy().enough

    def to_json(self) -> dict[str, Any]:
        told = self.enough and self.interval is not None
        return {
            "judged_pairs": self.decided,
            "another_party": self.different,
            "rate": f"{self.rate:.4f}" if told else None,
            "interval_95": [f"{end:.4f}" for end in self.interval or ()] if told else None,
            "state": "measured" if told else "not_enough_decisions",
        }


@dataclass(frozen=True, slots=True)
class Window:
    """The figures of the last ``days`` days: over all lists, and for each list with a judged pair."""

    days: int
    whole: FalseAlerts
    lists: dict[str, FalseAlerts]


def measured(session: Session, now: datetime) -> tuple[Window, ...]:
    """The figures for each time that the policy names, up to ``now`` and with it."""
    return tuple(_window(session, now, length.days) for length in policy().windows)


def false_alerts(session: Session, since: datetime, until: datetime) -> FalseAlerts:
    """The figures among the pairs decided from ``since`` on and before ``until``."""
    chosen = _latest(session, Adjudication.decided_at >= since, Adjudication.decided_at < until)
    return _counted(list(chosen.values()))


def wilson(hits: int, tries: int) -> tuple[float, float]:
    """The Wilson score interval, 95 %, of ``hits`` out of ``tries`` (at least one)."""
    share = hits / tries
    middle = share + Z * Z / (2 * tries)
    half = Z * math.sqrt(share * (1 - share) / tries + Z * Z / (4 * tries * tries))
    whole = 1 + Z * Z / tries
    return max(0.0, (middle - half) / whole), min(1.0, (middle + half) / whole)


def to_json(windows: tuple[Window, ...]) -> dict[str, Any]:
    """The figures for programs."""
    return {
        "measure": "share of judged pairs found to be another party",
        "interval": "Wilson score, 95 %",
        "enough": policy().enough,
        "policy_version": policy().version,
        "windows": [
            {
                "days": window.days,
                "all_lists": window.whole.to_json(),
                "lists": {source: one.to_json() for source, one in window.lists.items()},
            }
            for window in windows
        ],
    }


def _window(session: Session, now: datetime, days: int) -> Window:
    chosen = _latest(session, Adjudication.decided_at > now - timedelta(days=days), Adjudication.decided_at <= now)
    sources = sorted({source for source, _ in chosen})
    parted = {source: _counted([verdict for (of, _), verdict in chosen.items() if of == source]) for source in sources}
    return Window(days, _counted(list(chosen.values())), parted)


def _latest(session: Session, *within: Any) -> dict[tuple[str, str], Verdict]:
    """The latest verdict of each pair decided within a time, by list and pair: a renewed judgement counts once."""
    chosen = select(Adjudication.source, Adjudication.pair, Adjudication.verdict).where(
        Adjudication.state == AdjudicationState.DECIDED, *within
    )
    found = session.execute(chosen.order_by(Adjudication.decided_at, Adjudication.id))
    return {(source, pair): verdict for source, pair, verdict in found}


def _counted(verdicts: list[Verdict]) -> FalseAlerts:
    return FalseAlerts(len(verdicts), sum(verdict == Verdict.DIFFERENT for verdict in verdicts))
