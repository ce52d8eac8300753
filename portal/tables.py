"""Every table of every room, for migrations and for tests that need them all."""

import importlib

from portal.db import Base

ROOMS = (
    "audit",
    "jobs",
    "accounts",
    "controls",
    "questionnaires",
    "screening",
    "certificates",
    "shipments",
    "authority",
)

for _room in ROOMS:
    importlib.import_module(f"portal.{_room}.models")

metadata = Base.metadata
