"""The reasons behind verdicts: stable numeric codes with a text in two languages, kept as data."""

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal

import yaml

from portal.text import Text

Answer = Literal["yes", "no", "could_not_tell"]


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason: its code and key never change; ``text`` may hold placeholders."""

    code: int
    key: str
    answer: Answer
    text: Text


@cache
def reasons() -> dict[str, Reason]:
    """Every reason by its key."""
    text = resources.files("portal.verification").joinpath("data/reasons.yaml").read_text("utf-8")
    entries = yaml.safe_load(text)["reasons"]
    return {e["key"]: Reason(e["code"], e["key"], e["answer"], Text.read(e["text"])) for e in entries}


class NotVerified(Exception):
    """Evidence was refused; ``key`` names the reason for the verdict on integrity.

    What is raised carries no part of the evidence: nothing unverified reaches a page.
    """

    def __init__(self, key: str, detail: str = "") -> None:
        super().__init__(f"{key}: {detail}" if detail else key)
        self.key = key


class IssuerNotAccepted(Exception):
    """The signer may not sign certificates; ``integrity`` is what is known of the content all the same."""

    def __init__(self, key: str, *, integrity: str = "no-key", issuer: Text | None = None) -> None:
        super().__init__(key)
        self.key = key
        self.integrity = integrity
        self.issuer = issuer
