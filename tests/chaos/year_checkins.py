"""Check-ins in the simulated year: some answer in time, some late, some never; managers change, read and comment.

Everything is kept as people see it, by the words of what comes: that a check-in is asked for, reminded of, read by a
manager (it holds a mark that nothing else holds), and answered.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

from handlers.conversation.reply import Reply, Text
from handlers.schedules.slots import moment
from storage import people
from tests.chaos.year_far_end import Sent, token_of
from tests.chaos.year_talk import Talk
from tests.chaos.year_world import DAY, Home, World

ASKED: Final = "Time for your check-in: how did the week go?"
_REMINDED: Final = re.compile(r"Your check-in of [^.]+ waits for you\.")
WHOM: Final = re.compile(r"Whom to see this week\.|Your team's check-ins\.")
CAME: Final = re.compile(r"'s check-in of|check-ins have come\.")
_MARK: Final = re.compile(r"\bmark(\d+)x")
_COMMENT: Final = re.compile(r"\bcomment(\d+)x")
HABITS: Final = {"soon": 44, "late": 22, "never": 14, "tomorrow": 12, "not this time": 8}
"""What people do with a check-in, of a hundred."""
COMMENTED: Final = 0.25
MANAGERS_EVERY: Final = timedelta(days=17)
"""How often one of those who sell gets another manager."""


@dataclass
class Asked:
    """One check-in, as it went."""

    number: int
    home: Home
    at: datetime
    habit: str
    prompt: Sent
    reminders: list[datetime] = field(default_factory=list)
    plan: datetime | None = None
    """When they answer, unless something comes in between."""
    given: datetime | None = None
    to: Home | None = None
    """Who manages them as they give it."""
    says_late: bool | None = None
    skipped: datetime | None = None
    read_by: list[tuple[datetime, str, bool]] = field(default_factory=list)
    """When, who, and whether it says that it came late."""


@dataclass
class Comment:
    """What a manager wrote to one."""

    number: int
    by: Home
    token: str
    of: Asked
    made: datetime | None = None
    read_by: list[tuple[datetime, str]] = field(default_factory=list)


class Checkins:
    """Implements year_world.Doing."""

    def __init__(self, world: World, talk: Talk) -> None:
        self._world, self._talk, self._chance = world, talk, world.chance
        self._by_person = {home.person: home for home in world.homes}
        self._open: dict[str, Asked] = {}
        """By person, the last one that was asked for."""
        self._next_change = world.began + timedelta(days=4)
        self.asked: list[Asked] = []
        self.comments: list[Comment] = []
        self.whom: list[tuple[datetime, str, str]] = []
        """When, who read it, and its words."""
        self.changes = 0
        self.unexpected: list[str] = []

    # ------------------------------------------------------------ what they read

    def heard(self, sent: Sent) -> None:
        """See Doing."""
        home, text = self._by_person.get(sent.person), sent.reply.text
        if home is None or not sent.is_unasked:
            return
        if ASKED in text:
            self._ask(home, sent)
        if _REMINDED.search(text):
            self._remind(home, sent)
        if WHOM.search(text):
            self.whom.append((sent.at, home.person, text))
        marks = [self.asked[int(mark)] for mark in dict.fromkeys(_MARK.findall(text))]
        for one in marks:
            line = next((line for line in _lines(sent.reply) if f"mark{one.number}x" in line), "")
            late = "(late):" in line or (len(marks) == 1 and "late, and counts" in text)
            one.read_by.append((sent.at, home.person, late))
        if len(marks) == 1 and (token := sent.token("Comment")) and self._chance.random() < COMMENTED:
            self.comments.append(Comment(len(self.comments), home, token, marks[0]))
        for number in dict.fromkeys(_COMMENT.findall(text)):
            self.comments[int(number)].read_by.append((sent.at, home.person))

    def _ask(self, home: Home, sent: Sent) -> None:
        (habit,) = self._chance.choices(list(HABITS), list(HABITS.values()))
        one = Asked(len(self.asked), home, sent.at, habit, sent)
        hours = {"soon": (0.5, 22), "late": (30, 120), "tomorrow": (1, 5)}.get(habit)
        one.plan = sent.at + timedelta(hours=self._chance.uniform(*hours)) if hours else None
        self.asked.append(one)
        self._open[home.person] = one

    def _remind(self, home: Home, sent: Sent) -> None:
        one = self._open.get(home.person)
        if one is None:
            self.unexpected.append(f"{home.who.name} was reminded of nothing at {sent.at}")
            return
        one.reminders.append(sent.at)
        if one.habit == "not this time":
            one.prompt, one.plan = sent, sent.at + timedelta(minutes=5)

    # ------------------------------------------------------------ what they do

    async def act(self) -> None:
        """See Doing."""
        world = self._world
        if world.now >= self._next_change:
            self._next_change += MANAGERS_EVERY
            await self._change_manager()
        due = [one for one in self._open.values() if one.plan is not None and one.plan <= world.now]
        await world.at_once([self._do(one) for one in due])
        for comment in self.comments[-20:]:
            if comment.made is None:
                await self._comment(comment)

    async def _do(self, one: Asked) -> None:
        one.plan = None
        if one.habit == "not this time":
            await self._talk.press_on(one.home, one.prompt.reply, "Not this time")
            one.skipped = self._world.now
        elif one.habit == "tomorrow":
            said = await self._talk.press_on(one.home, one.prompt.reply, "Tomorrow")
            assert said.text.startswith("I ask again"), said.text
            one.habit = "put off"
            if self._chance.random() < 0.6:
                one.plan = self._world.now + timedelta(hours=self._chance.uniform(12, 110))
        else:
            await self._answer(one)

    async def _answer(self, one: Asked) -> None:
        home, talk = one.home, self._talk
        values = self._values(one)
        if self._chance.random() < 0.7:
            token = one.prompt.token("As a form")
            assert token is not None
            said = await talk.submit(home, await talk.open(home, token), values)
            if "What would help?" in said.text:
                said = self._given(one, said)
                await talk.say(home, "skip")
        else:
            said = await talk.press_on(home, one.prompt.reply, "Answer here")
            for _ in range(10):
                if said.text.startswith("Thank you."):
                    break
                question = next((name for words, name in _QUESTIONS.items() if words in said.text), None)
                assert question is not None, said.text
                said = await talk.say(home, values.get(question) or "skip")
        self._given(one, said)
        if self._chance.random() < 0.1 and "Take back" in str(said.parts):
            # Nobody does two things in one instant.
            self._world.now += timedelta(seconds=5)
            back = await talk.press_on(home, said, "Take back")
            self._world.now += timedelta(seconds=5)
            token = token_of(back, "Change and send")
            assert token is not None, back.text
            self._given(one, await talk.submit(home, await talk.open(home, token), {}))

    def _given(self, one: Asked, said: Reply) -> Reply:
        assert said.text.startswith("Thank you."), said.text
        one.given = self._world.now
        one.to = self._world.manager(one.home, self._world.today(one.home))
        one.says_late = "late, and counts" in said.text
        assert one.to.who.name in said.text, said.text
        return said

    def _values(self, one: Asked) -> dict[str, str]:
        commit = self._chance.choice(("", "$700k", "$650,000"))
        return {
            "happened": "Two buyers moved on",
            "well": "Talked with four buyers",
            "way": f"Stuck at mark{one.number}x",
            "next": "Talk with five more",
            "commit": commit,
            "best": "$900k" if commit else "",
            "mood": self._chance.choice("1234455"),
        }

    async def _comment(self, one: Comment) -> None:
        one.made = self._world.now
        form = await self._talk.open(one.by, one.token)
        said = await self._talk.submit(one.by, form, {"text": f"Well seen, comment{one.number}x"})
        assert said.text.startswith("Sent to"), said.text

    async def _change_manager(self) -> None:
        """From a day on that has begun nowhere yet."""
        world = self._world
        home = self._chance.choice(world.selling())
        now = world.manager(home, world.today(home) + DAY)
        others = [one for one in world.homes if one.role == "leads" and one.team == home.team and one is not now]
        to, since = self._chance.choice(others), world.today(home) + 2 * DAY
        await world.database.write(lambda tx: people.give_manager(tx, home.who, to.who, since))
        world.managers[home.person].append((since, to))
        self.changes += 1


def _lines(reply: Reply) -> list[str]:
    return [line for part in reply.parts if isinstance(part, Text) for line in part.text.split("\n")]


_QUESTIONS: Final = {
    "What happened?": "happened",
    "What went well?": "well",
    "What is in the way?": "way",
    "What will you do next week?": "next",
    "What do you commit to": "commit",
    "your best case": "best",
    "How are you, from 1": "mood",
    "What would help?": "help",
}


def days_after(home: Home, at: datetime, count: int) -> datetime:
    """The same time of day, so many of their working days later, without their leave."""
    here = at.astimezone(home.zone)
    day: date = here.date()
    while count:
        day += DAY
        count -= home.works(day)
    return moment(day, here.time(), home.zone)
