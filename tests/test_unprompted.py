"""What comes unasked, looked at as who gets it would: it says why it came and how to stop it, and fits a phone."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.playground.transcript import CHANNEL, Shown, direct
from handlers import TOPICS
from handlers.conversation.reply import Buttons, Choice
from tests.read_aloud import Week, begin, buttons_of, laid_out

MONDAY = date(2026, 11, 23)
NEW_YORK = ZoneInfo("America/New_York")
ACROSS = 44
"""Characters in a line of a chat on a phone, held upright."""
SCREEN = 30
"""Such lines on its screen."""
REP_ON_MONDAY = 42
"""Once a week number, activity, one suggestion and the day's work come as one message instead of two."""
MANAGER_ON_MONDAY = 66
"""Two screens, and some lines more where all of it is full. Once a week: the team's number, a row for each of its reps,
what became of last week's deals, whom to see, and the day's own work. Each is cut at its first two or three."""


def lines_of(message: Shown) -> int:
    """How many lines a phone shows of it: a row of buttons is one, a button more goes below it."""
    assert message.reply is not None
    return sum(max(1, -(-len(line.strip("*_")) // ACROSS)) for line in laid_out(message.reply))


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Week, asyncio.AbstractEventLoop]]:
    """The large demo company on a Monday, and a word or two that people say to one another."""
    loop = asyncio.new_event_loop()
    # The year itself is read with `python -m tests.read_aloud`; what Monday's messages look back on is one week.
    folder = tmp_path_factory.mktemp("aloud")
    found = loop.run_until_complete(begin(folder, MONDAY - timedelta(days=1), timedelta(weeks=1)))

    async def live() -> None:
        noon = datetime.combine(MONDAY, time(12), NEW_YORK).astimezone(UTC)
        await found.at(noon)
        await found.at(noon + timedelta(hours=1))
        await found.say("priya", "/kudos Sam for the demo rescue #one-team")
        await found.say("omar", "one-to-one with Leo: what you need to get back on track")
        await found.say("omar", "/checkin ask Felix")
        await found.at(noon + timedelta(hours=2))

    loop.run_until_complete(live())
    yield found, loop
    loop.run_until_complete(found.app.core.stop())
    loop.close()


def came(week: Week) -> list[Shown]:
    return [one for one in week.came if one.conversation != CHANNEL]


def test_each_says_why_it_came_and_how_to_stop_it(week: tuple[Week, asyncio.AbstractEventLoop]) -> None:
    of, loop = week
    messages = came(of)
    assert len(messages) > 25
    told: set[str] = set()
    for person in of.people:
        for message in of.for_(person):
            assert message.reply is not None
            why = [one for one in buttons_of(message.reply) if one.label == "Why this?"]
            assert len(why) == 1, message.text
            if message.text in told:
                continue
            told.add(message.text)
            answer = loop.run_until_complete(of.press_on(person.external_id, message, "Why this?")).replies[-1]
            assert answer.text.count("You got this because") == 1, answer.text
            assert len(answer.text) <= 10 * ACROSS, answer.text
            offered = [part for part in answer.parts if isinstance(part, Buttons | Choice)]
            stops = [one.label for part in offered if isinstance(part, Buttons) for one in part.buttons]
            stops += [part.prompt for part in offered if isinstance(part, Choice)]
            assert {"Snooze a week", "Turn off", "Settings"} <= set(stops), answer.text


def test_every_topic_says_why_in_words_that_follow_because() -> None:
    for topic in TOPICS:
        assert topic.why[0].islower(), topic.name
        assert not topic.why.endswith("."), topic.name
        assert len(f"You got this because {topic.why}.") <= 4 * ACROSS, topic.name


def test_none_is_longer_than_a_phones_screen_without_a_reason(week: tuple[Week, asyncio.AbstractEventLoop]) -> None:
    of, _ = week
    managers = {direct(one.external_id) for one in of.people if one.role == "manager"}
    for message in came(of):
        limit = MANAGER_ON_MONDAY if message.conversation in managers else SCREEN
        if "Your week" in message.text:
            limit = REP_ON_MONDAY
        assert lines_of(message) <= limit, f"{lines_of(message)} lines: {message.text}"


def test_what_comes_at_the_same_moment_comes_as_one(week: tuple[Week, asyncio.AbstractEventLoop]) -> None:
    of, _ = week
    for person in of.people:
        at_noon = [one for one in of.for_(person) if one.at.astimezone(NEW_YORK).hour == 12]
        assert len(at_noon) <= 1, [one.text for one in at_noon]


def test_no_rep_reads_a_colleagues_figures(week: tuple[Week, asyncio.AbstractEventLoop]) -> None:
    """Names of one's own manager, of who thanks one; no other rep's in what comes unasked."""
    of, _ = week
    reps = {one.name for one in of.people if one.role == "rep"}
    for person in (one for one in of.people if one.role == "rep"):
        for message in of.for_(person):
            others = {name for name in reps - {person.name} if name in message.text}
            assert not others or "thanks you" in message.text, message.text


def test_every_topic_stands_in_the_table_of_the_docs() -> None:
    table = (Path(__file__).parents[1] / "docs" / "scheduled.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([\w -]+) \|", table, re.MULTILINE)
    assert sorted(rows[2:]) == sorted(topic.name for topic in TOPICS)
