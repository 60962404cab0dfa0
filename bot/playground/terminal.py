"""The playground in a terminal: `pacer say` for one turn, `pacer chat` for a conversation."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, assert_never

import msgspec
from rich.console import Console
from rich.markup import escape
from rich.table import Table as Grid

from bot.app import PlaygroundApplication, moved_clock
from bot.attached import LIMIT, given
from bot.charts import letters
from bot.config import Settings
from bot.playground.people import DemoPerson
from bot.playground.room import Back, NotHere, Room
from bot.playground.transcript import direct
from bot.reception import utc_now
from handlers.conversation.reply import (
    Button,
    Buttons,
    Chart,
    Choice,
    ChoiceField,
    Document,
    Facts,
    Field,
    Form,
    Option,
    Part,
    Reply,
    Table,
    Text,
)
from handlers.conversation.request import Attached
from handlers.conversation.route import Router

PATIENCE = 3.0
"""Seconds that an answer may take to arrive where it comes as a message of its own."""


@asynccontextmanager
async def _room(settings: Settings, moment: datetime | None):  # type: ignore[no-untyped-def]
    app = PlaygroundApplication(settings, clock=moved_clock(moment) if moment else utc_now)
    await app.core.start()
    app.playground.room.idle = app.core.delivery.idle
    try:
        yield app.playground.room
    finally:
        await app.core.stop()


async def say_once(
    settings: Settings, who: str, text: str, moment: datetime | None, files: tuple[Path, ...] = ()
) -> list[dict[str, Any]] | str:
    """What came back, as data; or a sentence that says why nothing was said. `files` are attached."""
    attached = tuple(_attached(path) for path in files)
    async with _room(settings, moment) as room:
        try:
            person = room.person(who)
        except NotHere:
            return _nobody(room, who)
        # First contact is made beforehand: what comes back is the answer alone, without the welcome.
        await room.open_home(person, wait=PATIENCE)
        back = await room.say(person, direct(person.external_id), text, files=attached, wait=PATIENCE)
        replies = [msgspec.to_builtins(reply) for reply in back.replies]
        if back.form is not None:
            lead = f"{back.form.title}: a form with {', '.join(field.label for field in back.form.fields)}."
            lead = f"{lead} {_instead(room, text, person)}"
            replies.append({"text": lead, "form": msgspec.to_builtins(back.form)})
        return replies


def _instead(room: Room, text: str, person: DemoPerson) -> str:
    """How the same is said here, where no form can be filled in."""
    filled = f"`pacer chat --as {person.external_id}` asks for them one by one."
    routed = Router(room.commands, room.company.command_prefix).route(text)
    examples = routed[0].examples if routed else ()
    begun = text.strip().lstrip("/").lower()
    line = next((one for one in examples if one.lstrip("/").lower().startswith(f"{begun} ")), "")
    return f"In one line: “{line}”. Or {filled}" if line else filled


def _attached(path: Path) -> Attached:
    size = path.stat().st_size
    return given(path.name, b"" if size > LIMIT else path.read_bytes(), size)


def _nobody(room: Room, who: str) -> str:
    return f"Nobody here is “{who}”. Choose from: {', '.join(person.name for person in room.people)}."


async def converse(settings: Settings, who: str, moment: datetime | None) -> str:
    """Type and answer until the end of input. Returns a sentence when nobody is called `who`, else an empty string."""
    console = Console(highlight=False)
    async with _room(settings, moment) as room:
        try:
            person = room.person(who)
        except NotHere:
            return _nobody(room, who)
        await _Chat(room, person, console).run()
    return ""


class _Chat:
    """One person at a terminal. A number presses the button that carries it."""

    def __init__(self, room: Room, person: DemoPerson, console: Console) -> None:
        self._room = room
        self._person = person
        self._console = console
        self._buttons: list[tuple[str, str, str]] = []  # message, token, value

    async def run(self) -> None:
        self._console.print(
            f"You are {self._person.name}, {self._person.title}. Type as you would to Pacer; a number presses a "
            "button; Ctrl+D ends.",
            style="dim",
        )
        while (line := await self._ask("> ")) is not None:
            if not line.strip():
                continue
            back: Back | None = await self._do(line.strip())
            while back is not None:
                self._show(back)
                back = await self._fill(back.form) if back.form is not None else None

    async def _ask(self, prompt: str) -> str | None:
        try:
            return await asyncio.to_thread(input, prompt)
        except (EOFError, KeyboardInterrupt):
            return None

    async def _do(self, line: str) -> Back:
        if line.isdigit() and 1 <= int(line) <= len(self._buttons):
            message, token, value = self._buttons[int(line) - 1]
            return await self._room.press(self._person, message, token, value, wait=PATIENCE)
        return await self._room.say(self._person, direct(self._person.external_id), line, wait=PATIENCE)

    def _show(self, back: Back) -> None:
        if back.messages:
            self._buttons.clear()
        for message in back.messages:
            if message.reply is not None:
                self._draw(message.reply, message.id)

    def _draw(self, reply: Reply, message: str) -> None:
        for part in reply.parts or (Text(reply.text),):
            self._draw_part(part, message)

    def _draw_part(self, part: Part, message: str) -> None:
        match part:
            case Text(text=text, style=style):
                self._console.print(escape(text), style={"strong": "bold", "quiet": "dim"}.get(style))
            case Facts(rows=rows):
                for row in rows:
                    self._console.print(f"  [dim]{escape(row.label)}[/dim]  {escape(row.value)}")
            case Table():
                grid = Grid(box=None, pad_edge=False)
                for index, column in enumerate(part.columns):
                    grid.add_column(escape(column), justify="right" if index in part.numeric else "left")
                for cells in part.rows:
                    grid.add_row(*map(escape, cells))
                self._console.print(grid)
            case Chart(title=title):
                if not part.said_above:
                    self._console.print(escape(title), style="bold")
                for line in letters.lines(part):
                    self._console.print(f"  {escape(line)}")
            case Document(name=name):
                self._console.print(f"  [bold]{escape(name)}[/bold], {part.size_in_words}")
            case Buttons(buttons=buttons):
                self._console.print("  ".join(self._numbered(message, button) for button in buttons))
            case Choice(prompt=prompt, token=token, options=options):
                self._console.print(escape(prompt), style="bold")
                for option in options:
                    self._buttons.append((message, token, option.value))
                    self._console.print(f"  [cyan]{len(self._buttons)}[/cyan] {escape(option.label)}")
            case _:
                assert_never(part)

    def _numbered(self, message: str, button: Button) -> str:
        self._buttons.append((message, button.token, ""))
        return f"[cyan]{len(self._buttons)}[/cyan] {escape(button.label)}"

    async def _fill(self, form: Form) -> Back | None:
        """Ask for the fields one by one; an empty line keeps what stands there."""
        self._console.print(f"{escape(form.title)} (an empty line keeps what stands in brackets)", style="bold")
        values = {field.name: field.value for field in form.fields}
        asked = {field.name: field for field in form.fields}
        while True:
            for field in asked.values():
                labels = ", ".join(option.label for option in _options(field))
                asks = f"{field.label} ({labels})" if labels else field.label
                typed = await self._ask(f"{asks} [{_shown(field, values[field.name])}]: ")
                if typed is None:
                    return None
                if typed.strip():
                    values[field.name] = _value(field, typed.strip())
            back = await self._room.submit(self._person, form.token, values, wait=PATIENCE)
            if not back.problems:
                return back
            for sentence in back.problems.values():
                self._console.print(escape(sentence), style="red")
            asked = {field.name: field for field in form.fields if field.name in back.problems}


def _options(field: Field) -> Iterator[Option]:
    if isinstance(field, ChoiceField):
        yield from field.options


def _shown(field: Field, value: str) -> str:
    return next((option.label for option in _options(field) if option.value == value), value)


def _value(field: Field, typed: str) -> str:
    return next((option.value for option in _options(field) if option.label.casefold() == typed.casefold()), typed)
