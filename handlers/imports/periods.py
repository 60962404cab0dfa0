"""A span as a plan writes it: `Jan 2026`, `2026-01`, `Q1 2026`, `FY2027 Q3`, `2026`, or a day in a month."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from handlers.imports.dates import MONTHS

_MONTH: Final = "|".join(sorted(MONTHS, key=len, reverse=True))
_YEAR: Final = r"(?P<fy>fy\s?)?'?(?P<y>20\d{2}|\d{2})"
_FORMS: Final = tuple(
    re.compile(form, re.I)
    for form in (
        rf"(?P<mon>{_MONTH})\.?[\s\-/,'_]*(?:{_YEAR})?",
        rf"{_YEAR}[\s\-/_]*(?P<mon>{_MONTH})",
        r"(?P<y>20\d{2})[\-/._ ]?m?(?P<m>0?[1-9]|1[0-2])",
        r"m?(?P<m>0?[1-9]|1[0-2])[\-/._ ](?P<y>20\d{2})",
        r"m(?:onth)?\s?(?P<m>0?[1-9]|1[0-2])",
        rf"q(?:uarter|tr)?\s?(?P<q>[1-4])[\s\-/,'_]*(?:{_YEAR})?",
        rf"(?P<q>[1-4])\s?q[\s\-/,'_]*(?:{_YEAR})?",
        rf"{_YEAR}[\s\-/,_]*q(?:uarter|tr)?\s?(?P<q>[1-4])",
        r"(?P<fy>fy\s?)'?(?P<y>20\d{2}|\d{2})",
        r"(?P<y>20\d{2})(?P<fy>\s?fy)?",
        r"(?P<fy>fiscal year|fy) (?P<y>20\d{2})",
    )
)
_EXTRA: Final = re.compile(
    r"^(?:quota|target|goal|plan|budget|sales target|bookings?)\s+|\s+(?:quota|target|goal|plan|budget|bookings?)$",
    re.I,
)
_DAY: Final = re.compile(r"(20\d{2})-(\d{2})-\d{2}(?:[ T].*)?")


class Span(msgspec.Struct, frozen=True):
    """A month, a quarter or a year as written. `year` is 0 where none was; `fiscal` where the year was called so."""

    year: int = 0
    quarter: int = 0
    month: int = 0
    fiscal: bool = False

    def words(self) -> str:
        """For a sentence: `March 2026`."""
        part = f"{_NAMES[self.month]} " if self.month else f"Q{self.quarter} " if self.quarter else ""
        return f"{part}{'FY' if self.fiscal else ''}{self.year or ''}".strip()


_NAMES: Final = {number: name.capitalize() for name, number in MONTHS.items()}


def span(text: str) -> Span | None:
    """The span that a cell or a header names; None if it names none."""
    text = _EXTRA.sub("", text.strip()).strip()
    if match := _DAY.fullmatch(text):
        return Span(int(match[1]), 0, int(match[2])) if 1 <= int(match[2]) <= 12 else None
    for form in _FORMS:
        if match := form.fullmatch(text):
            groups = match.groupdict()
            year = int(groups["y"]) if groups.get("y") else 0
            return Span(
                year + (2000 if 0 < year < 100 else 0),
                int(groups.get("q") or 0),
                MONTHS[groups["mon"].lower()] if groups.get("mon") else int(groups.get("m") or 0),
                bool(groups.get("fy")),
            )
    return None
