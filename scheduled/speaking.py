"""Speaking: a notice whose time has come goes through the gate, is put together, and becomes a message, all in one
transaction. What meets at the same moment is folded into one message; what is over the day's cap into its digest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Protocol

import msgspec
import structlog

from handlers.conversation.buttons import Issuer
from handlers.conversation.company import Company
from handlers.conversation.reply import Buttons, Part, Reply, Text
from handlers.conversation.request import Message, Request
from handlers.numbers.spans import Span
from handlers.reach.gate import CAP, QUIET, Go, Never, Reach, Wait, gate
from handlers.reach.topic import Topic
from scheduled.jobs import request_for
from scheduled.planning import whereabouts
from storage import notices, people, reach
from storage.database import Database, Transaction
from storage.notices import Notice
from storage.reach import Circumstances

log = structlog.get_logger(__name__)

PEOPLE_AT_ONCE: Final = 5
"""In one transaction: putting a message together takes milliseconds, and turns wait for the writer meanwhile."""

why = Issuer("settings")


class Out(Protocol):
    """The way into the outbox."""

    def message(self, tx: Transaction, message: Message, now: datetime) -> list[str]:
        """The keys of its rows; none where the person cannot be reached."""

    def kick(self, keys: Sequence[str]) -> None:
        """Deliver these now."""


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
    ) -> None:
        self._database = database
        self._company = company
        self._topics = {topic.name: topic for topic in topics}
        self._out = out
        self._clock = clock

    async def tick(self) -> None:
        """All that may be said now."""
        # Looked for beside the writers: nearly every tick finds nothing.
        while await self._database.read(lambda tx: notices.any_due(tx, now=self._clock())):
            found, keys = await self._database.write(self._some)
            self._out.kick(keys)
            if not found:
                return

    def _some(self, tx: Transaction) -> tuple[bool, list[str]]:
        now = self._clock()
        waiting: dict[str, list[Notice]] = {}
        for notice in notices.due(tx, now=now, people=PEOPLE_AT_ONCE):
            waiting.setdefault(notice.person, []).append(notice)
        days = {(now + timedelta(days=more)).date() for more in (-1, 0, 1)}
        keys: list[str] = []
        for who in reach.circumstances(tx, list(waiting), now, days):
            keys += self._speak(tx, who, waiting[who.person], now)
        return bool(waiting), keys

    def _speak(self, tx: Transaction, who: Circumstances, waiting: Sequence[Notice], now: datetime) -> list[str]:
        known = self._reach(who)
        may: list[tuple[Notice, Topic]] = []
        for notice in waiting:
            topic = self._topics.get(notice.topic)
            if topic is None:
                notices.settle(tx, [notice.id], "withdrawn", at=now, reason="there is no such topic any more")
                continue
            match gate(notice.topic, now, notice.until, known, counts=topic.counts):
                case Go():
                    may.append((notice, topic))
                case Wait(until, reason):
                    notices.wait(tx, notice.id, until=until, reason=reason)
                case Never(reason):
                    notices.settle(tx, [notice.id], "withheld", at=now, reason=reason)
        if not may:
            return []
        if people.install_for(tx, who.person) is None:
            notices.settle(tx, [one.id for one, _ in may], "withheld", at=now, reason="is on no install any more")
            return []
        today = now.astimezone(known.zone).date()
        request = self._request(tx, who, known, now)
        counted = [self._composed(request, tx, *one) for one in may if one[1].counts]
        keys = self._say(request, tx, who, [one for one in counted if one], today, known)
        for one in (self._composed(request, tx, *pair) for pair in may if not pair[1].counts):
            if one is not None:
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
        (button,) = why.lasting(request, tx, [("Why this?", "why", {"topics": topics})])
        reply = msgspec.structs.replace(reply, parts=(*(reply.parts or (Text(reply.text),)), Buttons((button,))))
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

    def _reach(self, who: Circumstances) -> Reach:
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
            left=who.left,
        )

    def _request(self, tx: Transaction, who: Circumstances, known: Reach, now: datetime) -> Request:
        request = request_for(tx, self._company, who.person, f"speaking:{who.person}", now)
        basis = msgspec.structs.replace(request.basis, now=now.astimezone(known.zone))
        return msgspec.structs.replace(request, basis=basis)


def folded(all_of_it: Sequence[_Composed]) -> Reply:
    """Several as one message, each under its title."""
    parts: list[Part] = []
    for one in all_of_it:
        parts += [Text(one.topic.title, style="strong"), *(one.reply.parts or (Text(one.reply.text),))]
    return Reply(text=" ".join(f"{one.topic.title}: {one.reply.text}" for one in all_of_it), parts=tuple(parts))
