"""Why a manager should see somebody this week, and what each reason weighs."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Final

from storage.people import Person

SAID: Final = 2
"""Reasons that one line gives; what there is to praise is said besides."""


class Why(Enum):
    """What may bring somebody to a manager's attention."""

    FELT_LOW = auto()
    NOTHING_WON = auto()
    FAR_BEHIND = auto()
    KEPT = auto()
    PACE_FELL = auto()
    NOTHING_LOGGED = auto()
    SILENT = auto()
    REACHED = auto()
    OVERDUE = auto()
    BIG_WIN = auto()
    STANDS_ABOVE = auto()


WEIGHTS: Final = {
    Why.FELT_LOW: 8,
    Why.NOTHING_WON: 7,
    Why.FAR_BEHIND: 6,
    Why.KEPT: 5,
    Why.PACE_FELL: 4,
    Why.NOTHING_LOGGED: 4,
    Why.SILENT: 3,
    Why.REACHED: 3,
    Why.OVERDUE: 2,
    Why.BIG_WIN: 2,
    Why.STANDS_ABOVE: 0,
}
"""First comes what people say of themselves, since nobody else can know it. Then a target that slips out of reach,
for no later week mends it: nothing won, then far behind. Then what the manager meant to talk about, then what changed
in one week (a pace, an activity that stopped), then silence. A target reached weighs as much as silence, so that praise
is not for ever put behind trouble; what is overdue and a big win weigh least, for the messages of the day name both.
What somebody has of several is added up. STANDS_ABOVE, a target reached some weeks ago, is said of who is named for
something else, and names nobody: praise that comes every Monday is none."""
PRAISE: Final = frozenset({Why.REACHED, Why.BIG_WIN, Why.STANDS_ABOVE})


@dataclass
class Whom:
    """A report, and why to see them. `short` is how much less they have won than expected by now, in minor units: of
    two with the same weight who is further behind comes first."""

    who: Person
    reasons: dict[Why, str] = field(default_factory=dict)
    short: int = 0

    @property
    def weight(self) -> int:
        return sum(WEIGHTS[why] for why in self.reasons)

    @property
    def line(self) -> str:
        """`Rae Quinn: pace fell from 98 % to 81 %; nothing was logged last week; a win to praise: Globex, $80,000.`"""
        said = [why for why in sorted(self.reasons, key=lambda why: -WEIGHTS[why]) if self.reasons[why]]
        open_, praise = ([why for why in said if (why in PRAISE) is praised] for praised in (False, True))
        words = [self.reasons[why] for why in (*open_[:SAID], *praise[:1])]
        return f"{self.who.name}: {'; '.join(words)}."
