"""`whom to see`: on Monday a manager reads whom to talk to this week and why, from facts; one click opens each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

import msgspec

from handlers.checkins import by_numbers, team
from handlers.checkins.buttons import issuer
from handlers.checkins.prompts import nothing
from handlers.checkins.reasons import WEIGHTS, Whom, Why
from handlers.conversation.buttons import Wanted
from handlers.conversation.reply import Buttons, Part, Reply, Text
from handlers.conversation.request import Request
from handlers.conversation.wording import Days
from handlers.figures import week
from handlers.figures.plan import Seller, load
from handlers.numbers.periods import FiscalCalendar, Length
from handlers.numbers.spans import Span
from handlers.reach.topic import Topic
from storage import actions, checkins, notices, one_to_ones, people, tallies
from storage.actions import Action
from storage.database import Transaction
from storage.notices import Notice

NAMED: Final = 3
"""People in one message: as many as one talks to on top of everything else. `reasons.WEIGHTS` says who they are."""
DIGEST: Final = "team digest"
"""The topic that comes at the same moment, and names who logged nothing."""
LONGEST: Final = 60
"""Characters of an action item that is named."""
SILENT: Final = timedelta(days=14)
"""Without a check-in or a one-to-one for so long a manager is told."""
ASKED_FOR: Final = timedelta(days=56)
"""How far a check-in is looked back for that was asked for and never given."""


def compose(request: Request, tx: Transaction, notice: Notice) -> Reply | None:
    """Up to three of their people with a reason or two; nothing for who manages nobody, or where all is well."""
    if not request.actor.reports:
        return nothing(request, tx, notice, "manages nobody")
    beside = notices.is_waiting(tx, notice.person, [DIGEST])
    return words(request, tx, beside_digest=beside) or nothing(
        request, tx, notice, "nobody needs a word more than others"
    )


def words(request: Request, tx: Transaction, *, beside_digest: bool = False) -> Reply | None:
    """The same, whenever it is asked for; None where there is nothing to say. Beside the team's digest what that says
    of somebody too is said once, where there is more to say of them."""
    found = look(request, tx)
    if beside_digest and sum(Why.NOTHING_LOGGED in one.reasons for one in found) > NAMED:
        # Where most were silent it tells nobody apart, and the digest has all of them.
        found = [one for one in found if {why for why in one.reasons if WEIGHTS[why]} != {Why.NOTHING_LOGGED}]
    for one in found if beside_digest else ():
        if Why.NOTHING_LOGGED in one.reasons and len([said for said in one.reasons.values() if said]) > 1:
            # It weighs what it weighs.
            one.reasons[Why.NOTHING_LOGGED] = ""
    taking_part = team.participation(request, tx)
    if not found and not taking_part:
        return None
    lead = "Whom to see this week" if found else "Your team's check-ins"
    said, parts = [f"{lead}."], [Text(lead, style="strong")]
    laid: list[Part] = list(parts)
    if found:
        lines = [one.line for one in found[:NAMED]]
        said += lines
        laid.append(Text("\n".join(lines)))
        wanted: list[Wanted] = [(one.who.name, "start", {"person": one.who.id}) for one in found[:NAMED]]
        listing = msgspec.structs.replace(request, listing=True)
        laid.append(Buttons(tuple(issuer.lasting(listing, tx, wanted))))
    if taking_part:
        said.append(taking_part)
        laid.append(Text(taking_part, style="quiet"))
    return Reply(" ".join(said), tuple(laid))


def look(request: Request, tx: Transaction) -> list[Whom]:
    """Their reports who are here this week and have a reason, whom it matters most first."""
    reports = team.mine(request, tx)
    ids = [one.id for one in reports]
    today, last = request.basis.now.date(), week.last_week(request)
    fiscal = FiscalCalendar(request.company.fiscal_year_start)
    span = fiscal.holding(Length(request.company.quota_period), today)
    plan = load(tx, request.company, span, persons=ids)
    silent = _silent(request, tx, ids)
    flagged = {person for _, person in checkins.flagged(tx, request.actor.person, ids)}
    overdue: dict[str, list[Action]] = {}
    for item in actions.open_about(tx, ids):
        # What the manager owes them stands in the manager's own morning message.
        if item.due is not None and item.due < today and item.owner != request.actor.person:
            overdue.setdefault(item.subject, []).append(item)
    logged = {row[0] for row in tallies.logged(tx, last.first, last.last, persons=ids)}
    low = team.low(request, tx, ids)
    numbers = by_numbers.look(request, tx, plan, span)
    found = []
    for one in reports:
        seller = plan.sellers.get(one.id)
        if seller is None or _away(seller, today):
            continue
        # Who leads a team and carries no target of their own is measured by the team, not by what they log.
        leads_only = bool(plan.led_by(one.id, today)) and not plan.person_months(one.id)
        sells = plan.unit_of(one.id, today) is not None and not leads_only
        why = Whom(one, dict(numbers.reasons.get(one.id, {})), numbers.short.get(one.id, 0))
        if one.id in low:
            why.reasons[Why.FELT_LOW] = f"felt {low[one.id]} of 5 in the last check-in"
        if one.id in flagged:
            why.reasons[Why.KEPT] = "you kept something for the one-to-one"
        if one.id in overdue:
            why.reasons[Why.OVERDUE] = _overdue(overdue[one.id])
        if one.id not in logged and sells and seller.calendar.count(last, seller.leave) > 0:
            why.reasons[Why.NOTHING_LOGGED] = "nothing was logged last week"
        if one.id in silent:
            why.reasons[Why.SILENT] = silent[one.id]
        if why.weight:
            found.append(why)
    return sorted(found, key=lambda one: (-one.weight, -one.short, one.who.name))


def _overdue(late: Sequence[Action]) -> str:
    """`“send the NDA” is overdue`, `2 action items are overdue`."""
    if len(late) > 1:
        return f"{len(late)} action items are overdue"
    text = late[0].text.rstrip(".")
    text = text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
    return f"“{text}” is overdue"


def _silent(request: Request, tx: Transaction, ids: Sequence[str]) -> dict[str, str]:
    """With whom there was no conversation for SILENT. Of who never had one only whom this manager's check-in asked so
    long ago: what was never asked cannot be missing."""
    me, days = request.actor.person, Days.of(request.basis)
    talked = checkins.last_given(tx, me, ids)
    for person, at in one_to_ones.last_met(tx, me, ids).items():
        talked[person] = max(at, talked.get(person, at))
    found = {}
    for person, at in talked.items():
        last = at.astimezone(request.basis.zone).date()
        if days.today - last >= SILENT:
            found[person] = f"no conversation since {days.on(last)}"
    for one in checkins.of_people(tx, ids, since=days.today - ASKED_FOR):
        asked = one.asked_at is not None and days.today - one.day >= SILENT
        if asked and one.person not in talked and me in people.managers_of(tx, one.person, one.day):
            found[one.person] = "no check-in with you yet"
    return found


def _away(seller: Seller, today: date) -> bool:
    """All the rest of the week."""
    left = Span(today, today + timedelta(days=6 - today.weekday()))
    return seller.calendar.count(left) > 0 and seller.calendar.count(left, seller.leave) == 0


TOPIC: Final = Topic(
    name="whom to see",
    title="Whom to see this week",
    plain="whom of your reports to see this week",
    why="people report to you, and a manager reads on Monday whom to talk to and why",
    compose=compose,
    audience="managers",
    rule="every Monday at 08:30",
    called=("coaching prompt", "manager prompt", "weekly prompt"),
)
