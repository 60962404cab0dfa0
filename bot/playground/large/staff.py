"""The thirty of the large demo company: who they are, where, in whose team, and how their year went."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

EASTERN, CENTRAL, PACIFIC = "America/New_York", "America/Chicago", "America/Los_Angeles"
LONDON, BERLIN, DUBLIN = "Europe/London", "Europe/Berlin", "Europe/Dublin"

Mood = Literal["steady", "eager", "quiet", "busy", "falling", "rising", "new", "back", "away", "few large"]
"""How somebody's year goes: `quiet` logs little and wins; `busy` logs much and wins little; `new` came weeks ago;
`back` has just come back from a long leave, `away` goes on one; `few large` wins seldom and much."""


@dataclass(frozen=True, slots=True)
class Who:
    """Somebody who sells nothing themselves."""

    first: str
    last: str
    title: str
    role: str
    zone: str
    country: str = ""
    """Where it is another than the company's."""
    manager: str = ""
    """First name."""
    team: str = ""
    """What they lead."""


@dataclass(frozen=True, slots=True)
class Rep:
    """Somebody who sells. `yearly` is the target in thousands of the plan's currency, `fortune` what they win ÷ it,
    `size` a usual deal of theirs in thousands."""

    first: str
    last: str
    team: str
    zone: str
    yearly: int
    fortune: float
    size: int
    mood: Mood = "steady"
    country: str = ""
    currency: str = ""


LEADERS: Final = (
    Who("Dana", "Ortiz", "Sales operations", "admin", EASTERN),
    Who("Helen", "Marsh", "VP Sales", "leader", EASTERN),
    Who("Omar", "Haddad", "Manager, East", "manager", EASTERN, "", "Helen", "East"),
    Who("Grace", "Lindqvist", "Manager, West", "manager", PACIFIC, "", "Helen", "West"),
    Who("Ruth", "Abara", "Manager, Central", "manager", CENTRAL, "", "Helen", "Central"),
    Who("Tomasz", "Wolski", "Manager, Europe", "manager", LONDON, "GB", "Helen", "Europe"),
)
REPS: Final = (
    Rep("Sam", "Okafor", "East", EASTERN, 1200, 1.02, 36, "eager"),
    Rep("Priya", "Nair", "East", EASTERN, 960, 1.16, 30, "quiet"),
    Rep("Leo", "Brandt", "East", CENTRAL, 900, 0.74, 30, "falling"),
    Rep("Imani", "Cole", "East", EASTERN, 960, 0.97, 36),
    Rep("Felix", "Arroyo", "East", EASTERN, 840, 0.82, 24, "busy"),
    Rep("June", "Takeda", "East", EASTERN, 720, 0.9, 24, "new"),
    Rep("Mia", "Castellan", "West", PACIFIC, 1200, 0.88, 45),
    Rep("Theo", "Winters", "West", PACIFIC, 960, 0.99, 30),
    Rep("Ines", "Duarte", "West", PACIFIC, 900, 1.07, 30, "rising"),
    Rep("Caleb", "Moss", "West", PACIFIC, 1500, 0.93, 140, "few large"),
    Rep("Anjali", "Rao", "West", PACIFIC, 900, 1.03, 30, "back"),
    Rep("Dylan", "Pryce", "West", PACIFIC, 840, 0.79, 24),
    Rep("Noor", "Rahimi", "Central", CENTRAL, 900, 1.0, 30),
    Rep("Gus", "Petersen", "Central", CENTRAL, 840, 0.86, 24, "falling"),
    Rep("Tessa", "Boyd", "Central", CENTRAL, 960, 1.12, 36, "eager"),
    Rep("Marcus", "Webb", "Central", CENTRAL, 1080, 0.95, 45),
    Rep("Lena", "Fischer", "Central", CENTRAL, 840, 0.91, 24, "away"),
    Rep("Owen", "Delacroix", "Central", CENTRAL, 720, 0.84, 18, "busy"),
    Rep("Amelia", "Hart", "Europe", LONDON, 960, 1.04, 36, "steady", "GB", "GBP"),
    Rep("Callum", "Reid", "Europe", LONDON, 900, 0.89, 30, "steady", "GB", "GBP"),
    Rep("Katrin", "Vogel", "Europe", BERLIN, 1080, 1.09, 45, "quiet", "DE", "EUR"),
    Rep("Jonas", "Keller", "Europe", BERLIN, 840, 0.77, 30, "falling", "DE", "EUR"),
    Rep("Saoirse", "Byrne", "Europe", DUBLIN, 840, 0.98, 24, "eager", "IE", "EUR"),
    Rep("Mateo", "Silva", "Europe", LONDON, 720, 0.92, 24, "new", "GB", "GBP"),
)
TEAMS: Final = ("East", "West", "Central", "Europe")
MOVED: Final = ("Noor", "West", 75)
"""Sold in that team, with its manager, until so many days ago."""
RATES: Final = {"EUR": "1.08", "GBP": "1.27"}
"""Units of the plan's currency (US dollars) for one; where the plan is in another one, everything is in that one."""


def manager_of(team: str) -> str:
    """First name of who leads it."""
    return next(one.first for one in LEADERS if one.team == team)
