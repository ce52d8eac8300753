"""China's lists as if they had been looked through lately, so that no test grows too old."""

import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from portal.screening import lists


def renewed_list(folder: Path, until: date | None = None) -> Path:
    """The shipped list as an edition that was looked through a month ago, or on the day ``until``."""
    seen = until or datetime.now(UTC).date() - timedelta(days=30)
    path = folder / "renewed.csv"
    shutil.copy(lists.SHIPPED, path)
    about = lists.SHIPPED.with_suffix(".yaml").read_text(encoding="utf-8").splitlines()
    changed = [f'facts_until: "{seen}"' if line.startswith("facts_until:") else line for line in about]
    path.with_suffix(".yaml").write_text("\n".join(changed), encoding="utf-8")
    return path
