"""What listed parties own of the parties of a shipment, from the owners that were entered and what screening met.

A firm that comes up several times, as a party, an owner, or an owner of an owner, is one firm: known by a number, or by
the same name in the same country.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal

from portal.risk.facts import HitFact, OwnershipFact, PartyFact
from portal.screening import ownership
from portal.screening.ownership import Chain, Holding, Owned, Standing
from portal.screening.score import policy
from portal.shipments.models import Shipment
from portal.shipments.screened import Subject, chain, owner_id, subjects
from portal.text import Text

PERSONAL = {"PASSPORT", "NATIONAL-ID"}
PART = ":"  # in the id of an owner or a ship, after that of its party
EFFECTS = ("prohibited", "watch", "informs")  # the gravest first
STEP = Text("{owner} holds {share} of {owned}", "{owner}持有{owned}{share}")
SHARE = Text("{percent}%", "{percent}%的股份")
UNKNOWN = Text("a share that is not known", "的股份（比例不清楚）")
POSSIBLE = Text("{owner} (a possible match)", "{owner}（疑似匹配）")


def facts(shipment: Shipment, parties: Sequence[PartyFact]) -> tuple[OwnershipFact, ...]:
    """For each party and the exporter, what the parties of each list own of it; none where no owner met a list.

    ``parties`` are the facts of everything that was screened, with what two people found of each hit.
    """
    known = subjects(shipment)
    firms = _firms(known)
    names = {firms[subject.party.id]: subject.name for subject in reversed(known)}
    hits: dict[str, list[HitFact]] = defaultdict(list)
    listed: dict[str, dict[str, Standing]] = defaultdict(dict)
    for party in {party.id: party for party in parties}.values():
        for hit in party.hits:
            if standing := _standing(hit, party):
                firm = firms[party.id]
                hits[firm].append(hit)
                listed[firm][hit.source] = "listed" if listed[firm].get(hit.source) == "listed" else standing
    owned_at = [subject for subject in known if PART not in subject.party.id]
    persons = {firms[subject.party.id] for subject in known if _is_person(subject)}
    wanted = {firms[subject.party.id] for subject in owned_at}
    judged = ownership.judge(_holdings(shipment, firms), listed, wanted, persons)
    return tuple(
        _fact(subject, one, hits, names)
        for subject in owned_at
        for one in judged
        if one.party == firms[subject.party.id]
    )


def _is_person(subject: Subject) -> bool:
    return any(scheme in PERSONAL for scheme, _ in subject.party.identifiers)


def _firms(known: Iterable[Subject]) -> Mapping[str, str]:
    """For each subject's id the firm that it is, named by the first of those that share a number or a name."""
    firm: dict[str, str] = {}
    by_mark: dict[tuple[str, ...], str] = {}
    for subject in known:
        marks = set(_marks(subject))
        same = {firm[by_mark[mark]] for mark in marks if mark in by_mark}
        first = min(same, default=subject.party.id)
        firm[subject.party.id] = first
        for identity, other in firm.items():
            if other in same:
                firm[identity] = first
        by_mark |= dict.fromkeys(marks, subject.party.id)
    return firm


def _marks(subject: Subject) -> Iterator[tuple[str, ...]]:
    for scheme, value in subject.party.identifiers:
        yield scheme, "".join(filter(str.isalnum, value.upper()))
    for name in subject.party.names:
        yield "name", " ".join(name.casefold().split()), subject.party.country


def _holdings(shipment: Shipment, firms: Mapping[str, str]) -> Iterator[Holding]:
    for party in shipment.parties:
        for place, owner in chain(party.owners):
            owned = owner_id(party, place[:-1]) if len(place) > 1 else str(party.id)
            percent = Decimal(owner["percent"]) if owner.get("percent") else None
            yield Holding(firms[owner_id(party, place)], firms[owned], percent)


def _standing(hit: HitFact, party: PartyFact) -> Standing | None:
    """How sure it is that a hit is this party's; nothing for one that is stopped or was found to be somebody else."""
    if hit.status == "stopped" or hit.adjudicated == "different":
        return None
    alone = hit.strength == "match" if hit.strength else party.screening == "match"
    sure = hit.adjudicated == "same" or (alone and hit.score >= policy().match)
    return "listed" if sure and hit.status == "listed" else "possible"


def _fact(
    subject: Subject, owned: Owned, hits: Mapping[str, Sequence[HitFact]], names: Mapping[str, str]
) -> OwnershipFact:
    met = [hit for way in owned.chains for hit in hits[way.firms[0]] if hit.source == owned.list]
    told = [_told(way, names) for way in owned.chains]
    return OwnershipFact(
        party=subject.party.id,
        roles=subject.roles,
        name=subject.name,
        country=subject.party.country,
        source=owned.list,
        binding=any(hit.binding for hit in met),
        effect=min((hit.effect for hit in met), key=EFFECTS.index, default="informs"),
        verdict=owned.verdict,
        least=format(owned.least, "f"),
        most=format(owned.most, "f"),
        chains="; ".join(one.en for one in told),
        chains_zh="；".join(one.zh for one in told),
        rule=owned.rule.text.en,
        rule_zh=owned.rule.text.zh,
        mark=owned.rule.mark,
    )


def _told(way: Chain, names: Mapping[str, str]) -> Text:
    """A chain in words, from the listed owner down to the party."""
    steps = []
    for at, share in enumerate(way.shares):
        owner = Text(names[way.firms[at]], names[way.firms[at]])
        if at == 0 and way.standing == "possible":
            owner = POSSIBLE.filled(owner=owner)
        percent = SHARE.filled(percent=format(share.normalize() + 0, "f")) if share is not None else UNKNOWN
        steps.append(STEP.filled(owner=owner, share=percent, owned=names[way.firms[at + 1]]))
    return Text(", ".join(step.en for step in steps), "，".join(step.zh for step in steps))
