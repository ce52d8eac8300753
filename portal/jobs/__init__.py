"""Work that a request leaves for later: written down with the change that it follows from, done by a worker.

``post`` writes a row of the outbox in the caller's transaction, so a job stands or falls with its change. A worker
hands due rows to a queue (Huey on SQLite or Redis) and does them; the queue carries nothing but the row's id. A row
that was lost on the way is handed out again, so a job may run twice and must do no harm the second time.
"""

from portal.jobs.outbox import Standing, failed, post, retry, standing
from portal.jobs.registry import Handler, Work, register

__all__ = ["Handler", "Standing", "Work", "failed", "post", "register", "retry", "standing"]
