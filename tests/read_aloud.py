"""A week of the large demo company, printed to be read as the people who get it: every message that comes unasked, and
every leaderboard.

    python -m tests.read_aloud [--since 2026-11-22] [--days 5] [--who Sam] [--boards]

The week begins on the evening of `--since`; people live in it (a win, kudos, check-ins, answers). What it says goes by
the demo's seed, so that two versions of the sentences can be laid side by side.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Final, assert_never
from zoneinfo import ZoneInfo

from bot import logs
from bot.app import PlaygroundApplication
from bot.config import Playground, load
from bot.playground.large.company import settle
from bot.playground.large.year import LENGTH
from bot.playground.people import DemoPerson
from bot.playground.room import Back
from bot.playground.transcript import CHANNEL, PACER, Shown, direct
from handlers.conversation.reply import Button, Buttons, Chart, Choice, Document, Facts, Form, Part, Reply, Table, Text
from handlers.schedules.slots import moment
from storage.database import open_database
from storage.migrate import migrate

SETTINGS: Final = Path(__file__).parents[1] / "app.yaml"
SINCE: Final = date(2026, 11, 22)
EVENING: Final = time(19)
WIDE: Final = 96
BY: Final = ("attainment", "bookings", "margin", "activity", "most improved", "kudos")
WHEN: Final = ("this week", "this month", "this quarter")
READERS: Final = ("Sam", "Omar", "Helen")
"""A rep, a manager, a leader."""


@dataclass
class Week:
    """The company in a running application, and all that came unasked."""

    app: PlaygroundApplication
    clock: list[datetime]
    """The moment that it is, when no leap has been made."""
    came: list[Shown] = field(default_factory=list)
    _acting: str = ""

    def listen(self) -> None:
        """Keep each message of Pacer's that is no answer to who does something at that moment."""
        transcript = self.app.playground.room.transcript
        put = transcript.put

        def kept(message: Shown) -> None:
            put(message)
            if message.author == PACER and message.conversation != direct(self._acting) and not message.only_to:
                self.came.append(message)

        transcript.put = kept  # type: ignore[method-assign]

    @property
    def people(self) -> Sequence[DemoPerson]:
        return self.app.playground.room.people

    async def until(self, day: date, at: time) -> None:
        """Let the time go by, by the company's clock."""
        company = self.app.playground.room.company
        await self.app.leap(moment(day, at, ZoneInfo(company.zone)))

    async def at(self, moment: datetime) -> None:
        """It is that moment, and what came up meanwhile is said at once, instead of each at its time."""
        self.clock[0] = moment
        await self.app.core.say_what_is_due()
        await self.app.core.delivery.idle()

    async def say(self, who: str, text: str) -> Back:
        """Somebody types a line."""
        room = self.app.playground.room
        person = room.person(who)
        return await self._by(person, room.say(person, direct(person.external_id), text, wait=30))

    async def press_on(self, who: str, message: Shown, label: str) -> Back:
        """Somebody presses a button of a message that came."""
        room = self.app.playground.room
        person = room.person(who)
        assert message.reply is not None
        button = next(one for one in buttons_of(message.reply) if one.label == label)
        return await self._by(person, room.press(person, message.id, button.token, wait=30))

    async def submit(self, who: str, form: Form, message: Shown | None, **values: str) -> Back:
        """Somebody sends a form, with these fields changed."""
        room = self.app.playground.room
        person = room.person(who)
        filled = {one.name: one.value for one in form.fields} | values
        on = message.id if message else ""
        return await self._by(person, room.submit(person, form.token, filled, message=on, wait=30))

    async def _by(self, person: DemoPerson, work: object) -> Back:
        self._acting = person.external_id
        try:
            back: Back = await work  # type: ignore[misc]
        finally:
            self._acting = ""
        return back

    def for_(self, person: DemoPerson) -> list[Shown]:
        """What came to them, in order."""
        return [one for one in self.came if one.conversation == direct(person.external_id)]

    def last(self, who: str, lead: str) -> Shown | None:
        """The latest that came to them with those words in it."""
        person = self.app.playground.room.person(who)
        return next((one for one in reversed(self.for_(person)) if lead in one.text), None)


