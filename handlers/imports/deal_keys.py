"""What each row of deals goes by in its source: its id there, else what it is.

Rows without an id that name the same account, deal and day of creation are told apart by what they say: a file that
is sorted otherwise, or that lost a row, is the same deals. Only what is left is matched by its place in the file.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from handlers.imports.applying import batches
from handlers.imports.rows import DealRow
from handlers.numbers.money import to_minor
from storage.accounts import folded
from storage.database import Transaction
from storage.tables import deals

_PREFIX: Final = "row-"
_WIDTH: Final = len(_PREFIX) + 24
_ASKED_AT_ONCE: Final = 400


class Content(NamedTuple):
    """What a row without an id says, or the deal that it became."""

    owner: str
    close: date | None
    amount: tuple[int, str] | None
    stage: str
    product: str


_LEVELS: Final = (
    ("owner", "close", "amount", "stage", "product"),
    ("owner", "close", "amount", "product"),
    ("owner", "close", "amount"),
    ("owner", "amount", "product"),
    ("owner", "amount"),
    ("close", "amount"),
    ("owner", "close"),
    ("amount",),
    ("owner",),
)
"""What has to be the same for a row to be a deal that stands, the surest first."""


class Keys:
    """Look at all rows (`look`), then at what stands (`settle`); then it knows what a row goes by (`of`)."""

    def __init__(self, source: str, first_stage: str) -> None:
        """`first_stage` is where an open deal stands whose stage the settings do not know."""
        self._source = source
        self._first_stage = first_stage
        self._rows: dict[str, list[tuple[int, Content]]] = defaultdict(list)
        self._settled: dict[int, str] = {}

    def look(self, rows: Iterable[object]) -> bool:
        """All rows of the file; whether any has no id, so that what stands is to be looked at too."""
        for row in rows:
            if isinstance(row, DealRow) and not row.external_id:
                self._rows[_named(row)].append((row.row, self._content(row)))
        return bool(self._rows)

    def settle(self, tx: Transaction) -> None:
        """Which row is which deal. A transaction may be run again, and so may this."""
        several = {key for key, rows in self._rows.items() if len(rows) > 1}
        repeated = self._standing(tx, deals.c.external_id.like(f"{_PREFIX}%-%"))
        repeated = [one for one in repeated if one[0][:_WIDTH] in self._rows]
        several |= {key[:_WIDTH] for key, _, _ in repeated}
        first = [one for some in batches(sorted(several), _ASKED_AT_ONCE) for one in self._standing(tx, _in(some))]
        there: dict[str, list[tuple[str, Content]]] = defaultdict(list)
        for key, _, content in sorted([*first, *repeated], key=lambda one: (one[1], _number(one[0]))):
            there[key[:_WIDTH]].append((key, content))
        self._settled = {row: key for name in several for row, key in matched(name, self._rows[name], there[name])}

    def of(self, row: DealRow) -> str:
        """A repeated id is a further deal, so that sums over the file and over its deals agree."""
        if row.external_id:
            return f"{row.external_id}#{row.repeat + 1}" if row.repeat else row.external_id
        return self._settled.get(row.row) or _named(row)

    def _content(self, row: DealRow) -> Content:
        owner = (row.owner.key or row.owner.written) if row.owner else ""
        amount = (to_minor(row.amount, row.currency), row.currency) if row.amount is not None else None
        stage = row.state if row.state != "open" else row.stage or self._first_stage
        return Content(owner, row.close, amount, stage, row.product)

    def _standing(self, tx: Transaction, which: sa.ColumnElement[bool]) -> list[tuple[str, bool, Content]]:
        """Key, whether it was taken back, and what it says."""
        query = sa.select(deals).where(deals.c.source == self._source, which)
        return [(row.external_id, row.voided_at is not None, _standing(row)) for row in tx.execute(query)]


def matched(
    name: str, rows: Sequence[tuple[int, Content]], standing: Sequence[tuple[str, Content]]
) -> Iterator[tuple[int, str]]:
    """Each row's number with its key: a deal's that stands as long as there are any, then a new one."""
    left, free = list(rows), list(standing)
    for level in _LEVELS:
        if not left or not free:
            break
        by: dict[tuple[Any, ...], deque[str]] = defaultdict(deque)
        for key, content in free:
            by[_said(content, level)].append(key)
        taken: dict[str, int] = {}
        for number, content in left:
            if keys := by.get(_said(content, level)):
                taken[keys.popleft()] = number
        yield from ((number, key) for key, number in taken.items())
        gone = set(taken.values())
        left = [one for one in left if one[0] not in gone]
        free = [one for one in free if one[0] not in taken]
    yield from ((number, key) for (number, _), (key, _) in zip(left, free, strict=False))
    used = {_number(key) for key, _ in standing}
    unused = (at for at in range(1, len(rows) + len(standing) + 1) if at not in used)
    for (number, _), at in zip(left[len(free) :], unused, strict=False):
        yield number, name if at == 1 else f"{name}-{at}"


def _said(content: Content, level: Sequence[str]) -> tuple[Any, ...]:
    return tuple(getattr(content, name) for name in level)


def _standing(row: Any) -> Content:
    amount = (row.amount_minor, row.currency) if row.amount_minor is not None else None
    return Content(row.owner or row.owner_text or "", row.closes_on, amount, row.stage, row.product or "")


def _named(row: DealRow) -> str:
    account = folded(row.account.written) if row.account else row.account_id
    parts = (account, folded(row.name), row.created.isoformat() if row.created else "")
    return _PREFIX + hashlib.blake2b("\x1f".join(parts).encode(), digest_size=12).hexdigest()


def _number(key: str) -> int:
    return int(key[_WIDTH + 1 :] or 1)


def _in(keys: Sequence[str]) -> sa.ColumnElement[bool]:
    return deals.c.external_id.in_(keys)
