"""`/deal list`: my open deals, what needs a look first; and the deals of one account."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Final

import msgspec

from handlers.conversation.reply import Buttons, Part, Reply, Table, Text
from handlers.conversation.request import Outcome, Request
from handlers.conversation.wording import Days, listed, plural
from handlers.deals import buttons, state
from handlers.deals.card import NONE
from handlers.deals.stages import pipeline_of
from handlers.figures.deal_words import money, one_line, title
from handlers.figures.stages import LOST, WON, stage_words
from handlers.numbers.money import written
from storage import deals
from storage.accounts import Account
from storage.database import Transaction
from storage.deals import Named

SOON: Final = timedelta(days=14)
FIRST: Final = 5
"""Deals with buttons in the list: a phone's screen full."""
MOST: Final = 25
CLAIMED_FOR: Final = timedelta(days=120)


def show(request: Request, tx: Transaction) -> Outcome:
    """My open deals: those that need a look, each with buttons, then all in a table. A manager without deals of their
    own sees those of their reports; claimed wins of reports can be confirmed here."""
    request = msgspec.structs.replace(request, listing=True)
    pipeline, actor = pipeline_of(request.company), request.actor
    mine = deals.owned(tx, [actor.person], stages=pipeline.open)
    whose = "Your"
    if not mine and actor.reports:
        mine, whose = deals.owned(tx, sorted(actor.reports), stages=pipeline.open), "Your reports'"
    claimed_text, claimed_parts = _claimed(request, tx)
    if not mine:
        sentence = "You have no open deals. “/deal Acme proposal $60k closes 15 Dec” would add one."
        text = " ".join(filter(None, (sentence, claimed_text)))
        new = buttons.lasting(request, tx, [("New deal", "new", {})])
        return Outcome(reply=Reply(text, (Text(sentence), *claimed_parts, Buttons(tuple(new)))), replace=False)
    lead = f"{whose} open deals: {len(mine):,}{_sum(mine)}."
    parts: list[Part] = [Text(lead, style="strong")]
    sentences = [lead]
    for heading, some in _needing(request, tx, mine):
        parts.append(Text(heading, style="strong"))
        lines = []
        for named in some[:FIRST]:
            lines.append(_line(named, request, actor.person))
            parts += [Text(lines[-1]), _buttons(request, tx, named, stuck=heading.startswith("No change"))]
        more = f"; and {len(some) - FIRST} more" if len(some) > FIRST else ""
        sentences.append(f"{heading}: {'; '.join(lines)}{more}.")
    parts += [_table(mine, request), *claimed_parts]
    if len(mine) > MOST:
        parts.append(Text(f"And {len(mine) - MOST:,} more.", style="quiet"))
    parts.append(Buttons(tuple(buttons.lasting(request, tx, [("New deal", "new", {})]))))
    sentences.append(claimed_text)
    return Outcome(reply=Reply(" ".join(filter(None, sentences)), tuple(parts)), replace=False)


def _needing(request: Request, tx: Transaction, mine: list[Named]) -> list[tuple[str, list[Named]]]:
    """Overdue ones, those that close soon, stuck ones; each deal once, under the first that fits."""
    today = request.basis.now.date()
    owners = {one.deal.owner for one in mine if one.deal.owner}
    stages = pipeline_of(request.company).open
    still = deals.unchanged_since(
        tx, sorted(owners), request.now - timedelta(days=request.company.stuck_days), stages=stages
    )
    overdue = [one for one in mine if one.deal.closes_on and one.deal.closes_on < today]
    soon = [one for one in mine if one.deal.closes_on and today <= one.deal.closes_on <= today + SOON]
    stuck = [one for one in mine if one.deal.id in still and one not in overdue and one not in soon]
    groups = (
        ("Past their close date", overdue),
        (f"Closing in the next {SOON.days} days", soon),
        (f"No change for {request.company.stuck_days} days", stuck),
    )
    return [(heading, some) for heading, some in groups if some]


def _line(named: Named, request: Request, me: str) -> str:
    owner = f" ({named.owner})" if named.deal.owner != me and named.owner else ""
    return f"{title(named)}{owner}: {one_line(named.deal, Days.of(request.basis))}"


