"""Connect the rooms: what happens below is heard above, and every kind of job has someone who does it.

The application and the command line both call ``connect`` before they touch a database; it may be called again.
"""

from functools import cache


@cache
def connect() -> None:
    """Subscribe the rooms to each other's events and name who does which job."""
