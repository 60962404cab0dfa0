"""`pacer deliveries`: what was planned to be said unasked to somebody, and what became of it: the answer to “why did I
not get it?”."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from handlers import TOPICS
from handlers.conversation.company import Company
from handlers.conversation.wording import listed, plural
from handlers.figures import roster
from handlers.reach.gate import EVERYTHING
from handlers.reach.reachable import why_not
from storage import absences, notices, people, reach
from storage.database import Database, Transaction
from storage.notices import Sent, Told

MOST: Final = 500
"""Lines; the latest."""


class NobodyMeant(Exception):
    """A sentence that says why no person is meant."""


def report(database: Database, company: Company, *, person: str | None, days: int, now: datetime) -> list[str]:
    """The lines. Raises NobodyMeant."""

    def read(tx: Transaction) -> list[str]:
        return list(_counts(tx) if person is None else _of_person(tx, company, person, days, now))

    return asyncio.run(database.read(read))


def _counts(tx: Transaction) -> Iterator[str]:
    found = notices.counts(tx)
    yield f"{plural(sum(found.values()), 'notice')} kept."
    for state, meaning in _MEANINGS.items():
        yield f"{found.get(state, 0):>9,}  {state:<10} {meaning}"


_MEANINGS: Final = {
    "planned": "to be said, or kept back for now",
    "said": "became a message",
    "nothing": "there was nothing to say when its time came",
    "withheld": "was kept back until it was worth nothing any more",
    "withdrawn": "was taken back before it was said",
}


def _of_person(tx: Transaction, company: Company, words: str, days: int, now: datetime) -> Iterator[str]:
    known = roster.load(tx)
    found = known.people_called(words)
    if len(found) != 1:
        sentence = (
            roster.several(words, found)
            if found
            else roster.unknown(words, [one.name for one in known.people], "person")
        )
        raise NobodyMeant(sentence)
    who = found[0]
    place = reach.place_of(tx, who.id)
    zone = ZoneInfo((place.zone if place else "") or company.zone)
    yield f"{who.name}{f' ({who.email})' if who.email else ''}, times in {zone.key}"
    yield from _keeps(tx, company, who.id, who.left, now, zone)
    told = [one for one in notices.of_person(tx, who.id, limit=MOST) if one.due_at >= now - timedelta(days=days)]
    sent = notices.messages(tx, {one.said_as for one in told if one.said_as})
    if not told:
        yield f"Nothing was planned for them in the last {plural(days, 'day')}."
        return
    titles = {topic.name: topic.title for topic in TOPICS}
    rows = [
        (
            f"{one.due_at.astimezone(zone):%a %Y-%m-%d %H:%M}",
            titles.get(one.topic, one.topic),
            one.state,
            _became(one, sent.get(one.said_as or ""), zone),
        )
        for one in told
    ]
    yield from _table(("due", "topic", "state", "what became of it"), rows)


def _keeps(tx: Transaction, company: Company, person: str, left: bool, now: datetime, zone: ZoneInfo) -> Iterator[str]:
    """What would keep a message from them now."""
    install = people.install_for(tx, person)
    if install:
        yield f"Reached on: {install}"
    else:
        yield "Reached nowhere: they are on no install that lets Pacer write to them."
        yield from why_not(tx, person, company.domains, zone)
    if left:
        yield "They have left the company."
    for one in reach.circumstances(tx, [person], now, []):
        for topic, until in sorted(one.muted.items()):
            what = "everything" if topic == EVERYTHING else topic
            yield (
                f"Snoozed until {until.astimezone(zone):%a %Y-%m-%d %H:%M}: {what}" if until else f"Turned off: {what}"
            )
    leave = [f"{one.first} to {one.last}" for one in absences.of(tx, person, since=now.astimezone(zone).date())]
    if leave:
        yield f"Leave: {listed(leave)}"


def _became(one: Told, sent: Sent | None, zone: ZoneInfo) -> str:
    """The message's own end where there is one, else the reason."""
    if one.said_as is None:
        return one.reason or ("waits for its time" if one.state == "planned" else "")
    if sent is None:
        return f"message made {_at(one.settled_at, zone)}; its row is no longer kept"
    error = f": {sent.error}" if sent.error else ""
    if sent.settled_at is not None:
        return f"{sent.state} {_at(sent.settled_at, zone)}{error}"
    again = f", next try {_at(sent.retry_at, zone)}" if sent.retry_at else ""
    return f"{sent.state} after {plural(sent.attempts, 'try', 'tries')}{again}{error}"


def _at(instant: datetime | None, zone: ZoneInfo) -> str:
    return f"{instant.astimezone(zone):%Y-%m-%d %H:%M:%S}" if instant else "?"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(len(row[at]) for row in (head, *rows)) for at in range(len(head) - 1)]
    for row in (head, *rows):
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        yield "  ".join([*cells, row[-1]]).rstrip()
