"""The main job without a browser: certify, assess, verify."""

from functools import partial
from pathlib import Path

import click

from portal.cli.base import FILE, FILE_OR_FOLDER, JSON, LANGUAGE, database, fail, finish, main, ready_engine, report
from portal.config import Settings
from portal.db import session_factory, utc_now


@main.command()
@click.argument("case", type=FILE)
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path))
@click.option("--pack", "packed", is_flag=True, help="Also the pack for the customs file: all of it as one ZIP.")
@LANGUAGE
def certify(case: Path, out: Path, packed: bool, language: str) -> None:
    """Do the whole main job for CASE.json; the certificate's files go into the folder OUT."""
    from portal.shipments import command

    settings = Settings()
    engine = ready_engine(settings)
    result = command.certify(
        case, out, factory=session_factory(engine), settings=settings, language=language, now=utc_now(), packed=packed
    )
    engine.dispose()
    report(result.lines, result.errors, result.code)


@main.command()
@click.argument("case", type=FILE)
@JSON
@LANGUAGE
def assess(case: Path, as_json: bool, language: str) -> None:
    """Screen and assess CASE.json without issuing anything."""
    from portal.shipments import command

    settings = Settings()
    engine = ready_engine(settings)
    result = command.assess(
        case, factory=session_factory(engine), settings=settings, as_json=as_json, language=language, now=utc_now()
    )
    engine.dispose()
    report(result.lines, result.errors, result.code)


@main.command()
@click.argument("file", type=FILE)
@click.option("--trust", "trust_file", type=FILE, help="Trust file; by default this installation's own issuer.")
@click.option("--offline", is_flag=True, help="Ask nobody: the status cannot be told.")
@click.option("--status-list", "lists", type=FILE_OR_FOLDER, help="Signed status list, or a folder of them.")
@click.option("--log-proof", "proof_file", type=FILE, help="For a seal: the log's proof, or the credential with it.")
@click.option("--hs", "hs_codes", multiple=True, help="HS code of the goods before you; may be repeated.")
@click.option("--net-weight", "net_weight_kg", default="", help="Net weight before you, in kilograms.")
@click.option("--consignee", default="", help="Consignee on the declaration.")
@click.option("--destination", default="", help="Country of destination, two letters (ISO 3166).")
@click.option("--container", default="", help="Container number (ISO 6346).")
@click.option("--declaration", default="", help="Number of the customs declaration.")
@JSON
@LANGUAGE
def verify(
    file: Path,
    trust_file: Path | None,
    offline: bool,
    lists: Path | None,
    proof_file: Path | None,
    hs_codes: tuple[str, ...],
    as_json: bool,
    language: str,
    **typed: str,
) -> None:
    """Verify FILE: a certificate's PDF, credential, seal image or the seal's text.

    What is given of the goods and papers before you is compared with it, and counts in the answer.
    """
    from portal.certificates import keys, signer
    from portal.certificates.trust import TrustError, TrustRoot
    from portal.verification import command, listed, presented, sources

    settings, now = Settings(), utc_now()
    try:
        before = presented.read({"hs_codes": " ".join(hs_codes), **typed})
    except presented.PresentedRefused as refused:
        fail("; ".join(f"{field}: {text[language]}" for field, text in refused.errors.items()))
    try:
        trust = TrustRoot.read(trust_file) if trust_file else keys.trust_root(settings, now=now)
        beside = command.read_log_proof(proof_file) if proof_file else ""
        told: sources.StatusSource | None = sources.HttpStatus(trust)
        if lists or offline:
            told = listed.at_hand(settings.instance, trust, lists)
    except TrustError as error:
        fail(f"{trust_file or settings.trust_file}: {error}")
    except (signer.KeyRefused, OSError, ValueError) as error:
        fail(str(error))
    run = partial(
        command.run, file, trust=trust, as_json=as_json, language=language, now=now, presented=before, log_proof=beside
    )
    if trust_file or offline or lists:
        finish(*run(status=told))
    with database(settings) as session:
        finish(*run(status=sources.DatabaseStatus(session, issuer_id=keys.open_issuer(settings, now=now).id)))
