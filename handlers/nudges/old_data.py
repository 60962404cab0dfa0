"""Data that is too old for a pace: then no nudge speaks of one, and the admins are told, once a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from handlers.conversation.reply import Reply, Text
from handlers.conversation.request import Request
from handlers.conversation.wording import Days, plural
from handlers.figures.credited import CREDITS, LEDGER
from handlers.figures.standing import BOOKINGS, fresh_as_of
from handlers.nudges.nothing import nothing
from handlers.numbers.periods import day_in
from handlers.reach.topic import Topic
from storage import ledger, notices, people
from storage.database import Transaction
from storage.notices import Notice

FRESH_FOR: Final = timedelta(days=3)
"""GLOSSARY, *The sums*: after that no nudge says a pace."""
NAME: Final = "old data"


@dataclass(frozen=True, slots=True)
class Freshness:
    """As of when the data of a measure is; None: there is none, or it counts as it is logged."""

    measure: str
    as_of: datetime | None
    now: datetime

    @property
    def is_old(self) -> bool:
        """Too old for a pace, or not there at all."""
        if not _is_data(self.measure):
            return False
        return self.as_of is None or self.now - self.as_of > FRESH_FOR

    @property
    def words(self) -> str:
        """`deal data is 5 days old`."""
        what = "revenue data" if self.measure in LEDGER else "deal data"
        if self.as_of is None:
            return f"there is no {what} yet"
        return f"{what} is {plural((self.now - self.as_of) // timedelta(days=1), 'day')} old"


def freshness(request: Request, tx: Transaction, measure: str = BOOKINGS) -> Freshness:
    """When anything in it last changed, or when it was last imported, be it without a change."""
    as_of = fresh_as_of(tx, measure)
    if as_of is not None and measure not in LEDGER and _is_data(measure):
        imported = ledger.imported_at(tx, kinds=("deals",))
        as_of = max(as_of, imported) if imported else as_of
    return Freshness(measure, as_of, request.now)


def held_back(request: Request, tx: Transaction, notice: Notice, found: Freshness, what: str) -> Reply | None:
    """The nudge is not said for that; the admins hear of it. `what`: `the weekly nudge`."""
    day = day_in(request.company.zone, request.now).isoformat()
    notices.plan(
        tx,
        [
            notices.Wanted(
                topic=NAME,
                person=admin.id,
                slot=day,
                subject=notice.topic,
                due_at=request.now,
                until=request.now + timedelta(days=1),
                data={"what": what, "measure": found.measure},
            )
            for admin in people.by_emails(tx, request.company.admins)
            if not admin.left
        ],
        at=request.now,
    )
    return nothing(request, tx, notice, found.words)


def compose(request: Request, tx: Transaction, notice: Notice) -> Reply | None:
    """What was not sent and why; nothing where the data has come meanwhile."""
    found = freshness(request, tx, notice.data["measure"])
    if not found.is_old:
        return nothing(request, tx, notice, "the data is fresh again")
    sentence = f"{found.words[0].upper()}{found.words[1:]}, so {notice.data['what']} was not sent."
    if found.as_of is None:
        more = "Send me a file with the word “import”, and the next one goes out."
    else:
        there = found.as_of.astimezone(request.basis.zone)
        last = Days.of(request.basis).moment(there.date(), there.time())
        more = f"The last change came {last}. Once a newer import is in, the next one goes out."
    return Reply(f"{sentence} {more}", (Text(sentence, style="strong"), Text(more)))


def _is_data(measure: str) -> bool:
    """Activities count as they are logged: they are never old."""
    return measure in LEDGER or measure in CREDITS or measure == "pipeline_created"


TOPIC: Final = Topic(
    name=NAME,
    title="Old data",
    why="you are an admin, and a nudge was held back because its figures would have been old",
    compose=compose,
    roles=frozenset({"admin"}),
    worth=timedelta(days=1),
    counts=False,
)
