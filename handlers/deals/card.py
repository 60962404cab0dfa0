"""A deal among others, and what changed in one."""

from __future__ import annotations

from datetime import date

from handlers.conversation.reply import Fact
from handlers.conversation.wording import Days
from handlers.figures.deal_words import money, one_line
from handlers.figures.stages import LOST, WON, stage_words
from storage.deals import Deal, Named

NONE = "–"


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
