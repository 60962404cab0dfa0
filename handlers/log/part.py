"""One activity's share of a line, while it is being understood."""

from __future__ import annotations

from dataclasses import dataclass, field

from handlers.language.scan import Spoken
from handlers.log.entry import NextStep
from handlers.log.facts import Facts
from handlers.log.people import People


@dataclass(slots=True)
class Part:
    """The words of one activity, and what was found in them."""

    start: int
    stop: int
    joined: str = ""
    """What parts it from the one before: `;`, `and` or `,`."""
    spoken: list[Spoken] = field(default_factory=list)
    kind: Spoken | None = None
    kind_name: str | None = None
    count: int = 1
    counted: bool = False
    future: bool = False
    booking: bool = False
    facts: Facts = field(default_factory=Facts)
    people: People = field(default_factory=lambda: People([], []))
    outcome: str | None = None
    next: NextStep | None = None
