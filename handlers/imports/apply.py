"""A file that was read is applied: pieces of work of 50 to 200 rows, each for a transaction of its own.

Whoever runs them decides how: the command line one after the other, a job with turns between them, a dry run all in one
transaction that is rolled back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, Final, TypeVar

import msgspec

from handlers.conversation.company import Company
from handlers.figures.stages import open_stages
from handlers.imports import apply_accounts, apply_deals, apply_ledger, apply_people, apply_rates, apply_targets
from handlers.imports.applying import Pace, Run, Tally, batches
from handlers.imports.deal_keys import Keys
from handlers.imports.match import Known
from handlers.imports.reading import Reading
from handlers.imports.rows import AccountRow, BadRow, CostRow, DealRow, PersonRow, RateRow, RevenueRow, Row, TargetRow
from handlers.numbers.periods import FiscalCalendar
from storage import imports, people
from storage.database import Transaction

CHUNK: Final = 50
"""Rows of one transaction, of kinds that look far around for each row."""
SOURCE: Final = "import"
"""What ids in a file belong to where nobody names the system."""

T = TypeVar("T")
Work = Callable[[Transaction], Tally]


@dataclass(slots=True)
class Application:
    """One file being applied: go through `works`, run each in a transaction, give what it returns to `add`."""

    reading: Reading
    company: Company
    now: datetime
    name: str
    digest: str
    by: str | None = None
    source: str = SOURCE
    on_bad: Callable[[BadRow], None] = lambda _: None
    id: str = ""
    read: int = 0
    """Rows of the file that went by, for a progress bar."""
    bad: int = 0
    tally: Tally = field(default_factory=Tally)
    announces: bool = False
    """Whether wins and targets that are news are facts for others."""
    watched: str = ""
    """The scheduled import that it belongs to."""
    done_before: int = 0
    """Rows of deals, accounts, revenue and cost up to this one of the file were applied in an earlier life."""
    left_out_before: int = 0
    """Rows that an earlier life could not apply and of which no more is known than that."""
    pace: Pace = field(default_factory=Pace)
    """Of deals; whoever runs the pieces tells it how long each took."""
    upto: int = 0
    """The last row of the piece that was handed out last."""

    def begin(self, tx: Transaction) -> str:
        """The import's row; set `id` to what this returns after the commit."""
        settings = {
            "columns": {use.title: use.field for use in self.reading.columns.used},
            "described": self.reading.described,
            "source": self.source,
        }
        if self.watched:
            settings["watched"] = self.watched
        return imports.begin(
            tx,
            kind=self.reading.kind,
            name=self.name,
            digest=self.digest,
            settings=settings,
            by=self.by,
            at=self.now,
        )

    def works(self) -> Iterator[Work]:
        """What is to be done, piece by piece. A piece begins when the one before was given to `add`."""
        run = Run(
            id=self.id,
            company=self.company,
            now=self.now,
            by=self.by,
            source=self.source,
            fields={use.field: use.title for use in self.reading.columns.used},
            announces=self.announces,
        )
        match self.reading.kind:
            case "people":
                yield from self._people(run)
            case "accounts":
                for some in batches(self._rest(self._rows(AccountRow), lambda row: row.row), CHUNK):
                    yield partial(apply_accounts.apply, run=run, rows=some)
            case "rates":
                for rates in batches(self._rows(RateRow), CHUNK):
                    yield partial(apply_rates.apply, run=run, rows=rates)
            case "targets":
                yield from self._targets(run)
            case "deals":
                keys = Keys(self.source, open_stages(self.company)[0])
                if self.reading.without_id and keys.look(self.reading.rows()):
                    yield partial(_settle, keys)
                keyed = ((keys.of(row), row) for row in self._rows(DealRow))
                for deals in batches(self._rest(keyed, lambda one: one[1].row), self.pace):
                    yield partial(apply_deals.apply, run=run, rows=deals)
            case "revenue" | "cost" as kind:
                parts = apply_ledger.Parts(FiscalCalendar(self.company.fiscal_year_start))
                numbered = ((row.row, parts.of(row)) for row in self._rows(RevenueRow, CostRow))
                for entries in batches(self._rest(numbered, lambda one: one[0]), CHUNK):
                    lines = [line for _, lines in entries for line in lines]
                    yield partial(apply_ledger.apply, run=run, kind=kind, parts=lines)

    def add(self, done: Tally) -> None:
        """That piece is committed."""
        self.tally.add(done)

    def finish(self, tx: Transaction, at: datetime) -> None:
        """All pieces are in."""
        imports.settle(tx, self.id, "applied", at=at, report=self.report())

    @property
    def left_out(self) -> int:
        """Rows that are not in."""
        return self.bad + len(self.tally.left_out) + self.left_out_before

    def report(self) -> dict[str, Any]:
        """What is kept of it."""
        done = self.tally
        return {
            "made": done.made,
            "changed": done.changed,
            "same": done.same,
            "bad": self.left_out,
            "notes": notes(done),
            "doubts": done.doubts[:100],
            "odd": [msgspec.to_builtins(one) for one in self.reading.report().odd],
        }

    def _rows(self, *kinds: type[Any]) -> Iterator[Any]:
        row: Row | BadRow
        last = 0
        for row in self.reading.rows():
            if row.row != last:
                last = row.row
                self.read += 1
            if isinstance(row, BadRow):
                self.bad += 1
                self.on_bad(row)
            elif isinstance(row, kinds):
                yield row

    def _rest(self, items: Iterable[T], row_of: Callable[[T], int]) -> Iterator[T]:
        """Those that no earlier life has applied. What they go by was worked out from all of them."""
        for item in items:
            row = row_of(item)
            if row > self.done_before:
                self.upto = row
                yield item

    def _people(self, run: Run) -> Iterator[Work]:
        links: dict[str, apply_people.Link] = {}

        def work(tx: Transaction, some: Sequence[PersonRow]) -> Tally:
            tally, found = apply_people.apply(tx, run, some)
            # By person, since a transaction may be run again.
            links.update({person: (row, person) for row, person in found})
            return tally

        for some in batches(self._rows(PersonRow), CHUNK):
            yield partial(work, some=some)
        for linked in batches(links.values(), CHUNK):
            yield partial(apply_people.link, run=run, links=linked)

    def _targets(self, run: Run) -> Iterator[Work]:
        rows: list[TargetRow] = list(self._rows(TargetRow))
        groups: list[apply_targets.Group] = []

        def work(tx: Transaction) -> Tally:
            tally = Tally()
            groups[:] = apply_targets.grouped(tx, run, rows, tally)
            return tally

        yield work
        for some in apply_targets.pieces(groups, CHUNK):
            yield partial(apply_targets.apply, run=run, groups=some)


def _settle(keys: Keys, tx: Transaction) -> Tally:
    keys.settle(tx)
    return Tally()


def notes(tally: Tally) -> list[str]:
    """The sentences, with their numbers."""
    return [sentence.format(n=f"{count:,}") for sentence, count in tally.notes.most_common()]


def known(tx: Transaction) -> Mapping[str, list[Known]]:
    """`known_people` and `known_accounts` for `read_file`."""
    return {
        "known_people": [Known(one.id, one.name, one.email) for one in people.everybody(tx, leavers=True)],
        "known_accounts": [Known(one, name, "", aliases) for one, name, aliases in imports.known_accounts(tx)],
    }
