"""How a deal is said: in one line, and what changed in it."""

from __future__ import annotations

from datetime import date

from handlers.conversation.reply import Fact
from handlers.conversation.wording import Days
from handlers.deals.stages import stage_words
from handlers.figures.stages import LOST, WON
from handlers.numbers.money import written
from storage.deals import Deal, Named

NONE = "–"


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


def described(named: Named, days: Days) -> str:
    """A deal among others, in few words: `Phase 2: negotiation, $60,000, closes Tue, Dec 15`."""
    name = f"{named.deal.name}: " if named.deal.name else ""
    return f"{name}{one_line(named.deal, days)}"


def changes(before: Deal, after: Deal, days: Days) -> tuple[Fact, ...]:
    """What differs, each as `from → to`."""

    def day(that: date | None) -> str:
        return days.on(that) if that else NONE

    ended = after.stage in (WON, LOST)
    pairs = (
        ("Stage", stage_words(before.stage), stage_words(after.stage)),
        ("Amount", money(before) or NONE, money(after) or NONE),
        (stage_words(after.stage).capitalize() if ended else "Closes", day(before.closes_on), day(after.closes_on)),
        ("Type", before.type, after.type),
        ("Product", before.product or NONE, after.product or NONE),
        ("Name", before.name or NONE, after.name or NONE),
        ("Reason", before.loss_reason or NONE, after.loss_reason or NONE),
    )
    return tuple(Fact(label, f"{old} → {new}") for label, old, new in pairs if old != new and label != "Reason") + (
        (Fact("Reason", after.loss_reason),) if after.loss_reason and after.loss_reason != before.loss_reason else ()
    )
