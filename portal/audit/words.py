"""Audit events in words. A verb without words is shown as it stands, so that no event is ever hidden."""

from functools import cache
from importlib import resources

import yaml

from portal.text import Text


@cache
def _known() -> dict[str, dict[str, Text]]:
    text = resources.files("portal.audit").joinpath("words.yaml").read_text("utf-8")
    return {group: {k: Text.read(v) for k, v in entries.items()} for group, entries in yaml.safe_load(text).items()}


def verb(value: str) -> Text:
    """What was done: "certificate.revoked" gives "revoked certificate"."""
    return _known()["verbs"].get(value, Text(value, value))


def verbs() -> frozenset[str]:
    """Every verb that has words."""
    return frozenset(_known()["verbs"])


def subject(value: str) -> Text:
    """What it was done to: "certificate:DDC-…" gives "certificate DDC-…"."""
    kind, _, identifier = value.partition(":")
    word = _known()["subjects"].get(kind, Text(kind, kind))
    return Text(f"{word.en} {identifier}", f"{word.zh} {identifier}")
