"""What a text says, read by the command that it is for: slow and pure, so before the transaction where it can be."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

from bot.names import KnownNames
from bot.whois import Habits
from handlers.conversation.command import Command
from handlers.conversation.company import Company
from handlers.conversation.request import Basis


class Prepared(msgspec.Struct, frozen=True):
    """What was read out of a text before the transaction, and what it was read with."""

    command: Command | None
    """None: a plain sentence that no command is sure of."""
    rest: str
    basis: Basis
    result: object


class Reading:
    """Reads with the names that are known and a person's habits."""

    def __init__(self, company: Company, commands: tuple[Command, ...]) -> None:
        self.names = KnownNames()
        self._company = company
        readers = [command for command in commands if command.understands and command.prepare]
        self._readers = sorted(readers, key=lambda command: not command.asked_first)
        self._zones: dict[str, ZoneInfo] = {}

    def basis(self, habits: Habits, now: datetime) -> Basis:
        """What a text is read with, for somebody of these habits, at that moment."""
        zone = self._zones.get(habits.zone)
        if zone is None:
            zone = self._zones[habits.zone] = ZoneInfo(habits.zone)
        order: Literal["mdy", "dmy"] = "dmy" if habits.date_order == "dmy" else "mdy"
        return Basis(now.astimezone(zone), order, self.names.index, self.names.revision)

    def understood(self, text: str, basis: Basis) -> Prepared:
        """A plain sentence, read by the first command that is sure that it is meant."""
        for command in self._readers:
            assert command.understands is not None
            read = self.read(command, text, basis)
            if command.understands(read.result):
                return read
        return Prepared(None, text, basis, None)

    def read(self, command: Command, rest: str, basis: Basis) -> Prepared:
        """By this command, which must have a `prepare`."""
        assert command.prepare is not None
        with self.names.lock:
            return Prepared(command, rest, basis, command.prepare(rest, basis, self._company))


def still_holds(prepared: Prepared, command: Command | None, rest: str, basis: Basis) -> bool:
    """Whether it was read from the same words with the same names, habits and day."""
    then = prepared.basis
    return (
        prepared.command is command
        and prepared.rest == rest
        and then.revision == basis.revision
        and then.now.tzinfo is basis.now.tzinfo
        and then.date_order == basis.date_order
        and then.now.date() == basis.now.date()
    )
