"""People of the plan who never wrote: each platform is asked who they are there, so that they can be written to.

They are linked by the e-mail that the platform itself gives, in the company's own domains, as bot/whois.py links those
who write; never by a name. One process looks at a time: who that is, a row decides.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final, Protocol

import msgspec
import structlog

from bot.whois import is_ours, zone_or_empty
from handlers.conversation.company import Company
from handlers.conversation.request import Profile
from storage import audit, finding, reach
from storage.database import Database, Transaction
from storage.finding import Missing, Roster

log = structlog.get_logger(__name__)

EVERY: Final = 1.5
"""Seconds between two looks at which install may be asked again."""
LOOK: Final = 60.0
"""Seconds until it is looked again whether there is anybody to ask about: an import may have brought people."""
LEASE: Final = timedelta(minutes=5)
"""Nobody is looked up for so long after the process that does it has died."""
AT_ONCE: Final = 500
"""People looked for in the rows at once, and settled in one transaction."""


class Here(msgspec.Struct, frozen=True):
    """How an install knows somebody."""

    profile: Profile
    service: str = ""
    """Where messages to them are taken (Teams' service URL)."""


class Said(msgspec.Struct, frozen=True):
    """What an install said of those whom it was asked about."""

    of: Mapping[str, Here | None] = {}
    """Person -> how it knows them, None: not at all. Whoever is not named is asked about again."""
    again: timedelta = timedelta(days=1)
    """After that, whom it does not know is asked about again."""
    wait: float = 0.0
    """Seconds until it may be asked anything."""
    read: tuple[Roster, ...] = ()
    """To the end."""
    gone: tuple[Roster, ...] = ()
    """Pacer is in these no more."""


class TellsWho(Protocol):
    """A platform that tells an app who its people are, by their e-mail."""

    at_once: int
    """People whom one question is about."""

    def installs(self) -> Sequence[str]:
        """Names of those that live."""

    async def ask(self, install: str, wanted: Sequence[Missing], teams: Sequence[Roster]) -> Said:
        """What it says of them; raises nothing that the platform caused."""

    def needs_teams(self) -> bool:
        """Whether it tells only of the members of teams that Pacer was added to."""


class Finder:
    """Asks the platforms, one question to an install at each tick."""

    def __init__(
        self,
        database: Database,
        company: Company,
        *,
        clock: Callable[[], datetime],
        owner: str,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        """`seconds` paces the questions, whatever the clock does."""
        self.told_by: dict[str, TellsWho] = {}
        """By platform."""
        self._database = database
        self._company = company
        self._clock = clock
        self._owner = owner
        self._seconds = seconds
        self._leased: datetime | None = None
        self._queues: dict[str, deque[Missing]] = {}
        self._not_before: dict[str, float] = {}

    async def tick(self) -> None:
        """Ask each install that may be asked now about the next of those whom nobody has met."""
        due = [
            (source, name)
            for source in self.told_by.values()
            for name in source.installs()
            if self._not_before.get(name, 0.0) <= self._seconds()
        ]
        if not due or not self._company.domains or not await self._mine(self._clock()):
            return
        for source, name in due:
            await self._ask(source, name)

    async def let_go(self) -> None:
        """Another process may look from now on."""
        if self._leased is None:
            return
        self._leased, now = None, self._clock()
        await self._database.write(lambda tx: reach.lease(tx, "finding", self._owner, now=now, until=now))

    async def _mine(self, now: datetime) -> bool:
        """Whether this process is the one that looks. A clock that went back makes it ask again."""
        if self._leased is not None and LEASE / 2 < self._leased - now <= LEASE:
            return True
        until = now + LEASE
        mine = await self._database.write(lambda tx: reach.lease(tx, "finding", self._owner, now=now, until=until))
        self._leased = until if mine else None
        if not mine:
            # Whoever looks now has the questions; they are put anew if it is this process's turn again.
            self._queues.clear()
        return mine

    async def _ask(self, source: TellsWho, install: str) -> None:
        teams: list[Roster] = []
        if source.needs_teams():
            teams = await self._database.read(lambda tx: finding.rosters_of(tx, install))
        queue = self._queues.setdefault(install, deque())
        if not queue and (teams or not source.needs_teams()):
            # A team that was not read yet may hold whom the others did not.
            asked = any(not team.read for team in teams)
            limit = max(AT_ONCE, source.at_once)
            look = partial(
                finding.missing, install=install, domains=self._company.domains, now=self._clock(), limit=limit
            )
            queue.extend(await self._database.read(lambda tx: look(tx, asked=asked)))
        unread = [team for team in teams if not team.read]
        if not queue:
            self._not_before[install] = self._seconds() + LOOK
            if unread:
                now = self._clock()
                await self._database.write(lambda tx: finding.roster_read(tx, unread, now))
            return
        wanted = [queue.popleft() for _ in range(min(len(queue), source.at_once))]
        said = await source.ask(install, wanted, teams)
        self._not_before[install] = self._seconds() + said.wait
        await self._write_down(install, wanted, said)

    async def _write_down(self, install: str, wanted: Sequence[Missing], said: Said) -> None:
        now = self._clock()
        answered = [who for who in wanted if who.person in said.of]
        found = 0
        for first in range(0, len(answered), AT_ONCE):
            some = answered[first : first + AT_ONCE]
            found += await self._database.write(partial(self._settle, install=install, some=some, said=said, now=now))

        def teams(tx: Transaction) -> None:
            finding.roster_read(tx, said.read, now)
            for one in said.gone:
                finding.drop_rosters(tx, one.install, one.team)

        if said.read or said.gone:
            await self._database.write(teams)
        if found:
            log.info("people_found", install=install, found=found, asked=len(answered))

    def _settle(self, tx: Transaction, install: str, some: Iterable[Missing], said: Said, now: datetime) -> int:
        return sum(settle(tx, self._company, install, who, said.of[who.person], now, said.again) for who in some)


def settle(
    tx: Transaction,
    company: Company,
    install: str,
    who: Missing,
    here: Here | None,
    now: datetime,
    again: timedelta,
) -> bool:
    """What an install said of somebody becomes a row; whether they can be written to from now on."""
    if not finding.is_missing(tx, install, who, company.domains, now):
        return False
    outcome: finding.Outcome = "absent"
    if here is not None and _same(here.profile.email, who.email, company):
        profile = here.profile
        if not profile.member:
            outcome = "outsider"
        elif finding.found(
            tx,
            install,
            who,
            external_id=profile.external_id,
            zone=zone_or_empty(profile.zone),
            locale=profile.locale,
            service=here.service,
            now=now,
        ):
            audit.write(tx, "found", at=now, person=who.person, install=install, details={})
            return True
        else:
            outcome = "somebody else"
    finding.keep(tx, install, who, outcome, now=now, again=now + again)
    return False


def _same(theirs: str, ours: str, company: Company) -> bool:
    """Whether the platform's own e-mail is the plan's, and the company's."""
    return theirs.isascii() and theirs.lower() == ours and is_ours(ours, company)
