"""Speaking: a notice whose time has come goes through the gate, is put together, and becomes a message, all in one
transaction. What meets at the same moment is folded into one message; what is over the day's cap into its digest."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Final, Protocol

import msgspec
import structlog

from handlers.conversation.company import Company
from handlers.conversation.reply import Part, Reply, Text
from handlers.conversation.request import Message, Request
from handlers.numbers.spans import Span
from handlers.reach.gate import CAP, QUIET, Go, Never, Reach, Wait, gate, worth_until
from handlers.reach.reachable import withheld_because
from handlers.reach.topic import Topic
from handlers.reach.whereabouts import whereabouts
from handlers.reach.why import with_why
from scheduled.jobs import request_for
from storage import notices, people, reach
from storage.database import Database, Transaction
from storage.notices import Notice
from storage.people import Where
from storage.reach import Circumstances

log = structlog.get_logger(__name__)

PEOPLE_AT_ONCE: Final = 5
"""In one transaction: putting a message together takes milliseconds, and turns wait for the writer meanwhile."""
PEOPLE_LOOKED_UP: Final = 50
"""In one question to their platform."""


class Out(Protocol):
    """The way into the outbox."""

    def message(self, tx: Transaction, message: Message, now: datetime) -> list[str]:
        """The keys of its rows; none where the person cannot be reached."""

    def kick(self, keys: Sequence[str]) -> None:
        """Deliver these now."""


class Disturbed(Protocol):
    """What the platforms say of people who want no notifications now."""

    async def __call__(self, where: Mapping[str, Where], now: datetime, /) -> Mapping[str, datetime]:
        """Person -> until when, of those who do; nothing of whom nobody can tell."""


async def nobody_says(where: Mapping[str, Where], now: datetime, /) -> Mapping[str, datetime]:
    """Where no platform tells."""
    return {}


@dataclass(frozen=True, slots=True)
class _Composed:
    notice: Notice
    topic: Topic
    reply: Reply


class Speaker:
    """Says what is due. Any number of processes may: a notice is settled in the transaction that says it."""

    def __init__(
        self,
        database: Database,
        company: Company,
        topics: Sequence[Topic],
        *,
        out: Out,
        clock: Callable[[], datetime],
        disturbed: Disturbed = nobody_says,
    ) -> None:
        self._database = database
        self._company = company
        self._topics = {topic.name: topic for topic in topics}
        self._out = out
        self._clock = clock
        self._disturbed = disturbed

    async def tick(self) -> None:
        """All that may be said now."""
        # Looked for beside the writers: nearly every tick finds nothing.
        while where := await self._database.read(self._waiting):
            if not await self._say_to(where):
                return

    async def _say_to(self, where: Mapping[str, Where]) -> bool:
        """Whether there was anything left to say to any of them: another process may be at it."""
        not_before = await self._disturbed(where, self._clock())
        persons, found = tuple(where), False
        for first in range(0, len(persons), PEOPLE_AT_ONCE):
            some = persons[first : first + PEOPLE_AT_ONCE]
            any_of_them, keys = await self._database.write(partial(self._some, persons=some, not_before=not_before))
            self._out.kick(keys)
            found = found or any_of_them
        return found

    def _waiting(self, tx: Transaction) -> dict[str, Where]:
        """Who has something waiting, and where each is reached; who is on no install is among them all the same."""
        persons = notices.waiting(tx, now=self._clock(), people=PEOPLE_LOOKED_UP)
        return people.reached_at(tx, persons)

    def _some(
        self, tx: Transaction, persons: Sequence[str], not_before: Mapping[str, datetime]
    ) -> tuple[bool, list[str]]:
        now = self._clock()
        waiting: dict[str, list[Notice]] = {}
        for notice in notices.due(tx, persons, now=now):
            waiting.setdefault(notice.person, []).append(notice)
        days = {(now + timedelta(days=more)).date() for more in (-1, 0, 1)}
        keys: list[str] = []
        for who in reach.circumstances(tx, list(waiting), now, days):
            keys += self._speak(tx, who, waiting[who.person], now, not_before.get(who.person))
        return bool(waiting), keys

    def _speak(
        self,
        tx: Transaction,
        who: Circumstances,
        waiting: Sequence[Notice],
        now: datetime,
        disturb_not_until: datetime | None,
    ) -> list[str]:
        known = self._reach(who, disturb_not_until)
        may: list[tuple[Notice, Topic]] = []
        for planned in waiting:
            topic = self._topics.get(planned.topic)
            if topic is None:
                notices.settle(tx, [planned.id], "withdrawn", at=now, reason="there is no such topic any more")
                continue
            until = worth_until(planned.due_at, planned.until, known) if topic.said else planned.until
            notice = replace(planned, until=until)
            match gate(notice.topic, now, notice.until, known, counts=topic.counts):
                case Go():
                    may.append((notice, topic))
                case Wait(again, reason):
                    notices.wait(tx, notice.id, until=again, reason=reason)
                case Never(reason):
                    notices.settle(tx, [notice.id], "withheld", at=now, reason=reason)
        if not may:
            return []
        if people.install_for(tx, who.person) is None:
            because = withheld_because(tx, who.person)
            notices.settle(tx, [one.id for one, _ in may], "withheld", at=now, reason=because)
            return []
        today = now.astimezone(known.zone).date()
        request = self._request(tx, who, known, now)
        counts = any(topic.counts for _, topic in may)
        together = [one for one in may if one[1].counts or (counts and one[1].joins)]
        # A button of one must not take the others away with it.
        among = msgspec.structs.replace(request, listing=len(together) > 1)
        composed = [one for one in (self._composed(among, tx, *pair) for pair in together) if one]
        alone = [one for one in (self._composed(request, tx, *pair) for pair in may if pair not in together) if one]
        if not any(one.topic.counts for one in composed):
            composed, alone = [], [*composed, *alone]
        # What counts stands first, and what joins it below.
        composed.sort(key=lambda one: not one.topic.counts)
        keys = self._say(request, tx, who, composed, today, known)
        for one in alone:
            keys += self._put(request, tx, who, [one], f"notice:{one.notice.key}", one.reply)
        return keys

    def _say(
        self,
        request: Request,
        tx: Transaction,
        who: Circumstances,
        all_of_it: Sequence[_Composed],
        today: date,
        known: Reach,
    ) -> list[str]:
        """One message, whatever it is made of; the day's digest, where the cap is reached."""
        if not all_of_it:
            return []
        over = known.said.get(today, 0) >= known.cap
        reach.heard(tx, who.person, today, **({"digests": 1} if over else {"messages": 1}))
        reply = all_of_it[0].reply if len(all_of_it) == 1 else folded(all_of_it)
        return self._put(request, tx, who, all_of_it, f"notice:{all_of_it[0].notice.key}", reply)

    def _put(
        self, request: Request, tx: Transaction, who: Circumstances, what: Sequence[_Composed], key: str, reply: Reply
    ) -> list[str]:
        topics = [one.topic.name for one in what]
        reply = with_why(request, tx, who.person, reply, topics)
        message = Message(
            to=who.person, reply=reply, topic=topics[0], key=key, until=max(one.notice.until for one in what)
        )
        notices.settle(tx, [one.notice.id for one in what], "said", at=request.now, said_as=key)
        return self._out.message(tx, message, request.now)

    def _composed(self, request: Request, tx: Transaction, notice: Notice, topic: Topic) -> _Composed | None:
        try:
            reply = topic.compose(request, tx, notice)
        except Exception as error:
            # One topic's mistake must not keep everybody's messages back.
            log.exception("not_composed", topic=topic.name, notice=notice.id)
            reason = f"a mistake of ours: {type(error).__name__}"
            notices.settle(tx, [notice.id], "withheld", at=request.now, reason=reason)
            return None
        if reply is None:
            notices.settle(tx, [notice.id], "nothing", at=request.now, reason="there was nothing to say")
            return None
        return _Composed(notice, topic, reply)

    def _reach(self, who: Circumstances, disturb_not_until: datetime | None) -> Reach:
        zone, calendar = whereabouts(who.place, self._company)
        return Reach(
            zone=zone,
            calendar=calendar,
            leave=tuple(Span(first, last) for first, last in who.leave),
            quiet=who.quiet or QUIET,
            muted=who.muted,
            cap=CAP if who.cap is None else who.cap,
            said=who.messages,
            digested=who.digests,
            disturb_not_until=disturb_not_until,
            left=who.left,
        )

    def _request(self, tx: Transaction, who: Circumstances, known: Reach, now: datetime) -> Request:
        request = request_for(tx, self._company, who.person, f"speaking:{who.person}", now)
        basis = msgspec.structs.replace(request.basis, now=now.astimezone(known.zone))
        return msgspec.structs.replace(request, basis=basis)


def folded(all_of_it: Sequence[_Composed]) -> Reply:
    """Several as one message, each under its title, which is not said twice."""
    parts: list[Part] = []
    said: list[str] = []
    before = ""
    for one in all_of_it:
        own, title = one.reply.parts or (Text(one.reply.text),), one.topic.title
        first = next((part.text for part in own if isinstance(part, Text) and part.style == "strong"), "")
        # What joins has headings of its own: “Planned for today” below “Today” says it twice.
        own_heading = one.topic.joins or title in (before, first)
        if not own_heading:
            parts.append(Text(title, style="strong"))
        parts += own
        bare = one.topic.joins or title == before or one.reply.text.startswith(title)
        said.append(one.reply.text if bare else f"{title}: {one.reply.text}")
        before = title
    return Reply(text=" ".join(said), parts=tuple(parts))
