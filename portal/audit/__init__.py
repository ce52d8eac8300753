"""Append-only, hash-chained record of who did what."""

from portal.audit.record import Actor, Break, check, record

__all__ = ["Actor", "Break", "check", "record"]
