"""A win that was told with `/win`: whoever makes it known hears so, also where nothing of the deal is new."""

from __future__ import annotations

import msgspec

from handlers.conversation.facts import WinTold
from handlers.conversation.reply import Buttons, Reply, Text
from handlers.conversation.request import Outcome, Request
from handlers.conversation.wording import Days
from handlers.deals import buttons
from handlers.deals.entry import Said
from handlers.figures.deal_words import one_line, title
from storage.database import Transaction
from storage.deals import Deal, Named


def stands(request: Request, tx: Transaction, said: Said, named: Named) -> Outcome:
    """That deal is known as won, as it was said now: nothing changes in it."""
    line = f"{title(named)} is known as won already: {one_line(named.deal, Days.of(request.basis))}."
    wanted = [("Edit", "edit", {"deal": named.deal.id}), ("Another deal", "new", {"account": named.account or ""})]
    pressable = buttons.lasting(request, tx, wanted)
    return with_told(Outcome(reply=Reply(line, (Text(line), Buttons(tuple(pressable))))), named.deal, request, said)


def with_told(outcome: Outcome, deal: Deal, request: Request, said: Said) -> Outcome:
    """The outcome, with the fact that the win was told of, before all others."""
    fact = WinTold(deal, request.actor.person, said.helpers, said.story)
    return msgspec.structs.replace(outcome, facts=(fact, *outcome.facts))
