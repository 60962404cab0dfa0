"""Conversations as tests: `chat.rep("/log call Acme").says("Logged")`.

Behind it stand the real turn, the real rows and the real delivery, with the playground's people and places. The clock
stands still until a test moves it.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from datetime import datetime, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from bot.app import Core
from bot.config import Settings
from bot.playground.people import DemoPerson
from bot.playground.room import HOME, INSTALL, Back, Room
from bot.playground.transcript import CHANNEL, Shown, direct
from handlers import COMMANDS
from handlers.conversation.command import Command
from handlers.conversation.company import Company
from handlers.conversation.reply import Buttons, Choice, Facts, Form, Part, Reply, Table, Text
from storage import accounts, people
from storage.database import Database, Transaction

T = TypeVar("T")
ZONE = "America/New_York"
NOW = datetime(2026, 11, 18, 10, 0, tzinfo=ZoneInfo(ZONE))
"""A Wednesday morning."""
PATIENCE = 30.0
"""Seconds that an answer may take which comes as a message."""

PEOPLE = (
    ("rae", "Rae Quinn", "rep"),
    ("max", "Max Stone", "manager"),
    ("lee", "Lee Park", "leader"),
    ("ada", "Ada Wu", "admin"),
    ("new", "Nia Vale", "newcomer"),
)
ACCOUNTS = ("Acme Corporation", "Initech", "Woodgrove Bank", "Woodgrove Leasing", "Green-Plus")
COMPANY = Company(
    name="Testing & Co",
    zone=ZONE,
    domains=frozenset({"test.example"}),
    admins=frozenset({"ada@test.example"}),
    expectations={"rep": {"call": 40, "meeting": 8}},
)


class Heard:
    """What a person got back."""

    def __init__(self, speaker: Speaker, back: Back) -> None:
        self._speaker = speaker
        self.back = back

    @property
    def text(self) -> str:
        """Everything that was said, as plain sentences."""
        return "\n".join(reply.text for reply in self.back.replies)

    @property
    def reply(self) -> Reply:
        """The last of the replies."""
        assert self.back.replies, "nothing came back"
        return self.back.replies[-1]

    @property
    def form(self) -> Form:
        """The form that opened."""
        assert self.back.form is not None, f"no form opened; {self.text!r} was said"
        return self.back.form

    @property
    def buttons(self) -> list[str]:
        """Labels of all that can be pressed."""
        return [label for label, _, _ in _pressable(self.reply.parts)]

    def says(self, *pieces: str) -> Heard:
        """Each of these is in what was said."""
        for piece in pieces:
            assert piece in self.text, f"{piece!r} is not in {self.text!r}"
        return self

    def lacks(self, *pieces: str) -> Heard:
        """None of these is in what was said."""
        for piece in pieces:
            assert piece not in self.text, f"{piece!r} is in {self.text!r}"
        return self

    def never(self, *pieces: str) -> Heard:
        """None of these is in what was said, nor in its layout."""
        everything = self.text + "".join(_plain(part) for reply in self.back.replies for part in reply.parts)
        for piece in pieces:
            assert piece not in everything, f"{piece!r} is in {everything!r}"
        return self

    def shows(self, *pieces: str) -> Heard:
        """Each of these is in the layout."""
        laid_out = "\n".join(_plain(part) for part in self.reply.parts)
        for piece in pieces:
            assert piece in laid_out, f"{piece!r} is not in {laid_out!r}"
        return self

    def silent(self) -> Heard:
        """Nothing was said at all."""
        assert self.back == Back(), f"{self.back} came back"
        return self

    def press(self, label: str, by: Speaker | None = None) -> Heard:
        """Press the button, or choose the option, of that label."""
        message = self.back.messages[-1].id if self.back.messages else HOME
        parts = self.reply.parts if self.back.messages else self.home.parts
        for shown, token, value in _pressable(parts):
            if shown == label:
                return (by or self._speaker).press(message, token, value)
        raise AssertionError(f"no {label!r} among {[shown for shown, _, _ in _pressable(parts)]}")

    @property
    def home(self) -> Reply:
        """The person's own page, as it stands now."""
        return self._speaker.page

    def fill(self, **values: str) -> Heard:
        """Send the form that opened, with these fields changed."""
        message = self.back.messages[-1].id if self.back.messages else ""
        return self._speaker.submit(self.form, message, **values)

    def problem(self, field: str, *pieces: str) -> Heard:
        """The form stays open and says this beside the field."""
        for piece in pieces:
            assert piece in self.back.problems.get(field, ""), f"{piece!r} is not in {self.back.problems}"
        return self


def _pressable(parts: tuple[Part, ...]) -> list[tuple[str, str, str]]:
    found = []
    for part in parts:
        if isinstance(part, Buttons):
            found += [(button.label, button.token, "") for button in part.buttons]
        elif isinstance(part, Choice):
            found += [(option.label, part.token, option.value) for option in part.options]
    return found


