"""Audit the transparency log, from outside or on this installation."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from portal.cli.base import FILE, JSON, LANGUAGE, database, fail, finish, main
from portal.config import Settings
from portal.db import utc_now
from portal.text import Text

if TYPE_CHECKING:
    from portal.certificates.log.check import Audit

EXIT_CODES = {"yes": 0, "no": 1, "could_not_tell": 2}
_WHOLE = Text(
    "The log {origin} holds. Entries: {size}; root: {root}; cosigned by: {witnesses}",
    "日志“{origin}”完整无误。条目数：{size}；根：{root}；见证方：{witnesses}",
)
_NOBODY = Text("no witness", "无")


@main.group("log")
def log_group() -> None:
    """The transparency log of certificates."""


@log_group.command("check")
@click.argument("url", required=False)
@click.option("--instance", is_flag=True, help="This installation's own log and register; so by default.")
@click.option("--trust", "trust_file", type=FILE, help="Trust file; by default that of this installation.")
@click.option("--remember", type=click.Path(dir_okay=False, path_type=Path),
              help="Where the last checkpoint is kept; by default in the instance folder.")  # fmt: skip
@click.option("--view", "views", multiple=True, type=FILE, help="A checkpoint or proof that somebody else was given.")
@JSON
@LANGUAGE
def log_check(
    url: str | None,
    instance: bool,
    trust_file: Path | None,
    remember: Path | None,
    views: tuple[Path, ...],
    as_json: bool,
    language: str,
) -> None:
    """Recompute the log at URL (such as https://portal.example/log), or that of this installation, from its entries.

    Exit 0: it holds. 1: an entry was removed, changed or dated back, or two views of the log exist. 2: could not tell.
    """
    from portal.certificates import keys, signer
    from portal.certificates.log import check, sources
    from portal.certificates.trust import TrustError, TrustRoot

    if url and instance:
        fail("give an address or --instance, not both")
    settings, now = Settings(), utc_now()
    settings.instance.mkdir(parents=True, exist_ok=True)
    memory = remember or settings.instance / "log-seen.json"
    try:
        trust = TrustRoot.read(trust_file) if trust_file else keys.trust_root(settings, now=now)
        logs = [log for issuer in trust.issuers for log in issuer.logs]
        remembered, seen = sources.recall(memory), [sources.view(path) for path in views]
        complaints: list[check.Finding] = []
        if url:
            source: sources.HttpLog | sources.DatabaseLog = sources.HttpLog(url)
            audit, note = sources.audited(source, logs=logs, remembered=remembered, views=seen, now=now)
        else:
            issuer = keys.open_issuer(settings, now=now)
            with database(settings) as session:
                source = sources.DatabaseLog(session, issuer.log, now=now)
                every = [*seen, *sources.proofs(session, complaints)]
                audit, note = sources.audited(source, logs=logs, remembered=remembered, views=every, now=now)
        audit.findings += complaints
        if audit.answer == "yes":
            sources.remember(memory, note, now=now)
    except (TrustError, signer.KeyRefused, OSError, ValueError) as error:
        fail(str(error))
    told = json.dumps(audit.to_json(), ensure_ascii=False, indent=1) if as_json else "\n".join(_told(audit, language))
    finish(told, EXIT_CODES[audit.answer])


def _told(audit: "Audit", language: str) -> list[str]:
    lines = [finding.text[language] for finding in audit.findings]
    head = audit.checkpoint
    if head is not None and not lines:
        names = ", ".join(audit.witnesses) or _NOBODY[language]
        whole = _WHOLE.filled(origin=head.origin, size=str(head.size), root=head.root.hex(), witnesses=names)
        lines.append(whole[language])
    return lines
