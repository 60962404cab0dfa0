"""How a meeting repeats, in people's words: read out of a line, and said again."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from handlers.conversation.wording import Days, listed
from handlers.language.dates import WEEKDAYS as DAY_WORDS
from handlers.meetings.recurrence import NthDay, Often, Recurrence
from handlers.schedules.rule import WEEKDAYS

_NTHS: Final = {
    **{word: nth for nth, words in enumerate(("first 1st", "second 2nd", "third 3rd", "fourth 4th", "fifth 5th"), 1)
       for word in words.split()},
    "last": -1,
}  # fmt: skip
_COUNTS: Final = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "eight": 8}
_DAY: Final = rf"(?:{'|'.join(sorted(DAY_WORDS, key=len, reverse=True))})"
_JOINT: Final = r"(?:\s*,\s*(?:and\s+)?|\s+and\s+|\s*&\s*|\s*/\s*)"
_DAYS: Final = rf"(?P<days>{_DAY}s?(?:{_JOINT}{_DAY}s?)*)"
_PLURAL_DAYS: Final = rf"(?P<days>{_DAY}s(?:{_JOINT}{_DAY}s)*)"
_COUNT: Final = rf"(?P<count>\d{{1,2}}|{'|'.join(_COUNTS)})"
_NTH: Final = rf"(?P<nth>{'|'.join(_NTHS)})"
_MONTH: Final = r"(?:of|in)\s+(?:the|each|every|a)\s+month"
_EVERY: Final = r"(?:every|each)"
_END: Final = r"(?![^\W_])"
_SHAPES: Final = tuple(
    (re.compile(rf"(?:{shape}){_END}", re.I), kind)
    for shape, kind in (
        (rf"{_EVERY}\s+(?:working\s*day|workday|weekday|business\s+day)|on\s+(?:working\s*days|weekdays)", "working"),
        (rf"{_EVERY}\s+day|daily", "daily"),
        (rf"(?:{_EVERY}\s+|the\s+)?{_NTH}\s+(?:working|business)\s+day\s+{_MONTH}", "nth working"),
        (rf"(?:{_EVERY}\s+|the\s+)?{_NTH}\s+(?P<day>{_DAY})\s+{_MONTH}", "nth"),
        (rf"(?:monthly|{_EVERY}\s+month)\s+on\s+the\s+{_NTH}\s+(?P<day>{_DAY})", "nth"),
        (rf"(?:monthly|{_EVERY}\s+month)\s+on\s+the\s+(?P<date>\d{{1,2}})(?:st|nd|rd|th)?", "date"),
        (rf"(?:on\s+)?the\s+(?P<date>\d{{1,2}})(?:st|nd|rd|th)?\s+{_MONTH}", "date"),
        (rf"{_EVERY}\s+(?:other|second|2nd)\s+week(?:\s+on)?(?:\s+{_DAYS})?", "other"),
        (rf"{_EVERY}\s+(?:other|second|2nd)\s+{_DAYS}", "other"),
        (rf"(?:bi-?weekly|fortnightly|{_EVERY}\s+fortnight)(?:\s+on)?(?:\s+{_DAYS})?", "other"),
        (rf"{_EVERY}\s+{_COUNT}\s+weeks?(?:\s+on)?(?:\s+{_DAYS})?", "counted"),
        (rf"{_EVERY}\s+(?P<nth>third|fourth|3rd|4th)\s+{_DAYS}", "counted"),
        (rf"{_EVERY}\s+{_DAYS}", "weekly"),
        (rf"(?:weekly|{_EVERY}\s+week)(?:\s+on)?(?:\s+{_DAYS})?", "weekly"),
        (rf"(?:on\s+)?{_PLURAL_DAYS}", "weekly"),
        (rf"monthly|{_EVERY}\s+month", "monthly"),
        (rf"(?:{_EVERY}\s+|the\s+)?{_NTH}\s+(?P<day>{_DAY})\s+monthly", "nth"),
    )
)
ADJECTIVES: Final = frozenset(("daily", "weekly", "biweekly", "bi-weekly", "fortnightly", "monthly"))
"""Said alone, these belong to the meeting's name too: *weekly sync*."""


@dataclass(frozen=True, slots=True)
class Repeats:
    """A phrase of repetition: the rule, where it ends in the text, and whether a day must still say which."""

    rule: Recurrence
    end: int
    open: bool = False
    adjective: bool = False


def repeats_at(text: str, start: int) -> Repeats | None:
    """The phrase that begins at this offset, if one does."""
    for shape, kind in _SHAPES:
        match = shape.match(text, start)
        if match is not None:
            rule = _rule(kind, match)
            if rule is not None:
                unsaid = rule.often in (Often.WEEKLY, Often.MONTHLY) and not (rule.weekdays or rule.month_days)
                return Repeats(rule, match.end(), unsaid, match[0].casefold() in ADJECTIVES)
    return None


