"""A column of days: one way to write them for the whole column, found in it and never guessed.

Rules:
- A day is kept as written. A time beside it without a zone changes nothing.
- A time with a zone (`2026-04-03T23:30:00Z`) is an instant; its day is the one in the company's zone. If every
  instant of the column is a midnight in its own zone, they are days that some system wrote as instants: not shifted.
- `3/4/2026` is a day in one of two orders. One row of the column that can only be read in one of them decides for all;
  rows that decide differently, or none that decides, are a question (`--date-order`).
- Two-digit years: 00 to 69 are 2000 to 2069, the others 1970 to 1999.
- A bare number of five digits is a spreadsheet's day count since 1899-12-30; one of 10 or 13 digits seconds or
  milliseconds since 1970.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Final, Literal

import msgspec

Order = Literal["mdy", "dmy", "ymd"]
ORDERS: Final[dict[Order, str]] = {"mdy": "month first", "dmy": "day first", "ymd": "year first"}

MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            *("jan january", "feb february", "mar march", "apr april", "may", "jun june", "jul july", "aug august"),
            *("sep sept september", "oct october", "nov november", "dec december"),
        ),
        1,
    )
    for name in names.split()
}
_MONTH: Final = "|".join(sorted(MONTHS, key=len, reverse=True))
_CLOCK: Final = (
    r"(?:(?:T|,?\s+|\s+at\s+)(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d{1,9})?)?"
    r"\s*(?P<half>[ap]\.?m\.?)?\s*(?P<zone>Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?(?:\s*\(?[A-Z]{2,5}\)?)?)?"
)
_WEEKDAY: Final = r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\.?,?\s+)?"
_FORMS: Final = tuple(
    re.compile(rf"{_WEEKDAY}{form}{_CLOCK}", re.I)
    for form in (
        r"(?P<y>\d{4})([-/.])(?P<m>\d{1,2})\2(?P<d>\d{1,2})",
        r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})",
        r"(?P<a>\d{1,2})\s?([-/.])\s?(?P<b>\d{1,2})\s?\2\s?(?P<c>\d{4}|\d{2})",
        rf"(?P<d>\d{{1,2}})(?:st|nd|rd|th)?[-/.,\s]*(?:of\s+)?(?P<mon>{_MONTH})[-/.,'\s]*(?P<y>\d{{4}}|\d{{2}})",
        rf"(?P<mon>{_MONTH})[-/.\s]*(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?:\s*,\s*|\s+|[-/.])(?P<y>\d{{4}}|\d{{2}})",
        rf"(?P<y>\d{{4}})[-/.\s](?P<mon>{_MONTH})[-/.\s](?P<d>\d{{1,2}})",
    )
)
_COUNT: Final = re.compile(r"\d{5}(?:\.\d+)?")
_EPOCH: Final = re.compile(r"\d{10}(?:\d{3})?")
_MONTH_ONLY: Final = re.compile(
    rf"(?:{_MONTH})\W*\d{{2,4}}|\d{{4}}[-/]\d{{1,2}}|(?:\d{{4}}\W?)?q[1-4](?:\W?\d{{2,4}})?", re.I
)
_BEGINNING: Final = date(1899, 12, 30)


class Written(msgspec.Struct, frozen=True):
    """What one cell says: a day, or three numbers whose order is open; and an instant if there is one."""

    day: date | None = None
    parts: tuple[int, int, str] | None = None
    clock: time | None = None
    zone: tzinfo | None = None

    def in_order(self, order: Order) -> date | None:
        """The day if the numbers are in that order; None if there is no such day."""
        if self.parts is None:
            return self.day
        first, second, third = self.parts
        match order:
            case "mdy":
                return _date(_year(third), first, second)
            case "dmy":
                return _date(_year(third), second, first)
            case "ymd":
                return _date(_year(f"{first:02}"), second, int(third)) if len(third) == 2 else None


class Problem(msgspec.Struct, frozen=True):
    """A column that has to be asked about."""

    sentence: str
    contradiction: bool


class DayColumn:
    """Looks at every cell of a column first (`add`), decides once (`decide`), then reads (`read`)."""

    def __init__(self, title: str, zone: tzinfo) -> None:
        self.title = title
        self.order: Order | None = None
        self.note = ""
        self.open = 0
        """How many cells could be read in two orders."""
        self._zone = zone
        self._example: tuple[int, str] | None = None
        self._decided: dict[Order, tuple[int, str]] = {}
        self._midnights = self._instants = False
        self._all_midnight = True
        self.marks: set[str] = set()

    def add(self, row: int, cell: str) -> None:
        """Look at a cell that is not blank."""
        written = written_day(cell)
        if written is None:
            return
        if written.zone is not None and written.clock is not None:
            self._instants = True
            self._all_midnight = self._all_midnight and written.clock == time(0)
        if written.parts is None:
            return
        first, second, third = written.parts
        self.marks.add(next((sign for sign in cell if sign in "-/."), ""))
        month_first, day_first = written.in_order("mdy"), written.in_order("dmy")
        if month_first and day_first:
            if first != second:
                self.open += 1
                self._example = self._example or (row, cell)
        elif month_first:
            self._decided.setdefault("mdy", (row, cell))
        elif day_first:
            self._decided.setdefault("dmy", (row, cell))
        elif len(third) == 2 and written.in_order("ymd"):
            self._decided.setdefault("ymd", (row, cell))

    @property
    def found(self) -> Order | None:
        """The one order that the column itself tells."""
        return next(iter(self._decided)) if len(self._decided) == 1 else None

    def decide(self, asked: Order | None, likely: Order | None = None) -> Problem | None:
        """Settle the order. `likely` is that of a column beside it that is written the same way."""
        if self._instants and self._all_midnight:
            self.note = f"“{self.title}” holds midnights only, so they are days and no zone moves them."
        if asked is not None:
            self.order = asked
            return None
        if len(self._decided) > 1:
            (one, (row, cell)), (other, (row_b, cell_b)) = list(self._decided.items())[:2]
            return Problem(
                f"“{self.title}” mixes two orders: row {row} ({cell}) can only be {ORDERS[one]}, row {row_b} "
                f"({cell_b}) only {ORDERS[other]}. Say which holds with --date-order {one} or --date-order {other}; "
                "rows of the other are left out.",
                contradiction=True,
            )
        self.order = self.found
        if self.order is not None and self.open:
            row, cell = self._decided[self.order]
            self.note = f"“{self.title}” is {ORDERS[self.order]}, as row {row} ({cell}) shows."
        if self.order is None and self.open and self._example:
            row, cell = self._example
            if likely is None:
                more = f", like {self.open - 1:,} more" if self.open > 1 else ""
                return Problem(
                    f"“{self.title}” could be month first or day first: row {row} ({cell}) fits both{more}, and no row "
                    "decides. Say --date-order mdy or --date-order dmy.",
                    contradiction=False,
                )
            self.order = likely
            self.note = (
                f"“{self.title}” is read {ORDERS[likely]}, like the dates beside it that are written the same way."
            )
        return None

    def read(self, cell: str) -> date:
        """The day. Raises ValueError with the reason, a sentence."""
        written = written_day(cell)
        if written is None:
            raise ValueError(_why(cell))
        if written.parts is not None:
            order = self.order or "dmy"  # nothing is open then: the two numbers are the same
            found = written.in_order(order)
            if found is None:
                raise ValueError(f"“{cell}” is no day when read {ORDERS[order]}, as the column is.")
        else:
            found = written.day
            if found is None:
                raise ValueError(f"“{cell}” is a day that does not exist.")
        if written.zone is None or written.clock is None or self._all_midnight:
            return found
        try:
            return datetime.combine(found, written.clock, written.zone).astimezone(self._zone).date()
        except OverflowError:
            return found


@lru_cache(maxsize=8192)
def written_day(cell: str) -> Written | None:
    """What a cell says of a day, in any known form; None if it says nothing of the kind."""
    cell = cell.strip().strip("'").replace("\u00a0", " ").replace("\u202f", " ")
    if len(cell) > 60:
        return None
    if _COUNT.fullmatch(cell):
        return Written(_BEGINNING + timedelta(days=int(float(cell))))
    if _EPOCH.fullmatch(cell):
        moment = datetime.fromtimestamp(int(cell[:10]), UTC)
        return Written(moment.date(), None, moment.time(), UTC)
    for form in _FORMS:
        if match := form.fullmatch(cell):
            break
    else:
        return None
    groups = match.groupdict()
    clock = _clock(groups)
    if groups["hour"] and clock is None:
        return None
    zone = _zone(groups["zone"])
    if groups.get("a"):
        return Written(None, (int(groups["a"]), int(groups["b"]), groups["c"]), clock, zone)
    month = int(groups["m"]) if groups.get("m") else MONTHS[groups["mon"].lower()]
    return Written(_date(_year(groups["y"]), month, int(groups["d"])), None, clock, zone)


def _clock(groups: dict[str, str | None]) -> time | None:
    if not groups["hour"]:
        return None
    hour = int(groups["hour"])
    if groups["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if groups["half"][0] in "pP" else 0)
    try:
        return time(hour, int(groups["minute"] or 0), int(groups["second"] or 0))
    except ValueError:
        return None


def _zone(written: str | None) -> tzinfo | None:
    if not written:
        return None
    if written[0] not in "+-":
        return UTC
    digits = written[1:].replace(":", "")
    shift = timedelta(hours=int(digits[:2]), minutes=int(digits[2:] or 0))
    return timezone(shift if written[0] == "+" else -shift) if shift < timedelta(hours=24) else None


def _year(written: str) -> int:
    year = int(written)
    return year if len(written) == 4 else year + (2000 if year < 70 else 1900)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _why(cell: str) -> str:
    if re.fullmatch(
        rf"(?:{_MONTH})\W*\d{{2,4}}|\d{{4}}[-/]\d{{1,2}}|(?:\d{{4}}\W?)?q[1-4](?:\W?\d{{2,4}})?", cell.strip(), re.I
    ):
        return f"“{cell}” names no day. Write the day too, as in 2026-03-31."
    return f"“{cell}” is no date that I know. Write it as 2026-03-31."
