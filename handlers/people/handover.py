"""The open deals of who leaves: to whom they go, who is told, and how they come back. What is closed stays theirs."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from handlers.conversation.company import Company
from handlers.conversation.reply import Reply
from handlers.conversation.request import Message, Request
from handlers.conversation.wording import listed, plural
from handlers.figures.roster import Roster
from handlers.figures.stages import open_stages
from handlers.numbers.money import written
from storage import deals, departures, staff
from storage.database import Transaction
from storage.deals import Named, Share
from storage.departures import Departure

MOST_NAMED = 8


def hand_over(
    tx: Transaction, company: Company, roster: Roster, leaves: Departure, now: datetime
) -> dict[str, list[Any]]:
    """Owner and shares of what is open pass on, with who said so and why. What was moved, for `give_back`."""
    heir = roster.person(leaves.deals_to)
    if heir is None or heir.left:
        return {"deals": [], "shares": []}
    moved: list[Any] = []
    shared: list[Any] = []
    name = roster.name(leaves.person)
    rows = deals.shared_by(tx, [leaves.person], stages=open_stages(company))
    shares = deals.shares_of(tx, [row.deal.id for row in rows])
    for row in rows:
        deal = row.deal
        if deal.owner == leaves.person:
            after = replace(deal, owner=heir.id)
            deals.change(tx, deal, after, at=now, by=leaves.by, reason=f"{name} has left")
            moved.append(deal.id)
        held = shares.get(deal.id, [])
        if any(one.person == leaves.person for one in held):
            deals.share(tx, deal.id, _passed(held, leaves.person, heir.id), at=now)
            shared.append([deal.id, [[one.person, one.millionths, one.kind] for one in held]])
    return {"deals": moved, "shares": shared}


def _passed(held: list[Share], of: str, to: str) -> list[Share]:
    """The shares with those of one person added to another's, kind by kind."""
    passed: dict[tuple[str, str], int] = {}
    for one in held:
        key = (to if one.person == of else one.person, one.kind)
        passed[key] = passed.get(key, 0) + one.millionths
    return [Share(whose, part, kind) for (whose, kind), part in passed.items()]


def give_back(tx: Transaction, request: Request, leaves: Departure) -> int:
    """What is still open, and still with who got it, is the leaver's again. How many deals."""
    opened = open_stages(request.company)
    before = {deal: [Share(*one) for one in held] for deal, held in leaves.changes.get("shares", ())}
    count = 0
    for identifier in leaves.changes.get("deals", ()):
        row = deals.get(tx, identifier)
        if row is None or row.deal.stage not in opened or row.deal.owner != leaves.deals_to:
            before.pop(identifier, None)
            continue
        after = replace(row.deal, owner=leaves.person)
        deals.change(tx, row.deal, after, at=request.now, by=request.actor.person, reason="came back")
        count += 1
    now = deals.shares_of(tx, before)
    for identifier, held in before.items():
        row = deals.get(tx, identifier)
        expected = _passed(held, leaves.person, leaves.deals_to or "")
        if row is not None and row.deal.stage in opened and set(now.get(identifier, ())) == set(expected):
            deals.share(tx, identifier, held, at=request.now)
    return count


def summary(tx: Transaction, roster: Roster, leaves: Departure) -> str:
    """One sentence or two for who said it."""
    moved = [row for row in (deals.get(tx, one) for one in _settled(tx, leaves).get("deals", ())) if row]
    made = len(leaves.changes.get("made", ()))
    said = []
    if leaves.deals_to is None:
        said.append("Their open deals stay with them.")
    elif moved:
        said.append(f"{roster.name(leaves.deals_to)} has their {plural(len(moved), 'open deal')} now.")
    else:
        said.append("They had no open deal.")
    if made:
        said.append(f"{roster.name(leaves.team_to)} manages {plural(made, 'report')} of theirs.")
    return " ".join(said)


def _settled(tx: Transaction, leaves: Departure) -> dict[str, Any]:
    found = departures.of_person(tx, leaves.person)
    return found.changes if found else leaves.changes


def messages(
    tx: Transaction, company: Company, roster: Roster, leaves: Departure, changes: dict[str, Any]
) -> list[Message]:
    """Who took over, and who managed the leaver, are told; the leaver is not."""
    name = roster.name(leaves.person)
    rows = [row for row in (deals.get(tx, one) for one in changes.get("deals", ())) if row]
    told: dict[str, list[str]] = {}
    if leaves.deals_to and rows:
        named = listed([_deal(company, row) for row in rows[:MOST_NAMED]])
        more = f" and {len(rows) - MOST_NAMED} more" if len(rows) > MOST_NAMED else ""
        told.setdefault(leaves.deals_to, []).append(
            f"{plural(len(rows), 'open deal is', 'open deals are')} yours now: {named}{more}."
        )
    reports = _reports(tx, changes)
    if leaves.team_to and reports:
        told.setdefault(leaves.team_to, []).append(f"You manage {listed([roster.name(one) for one in reports])} now.")
    manager = _manager(tx, changes, leaves.person)
    if manager and manager not in told:
        heir = f"Their {plural(len(rows), 'open deal')} went to {roster.name(leaves.deals_to)}." if rows else ""
        told[manager] = [heir or "They had no open deals."]
    return [
        Message(
            to=whom,
            reply=Reply(text=f"{name} has left. {' '.join(said)}"),
            topic="handover",
            key=f"departure:{leaves.id}:{whom}",
        )
        for whom, said in told.items()
    ]


def _deal(company: Company, row: Named) -> str:
    name = row.account or row.deal.name or "a deal"
    if row.deal.amount_minor is None:
        return name
    return f"{name} ({written(row.deal.amount_minor, row.deal.currency or company.currency)})"


def _reports(tx: Transaction, changes: dict[str, Any]) -> list[str]:
    return staff.persons_of_links(tx, changes.get("made", ()))


def _manager(tx: Transaction, changes: dict[str, Any], person: str) -> str | None:
    rows = [row for table, row, _ in changes.get("ended", ()) if table == "manager_links"]
    return staff.manager_of_links(tx, rows, person)
