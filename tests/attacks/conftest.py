"""The populated portal, for those who attack it."""

from tests.web.conftest import built_world, world

__all__ = ["built_world", "world"]
