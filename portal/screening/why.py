"""Why a name met a list, in a sentence that an officer and an exporter can both follow."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache

from portal.screening import names
from portal.screening.agreement import Found
from portal.screening.models import ListEntry, ListInterval, Standing
from portal.screening.names import FORM
from portal.screening.particulars import Agreement
from portal.screening.score import Part
from portal.screening.sounds import ARABIC, KOREAN
from portal.text import Text

HEAD = Text(
    "“{party}” compared with “{listed}”: {parts}. {country}{standing}{note}",
    "“{party}”与“{listed}”比对：{parts}。{country}{standing}{note}",
)
IDENTIFIER = Text("the number {value} ({scheme}) is the same", "{scheme}号码{value}一致")
KINDS: dict[str, Text] = {
    "same": Text("the same: {words}", "相同：{words}"),
    "joined": Text("the same when written together: {words}", "连写后相同：{words}"),
    "spelling": Text("spelled almost the same: {words}", "拼写相近：{words}"),
    "sound": Text("sound alike: {words}", "读音相近：{words}"),
    "initial": Text("an initial: {words}", "首字母相符：{words}"),
    "character": Text("the same characters: {words}", "汉字相同：{words}"),
    "form": Text("the legal form agrees: {words}", "组织形式相符：{words}"),
}
ONLY_PARTY = Text("only in the party's name: {words}", "仅见于参与方名称：{words}")
ONLY_LISTED = Text("only in the listed name: {words}", "仅见于名单名称：{words}")
OTHER_FORM = Text("the legal form differs: {party}, {listed}", "组织形式不同：{party}、{listed}")
CONTAINED = Text(
    "one name lies whole within the other, as with a unit of a group",
    "一方名称完整包含于另一方名称，可能为集团下属单位",
)
NO_NAME = Text("no name comes near", "名称均不相近")
SHARED: dict[str, Text] = {
    "email": Text("the e-mail address {party} is the list's", "电子邮件地址{party}与名单一致"),
    "phone": Text("the telephone number {party} is the list's ({listed})", "电话号码{party}与名单（{listed}）一致"),
    "domain": Text("{party} and {listed} have one domain", "{party}与{listed}域名相同"),
    "address": Text("the address “{party}” is the list's “{listed}”", "地址“{party}”与名单所载“{listed}”一致"),
}
DIFFERING: dict[str, Text] = {
    "address": Text("the address “{party}” is not the list's “{listed}”", "地址“{party}”与名单所载“{listed}”不同"),
    "number": Text("{party} is not the list's {listed}", "{party}与名单所载{listed}不同"),
}
CONFIRMS = Text(", which takes away {weight} of the doubt", "，消除疑点的{weight}")
WEAKENS = Text(", which takes {points} off the score", "，分值降低{points}")
COUNTRIES: dict[str, Text] = {
    "agrees": Text("The country agrees. ", "国家或地区相符。"),
    "differs": Text("The country differs from the list's. ", "国家或地区与名单不符。"),
    "unknown": Text("", ""),
}
STANDINGS: dict[str, Text] = {
    "listed": Text("Listed{since}.", "{since}列入名单。"),
    "suspended": Text("Suspended{since}{until}.", "{since}{until}暂停实施。"),
    "stopped": Text("Stopped{since}: shown as history only.", "{since}停止实施，仅供了解历史情况。"),
}
SINCE = Text(" since {day}", "自{day}起")
UNTIL = Text(" to {day}", "至{day}")
ENDED = Text(
    " The suspension ended on {day} and nothing newer is on file: listed again, check.",
    "暂停期已于{day}届满，库中无更新信息：按恢复列入处理，须核对。",
)
SOON = Text(" The suspension ends on {day}: check what follows.", "暂停期将于{day}届满，须核对后续安排。")
GROUP = Text(
    " The source names only this group, of which some units are listed: look up which.",
    "资料仅载明该集团名称，其部分下属单位被列入名单，须核对具体单位。",
)


def note(entry: ListEntry, on: date) -> Text | None:
    """What a person has to check about an entry on a day: a suspension's end, a group named instead of its units."""
    found = []
    for interval in entry.intervals:
        if interval.standing != Standing.SUSPENDED or interval.until is None or (interval.since or on) > on:
            continue
        later = any(other.since and other.since > interval.until for other in entry.intervals)
        if not later:
            found.append((ENDED if interval.until < on else SOON).filled(day=day_text(interval.until)))
    if not entry.whole:
        found.append(GROUP)
    return Text("".join(part.en for part in found).strip(), "".join(part.zh for part in found)) if found else None


