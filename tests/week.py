"""A week of people at work, on Slack or on Teams: `await rep.says("checkin")`, `await manager.presses("Thank")`.

Behind it stand the whole application with its real SDKs over real HTTP, and the fakes of tests/fakes at the far end,
which check all that is sent: a card that Teams would not take, or a block that Slack would not, fails the test. What a
person reads is taken from what the platform was sent, so a story is told once and runs on both.

The clock is the story's: `await week.until(MONDAY, "8:30")` says what is due on the way, each in its time.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from handlers.conversation.company import Company
from storage import accounts, credits, deals, people, targets, units
from storage.database import Transaction
from tests import test_slack_end_to_end as slack_tests
from tests import test_teams_end_to_end as teams_tests
from tests.fakes.slack import FakeSlack
from tests.fakes.teams import FakeTeams
from tests.serving import COMPANY, Bot
from tests.week_platforms import PEOPLE, OnSlack, OnTeams, Paper, Platform

ZONE = ZoneInfo("America/New_York")
YEAR = date(2026, 1, 1)


class Clock:
    """Stands still until the story moves it."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


# ---------------------------------------------------------------- people


class Person:
    """One of them, in their own chat with Pacer. What comes back is what they read that was not there before."""

    def __init__(self, week: Week, user: str) -> None:
        self._week, self._user = week, user
        self.name = PEOPLE[user][0]
        self._heard = 0

    async def says(self, words: str) -> str:
        """Type it; what Pacer says back."""
        return await self._reads_after(lambda: self._week.platform.say(self._user, words))

    async def says_in_public(self, words: str) -> str:
        """Write it to Pacer in the channel; what comes back to them alone."""
        return await self._reads_after(lambda: self._week.platform.mention(self._user, words))

    async def presses(self, label: str, on: str = "") -> str:
        """Press what is labelled so, on the latest message that has it (and says `on`)."""
        message = self._latest(label, on)
        return await self._reads_after(lambda: self._week.platform.press(self._user, message, label))

    async def opens(self, label: str, on: str = "") -> Filled:
        """Press what opens a form."""
        return Filled(self, await self._week.platform.open(self._user, self._latest(label, on), label))

    async def uses(self, command: str, author: Person, words: str) -> Filled:
        """Pacer's entry in the menu of a message that a colleague wrote."""
        return Filled(self, await self._week.platform.menu(self._user, command, words, author._user))

    def hears(self) -> list[str]:
        """What came unasked since they were last asked, or spoke."""
        everything = self.chat
        new, self._heard = everything[self._heard :], len(everything)
        return new

    @property
    def chat(self) -> list[str]:
        """All of Pacer's messages in their chat as they stand, oldest first."""
        return list(self._week.platform.sees(self._user).values())

    def _latest(self, label: str, on: str) -> str:
        seen = self._week.platform.sees(self._user)
        for message, read in reversed(seen.items()):
            if on in read and label in read and label in self._week.platform.labels(self._user, message):
                return message
        raise AssertionError(f"nothing is labelled {label!r} for {self.name}; the last are {list(seen.values())[-3:]}")

    async def _reads_after(self, act: Any) -> str:
        before = self._week.platform.sees(self._user)
        said = await act() or ""
        await self._week.bot.idle()
        after = self._week.platform.sees(self._user)
        new = [read for message, read in after.items() if before.get(message) != read]
        self._heard = len(after)
        return "\n".join(filter(None, (*new, said)))


@dataclass
class Filled:
    """A form in front of somebody."""

    person: Person
    paper: Paper

    @property
    def read(self) -> str:
        """All that it says."""
        return self.paper.read

    @property
    def values(self) -> dict[str, str]:
        """What its fields hold."""
        return self.paper.values

    async def sends(self, **values: str) -> str:
        """Send it, with these fields changed; what they read then."""

        async def act() -> str:
            problem = await self.paper.send(values)
            assert not problem, problem
            return self.paper.said

        return await self.person._reads_after(act)

    async def is_refused(self, **values: str) -> str:
        """Send it: it stays open, and says what is wrong."""
        problem = await self.paper.send(values)
        assert problem
        return problem


# ---------------------------------------------------------------- the week