def _plain(part: Part) -> str:
    match part:
        case Text(text=text):
            return text
        case Facts(rows=rows):
            return "\n".join(f"{row.label}: {row.value}" for row in rows)
        case Table(columns=columns, rows=cells):
            return "\n".join(" | ".join(row) for row in (columns, *cells))
        case Choice(prompt=prompt):
            return prompt
        case _:
            return ""


class Speaker:
    """One person, in their direct chat with Pacer or in the channel."""

    def __init__(self, chat: Chat, person: DemoPerson) -> None:
        self._chat = chat
        self.person = person

    def __call__(self, text: str, *, channel: bool = False, key: str = "") -> Heard:
        where = CHANNEL if channel else direct(self.person.external_id)
        return self._heard(self._chat.room.say(self.person, where, text, key=key, wait=PATIENCE))

    def press(self, message: str, token: str, value: str = "", key: str = "") -> Heard:
        """Press what carries that token."""
        return self._heard(self._chat.room.press(self.person, message, token, value, key=key, wait=PATIENCE))

    def submit(self, form: Form, message: str = "", key: str = "", **values: str) -> Heard:
        """Send a form."""
        filled = {field.name: field.value for field in form.fields} | values
        unknown = values.keys() - {field.name for field in form.fields}
        assert not unknown, f"the form has no {unknown}"
        sent = self._chat.room.submit(self.person, form.token, filled, message=message, key=key, wait=PATIENCE)
        return self._heard(sent)

    def shortcut(self, message: str, command: str = "log") -> Heard:
        """Use a message's menu."""
        return self._heard(self._chat.room.shortcut(self.person, message, command, wait=PATIENCE))

    def home(self) -> Heard:
        """Look at Pacer's own page."""
        return self._heard(self._chat.room.open_home(self.person, wait=PATIENCE))

    @property
    def page(self) -> Reply:
        """Pacer's own page as they see it now."""
        return self._chat.room.transcript.homes[self.person.external_id]

    def inbox(self) -> list[str]:
        """All that Pacer has said in the direct chat, oldest first."""
        return [shown.text for shown in self._chat.shown(self) if shown.conversation == direct(self.person.external_id)]

    def _heard(self, work: Coroutine[Any, Any, Back]) -> Heard:
        return Heard(self, self._chat.run(work))


class Chat:
    """A company of five on a fresh database."""

    def __init__(self, database_url: str, company: Company = COMPANY, commands: tuple[Command, ...] = COMMANDS) -> None:
        self.now = NOW
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        staff = [
            DemoPerson(
                external_id=name, name=full, email=f"{name}@test.example", title=role, role=role, zone=company.zone
            )
            for name, full, role in PEOPLE
        ]
        self.core = Core(
            Settings(company=company),
            database_url,
            platforms={INSTALL: "playground"},
            clock=lambda: self.now,
            commands=commands,
            unasked=float(24 * 3600),  # only where a test says so: see Core.say_what_is_due
        )
        self.database: Database = self.core.database
        self.database.submit(lambda tx: self._hire(tx, company.zone)).result()
        self.room = Room(
            turns=self.core.turns, commands=commands, people=staff, clock=lambda: self.now, company=company
        )
        self.core.senders["playground"] = self.room.sender
        self.room.idle = self._said
        self.run(self.core.start())
        self.rep, self.manager, self.leader, self.admin, self.newcomer = (Speaker(self, person) for person in staff)

    def _hire(self, tx: Transaction, zone: str) -> None:
        since = self.now.date() - timedelta(days=300)
        hired = {}
        for name, full, role in PEOPLE[:4]:
            hired[name] = people.add(tx, name=full, email=f"{name}@test.example", at=self.now, imported=True)
            people.give_role(tx, hired[name], role, since)
            # Met before, so that what a test hears is the answer alone.
            email = f"{name}@test.example"
            people.identify(tx, hired[name], install=INSTALL, external_id=name, at=self.now, email=email, zone=zone)
        people.give_manager(tx, hired["rae"], hired["max"], since)
        # In the plan, and not met yet.
        people.add(tx, name="Nia Vail", email="nia.vail@test.example", at=self.now, imported=True)
        for account in ACCOUNTS:
            accounts.add(tx, account, by=None, at=self.now)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run it in the application's loop."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)

    def later(self, **span: float) -> None:
        """Move the clock."""
        self.now += timedelta(**span)

    async def _said(self) -> None:
        """A turn that took so long that the person was told to wait has come to its end, and what it said is there."""
        await self.core.turns.drain()
        await self.core.delivery.idle()

    def shown(self, to: Speaker) -> list[Shown]:
        """Pacer's messages that somebody sees, in whatever conversation."""
        self.run(self._said())
        seen = self.room.transcript.seen_by(to.person.external_id)
        return [each for each in seen if each.reply is not None]

    def rows(self, query: str) -> list[dict[str, Any]]:
        """Rows of plain SQL."""
        with self.database.engine.connect() as connection:
            return [dict(row) for row in connection.exec_driver_sql(query).mappings()]

    def close(self) -> None:
        """End it."""
        self.run(self.core.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()