def sentence(
    found: Found,
    listed: str,
    compared: Sequence[Agreement],
    country: str,
    interval: ListInterval,
    remark: Text | None,
) -> Text:
    """The whole reason: which words and particulars agreed, which did not, country, standing, what to check."""
    if found.identifier:
        parts = [IDENTIFIER.filled(value=found.query, scheme=found.identifier)]
    elif found.name_id is None:
        parts = [NO_NAME]
    else:
        parts = _agreements(found.scored.parts, written(found, listed))
        if found.scored.contained:
            parts.append(CONTAINED)
    parts += [_particular(one, weighs=found.name_id is not None or not one.agrees) for one in compared]
    return HEAD.filled(
        party=found.query,
        listed=listed,
        parts=Text("; ".join(part.en for part in parts), "；".join(part.zh for part in parts)),
        country=COUNTRIES[country],
        standing=_standing(interval),
        note=Text(f" {remark.en}", remark.zh) if remark else Text("", ""),
    )


def _particular(one: Agreement, *, weighs: bool) -> Text:
    """An address, telephone, e-mail or number that agrees or differs, in words, with what it weighs."""
    told = (SHARED if one.agrees else DIFFERING)[one.kind].filled(party=one.party, listed=one.listed)
    if not weighs:
        return told
    weight = (CONFIRMS if one.agrees else WEAKENS).filled(weight=f"{one.weight:.0%}", points=f"{one.weight:.2f}")
    return Text(told.en + weight.en, told.zh + weight.zh)


def day_text(day: date) -> Text:
    """A day as each language writes it."""
    return Text(day.isoformat(), f"{day.year}年{day.month}月{day.day}日")


@lru_cache(maxsize=16)  # a hit has it once for itself and once for its sentence
def written(found: Found, listed: str) -> tuple[Part, ...]:
    """The parts of a score with the words as they stand in the two names, not as they were compared: "Corporation"
    and "Corp.", not the legal form that both stand for.
    """
    ours, theirs = _standing_words(found.query), _standing_words(listed)
    return tuple(
        replace(part, party=_taken(part.party, ours), listed=_taken(part.listed, theirs)) for part in found.scored.parts
    )


def _standing_words(name: str) -> dict[str, list[str]]:
    """For each word as it is compared, how it is written in the name, in its order there."""
    found: dict[str, list[str]] = {}
    for text, word in _words_in(name):
        found.setdefault(text, []).append(word)
    return found


@lru_cache(maxsize=2048)
def _words_in(name: str) -> tuple[tuple[str, str], ...]:
    """Each word of a name as it is compared and as it is written; kept, as one party meets many entries."""
    found = []
    for token in names.tokens(name):
        here = re.search(rf"(?<!\w){re.escape(token.word)}(?!\w)", name, re.IGNORECASE)
        found.append((token.text, here[0] if here else token.word))
    return tuple(found)


def _taken(compared: str, standing: dict[str, list[str]]) -> str:
    """What is written for some words; each is taken once, the last again where it is asked for more often."""
    taken = []
    for text in compared.split():
        words = standing.get(text)
        taken.append((words.pop(0) if len(words) > 1 else words[0]) if words else text.strip(ARABIC + KOREAN + FORM))
    return " ".join(dict.fromkeys(taken))


def _agreements(compared: Sequence[Part], standing: Sequence[Part]) -> list[Text]:
    """The parts by kind, in words; small words ("the", "of") are not worth telling."""
    pairs = [
        (part, words) for part, words in zip(compared, standing, strict=True) if FORM not in (part.party, part.listed)
    ]
    found = []
    for kind, told in KINDS.items():
        alike = [_pair(words) for part, words in pairs if part.kind == kind]
        if alike:
            found.append(told.filled(words=", ".join(alike)))
    alone = [(part, words) for part, words in pairs if part.kind == "none"]
    for told, side in ((ONLY_PARTY, "party"), (ONLY_LISTED, "listed")):
        plain = [getattr(words, side) for part, words in alone if not getattr(part, side).startswith(FORM)]
        if any(plain):
            found.append(told.filled(words=", ".join(filter(None, plain))))
    ours = [words.party for part, words in alone if part.party.startswith(FORM)]
    theirs = [words.listed for part, words in alone if part.listed.startswith(FORM)]
    return [*found, OTHER_FORM.filled(party=" ".join(ours), listed=" ".join(theirs))] if ours and theirs else found


def _pair(words: Part) -> str:
    same = words.party.casefold() == words.listed.casefold()
    return words.party if same else f"{words.party} = {words.listed}"


def _standing(interval: ListInterval) -> Text:
    nothing = Text("", "")
    return STANDINGS[interval.standing].filled(
        since=SINCE.filled(day=day_text(interval.since)) if interval.since else nothing,
        until=UNTIL.filled(day=day_text(interval.until)) if interval.until else nothing,
    )
