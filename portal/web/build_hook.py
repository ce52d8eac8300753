"""Hatch build hook: fetch third-party styles and scripts so that a wheel, or an editable install, is complete."""

import importlib.util
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class AssetsHook(BuildHookInterface):  # type: ignore[type-arg]
    """Runs ``portal.web.assets.build`` when the fetched files are not there yet."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        root = Path(self.root)
        place = importlib.util.spec_from_file_location("assets", root / "portal" / "web" / "assets.py")
        if place is None or place.loader is None:
            raise RuntimeError("portal/web/assets.py is missing from the source tree")
        assets = importlib.util.module_from_spec(place)
        place.loader.exec_module(assets)
        if assets.missing(root / "static"):
            self.app.display_info("fetching styles and scripts into static/vendor")
            assets.build(root)
