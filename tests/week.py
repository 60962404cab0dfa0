"""A week of people at work, on Slack or on Teams: `await rep.says("checkin")`, `await manager.presses("Thank")`.

Behind it stand the whole application with its real SDKs over real HTTP, and the fakes of tests/fakes at the far end,
which check all that is sent: a card that Teams would not take, or a block that Slack would not, fails the test. What a
person reads is taken from what the platform was sent, so a story is told once and runs on both.

The clock is the story's: `await week.until(MONDAY, "8:30")` says what is due on the way, each in its time.
"""

from __future__ import annotations

import html
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from handlers.conversation.company import Company
from storage import accounts, credits, deals, people, targets, units
from storage.database import Transaction
from tests import test_slack_end_to_end as slack_tests
from tests import test_teams_end_to_end as teams_tests
from tests.fakes.slack import FakeSlack, Opened
from tests.fakes.slack import Shown as SlackShown
from tests.fakes.slack_rules import shown as in_blocks
from tests.fakes.teams import Dialog, FakeTeams
from tests.fakes.teams_connector import Shown as TeamsShown
from tests.fakes.teams_connector import actions
from tests.serving import COMPANY, Bot

ZONE = ZoneInfo("America/New_York")
YEAR = date(2026, 1, 1)
PEOPLE = {"U1": ("Max Manager", "manager"), "U2": ("Ron Rep", "rep"), "U3": ("Lee Leader", "leader"),
          "U9": ("Ada Admin", "admin")}  # fmt: skip
_MARKUP = re.compile(r"[*_]{1,2}(?=\S)|(?<=\S)[*_]{1,2}|<[#@!][^>]*>")


def plain(words: str) -> str:
    """As a person reads it: without markup, on one line."""
    return " ".join(_MARKUP.sub("", html.unescape(words)).split())


class Clock:
    """Stands still until the story moves it."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


# ---------------------------------------------------------------- the two platforms


class Platform(Protocol):
    """What a person can do there, and what they have in front of them."""

    async def say(self, user: str, words: str) -> None:
        """Type to Pacer, in one's own chat."""

    async def mention(self, user: str, words: str) -> None:
        """Write to Pacer in the channel that everybody is in."""

    def public(self) -> list[str]:
        """What Pacer has said there, for everybody to read."""

    def sees(self, user: str) -> dict[str, str]:
        """Pacer's messages in one's own chat: id -> what it reads, oldest first."""

    def labels(self, user: str, message: str) -> list[str]:
        """Of what can be pressed on it."""

    async def press(self, user: str, message: str, label: str) -> str:
        """Press it; a sentence that came back beside any message."""

    async def open(self, user: str, message: str, label: str) -> Paper:
        """Press what opens a form."""

    async def menu(self, user: str, command: str, words: str, author: str) -> Paper:
        """Use Pacer in the menu of a colleague's message."""

    async def changed(self) -> int:
        """How many messages the platform was told to show otherwise than they were sent."""


class Paper(Protocol):
    """A form that is open."""

    @property
    def read(self) -> str:
        """All that it says."""

    @property
    def values(self) -> dict[str, str]:
        """What its fields hold."""

    @property
    def said(self) -> str:
        """A sentence in its place, once it was sent."""

    async def send(self, values: dict[str, str]) -> str:
        """Send it, with these fields changed; what is wrong, empty for nothing."""