def _rule(kind: str, match: re.Match[str]) -> Recurrence | None:
    said = match.groupdict()
    days = tuple(NthDay(one) for one in _days(said.get("days") or ""))
    match kind:
        case "working":
            return Recurrence(often=Often.WEEKLY, weekdays=tuple(NthDay(one) for one in range(5)))
        case "daily":
            # A daily meeting at work is one of the working week.
            week = 5 if match[0].casefold() == "daily" else 7
            return Recurrence(often=Often.WEEKLY, weekdays=tuple(NthDay(one) for one in range(week)))
        case "nth":
            return Recurrence(often=Often.MONTHLY, weekdays=(NthDay(_day(said["day"]), _NTHS[said["nth"].casefold()]),))
        case "nth working":
            nth = _NTHS[said["nth"].casefold()]
            return Recurrence(often=Often.MONTHLY, weekdays=tuple(NthDay(one) for one in range(5)), places=(nth,))
        case "date":
            number = int(said["date"])
            return Recurrence(often=Often.MONTHLY, month_days=(number,)) if 1 <= number <= 31 else None
        case "other":
            return Recurrence(often=Often.WEEKLY, every=2, weekdays=days)
        case "counted":
            word = (said.get("count") or said.get("nth") or "").casefold()
            every = _COUNTS.get(word) or _NTHS.get(word) or int(word)
            return Recurrence(often=Often.WEEKLY, every=every, weekdays=days) if every else None
        case "monthly":
            return Recurrence(often=Often.MONTHLY)
        case _:
            return Recurrence(often=Often.WEEKLY, weekdays=days)


def _day(said: str) -> int:
    said = said.casefold()
    return DAY_WORDS[said] if said in DAY_WORDS else DAY_WORDS[said.removesuffix("s")]


def _days(said: str) -> list[int]:
    found = {_day(one) for one in re.findall(rf"{_DAY}s?", said, re.I)}
    return sorted(found)


def on_day_of(rule: Recurrence, day: date) -> Recurrence:
    """A rule that does not say which day of the week or month, made definite by a day of its own."""
    if rule.often is Often.WEEKLY:
        return Recurrence(often=rule.often, every=rule.every, weekdays=(NthDay(day.weekday()),))
    nth = (day.day - 1) // 7 + 1
    return Recurrence(often=rule.often, every=rule.every, weekdays=(NthDay(day.weekday(), nth if nth < 5 else -1),))


def words(rule: Recurrence, first: date, days: Days) -> str:
    """`every Monday and Thursday until Fri 18 Dec`, `first Monday of the month, 6 times`."""
    often = _often(rule, first)
    if rule.until is not None:
        return f"{often} until {days.on(rule.until)}"
    return f"{often}, {rule.count} times" if rule.count is not None else often


def _often(rule: Recurrence, first: date) -> str:
    plain = tuple(one.weekday for one in rule.weekdays if not one.nth)
    each = "every" if rule.every == 1 else f"every {rule.every}"
    if rule.often is Often.DAILY:
        return "every day" if rule.every == 1 else f"{each} days"
    if rule.often is Often.WEEKLY:
        on = tuple(sorted(plain)) or (first.weekday(),)
        if rule.every == 1 and on == tuple(range(5)):
            return "every working day"
        if rule.every == 1 and on == tuple(range(7)):
            return "every day"
        names = listed([WEEKDAYS[one] for one in on])
        return f"every {names}" if rule.every == 1 else f"{each} weeks on {names}"
    if rule.often is Often.YEARLY:
        return "every year" if rule.every == 1 else f"{each} years"
    month = "the month" if rule.every == 1 else f"{each} months"
    if rule.places and plain == tuple(range(5)) and len(rule.places) == 1:
        return f"{_ordinal(rule.places[0])} working day of {month}"
    if rule.places or len(rule.weekdays) > 1 or (rule.weekdays and not rule.weekdays[0].nth):
        return "every month" if rule.every == 1 else f"{each} months"
    if rule.weekdays:
        one = rule.weekdays[0]
        return f"{_ordinal(one.nth)} {WEEKDAYS[one.weekday]} of {month}"
    on_days = [f"day {one}" if one > 0 else "the last day" for one in rule.month_days or (first.day,)]
    return f"{listed(on_days)} of {month}"


def _ordinal(nth: int) -> str:
    if nth < 0:
        return "last" if nth == -1 else f"{_ordinal(-nth)} to last"
    return {1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth"}.get(nth, f"{nth}th")
