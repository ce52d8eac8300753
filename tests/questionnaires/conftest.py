"""Tiny questionnaires, one for each feature of the engine, and the items that sections repeat over."""

from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from portal.questionnaires import model
from portal.questionnaires.model import Questionnaire
from portal.questionnaires.path import Item
from portal.text import Text

FIXTURES = Path(__file__).parent / "fixtures"
TODAY = date(2026, 11, 24)


@pytest.fixture(scope="session")
def tiny() -> Callable[[str], Questionnaire]:
    """Read the questionnaire of a fixture file by its name."""
    return cache(lambda name: model.read(FIXTURES / f"{name}.yaml"))


@pytest.fixture(scope="session")
def today() -> date:
    return TODAY


@pytest.fixture(scope="session")
def goods() -> dict[str, list[Item]]:
    """Two goods lines."""
    return {"goods": [Item("g1", Text("Lens", "透镜")), Item("g2", Text("Magnet", "磁体"))]}
