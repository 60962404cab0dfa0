"""An event's lines as the library reads them, and what is taken out of them: texts, times, people.

The library is imported at first use.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, TypedDict

if TYPE_CHECKING:
    from icalendar import Component

_TITLE: Final = 150
_ADDRESS: Final = re.compile(r"(?i)(?:mailto:)?\s*([^\s<>@,;:]{1,64}@[^\s<>@,;:]{1,190}\.[^\s<>@,;:]{1,60})\s*")
ZONE: Final = "X-ZONE"
_TIMED: Final = re.compile(
    r"(?P<name>DTSTART|DTEND|RECURRENCE-ID|EXDATE|RDATE|DTSTAMP)(?P<before>(?:;[A-Z-]+=[^;:\"]*)*);TZID="
    r"(?P<zone>\"[^\"]*\"|[^;]*?)(?P<behind>(?:;[A-Z-]+=[^;:\"]*)*):(?P<value>[0-9TZPDHMSW,/+-]*)\s*",
    re.I,
)
_NO_PEOPLE: Final = ("ROOM", "RESOURCE")


def component(lines: Sequence[str]) -> Component:
    """The event of these lines; those that are wrong are kept as broken ones."""

    from icalendar import Event

    # Lines that are wrong are kept as such by the library, each by itself.
    return Event.from_ical("\r\n".join(("BEGIN:VEVENT", *map(_zone_apart, lines), "END:VEVENT", "")))


def _zone_apart(line: str) -> str:
    """A time's line with its zone under a name that the library does not look into: what a zone is, ics_zone.py says,
    and Exchange writes such as have a colon in them and no quotes around it."""
    match = _TIMED.fullmatch(line)
    if match is None:
        return line
    named = match["zone"].replace('"', "")
    return f'{match["name"]}{match["before"]};{ZONE}="{named}"{match["behind"] or ""}:{match["value"]}'


def several(part: Component, name: str) -> list[Any]:
    """All that the event says under that name."""
    found = part.get(name, [])
    return found if isinstance(found, list) else [found]


def is_broken(prop: Any) -> bool:
    """What the library could not read, and kept as its text."""
    return hasattr(type(prop), "parse_error")


def broken(part: Component, name: str) -> bool:
    """Nothing under that name could be read."""
    return all(is_broken(prop) for prop in several(part, name))


def dates(part: Component, name: str) -> list[tuple[Any, str]]:
    """Each of the times in lists of them, with the name of the list's zone."""
    found = []
    for prop in several(part, name):
        if not is_broken(prop):
            named = str(prop.params.get(ZONE, ""))
            found += [(each.dt, named) for each in prop.dts]
    return found


def text_of(part: Component, name: str) -> str:
    """The first of that name as text; empty where there is none."""
    found = several(part, name)
    return str(found[0]).strip() if found else ""


def number_of(part: Component, name: str) -> int:
    """The first of that name as a whole number; 0 where it is none."""
    text = text_of(part, name)
    return int(text) if re.fullmatch(r"\d{1,9}", text) else 0


def title_of(part: Component) -> str:
    """Its summary as one line."""
    return clean(text_of(part, "SUMMARY"))[:_TITLE] or "Meeting"


def clean(text: str) -> str:
    """One line without signs that nobody sees."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


class Guests(TypedDict):
    """Whom an event names, by e-mail addresses in small letters."""

    organiser: str
    invited: tuple[str, ...]
    declined: tuple[str, ...]


def guests_of(part: Component) -> Guests:
    """Its organiser, who is invited, and who of these declined; no rooms."""
    found: dict[str, bool] = {}
    for prop in several(part, "ATTENDEE"):
        given = getattr(prop, "params", {})
        if str(given.get("CUTYPE", "")).upper() not in _NO_PEOPLE and (email := _address(prop)):
            found[email] = str(given.get("PARTSTAT", "")).upper() == "DECLINED"
    return {
        "organiser": next(filter(None, map(_address, several(part, "ORGANIZER"))), ""),
        "invited": tuple(email for email, declined in found.items() if not declined),
        "declined": tuple(email for email, declined in found.items() if declined),
    }


def _address(prop: Any) -> str:
    """The e-mail address, in small letters; empty where it is none."""
    given = getattr(prop, "params", {})
    match = _ADDRESS.fullmatch(str(prop)) or _ADDRESS.fullmatch(str(given.get("EMAIL", "")))
    return match[1].lower() if match is not None else ""