def buttons_of(reply: Reply) -> Iterator[Button]:
    """All of them, in order."""
    for part in reply.parts:
        if isinstance(part, Buttons):
            yield from part.buttons


async def begin(folder: Path, since: date = SINCE, length: timedelta = LENGTH) -> Week:
    """The company on that evening with what happened for so long before, everybody met."""
    logs.set_up("console", level=logging.ERROR)
    playground = Playground(port=0, database_url=f"sqlite:///{folder / 'aloud.db'}").playing("large")
    settings = replace(load(SETTINGS, {}), playground=playground)
    zone = ZoneInfo(settings.company.zone)
    start = datetime.combine(since, EVENING, zone).astimezone(UTC)
    if length != LENGTH:
        database = open_database(playground.database_url)
        migrate(database)
        database.submit(lambda tx: settle(tx, settings.company, start, length)).result()
        database.close()
    clock = [start]
    app = PlaygroundApplication(settings, clock=lambda: clock[0])
    app.playground.room.idle = app.core.delivery.idle
    await app.core.start()
    for person in app.playground.room.people:
        await app.playground.room.open_home(person)
    await app.core.delivery.idle()
    week = Week(app, clock)
    week.listen()
    return week


async def live(week: Week, since: date, days: int) -> None:
    """Go through it, with what people do in a week."""
    for ahead in range(1, days + 1):
        day = since + timedelta(days=ahead)
        for hour, work in _DAY.get(day.weekday(), ()):
            await week.until(day, time(hour))
            await work(week)
        await week.until(day, time(19))


async def _monday(week: Week) -> None:
    account = await account_of(week, "sam")
    back = await week.say("sam", f"/win {account} $48k with Priya Nair, they chose us for the onboarding")
    await announce(week, "sam", back)


async def _tuesday(week: Week) -> None:
    await week.say("priya", "/kudos Sam for the demo rescue on Monday #one-team")
    await week.say("felix", "/kudos privately June for the honest word after my call #own-it")
    await week.say("omar", "one-to-one with Leo: what you need to get back on track")


async def _wednesday(week: Week) -> None:
    for who in ("tessa", "theo", "katrin"):
        await announce(week, who, await week.say(who, f"won {await account_of(week, who)}"))
    await week.say("marcus", f"{await account_of(week, 'marcus')} slipped to January 15, procurement")


async def _friday(week: Week) -> None:
    """Most check in within the hour."""
    said = (
        ("Two good calls.", "Legal takes two weeks for every redline.", "Close the two that are with legal.", "4"),
        ("Booked five meetings.", "", "Three demos, and a clean pipeline.", "5"),
        ("Not much.", "Nobody answers since the budget freeze.", "Start again with ten new accounts.", "2"),
    )
    for number, person in enumerate(one for one in week.people if one.role == "rep"):
        asked = week.last(person.external_id, "check-in")
        if asked is None or asked.reply is None or number % 4 == 3:
            continue
        if "As a form" not in [one.label for one in buttons_of(asked.reply)]:
            continue
        back = await week.press_on(person.external_id, asked, "As a form")
        if back.form is None:
            continue
        well, way, then, mood = said[number % 3]
        given = {"well": well, "way": way, "next": then, "mood": mood}
        there = {one.name for one in back.form.fields}
        values = {name: value for name, value in given.items() if name in there}
        await week.submit(person.external_id, back.form, asked, **values)


async def _friday_evening(week: Week) -> None:
    for manager in ("omar", "grace"):
        came = week.last(manager, "check-in")
        if came is not None and came.reply is not None:
            label = next((one.label for one in buttons_of(came.reply) if one.label.startswith(("Thank", "Read"))), "")
            if label:
                await week.press_on(manager, came, label)


