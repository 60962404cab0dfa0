"""How somebody of the simulated year speaks to Pacer: in their own chat, typing, pressing, filling a form."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import msgspec

from bot.answer import Answer
from handlers.conversation.reply import Form, Reply
from handlers.conversation.request import Address, Incoming, Pressed, Profile, Said, Submitted, What
from tests.chaos.year_far_end import pressable

if TYPE_CHECKING:
    from tests.chaos.year_world import Home, World


class Talk:
    """Each is one turn of the product, in whichever process takes it."""

    def __init__(self, world: World, install: str) -> None:
        self._world, self._install = world, install
        self._numbers = itertools.count(1)
        self.turns = 0

    async def say(self, home: Home, text: str) -> Reply:
        """The answer in words."""
        return _reply(await self._take(home, Said(text)))

    async def press(self, home: Home, token: str, value: str = "") -> Reply:
        """The answer in words."""
        return _reply(await self._take(home, Pressed(token, value)))

    async def press_on(self, home: Home, reply: Reply, label: str) -> Reply:
        """The same of what is labelled so on an answer."""
        found = pressable(reply, label)
        assert found is not None, f"no {label!r} on {reply.text!r}"
        return await self.press(home, *found)

    async def open(self, home: Home, token: str) -> Form:
        """The form that a button opens."""
        answer = await self._take(home, Pressed(token))
        assert answer.form is not None, answer
        return answer.form

    async def submit(self, home: Home, form: Form, values: dict[str, str]) -> Reply:
        """Send it; fields that it does not have are left out."""
        filled = {field.name: values.get(field.name, field.value) for field in form.fields}
        answer = await self._take(home, Submitted(form.token, filled))
        assert not answer.problems, answer.problems
        return _reply(answer)

    async def _take(self, home: Home, what: What) -> Answer:
        self.turns += 1
        incoming = Incoming(
            install=self._install,
            key=f"e{next(self._numbers)}",
            profile=Profile(home.user, home.who.name, home.who.email or "", home.zone.key),
            what=what,
            place="direct",
            reply_to=Address(conversation=f"D{home.user}"),
            inline=True,
            can_open_form=True,
        )
        answer = await self._world.take(incoming)
        if answer.reply is None and answer.form is None and not answer.problems:
            # It stands below what was pressed, as a message of its own.
            await self._world.deliver()
            answers = self._world.far_end.answers
            answer = msgspec.structs.replace(answer, reply=answers.pop(f"{self._install}:{incoming.key}:reply", None))
        return answer


def _reply(answer: Answer) -> Reply:
    assert answer.reply is not None, answer
    return answer.reply
