"""The shared certificate, its issuer and its settings, and Mallory with an authority of the same names."""

from pathlib import Path

import pytest

from portal.certificates import keys
from portal.certificates.keys import Issuer
from portal.config import Settings
from tests.certificates.samples import NOW, Issued, issued, issuer, settings, trust
from tests.verification.attacks import World

__all__ = ["issued", "issuer", "settings", "trust"]


@pytest.fixture(scope="session")
def world(issued: Issued, issuer: Issuer, settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> World:
    folder: Path = tmp_path_factory.mktemp("mallory")
    mallory = keys.open_issuer(Settings(instance=folder, public_address=settings.public_address), now=NOW)
    return World(issued, issuer, mallory, settings)