class OnSlack:
    """See Platform."""

    def __init__(self, slack: FakeSlack) -> None:
        self.fake = slack

    async def say(self, user: str, words: str) -> None:
        await self.fake.say(words, user=user)

    async def mention(self, user: str, words: str) -> None:
        await self.fake.mention(words, user=user, channel="C1")

    def public(self) -> list[str]:
        return [plain(one.read) for one in self.fake.messages if one.channel == "C1" and not one.only_to]

    def _messages(self, user: str) -> dict[str, SlackShown]:
        # What is for them alone in the channel, too.
        own = [one for one in self.fake.said_to(user, "C1") if one.only_to == user]
        return {one.ts: one for one in sorted((*self.fake.said_to(user), *own), key=lambda one: one.ts)}

    def sees(self, user: str) -> dict[str, str]:
        return {ts: plain(one.read) for ts, one in self._messages(user).items()}

    def labels(self, user: str, message: str) -> list[str]:
        return self._messages(user)[message].labels

    async def press(self, user: str, message: str, label: str) -> str:
        answered = await self.fake.press(self._messages(user)[message], label, user=user)
        assert answered.status == 200, answered
        return ""

    async def open(self, user: str, message: str, label: str) -> Paper:
        before = len(self.fake.opened)
        await self.press(user, message, label)
        await self.fake.until(lambda: len(self.fake.opened) > before)
        return SlackPaper(self.fake, self.fake.opened[-1])

    async def menu(self, user: str, command: str, words: str, author: str) -> Paper:
        before = len(self.fake.opened)
        await self.fake.shortcut(command, words, user=user, channel="C1", author=author)
        await self.fake.until(lambda: len(self.fake.opened) > before)
        return SlackPaper(self.fake, self.fake.opened[-1])

    async def changed(self) -> int:
        return len(self.fake.called("chat.update"))


@dataclass
class SlackPaper:
    """A modal."""

    fake: FakeSlack
    opened: Opened

    @property
    def read(self) -> str:
        return plain(in_blocks(self.opened.view["blocks"]))

    @property
    def values(self) -> dict[str, str]:
        return self.opened.values

    @property
    def said(self) -> str:
        return ""

    async def send(self, values: dict[str, str]) -> str:
        await self.fake.submit(self.opened, values)
        return " ".join(self.opened.errors.values())


class OnTeams:
    """See Platform."""

    def __init__(self, teams: FakeTeams) -> None:
        self.fake = teams

    async def say(self, user: str, words: str) -> None:
        answered = await self.fake.says(words, user=user)
        assert answered.status in (200, 201, 202), answered

    async def mention(self, user: str, words: str) -> None:
        await self.fake.mentions(words, user=user, channel="sales")

    def public(self) -> list[str]:
        where = self.fake.channel("sales").id
        return [plain(one.read) for one in self.fake.messages if one.conversation.startswith(where)]

    def _messages(self, user: str) -> dict[str, TeamsShown]:
        return {one.id: one for one in self.fake.privately(user)}

    def sees(self, user: str) -> dict[str, str]:
        return {message: plain(one.read_by(user)) for message, one in self._messages(user).items()}

    def labels(self, user: str, message: str) -> list[str]:
        return [label for label, _, _ in actions(self._messages(user)[message].card_for(user))]

    async def press(self, user: str, message: str, label: str) -> str:
        answered = await self.fake.press(self._messages(user)[message], label, user=user)
        assert answered.status in (200, 201, 202), answered
        return "" if answered.card is not None else plain(answered.read)

    async def open(self, user: str, message: str, label: str) -> Paper:
        return TeamsPaper(self.fake, await self.fake.open(self._messages(user)[message], label, user=user))

    async def menu(self, user: str, command: str, words: str, author: str) -> Paper:
        text, name = f"<p>{words}</p>", PEOPLE[author][0]
        return TeamsPaper(self.fake, await self.fake.extension_fetch(command, user=user, text=text, author=name))

    async def changed(self) -> int:
        return len(self.fake.called("update"))


@dataclass
class TeamsPaper:
    """A dialog."""

    fake: FakeTeams
    dialog: Dialog

    @property
    def read(self) -> str:
        return plain(self.dialog.read)

    @property
    def values(self) -> dict[str, str]:
        return self.dialog.values

    @property
    def said(self) -> str:
        return plain(self.dialog.said)

    async def send(self, values: dict[str, str]) -> str:
        await self.fake.submit(self.dialog, values)
        return "" if self.dialog.closed else plain(self.dialog.read)


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
