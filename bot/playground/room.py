"""The playground without its page: who is there, what they do, what comes back.

It is a platform like Slack: it makes an `Incoming` of what a person did and hands it to the turn. The page
(bot/playground/server.py) and the terminal (`pacer chat`, `pacer say`) both stand on it.
"""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Literal

import msgspec

from bot.answer import TakesTurns
from bot.attached import of_message
from bot.playground.people import DemoPerson
from bot.playground.send import PlaygroundSender
from bot.playground.transcript import CHANNEL, PACER, Change, Home, Put, Shown, Transcript, direct
from bot.storable import storable
from handlers.conversation.command import Command
from handlers.conversation.company import Company
from handlers.conversation.reply import Form, Reply
from handlers.conversation.request import (
    Address,
    Attached,
    HomeOpened,
    Incoming,
    LogThis,
    Pressed,
    Profile,
    Said,
    Submitted,
    What,
)

INSTALL = "playground"
UMBRELLA = "pacer"
"""`/pacer <command>` always works, as in Slack."""
HOME = "home"
"""Stands for the message where a button of the Home page is pressed."""
Place = Literal["direct", "channel", "home"]

_slash = re.compile(r"/(\S+)\s*(.*)", re.DOTALL)
_mention = re.compile(r"(?<![\w@])@pacer\b[ \t]*[,:]?\s*", re.IGNORECASE)


class NotHere(LookupError):
    """{what} is not in the playground."""

    def __init__(self, what: str) -> None:
        super().__init__((self.__class__.__doc__ or "").format(what=what))


class Back(msgspec.Struct, frozen=True):
    """What a person got for what they did."""

    messages: tuple[Shown, ...] = ()
    """Of Pacer's, in the order of arrival; one that was changed in its place is among them."""
    home: Reply | None = None
    form: Form | None = None
    """To be opened now."""
    problems: dict[str, str] = {}
    """Field name -> sentence: the form that was sent stays open."""

    @property
    def replies(self) -> list[Reply]:
        """What Pacer said, without where it stands."""
        return [message.reply for message in self.messages if message.reply is not None]