_DAY: Final = {
    0: ((11, _monday),),
    1: ((10, _tuesday),),
    2: ((15, _wednesday),),
    4: ((15, _friday), (17, _friday_evening)),
}


async def announce(week: Week, who: str, back: Back) -> None:
    """Let the win go out that they were shown."""
    for message in back.messages:
        if message.reply is not None and "Announce" in [one.label for one in buttons_of(message.reply)]:
            await week.press_on(who, message, "Announce")


async def account_of(week: Week, who: str) -> str:
    """An account where they have a deal open, of a usual size."""
    listed = await week.say(who, "/deal list")
    reply = listed.replies[-1]
    rows = [row for part in reply.parts if isinstance(part, Table) for row in part.rows]
    return rows[len(rows) // 2][0] if rows else "Acme Corporation"


# ---------------------------------------------------------------- on paper


def laid_out(reply: Reply) -> list[str]:
    """A reply in lines, as its parts stand on a screen."""
    lines: list[str] = []
    for part in reply.parts or (Text(reply.text),):
        lines += _lines(part)
    return lines


def _lines(part: Part) -> list[str]:
    match part:
        case Text(text=text, style=style):
            mark = {"strong": "**", "quiet": "_", "plain": ""}[style]
            return [f"{mark}{line}{mark}" for line in text.split("\n")]
        case Facts(rows=rows):
            return [f"{row.label}: {row.value}" for row in rows]
        case Table(columns=columns, rows=cells):
            return [" | ".join(row) for row in (columns, *cells)]
        case Chart(title=title, rows=bars):
            return [f"(picture: {title}, {len(bars)} bars)"]
        case Document(name=name):
            return [f"(file: {name})"]
        case Buttons(buttons=buttons):
            return [" ".join(f"[{button.label}]" for button in buttons)] if buttons else []
        case Choice(prompt=prompt, options=options):
            return [f"{prompt}: {' / '.join(option.label for option in options)}"]
        case _:
            assert_never(part)


def _print(week: Week, message: Shown, who: DemoPerson | None) -> None:
    assert message.reply is not None
    zone = ZoneInfo(who.zone) if who else UTC
    edited = " (edited)" if message.edited else ""
    print(f"\n--- {message.at.astimezone(zone):%a %d %b %H:%M}{edited}, {len(message.text)} characters")
    print("\n".join(laid_out(message.reply)))


async def boards(week: Week) -> None:
    """Every order and length, as each of three."""
    for who in READERS:
        for by in BY:
            for when in WHEN:
                back = await week.say(who, f"/leaderboard {by} {when}")
                print(f"\n=== {who}: /leaderboard {by} {when}")
                for reply in back.replies:
                    print("\n".join(laid_out(reply)))


async def main(since: date, days: int, who: str, *, only_boards: bool) -> None:
    """Print it."""
    with tempfile.TemporaryDirectory() as folder:
        week = await begin(Path(folder), since)
        try:
            if not only_boards:
                await live(week, since, days)
                for person in week.people:
                    came = week.for_(person)
                    if who in ("", person.name.split()[0]):
                        print(f"\n{'=' * WIDE}\n{person.name}, {person.title}, {person.zone}: {len(came)} messages")
                        for message in came:
                            _print(week, message, person)
                print(f"\n{'=' * WIDE}\n#sales-east")
                for message in (one for one in week.came if one.conversation == CHANNEL):
                    _print(week, message, None)
            if only_boards:
                await week.until(since + timedelta(days=3), time(12))
                await boards(week)
        finally:
            await week.app.core.stop()


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    arguments.add_argument("--since", type=date.fromisoformat, default=SINCE)
    arguments.add_argument("--days", type=int, default=5)
    arguments.add_argument("--who", default="", help="a first name; everybody where none is given")
    arguments.add_argument("--boards", action="store_true", help="the leaderboards instead")
    given = arguments.parse_args()
    sys.exit(asyncio.run(main(given.since, given.days, given.who, only_boards=given.boards)))
