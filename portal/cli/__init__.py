"""The command line: the same rooms without a browser.

Exit 0 means yes or valid, 1 no or not valid, 2 could not tell (or bad input), with one clear line on standard error.
Commands that need tables or keys make them.
"""

from portal.cli import cases, controls, keys, lists, log, lookup, running, status, working
from portal.cli.base import main

__all__ = ["cases", "controls", "keys", "lists", "log", "lookup", "main", "running", "status", "working"]