class Room:
    """People, their conversations with Pacer and one channel."""

    def __init__(
        self,
        *,
        turns: TakesTurns,
        commands: tuple[Command, ...],
        people: Sequence[DemoPerson],
        clock: Callable[[], datetime],
        company: Company,
    ) -> None:
        self.people = tuple(people)
        self.commands = commands
        self.company = company
        self.transcript = Transcript(clock)
        self.sender = PlaygroundSender(self.transcript)
        self.idle: Callable[[], Awaitable[None]] | None = None
        """Waits until all that is on its way has arrived; where it is known, `wait` waits for that."""
        self._turns = turns
        self._by_id = {person.external_id: person for person in self.people}
        self._slash_names = {company.command_prefix + each.name: each.name for each in commands if each.slash}
        self._slash_names.setdefault(UMBRELLA, "")

    def person(self, name: str) -> DemoPerson:
        """Whom a name means: an id, an e-mail address, a full name, a first name that only one has, or a role,
        which means the first who has it."""
        wanted = name.strip().casefold()
        for person in self.people:
            if wanted in (person.external_id.casefold(), person.email.casefold(), person.name.casefold()):
                return person
        fit = [person for person in self.people if person.name.casefold().split()[0] == wanted]
        if len(fit) != 1:
            fit = [person for person in self.people if person.role == wanted]
        if not fit:
            raise NotHere(name)
        return fit[0]

    async def say(
        self,
        person: DemoPerson,
        conversation: str,
        text: str,
        *,
        files: tuple[Attached, ...] = (),
        key: str = "",
        wait: float = 0,
    ) -> Back:
        """Type a line, attach files. In the channel Pacer hears it only when it is mentioned, or as a slash command.

        `wait` is for how many seconds to wait for a message where the response itself carries nothing.
        """
        text = storable(text).strip()
        place = self._place(person, conversation)
        said, slash = self._heard(text, place)
        key = key or secrets.token_hex(8)
        own = Shown(
            id=f"{person.external_id}-{key}",
            conversation=conversation,
            author=person.external_id,
            at=self.transcript.clock(),
            text=text,
            files=tuple(file.name for file in files),
            only_to=person.external_id if slash and place == "channel" else "",
        )
        again = self.transcript.get(own.id) is not None
        if not again:
            self.transcript.put(own)
        if said is None:
            return Back()
        said = msgspec.structs.replace(said, files=of_message(files))
        try:
            return await self._take(person, said, place, conversation, key=key, inline=slash, can_open=True, wait=wait)
        except Exception:
            if not again:
                self.transcript.remove(own.id)
            raise

    async def press(
        self, person: DemoPerson, message: str, token: str, value: str = "", *, key: str = "", wait: float = 0
    ) -> Back:
        """Press a button, or choose: `message` is the id of the message that shows it, or `home`."""
        place, conversation, pressed_on = self._pressed_on(person, message)
        what = Pressed(token=token, value=value)
        return await self._take(
            person, what, place, conversation, key=key, pressed_on=pressed_on, can_open=True, wait=wait
        )

    async def submit(
        self,
        person: DemoPerson,
        token: str,
        values: dict[str, str],
        *,
        message: str = "",
        conversation: str = "",
        key: str = "",
        wait: float = 0,
    ) -> Back:
        """Send a form. `message` is the one whose button opened it, where there was one."""
        if message:
            place, conversation, pressed_on = self._pressed_on(person, message)
        else:
            conversation = conversation or direct(person.external_id)
            place, pressed_on = self._place(person, conversation), None
        return await self._take(
            person,
            Submitted(token=token, values={name: storable(value) for name, value in values.items()}),
            place,
            conversation,
            key=key,
            pressed_on=pressed_on,
            wait=wait,
        )

    async def shortcut(self, person: DemoPerson, message: str, command: str, *, key: str = "", wait: float = 0) -> Back:
        """Use a command's shortcut ("Log this") from a message's menu."""
        shown = self._shown(person, message)
        author = self._by_id.get(shown.author)
        what = LogThis(command=command, text=shown.text, author=author.name if author else "")
        place = self._place(person, shown.conversation)
        return await self._take(person, what, place, shown.conversation, key=key, can_open=True, wait=wait)

    async def open_home(self, person: DemoPerson, *, key: str = "", wait: float = 0) -> Back:
        """Look at Pacer's own page."""
        return await self._take(person, HomeOpened(), "home", direct(person.external_id), key=key, wait=wait)

    async def _take(
        self,
        person: DemoPerson,
        what: What,
        place: Place,
        conversation: str,
        *,
        key: str,
        pressed_on: Address | None = None,
        inline: bool = False,
        can_open: bool = False,
        wait: float = 0,
    ) -> Back:
        incoming = Incoming(
            install=INSTALL,
            key=f"{person.external_id}-{key or secrets.token_hex(8)}",
            profile=Profile(
                external_id=person.external_id,
                name=person.name,
                email=person.email,
                zone=person.zone,
                locale="en-US" if self.company.date_order == "mdy" else "en-GB",
            ),
            what=what,
            place=place,
            reply_to=Address(conversation=conversation),
            pressed_on=pressed_on,
            inline=inline,
            can_open_form=can_open,
        )
        with self.transcript.watch(person.external_id) as changes:
            answer = await self._turns.take(incoming)
            if answer.reply is not None:
                self._show_inline(incoming, answer.reply)
            nothing_yet = answer.form is None and not answer.problems
            if wait and self.idle is not None:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self.idle(), wait)
                wait = 0
            arrived = await _arrived(changes, wait if nothing_yet else 0)
        messages = {each.message.id: each.message for each in arrived if isinstance(each, Put)}
        homes = [each.home for each in arrived if isinstance(each, Home)]
        return Back(
            messages=tuple(message for message in messages.values() if message.author == PACER),
            home=homes[-1] if homes else None,
            form=answer.form,
            problems=answer.problems,
        )

    def _show_inline(self, incoming: Incoming, reply: Reply) -> None:
        alone = reply.private and incoming.place == "channel"
        self.transcript.put(
            Shown(
                id=f"m-{incoming.key}",
                conversation=incoming.reply_to.conversation,
                author=PACER,
                at=self.transcript.clock(),
                text=reply.text,
                reply=reply,
                only_to=incoming.profile.external_id if alone else "",
            )
        )

    def _heard(self, text: str, place: Place) -> tuple[Said | None, bool]:
        """What Pacer hears of a line, and whether it was a slash command."""
        if (slash := _slash.fullmatch(text)) and slash[1].lower() in self._slash_names:
            return Said(text=slash[2], command=self._slash_names[slash[1].lower()]), True
        if place == "direct":
            return Said(text=_mention.sub("", text, count=1) if _mention.match(text) else text), False
        if _mention.search(text):
            return Said(text=_mention.sub("", text, count=1).strip()), False
        return None, False

    def _place(self, person: DemoPerson, conversation: str) -> Place:
        if conversation == direct(person.external_id):
            return "direct"
        if conversation == CHANNEL:
            return "channel"
        raise NotHere(f"The conversation {conversation!r}")

    def _shown(self, person: DemoPerson, message: str) -> Shown:
        shown = self.transcript.get(message)
        if shown is None or not shown.seen_by(person.external_id):
            raise NotHere("That message")
        return shown

    def _pressed_on(self, person: DemoPerson, message: str) -> tuple[Place, str, Address | None]:
        if message == HOME:
            return "home", direct(person.external_id), None
        shown = self._shown(person, message)
        address = Address(conversation=shown.conversation, message=shown.id, only_to=shown.only_to)
        return self._place(person, shown.conversation), shown.conversation, address


async def _arrived(changes: asyncio.Queue[Change], wait: float) -> list[Change]:
    """What is there by now; if that is nothing of Pacer's, what comes first within `wait` seconds."""
    arrived: list[Change] = []

    def take_all() -> bool:
        while not changes.empty():
            arrived.append(changes.get_nowait())
        return any(not isinstance(each, Put) or each.message.author == PACER for each in arrived)

    if not take_all() and wait:
        try:
            async with asyncio.timeout(wait):
                while not take_all():
                    arrived.append(await changes.get())
        except TimeoutError:
            pass
    return arrived
