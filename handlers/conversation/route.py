"""From words to a command: `/log call Acme`, `log call Acme`, `/pacer log call Acme`, `@Pacer log: call Acme`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from handlers.conversation.command import Command

OWN_NAME = "pacer"
_PLEASE: Final = re.compile(r"\A(?:please|pls),? |,? (?:please|pls)\Z")


def plain(text: str) -> str:
    """Lower case, single blanks, without a slash before it or a sign behind it."""
    return " ".join(text.lower().split()).strip("/.,:!? ")


class Router:
    """Looks commands up by the first word of what was said; made once from the tuple of commands."""

    def __init__(self, commands: Iterable[Command], prefix: str = "") -> None:
        commands = tuple(commands)
        self._by_name = {name: command for command in commands for name in (command.name, *command.aliases)}
        self._whole = {said: (command, rest) for command in commands for said, rest in command.shorthands.items()}
        self._prefix = prefix.lower()
        self._longest = max(name.count(" ") + 1 for name in self._by_name)

    def named(self, name: str) -> Command | None:
        """The command of that name or alias, with or without slash and prefix."""
        name = name.lower().lstrip("/")
        return self._by_name.get(name) or self._by_name.get(name.removeprefix(self._prefix))

    def route(self, text: str, command: str = "") -> tuple[Command, str] | None:
        """The command meant and the words after it; None when no command begins the text.

        `command` is what the platform itself named (a slash command), empty for a message. Nothing at all is `help`.
        """
        named = self.named(command) if command else None
        if named is not None:
            # `/quota export`: a further word may name another command (its alias is `quota export`).
            first, _, behind = text.strip().partition(" ")
            further = self._by_name.get(f"{named.name} {first.lower().rstrip(':,.!?')}") if first else None
            if further is not None:
                return further, behind.strip()
            return named, text.strip()
        rest = text.strip()
        if not rest:
            return self._by_name["help"], ""
        whole = self._whole.get(plain(rest)) or self._politely(plain(rest))
        if whole is not None:
            return whole
        words = rest.split(None, self._longest)
        if len(words) > 1 and words[0].lower().strip("/:,") == OWN_NAME:
            return self.route(rest.split(None, 1)[1])
        for length in range(min(self._longest, len(words)), 0, -1):
            found = self.named(" ".join(words[:length]).rstrip(":,.!?"))
            if found is not None:
                after = rest.split(None, length)
                return found, after[length].strip() if len(after) > length else ""
        return None

    def _politely(self, said: str) -> tuple[Command, str] | None:
        """A whole message that means a command, or is its name, with “please” before it or behind it."""
        bare = _PLEASE.sub("", said)
        if bare == said:
            return None
        named = self.named(bare)
        return (named, "") if named is not None else self._whole.get(bare)
