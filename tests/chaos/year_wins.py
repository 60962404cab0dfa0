"""Deals of the simulated year: told with `/win` and `/deal`, brought by imports, confirmed, corrected, taken back."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final

from bot import importing
from storage import accounts
from storage.database import Transaction
from tests.chaos.year_far_end import Sent
from tests.chaos.year_milestones import Milestones
from tests.chaos.year_talk import Talk
from tests.chaos.year_world import COMPANY, DAY, Home, World

HEAD: Final = "Opportunity ID,Account Name,Owner,Amount,Stage,Close Date\n"
ELDER: Final = "D-0,Firsthand Works,Ada,1000,Closed Won,2020-01-15\n"
"""A company's first import of deals is history; this is all of it."""
IMPORTS_EVERY: Final = (26, 75)
"""Hours from one import to the next."""
SAID: Final = ("/win {} ${:,}", "/deal won {} ${:,}")
WEEK: Final = timedelta(days=7)
_SYLLABLES: Final = tuple(first + then for first in "bdfgklmnrtvz" for then in "aiou")


@dataclass
class Win:
    """A deal that somebody wins. `amount` in whole dollars."""

    number: int
    home: Home
    account: str
    amount: int
    day: date | None = None
    counts: bool = False


class Deals:
    """Implements year_world.Doing."""

    def __init__(self, world: World, talk: Talk, folder: Path, until: datetime) -> None:
        self._world, self._talk, self._folder = world, talk, folder
        self._chance = world.chance
        self._previews: dict[str, Sent] = {}
        """By account, what would go out."""
        self._tellings: dict[str, Sent] = {}
        """By person, *Tell the team*."""
        self._due: list[tuple[datetime, int, Callable[[], Coroutine[Any, Any, None]], Home | None]] = []
        self._rows: list[Win] = []
        self._orders = 0
        self.wins: list[Win] = []
        self.milestones = Milestones(world)
        self.imports = self.claimed = self.corrected = self.reversed = self.restored = 0
        self._plan(until)

    def _plan(self, until: datetime) -> None:
        """For some a win nearly every week, for others now and then."""
        world, names = self._world, _names(self._chance)
        for number, home in enumerate(world.selling()):
            often = (0.93, 0.75, 0.6)[number % 3]
            start = world.began + timedelta(hours=6)
            while start < until - DAY:
                for _ in range((self._chance.random() < often) + (self._chance.random() < 0.2)):
                    at = start + timedelta(hours=self._chance.uniform(0, 110))
                    told = self._chance.random() < 0.6
                    # What the file brings of one person often comes in twos, their first deals among them.
                    twins = not told and self._chance.random() < (0.8 if start < world.began + WEEK else 0.25)
                    for _ in range(1 + twins):
                        win = Win(len(self.wins), home, next(names), self._amount(home))
                        self.wins.append(win)
                        self._later(at, partial(self._tell if told else self._row, win), home)
                start += WEEK
        self._later(world.began + timedelta(hours=30), self._import, None)

    def _amount(self, home: Home) -> int:
        """In whole hundreds of dollars; of all that somebody wins in a month, about the month's target."""
        share = home.monthly / 480 * self._chance.choice((0.3, 0.6, 1, 1.2, 2))
        return 100 * (max(round(share), 1) + self._chance.randrange(12))

    def settle(self, tx: Transaction) -> None:
        """The accounts are known."""
        for win in self.wins:
            accounts.add(tx, win.account, by=None, at=self._world.now)

    def begin(self) -> None:
        """The company's first import of deals, before the year."""
        path = self._folder / "elder.csv"
        path.write_text(HEAD + ELDER)
        importing.run(self._world.database, COMPANY, importing.Options(path=path), lambda _: None, now=self._world.now)

    # ------------------------------------------------------------ what they read

    def heard(self, sent: Sent) -> None:
        """See Doing."""
        if sent.topic != "win":
            return
        self.milestones.heard(sent)
        if sent.token("Announce"):
            self._previews[next(win.account for win in self.wins if win.account in sent.reply.text)] = sent
        if sent.token("Tell the team"):
            self._tellings[sent.person] = sent

    # ------------------------------------------------------------ what they do

    def _later(self, at: datetime, work: Callable[[], Coroutine[Any, Any, None]], home: Home | None) -> None:
        self._orders += 1
        self._due.append((at, self._orders, work, home))
        self._due.sort(key=lambda one: one[:2], reverse=True)

    async def act(self) -> None:
        """See Doing. Now and then two people at once; an import by itself, since its order is the file's."""
        now = self._world.now
        while self._due and self._due[-1][0] <= now:
            _, _, work, home = self._due.pop()
            beside = self._due[-1] if self._due else None
            two = home and beside and beside[3] and beside[3] is not home and beside[0] <= now
            if two and beside:
                self._due.pop()
                self.milestones.begin_at_once()
                await self._world.at_once([work(), beside[2]()])
            else:
                await work()
            await self._world.deliver()
            self.milestones.compare()
        for person, sent in list(self._tellings.items()):
            del self._tellings[person]
            if self._chance.random() < 0.7:
                await self._tell_quota(next(one for one in self._world.homes if one.person == person), sent)
                await self._world.deliver()
                self.milestones.compare()

    async def _tell(self, win: Win) -> None:
        win.day = self._world.today(win.home)
        self.claimed += 1
        said = await self._talk.say(win.home, self._chance.choice(SAID).format(win.account, win.amount))
        assert said.text.startswith(f"Won: {win.account}"), said.text
        self._later(self._world.now, partial(self._announce, win), None)
        # One in twelve is never confirmed.
        how = self._chance.random()
        at = self._world.now + timedelta(hours=self._chance.uniform(0.2, 80))
        if how < 0.7:
            self._later(at, partial(self._confirm, win), win.home)
        elif how < 0.92:
            self._later(at, partial(self._row, win), win.home)

    async def _announce(self, win: Win) -> None:
        said = await self._talk.press_on(win.home, self._previews.pop(win.account).reply, "Announce")
        assert said.text.startswith("Announced in"), said.text

    async def _confirm(self, win: Win) -> None:
        world = self._world
        manager = world.manager(win.home, world.today(win.home))
        said = await self._talk.say(manager, f"/deal {win.account} won")
        assert said.text.startswith("Confirmed"), said.text
        self._counts(win)

    async def _row(self, win: Win) -> None:
        """It stands in the next file."""
        win.day = win.day or self._world.today(self._world.admin)
        self._rows.append(win)

    async def _import(self) -> None:
        world, rows = self._world, self._rows
        self._rows = []
        self._later(world.now + timedelta(hours=self._chance.uniform(*IMPORTS_EVERY)), self._import, None)
        if not rows:
            return
        self.imports += 1
        path = self._folder / f"{self.imports}.csv"
        lines = [
            f"D-{one.number + 1},{one.account},{one.home.who.name},{one.amount},Closed Won,{one.day}\n" for one in rows
        ]
        path.write_text(HEAD + "".join(lines))
        told: list[str] = []
        database = self._chance.choice(world.running).database
        run = partial(importing.run, database, COMPANY, importing.Options(path=path), told.append, now=world.now)
        await asyncio.to_thread(run)
        for one in rows:
            self._counts(one)

    def _counts(self, win: Win) -> None:
        win.counts = True
        assert win.day is not None
        self.milestones.counted(win.home, win.account, win.amount, win.day)
        at, how = self._world.now + timedelta(hours=self._chance.uniform(1, 400)), self._chance.random()
        if how < 0.08:
            self._later(at, partial(self._reverse, win), None)
        elif how < 0.2:
            self._later(at, partial(self._correct, win), None)

    async def _reverse(self, win: Win) -> None:
        admin = self._world.admin
        said = await self._talk.say(admin, f"/deal lost {win.account}, they withdrew")
        said = await self._talk.press_on(admin, said, f"${win.amount:,}")
        assert said.text.startswith(f"Lost: {win.account}"), said.text
        self.reversed += 1
        self.milestones.reversed_(win.account)
        await self._world.deliver()
        self.milestones.compare()
        if self._chance.random() < 0.3:
            said = await self._talk.press_on(admin, said, "Undo")
            assert said.text.startswith("Undone"), said.text
            self.restored += 1
            assert win.day is not None
            self.milestones.counted(win.home, win.account, win.amount, win.day, again=True)

    async def _correct(self, win: Win) -> None:
        amount = max(100 * round(win.amount * self._chance.choice((0.2, 0.6, 1.5, 4)) / 100), 100)
        if amount == win.amount:
            return
        said = await self._talk.say(self._world.admin, f"/deal {win.account} is now ${amount:,}")
        assert said.text.startswith("Changed"), said.text
        win.amount = amount
        self.corrected += 1
        self.milestones.corrected(win.account, amount)

    async def _tell_quota(self, home: Home, sent: Sent) -> None:
        said = await self._talk.press_on(home, sent.reply, "Tell the team")
        self.milestones.told_quota(home, sent.reply.text, said.text)


def _line(win: Win) -> str:
    return f"D-{win.number + 1},{win.account},{win.home.who.name},{win.amount},Closed Won,{win.day}\n"


def _names(chance: random.Random) -> Any:
    """Made-up words that no line takes for anything else."""
    seen = set[str]()
    while True:
        word = "".join(chance.choice(_SYLLABLES) for _ in range(4)).capitalize()
        if word not in seen:
            seen.add(word)
            yield f"{word} Works"
