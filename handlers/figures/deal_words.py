"""How a deal is said: its name, its amount, its close, and all of it in one line."""

from __future__ import annotations

from handlers.conversation.wording import Days
from handlers.figures.stages import LOST, WON, stage_words
from handlers.numbers.money import written
from storage.deals import Deal, Named


def title(named: Named) -> str:
    """`Acme Corporation`, `Acme Corporation (Phase 2)`; a name that holds the account's already says both."""
    account, name = named.account, named.deal.name
    if account and name and account.casefold() in name.casefold():
        return name
    if account and name:
        return f"{account} ({name})"
    return account or name or "a deal without an account"


def money(deal: Deal) -> str:
    """`$60,000`; empty where no amount is known."""
    return written(deal.amount_minor, deal.currency) if deal.amount_minor is not None and deal.currency else ""


def close(deal: Deal, days: Days, *, verb: bool = True) -> str:
    """`closes Tue, Dec 15`, `won yesterday`; empty where no day is known. Without the verb of a closed one where that
    was said already."""
    if deal.closes_on is None:
        return ""
    ended = {WON: "won", LOST: "lost"}.get(deal.stage)
    said = f"{ended or 'closes'} " if verb or not ended else ""
    return f"{said}{days.day(deal.closes_on)}"


def one_line(deal: Deal, days: Days, *, verb: bool = True) -> str:
    """`negotiation, $60,000, renewal, closes Tue, Dec 15`; `verb` as in `close`."""
    ended = deal.stage in (WON, LOST) and deal.closes_on is not None
    parts = [
        "" if ended else stage_words(deal.stage),
        money(deal),
        deal.type if deal.type != "new" else "",
        deal.product or "",
        close(deal, days, verb=verb),
        "claimed" if deal.claimed else "",
    ]
    return ", ".join(part for part in parts if part)
