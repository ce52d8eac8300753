"""The fourth verdict: does the certificate match what lies before the officer?

Only what was verified is compared. A certificate is made before the goods are loaded and declared, so it names
neither container nor declaration: these are noted, and the answer to them stays open.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

from rapidfuzz import fuzz

from portal import countries
from portal.certificates.seal import MAX_CODES, Essentials
from portal.certificates.wording import ROLES
from portal.text import Text
from portal.verification.presented import Presented
from portal.verification.reasons import Answer
from portal.verification.report import Compared, Comparison, Report, Verdict

# Roles of those who may stand as consignee on a declaration.
RECEIVERS = ("consignee", "ultimate_consignee", "end_user")
# The six digits that HS 2022 has in common everywhere; a national code is longer.
COMMON_DIGITS = 6
# From here up two spellings are close enough that only a person can tell a typing error from another firm.
CLOSE = 80.0
# What anybody may learn of a certificate by its number.
_PUBLIC = ("hs_codes", "container", "declaration")


def with_match(report: Report, presented: Presented, *, paper: bool = True) -> Report:
    """The report with the fourth verdict, where something was put in; otherwise the same report.

    ``paper`` is false for someone who has shown no paper but only a number: what the public register does not show
    to everybody is then not compared, so that nobody can find it out by guessing.
    """
    if not presented:
        return report
    if report.essentials is None:
        return replace(report, match=Comparison(Verdict.of("match-not-verified"), ()))
    fields = tuple(
        one if paper or one.field in _PUBLIC else Compared(one.field, Verdict.of("match-needs-paper"))
        for one in _compared(presented, report.essentials, report.statement)
    )
    return replace(report, match=Comparison(Verdict.of(_summary({one.verdict.answer for one in fields})), fields))


def _summary(answers: set[Answer]) -> str:
    if "no" in answers:
        return "matches-not"
    return "match-open" if "could_not_tell" in answers else "matches"


def _compared(presented: Presented, facts: Essentials, statement: dict[str, Any] | None) -> Iterator[Compared]:
    if presented.hs_codes:
        yield Compared("hs_codes", _codes(presented.hs_codes, facts, statement))
    if presented.net_weight_kg is not None:
        yield Compared("net_weight_kg", _weight(presented.net_weight_kg, presented.hs_codes, facts, statement))
    if presented.consignee:
        yield Compared("consignee", _consignee(presented.consignee, facts, statement))
    if presented.destination:
        key = "destination-same" if presented.destination == facts.destination else "destination-other"
        values = {
            "presented": countries.name(presented.destination),
            "certificate": countries.name(facts.destination),
        }
        yield Compared("destination", Verdict.of(key, **values))
    if presented.container:
        yield Compared("container", Verdict.of("container-not-told", presented=presented.container))
    if presented.declaration:
        yield Compared("declaration", Verdict.of("declaration-not-told", presented=presented.declaration))


def covers(certified: str, presented: str) -> bool:
    """Whether a code stands for goods of another: the digits that both have agree, six of them at least."""
    length = min(len(certified), len(presented))
    return length >= COMMON_DIGITS and certified[:length] == presented[:length]


def _codes(presented: tuple[str, ...], facts: Essentials, statement: dict[str, Any] | None) -> Verdict:
    known = [line["hs_code"] for line in statement["goods"]] if statement else list(facts.hs_codes)
    strange = [code for code in presented if not any(covers(certified, code) for certified in known)]
    if not strange:
        return Verdict.of("hs-covered", presented=", ".join(presented))
    # A seal tells at most so many codes: one that it does not tell may still be in the certificate.
    all_told = statement is not None or len(facts.hs_codes) < MAX_CODES
    key = "hs-not-covered" if all_told else "hs-not-all-told"
    return Verdict.of(key, presented=", ".join(strange), certificate=", ".join(dict.fromkeys(known)))


def _weight(presented: Decimal, codes: tuple[str, ...], facts: Essentials, statement: dict[str, Any] | None) -> Verdict:
    """Less is a part of the consignment. With codes, only the lines of these codes may make up the weight."""
    total = Decimal(facts.net_weight_kg)
    values = {"presented": format(presented, "f"), "certificate": facts.net_weight_kg}
    if presented > total:
        return Verdict.of("weight-exceeded", **values)
    if statement and codes:
        lines = [line for line in statement["goods"] if any(covers(line["hs_code"], code) for code in codes)]
        of_codes = sum((Decimal(line["net_weight_kg"]) for line in lines), Decimal(0))
        if lines and presented > of_codes:
            return Verdict.of("weight-exceeded-of-codes", presented=values["presented"], certificate=of_codes)
    return Verdict.of("weight-within", **values)


def _consignee(presented: str, facts: Essentials, statement: dict[str, Any] | None) -> Verdict:
    if statement:
        named = [
            (party["role"], name)
            for role in RECEIVERS
            for party in statement["parties"]
            if party["role"] == role
            for name in (party["name"], party["name_native"])
            if name
        ]
    else:
        named = [("end_user", facts.end_user)]
    key = _letters(presented)
    for role, name in named:
        if _letters(name) == key:
            return Verdict.of("consignee-named", certificate=name, role=ROLES.get(role, Text(role, role)))
    close = max(named, key=lambda each: fuzz.ratio(_letters(each[1]), key))[1]
    names = ", ".join(dict.fromkeys(name for _role, name in named))
    if fuzz.ratio(_letters(close), key) >= CLOSE:
        return Verdict.of("consignee-spelled-otherwise", presented=presented, certificate=close)
    return Verdict.of("consignee-other" if statement else "consignee-not-told", presented=presented, certificate=names)


def _letters(name: str) -> str:
    """Letters and digits alone, without case, width and accents: what two prints of one name have in common."""
    plain = unicodedata.normalize("NFKD", name).casefold()
    return "".join(one for one in plain if one.isalnum())
