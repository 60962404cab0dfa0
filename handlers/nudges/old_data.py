"""Data that is too old for a pace: then no nudge speaks of one, and the admins are told, once a day."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from handlers.conversation.reply import Reply, Text
from handlers.conversation.request import Request
from handlers.conversation.wording import Days
from handlers.figures.freshness import Freshness, freshness
from handlers.nudges.nothing import nothing
from handlers.numbers.periods import day_in
from handlers.reach.topic import Topic
from storage import notices, people
from storage.database import Transaction
from storage.notices import Notice

NAME: Final = "old data"


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


TOPIC: Final = Topic(
    name=NAME,
    title="Old data",
    why="you are an admin, and a nudge was held back because its figures would have been old",
    compose=compose,
    roles=frozenset({"admin"}),
    worth=timedelta(days=1),
    counts=False,
)
