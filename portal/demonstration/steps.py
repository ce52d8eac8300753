"""What the parts of the demonstration share: a step of its month, and why it may stop."""

from collections.abc import Callable
from datetime import datetime

Step = tuple[datetime, Callable[[], None]]


class DemonstrationRefused(RuntimeError):
    """The demonstration is not for this installation."""
