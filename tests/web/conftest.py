"""The populated portal, made once for each worker; a test that changes it finds it as it was made."""

from collections.abc import Iterator

import pytest

from portal.certificates import page
from portal.web.limits import limiter
from tests.laid_out import LaidOutOnce
from tests.web import world as worlds
from tests.web.world import World


@pytest.fixture(scope="session")
def built_world(laid_out_once: LaidOutOnce, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(page, "_fitted", laid_out_once)
        world = worlds.build(tmp_path_factory.mktemp("world") / "instance")
    yield world
    world.app.extensions["portal_engine"].dispose()
    world.kept.close()


@pytest.fixture
def world(built_world: World, one_page: None) -> Iterator[World]:
    """The world as it was made, whatever the test before has done to it."""
    built_world.restore()
    limiter.enabled = False  # one for the whole process: another test's application may have switched it on
    yield built_world
    built_world.app.extensions["portal_engine"].dispose()
