"""What a person can do on Slack and on Teams and what they have in front of them, alike for the stories of week.py.

Behind it are the fakes of tests/fakes; what a person reads is taken from what the platform was sent.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import Protocol

from tests.fakes.slack import FakeSlack, Opened
from tests.fakes.slack import Shown as SlackShown
from tests.fakes.slack_rules import shown as in_blocks
from tests.fakes.teams import Dialog, FakeTeams
from tests.fakes.teams_connector import Shown as TeamsShown
from tests.fakes.teams_connector import actions

PEOPLE = {"U1": ("Max Manager", "manager"), "U2": ("Ron Rep", "rep"), "U3": ("Lee Leader", "leader"),
          "U9": ("Ada Admin", "admin")}  # fmt: skip
_MARKUP = re.compile(r"[*_]{1,2}(?=\S)|(?<=\S)[*_]{1,2}|<[#@!][^>]*>")


def plain(words: str) -> str:
    """As a person reads it: without markup, on one line."""
    return " ".join(_MARKUP.sub("", html.unescape(words)).split())


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
