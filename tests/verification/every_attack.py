"""Every attack there is: importing the modules fills the register."""

from tests.verification import (
    attacks_by_signers,
    attacks_on_credentials,
    attacks_on_log,
    attacks_on_pdf,
    attacks_on_pictures,
    attacks_on_scans,
    attacks_on_seals,
    attacks_on_view,
)
from tests.verification.attacks import ATTACKS

__all__ = [
    "ATTACKS",
    "attacks_by_signers",
    "attacks_on_credentials",
    "attacks_on_log",
    "attacks_on_pdf",
    "attacks_on_pictures",
    "attacks_on_scans",
    "attacks_on_seals",
    "attacks_on_view",
]
