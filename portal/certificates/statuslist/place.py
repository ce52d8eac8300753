"""Give a new certificate its place in a status list."""

import secrets
from datetime import date

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from portal.certificates.models import Certificate
from portal.certificates.statuslist import decoys
from portal.certificates.statuslist.form import ENTRIES, Place
from portal.certificates.statuslist.models import StatusList

# Half of a list, so that a free index is found at once; then a new list begins.
CAPACITY = ENTRIES // 2


def allocate(session: Session, issuer_id: str, valid_until: date) -> Place:
    """A free index at random in the issuer's newest list, in the session's transaction.

    The list is locked until that ends. Random, so that the place tells nothing of when a certificate was issued.
    """
    found = _open_list(session, issuer_id)
    while True:
        index = secrets.randbelow(ENTRIES)
        here = exists().where(Certificate.list_number == found.number, Certificate.list_index == index)
        if not decoys.holds(found.decoys, index) and not session.scalar(select(here)):
            break
    found.taken += 1
    found.last_day = max(found.last_day, valid_until)
    session.flush()
    return Place(found.number, index)


def _open_list(session: Session, issuer_id: str) -> StatusList:
    newest = select(StatusList).where(StatusList.issuer_id == issuer_id).order_by(StatusList.number.desc()).limit(1)
    found = session.scalars(newest.with_for_update().execution_options(populate_existing=True)).one_or_none()
    if found is not None and found.taken < CAPACITY:
        return found
    number = (session.scalar(select(func.max(StatusList.number))) or 0) + 1
    made = StatusList(number=number, issuer_id=issuer_id, taken=0, changes=0, last_day=date.min, decoys=decoys.make())
    session.add(made)
    session.flush()
    return made
