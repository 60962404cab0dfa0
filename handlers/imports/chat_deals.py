"""Deals that were said in chat and that an import brings too: which of them is the one in a row.

A claimed win is the imported one of the same account and owner that closed at most 30 days apart (GLOSSARY: *claimed*).
An open deal is the imported one of the same account and owner whose name or amount is the same, or whose amount is near
where there is no other that it could be. In doubt nothing is joined, and the doubt is said.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import timedelta
from enum import IntEnum
from typing import Any, Final

import sqlalchemy as sa

from handlers.conversation.wording import plural
from handlers.figures.stages import LOST, WON
from handlers.numbers.money import written
from storage.accounts import folded
from storage.database import Transaction
from storage.deals import CHAT, Deal
from storage.tables import deals

NEAR: Final = timedelta(days=30)
_any: Final = sa.select(deals.c.id).where(deals.c.source == CHAT).limit(1)
LEAST, MOST = 0.75, 4 / 3
"""How far apart two amounts of one open deal may be: a discount, a few more seats."""


class Fit(IntEnum):
    """How well an open deal of the chat fits an imported one of the same account and owner."""

    NOT = 0
    PERHAPS = 1
    SURE = 2


def fit(said: Deal, imported: Deal) -> Fit:
    """By name and amount; an amount that is missing on one side stands against nothing."""
    if said.name and imported.name and folded(said.name) == folded(imported.name):
        return Fit.SURE
    if said.amount_minor is None or imported.amount_minor is None or not imported.amount_minor:
        return Fit.PERHAPS
    if said.currency != imported.currency:
        return Fit.PERHAPS
    if said.amount_minor == imported.amount_minor:
        return Fit.SURE
    return Fit.PERHAPS if LEAST <= said.amount_minor / imported.amount_minor <= MOST else Fit.NOT


class ChatDeals:
    """Deals of these accounts that were said in chat and that no import has met yet."""

    def __init__(self, tx: Transaction, account_ids: Iterable[str], make: Any) -> None:
        """`make` turns a row into a Deal."""
        self._wins: list[Deal] = []
        self._open: list[Deal] = []
        # Before anybody has said a deal, which is when most is imported, each account's deals need not be gone through.
        if tx.execute(_any).first() is None:
            return
        query = sa.select(deals).where(
            deals.c.source == CHAT,
            deals.c.stage != LOST,
            deals.c.voided_at.is_(None),
            deals.c.account.in_(sorted(set(account_ids))),
        )
        left: list[Deal] = [make(row) for row in tx.execute(query.order_by(deals.c.id))]
        self._wins = [one for one in left if one.stage == WON]
        self._open = [one for one in left if one.stage != WON]

    def win(self, win: Deal) -> list[Deal]:
        """The wins that may be this one; a single one is then taken."""
        near = self.near(win)
        if len(near) > 1:
            same = [one for one in near if (one.amount_minor, one.currency) == (win.amount_minor, win.currency)]
            near = same if len(same) == 1 else near
        if len(near) == 1:
            self._wins.remove(near[0])
        return near

    def told_beside(self, won: Deal) -> list[Deal]:
        """The wins that a deal of earlier imports may be, which the file calls won now. They were told while it stood
        there as another one, so account and days alone do not say that it is one. A single sure one is taken."""
        near = [one for one in self.near(won) if fit(one, won) is not Fit.NOT]
        sure = [one for one in near if fit(one, won) is Fit.SURE]
        if len(sure) == 1:
            self._wins.remove(sure[0])
        return sure or near

    def near(self, win: Deal) -> list[Deal]:
        """Of the same account and owner, won at most 30 days apart."""
        if win.account is None or win.owner is None or win.closes_on is None:
            return []
        return [
            one
            for one in self._wins
            if (one.account, one.owner) == (win.account, win.owner)
            and one.closes_on is not None
            and abs(one.closes_on - win.closes_on) <= NEAR
        ]

    def still_open(self, imported: Deal, rivals: Collection[Deal]) -> tuple[Deal | None, list[Deal]]:
        """The open deal that this imported one is, which is then taken; else those that it may be.

        `rivals` are the new rows of the same account and owner, this one among them. What the file says was closed is
        no deal that was begun in chat long after.
        """
        if imported.account is None or imported.owner is None:
            return None, []
        there = [one for one in self._open if (one.account, one.owner) == (imported.account, imported.owner)]
        if imported.stage in (WON, LOST):
            closed = imported.closes_on
            there = [one for one in there if closed is not None and closed >= one.created_on - NEAR]
        sure = [one for one in there if fit(one, imported) is Fit.SURE]
        if len(sure) == 1 and sum(fit(sure[0], other) is Fit.SURE for other in rivals) == 1:
            return self._taken(sure[0]), []
        may = sure or [one for one in there if fit(one, imported) is Fit.PERHAPS]
        # One that another row of the file is surely is not this one.
        free = [one for one in may if one in sure or not any(fit(one, other) is Fit.SURE for other in rivals)]
        if len(free) == 1 and free[0] not in sure and sum(fit(free[0], other) > Fit.NOT for other in rivals) == 1:
            return self._taken(free[0]), []
        if free or imported.stage in (WON, LOST) or len(rivals) > 1:
            return None, free
        return None, there

    def _taken(self, one: Deal) -> Deal:
        self._open.remove(one)
        return one


def by_account_and_owner(found: Iterable[Deal]) -> dict[tuple[str | None, str | None], list[Deal]]:
    """The new deals of a file, as each other's rivals."""
    groups: dict[tuple[str | None, str | None], list[Deal]] = {}
    for one in found:
        groups.setdefault((one.account, one.owner), []).append(one)
    return groups


def beside(row: int, what: str, said: Sequence[Deal]) -> str:
    """What is said of a deal that is won now, where the chat has a win that it may be."""
    shown = ", ".join(
        f"{written(one.amount_minor, one.currency) if one.amount_minor and one.currency else 'no amount'}"
        f" on {one.closes_on}"
        for one in said
    )
    return (
        f"Row {row}: {what} is won now, and a win there was said in chat ({shown}) that may be this one. Both stand; "
        "if it is one, take the one that was said back in the chat."
    )


def in_doubt(row: int, what: str, said: Sequence[Deal], *, wins: bool) -> str:
    """What is said of a row that may be one of these."""
    shown = ", ".join(
        f"{written(one.amount_minor, one.currency) if one.amount_minor and one.currency else 'no amount'}"
        + (f" on {one.closes_on}" if wins else f", {one.stage.replace('_', ' ')}")
        for one in said
    )
    if wins:
        return (
            f"Row {row}: {len(said)} wins at {what} were said in chat ({shown}), and any could be this one. It was "
            "added beside them; take the one that it is back in the chat."
        )
    were = f"{plural(len(said), 'open deal')} at {what} {'was' if len(said) == 1 else 'were'}"
    return (
        f"Row {row}: {were} said in chat ({shown}) and may be this one. "
        "It was added beside; take back in the chat what it is, or say there that it is lost."
    )