def _buttons(request: Request, tx: Transaction, named: Named, *, stuck: bool = False) -> Buttons:
    data = {"deal": named.deal.id}
    wanted: list[buttons.Wanted] = [("Won", "won", data), ("Lost", "lost", data), ("Edit", "edit", data)]
    if stuck:
        wanted.insert(0, ("Still right", "still right", data))
    return Buttons(tuple(buttons.lasting(request, tx, wanted)))


def _table(mine: list[Named], request: Request) -> Table:
    days = Days.of(request.basis)
    rows = tuple(
        (
            title(one),
            stage_words(one.deal.stage),
            money(one.deal) or NONE,
            days.on(one.deal.closes_on) if one.deal.closes_on else NONE,
        )
        for one in mine[:MOST]
    )
    return Table(("Account", "Stage", "Amount", "Closes"), rows, numeric=(2,))


def _sum(some: Iterable[Named]) -> str:
    """`, $410,000 and €20,000 together`: each currency on its own, as entered."""
    totals: dict[str, int] = {}
    for one in some:
        if one.deal.amount_minor is not None and one.deal.currency:
            totals[one.deal.currency] = totals.get(one.deal.currency, 0) + one.deal.amount_minor
    return f", {listed([written(total, currency) for currency, total in totals.items()])} together" if totals else ""


def _claimed(request: Request, tx: Transaction) -> tuple[str, list[Part]]:
    """Wins that reports have claimed and that this person may confirm."""
    if not request.actor.reports:
        return "", []
    today = request.basis.now.date()
    won = deals.claimed(tx, request.actor.reports, since=today - CLAIMED_FOR)
    if not won:
        return "", []
    heading = f"{plural(len(won), 'claimed win')} to confirm"
    parts: list[Part] = [Text(heading, style="strong")]
    lines = []
    for named in won[:FIRST]:
        lines.append(_line(named, request, request.actor.person))
        confirm = buttons.lasting(request, tx, [buttons.confirm(named.deal), ("Edit", "edit", {"deal": named.deal.id})])
        parts += [Text(lines[-1]), Buttons(tuple(confirm))]
    return f"{heading}: {'; '.join(lines)}.", parts


def of_account(request: Request, tx: Transaction, account: Account) -> Outcome:
    """`/deal Acme`: the account's deals that are the person's to change, open ones first; of others only that they
    are."""
    request = msgspec.structs.replace(request, listing=True)
    pipeline = pipeline_of(request.company)
    every = deals.of_account(tx, account.id)
    mine = [one for one in every if state.allowed(request, tx, one.deal)]
    shown = [one for one in mine if one.deal.stage in pipeline.open] or mine[:1]
    others = [one for one in every if one not in mine and one.deal.stage in pipeline.open]
    new = buttons.lasting(request, tx, [("New deal", "new", {"account": account.name})])
    sentences: list[str] = []
    parts: list[Part] = []
    for named in shown[:FIRST]:
        line = _line(named, request, request.actor.person)
        sentences.append(f"{line}.")
        data = {"deal": named.deal.id}
        wanted: list[buttons.Wanted] = [("Edit", "edit", data)]
        if named.deal.stage not in (WON, LOST):
            wanted = [("Won", "won", data), ("Lost", "lost", data), *wanted]
        elif named.deal.claimed and state.may_confirm(request, tx, named.deal):
            wanted.insert(0, buttons.confirm(named.deal))
        pressable = buttons.lasting(request, tx, wanted)
        parts += [Text(line), Buttons((*pressable, *buttons.worth(request, tx, named.deal)))]
    if others:
        names = listed(sorted({one.owner or "nobody I know" for one in others}))
        sentences.append(f"{account.name} has {plural(len(others), 'open deal')} of {names}.")
        parts.append(Text(sentences[-1], style="quiet"))
    if not sentences:
        sentences.append(f"I know no deal with {account.name} yet. “/deal {account.name} proposal $60k” would add one.")
        parts.append(Text(sentences[-1]))
    parts.append(Buttons(tuple(new)))
    return Outcome(reply=Reply(" ".join(sentences), tuple(parts)))