class Week:
    """Ron sells in East for Max; Lee leads the company, Ada administrates. It begins on Thu 19 Nov 2026 at 10:00."""

    def __init__(self, platform: Platform, bot: Bot, clock: Clock) -> None:
        self.platform, self.bot, self.clock = platform, bot, clock
        self.manager, self.rep, self.leader, self.admin = (Person(self, user) for user in PEOPLE)

    async def until(self, day: date, clock: str) -> None:
        """Move the clock there; what is due on the way is said when it is due."""
        core, when = self.bot.application.core, datetime.combine(day, time.fromisoformat(clock.zfill(5)), ZONE)
        assert when > self.clock.at, "the clock goes forward"
        looked = self.clock.at
        await core.say_what_is_due()
        while self.clock.at < when:
            # As the housekeeping does: meetings are planned a day ahead.
            stop = min(when, looked + timedelta(hours=12))
            following = await core.planner.next(stop)
            if following is not None and following > self.clock.at:
                self.clock.at = following.astimezone(ZONE)
            else:
                self.clock.at = looked = stop
                await core.settle_due()
            await core.say_what_is_due()
            await self.bot.idle()

    async def later(self, **span: float) -> None:
        """So much later on that day."""
        when = self.clock.at + timedelta(**span)
        await self.until(when.date(), f"{when:%H:%M}")

    async def changed(self) -> int:
        """How many messages the platform was told to show otherwise than they were sent."""
        return await self.platform.changed()

    async def begins(self) -> None:
        """Everybody has been met, Ron has targets and deals, and the first schedules are known."""
        await self.bot.application.core.database.write(self._plan)
        for user in PEOPLE:
            await self.platform.say(user, "hello")
        await self.bot.idle()
        await self.bot.application.core.say_what_is_due()
        await self.bot.idle()
        for person in (self.manager, self.rep, self.leader, self.admin):
            person.hears()

    def _plan(self, tx: Transaction) -> None:
        now = self.clock.at
        staff = {}
        for name, role in PEOPLE.values():
            email = f"{name.split()[0].lower()}@example.com"
            staff[name] = people.add(tx, name=name, email=email, at=now, imported=True)
            people.give_role(tx, staff[name], role, YEAR)
        company = units.add(tx, "Northstar", kind="company", parent=None, at=now)
        east = units.add(tx, "East", kind="team", parent=company, at=now)
        ron, max_ = staff["Ron Rep"], staff["Max Manager"]
        people.give_manager(tx, ron, max_, YEAR)
        units.join(tx, east, ron.id, since=YEAR)
        units.join(tx, east, max_.id, since=YEAR, leads=True)
        units.join(tx, company, staff["Lee Leader"].id, since=YEAR, leads=True)
        year = targets.Target(person=ron.id, unit=None, measure="bookings", fiscal_year=2026, amount=120_000_000)
        targets.put(tx, year, by=None, at=now)
        day = date(2026, 11, 2)
        won = deals.Deal(id="d1", stage="won", owner=ron.id, created_on=YEAR, closes_on=day, amount_minor=12_000_000)
        deals.add(tx, won, [deals.Share(ron.id)], at=now - timedelta(days=17), by=None)
        credits.write(tx, "d1", [credits.Credit(ron.id, "revenue", day, 12_000_000)], at=now)
        initech = accounts.add(tx, "Initech", by=None, at=now)
        offer = deals.Deal(id="d2", account=initech.id, stage="proposal", owner=ron.id, created_on=YEAR,
                           closes_on=date(2026, 12, 18), amount_minor=4_000_000)  # fmt: skip
        deals.add(tx, offer, [deals.Share(ron.id)], at=now - timedelta(days=10), by=None)


@asynccontextmanager
async def a_week_on(platform: str, url: str, company: Company = COMPANY) -> AsyncIterator[Week]:
    """Of `slack` or `teams`, on that database."""
    clock = Clock(datetime(2026, 11, 19, 10, tzinfo=ZONE))
    # Nothing is said unasked but where the story moves its clock.
    own: dict[str, Any] = {"clock": clock, "company": company, "unasked": 24 * 3600.0}
    if platform == "slack":
        async with FakeSlack(slack_tests.ACME) as slack:
            for user, (name, _) in PEOPLE.items():
                slack.add_user(user, name=name)
            slack.join("C1", "bot", *PEOPLE)
            async with slack_tests.running(url, slack, **own) as bot:
                yield await _begun(OnSlack(slack), bot, clock)
        return
    async with FakeTeams(teams_tests.NORTH) as teams:
        for user, (name, _) in PEOPLE.items():
            teams.add_person(user, name=name)
        async with teams_tests.running(url, teams, **own) as bot:
            yield await _begun(OnTeams(teams), bot, clock)


async def _begun(platform: Platform, bot: Bot, clock: Clock) -> Week:
    week = Week(platform, bot, clock)
    await week.begins()
    return week
