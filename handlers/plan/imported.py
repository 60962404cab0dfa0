"""Targets that an import set: whose they are is told as of any other, all of one person in one message."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from handlers.conversation.buttons import LISTED
from handlers.conversation.facts import TargetsImported
from handlers.conversation.reply import Fact, Facts, Part, Reply, Text
from handlers.conversation.request import Message, Outcome, Request
from handlers.figures import roster as rosters
from handlers.figures.roster import Roster
from handlers.plan import figures, measures, spread, subject
from handlers.plan.buttons import for_other
from storage import targets
from storage.database import Transaction
from storage.targets import Version

_SHOWN: Final = 8
"""So many targets have their buttons in one message: platforms bound how much one holds."""
_Set = tuple[Version, Version | None]


def tell(fact: TargetsImported, request: Request, tx: Transaction) -> Outcome:
    """To each person whose targets these are, or who leads the unit, but who imported them."""
    roster = rosters.load(tx)
    of: dict[str, list[_Set]] = {}
    for now_id, before_id in fact.versions:
        now = targets.version(tx, now_id)
        if now is None or now.replaced:
            continue
        before = targets.version(tx, before_id) if before_id else None
        whose = subject.from_data(roster, {"person": now.target.person, "unit": now.target.unit})
        for person in subject.owners(tx, whose, request.basis.now.date()):
            if person != fact.by:
                of.setdefault(person, []).append((now, before))
    return Outcome(messages=tuple(_message(request, tx, roster, person, some) for person, some in of.items()))


def _message(request: Request, tx: Transaction, roster: Roster, person: str, some: Sequence[_Set]) -> Message:
    who = request.actor.name
    if len(some) == 1:
        lead = f"{who} set {_what(request, roster, some[0][0])} by an import."
    else:
        lead = f"{who} set {len(some)} targets of yours by an import."
    parts: list[Part] = [Text(lead, style="strong")]
    said = [lead]
    for now, before in some[:_SHOWN]:
        facts = _facts(request, now, before)
        told = " ".join(f"{one.label}: {one.value}." for one in facts)
        if len(some) > 1:
            what = _what(request, roster, now)
            parts.append(Text(what[:1].upper() + what[1:]))
            told = f"{what[:1].upper()}{what[1:]}: {told}"
        said.append(told)
        data = {"version": now.id, **({LISTED: True} if len(some) > 1 else {})}
        buttons = for_other(request, tx, person, [("Accept", "accept", data), ("Object", "object", data)])
        parts += [Facts(facts), buttons]
    if len(some) > _SHOWN:
        more = f"And {len(some) - _SHOWN} more: say “target” with the year to see them."
        parts.append(Text(more))
        said.append(more)
    key = f"target:{some[0][0].id}:{person}"
    return Message(to=person, reply=Reply(text=" ".join(said), parts=tuple(parts)), topic="target", key=key)


def _what(request: Request, roster: Roster, version: Version) -> str:
    target = version.target
    unit = roster.unit(target.unit)
    of = f"{unit.name}'s" if unit else "your"
    year = figures.fiscal_of(request.company).year_in_words(target.fiscal_year)
    return f"{of} {measures.words(target.measure)} target for {year}"


def _facts(request: Request, now: Version, before: Version | None) -> tuple[Fact, ...]:
    def shown(version: Version) -> str:
        return measures.shown(request.company, version.target.measure, version.target.amount)

    facts = [Fact("Before", shown(before) if before else "none"), Fact("Now", shown(now))]
    if now.target.weights is not None:
        facts.append(Fact("Spread", f"{spread.in_words(now.target.weights)} %"))
    return tuple(facts)
