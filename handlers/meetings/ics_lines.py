"""The lines of a calendar file, sorted before anything is made of them: what a meeting needs, and no more of it.

A file may come from anybody, so this goes through it once and keeps little: no line is long, nothing is nested, and
what is repeated is counted. Whatever is behind it then works on small pieces.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from handlers.conversation.errors import UserError

LIMIT: Final = 1_000_000
"""Bytes of a calendar."""
_LINE: Final = 2_000
"""Characters of a line that are read; a longer one is cut, and the times in it are refused by whoever reads them."""
_LIST: Final = 20_000
"""The same of a line that lists days."""
_REPEATED: Final = 500
"""Lines of one name in one event, or parts of one time zone."""
_EVENTS: Final = 3_000
_ALL_LISTS: Final = 200_000
"""Characters of all such lines of a calendar."""
_ZONES: Final = 40
TOO_LONG: Final = "X-TOO-LONG:1"
"""Stands among an event's lines where one of them was not kept whole and says when it is."""
_HEADER: Final = ("METHOD", "X-WR-TIMEZONE", "X-WR-CALNAME")
_LISTS: Final = ("EXDATE", "RDATE")
_WANTED: Final = frozenset(
    (
        "UID", "SUMMARY", "DTSTART", "DTEND", "DURATION", "RRULE", "EXRULE", *_LISTS, "RECURRENCE-ID", "STATUS",
        "SEQUENCE", "DTSTAMP", "CLASS", "ORGANIZER", "ATTENDEE",
    )
)  # fmt: skip
_OF_ZONES: Final = frozenset(("TZID", "X-LIC-LOCATION", "DTSTART", "RRULE", "RDATE", "TZOFFSETFROM", "TZOFFSETTO"))
_FOLD: Final = re.compile(rb"(?:\r\n|\n|\r)[ \t]")
_END_OF_LINE: Final = re.compile(r"\r\n|\n|\r")
_NAME: Final = re.compile(r"[A-Za-z0-9-]{1,60}(?=[:;])")


class NotACalendar(UserError):
    """{name} is no calendar: it does not hold BEGIN:VCALENDAR. I read .ics files, as Outlook, Google and Apple give."""


class CalendarTooLarge(UserError):
    """{name} has {size}, and I read calendars of up to 1 MB. Export fewer months, or only the meetings in question."""


class CalendarCutOff(UserError):
    """{name} ends in the middle of an event, so nothing of it was used. Please get the file again and attach it."""


@dataclass(slots=True)
class Lines:
    """What is in a file: `header` by name, time zones by their TZID, and of each event its lines."""

    header: dict[str, str] = field(default_factory=dict)
    zones: dict[str, list[str]] = field(default_factory=dict)
    events: list[list[str]] = field(default_factory=list)
    too_many: bool = False
    """There were more events than are read."""


def sort(content: bytes, name: str, since: date) -> Lines:
    """The lines of a file of that name, without single events that began before that day: most of a calendar is over.

    Raises NotACalendar, CalendarTooLarge and CalendarCutOff.
    """
    if len(content) > LIMIT:
        raise CalendarTooLarge(name=name, size=f"{len(content) / 1e6:,.1f} MB")
    text = _decoded(content)
    if "BEGIN:VCALENDAR" not in text[:4000].upper():
        raise NotACalendar(name=name)
    found, inside = Lines(), _Inside(f"{since:%Y%m%d}")
    for line in _END_OF_LINE.split(text):
        inside.take(line.strip("\x00 \t"), found)
    if inside.path:
        if "VEVENT" in inside.path:
            raise CalendarCutOff(name=name)
        if inside.path != ["VCALENDAR"]:
            raise NotACalendar(name=name)
    return found


def _decoded(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        content = content.decode("utf-16", errors="replace").encode()
    # Before it is decoded: a line may be folded in the middle of a letter.
    content = _FOLD.sub(b"", content)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


class _Inside:
    """Where in the file we are: the parts that have begun, and those lines of the innermost one that counts."""

    def __init__(self, since: str) -> None:
        self._since = since
        self.path: list[str] = []
        self._lines: list[str] = []
        self._counts: dict[str, int] = {}
        self._deeper = 0
        self._lists = 0

    def take(self, line: str, found: Lines) -> None:
        match = _NAME.match(line)
        if match is None:
            return
        name = match[0].upper()
        if name == "BEGIN":
            self._begin(line[6:].strip().upper())
        elif name == "END":
            self._end(line[4:].strip().upper(), found)
        elif not self._deeper:
            self._keep(name, line, found)

    def _begin(self, part: str) -> None:
        known = (
            (not self.path and part == "VCALENDAR")
            or (self.path == ["VCALENDAR"] and part in ("VEVENT", "VTIMEZONE"))
            or (self.path[1:] == ["VTIMEZONE"] and part in ("STANDARD", "DAYLIGHT"))
        )
        if self._deeper or not known:
            self._deeper += 1  # a reminder in an event, a to-do, or nonsense
            return
        self.path.append(part)
        if part in ("VEVENT", "VTIMEZONE"):
            self._lines, self._counts = [], {}
        elif part != "VCALENDAR":
            self._keep_counted(part, f"BEGIN:{part}", 0)

    def _end(self, part: str, found: Lines) -> None:
        if self._deeper:
            self._deeper -= 1
            return
        if not self.path or self.path[-1] != part:
            return
        self.path.pop()
        if part == "VEVENT":
            if self._is_over():
                return
            if len(found.events) < _EVENTS:
                found.events.append(self._lines)
            else:
                found.too_many = True
        elif part == "VTIMEZONE":
            if len(found.zones) < _ZONES:
                found.zones.setdefault(value(self._lines, "TZID"), self._lines)
        elif part != "VCALENDAR":
            self._lines.append(f"END:{part}")

    def _is_over(self) -> bool:
        if self._counts.keys() & {"RRULE", "RDATE", "RECURRENCE-ID"}:
            return False
        began = value(self._lines, "DTSTART")[:8]
        return began.isdecimal() and began < self._since

    def _keep(self, name: str, line: str, found: Lines) -> None:
        if self.path == ["VCALENDAR"] and name in _HEADER:
            found.header.setdefault(name, line.partition(":")[2].strip()[:_LINE])
        elif self.path[1:] == ["VEVENT"] and name in _WANTED:
            if name in _LISTS:
                self._lists += len(line)
                if len(line) > _LIST or self._lists > _ALL_LISTS:
                    line = TOO_LONG
            self._keep_counted(name, line, _LIST if name in _LISTS else _LINE)
        elif self.path[1:2] == ["VTIMEZONE"] and name in _OF_ZONES:
            self._keep_counted("", line, _LINE)

    def _keep_counted(self, name: str, line: str, limit: int) -> None:
        self._counts[name] = self._counts.get(name, 0) + 1
        if self._counts[name] <= _REPEATED:
            self._lines.append(line[:limit] if limit else line)
        elif name in _LISTS:
            self._lines.append(TOO_LONG)


def value(lines: Sequence[str], name: str) -> str:
    """Of the first line of that name; empty where there is none."""
    for line in lines:
        if line[: len(name)].upper() == name and line[len(name) : len(name) + 1] in (":", ";"):
            return line.partition(":")[2].strip()[:_LINE]
    return ""
