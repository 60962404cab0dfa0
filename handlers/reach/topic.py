"""A topic that Pacer speaks about unasked, declared once by its feature; handlers/__init__.py lists them.

Planning, the gate, `/pacer settings`, *Why this?* and `pacer deliveries` all derive from it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, TypeAlias

from handlers.conversation.command import EVERYONE
from handlers.conversation.reply import Reply
from handlers.conversation.request import Request
from storage.database import Transaction
from storage.notices import Notice

Compose: TypeAlias = Callable[[Request, Transaction, Notice], Reply | None]
Audience: TypeAlias = Literal["sellers", "managers", "leaders", "everybody"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """What is said, to whom, when, and how it is put together when its time has come."""

    name: str
    """Kept in rows: it never changes."""
    title: str
    why: str
    """The answer to “why did I get this?”, after “You got this because”."""
    plain: str = ""
    """What it says, in plain words, where several came in one message: “how your team stands”; empty: as the title."""
    compose: Compose
    """What to say, from what is true now; None where there is nothing to say. The request is as if the person had
    spoken: their name, roles and clock."""
    audience: Audience | None = None
    """None: planned by what happens, a meeting for instance, not by a schedule."""
    roles: frozenset[str] = EVERYONE
    """Where no audience says it: to whom it may come, so that nobody else sees it among their settings."""
    rule: str | None = None
    """The default schedule, in words; None: off until somebody sets one."""
    suggested: str | None = None
    """Of one that is off: the schedule that is offered."""
    worth: timedelta | None = None
    """How long after its time it is worth sending; None: until that day of the person's is over."""
    called: tuple[str, ...] = ()
    """What people call it besides its title: “weekly nudge”."""
    counts: bool = True
    """The day's cap holds for it."""
    said: bool = False
    """What somebody said to them: a leave does not use up how long it is worth saying."""
    joins: bool = False
    """Of one that does not count: where something that counts is said at the same moment, both are one message."""

    @property
    def as_part(self) -> str:
        """What it says, within a sentence."""
        return self.plain or f"{self.title[0].lower()}{self.title[1:]}"
