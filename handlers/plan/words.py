"""A target in plain words: `set Dana's target to $1.2M for 2026`, `raise Omar's target by 50k from July because …`.

Read before the transaction, so without the names of people: whom the words mean is looked up later.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from handlers.conversation.company import Company
from handlers.conversation.request import Basis
from handlers.language.amounts import amount_at, dollar_of
from handlers.language.dates import MONTHS
from handlers.numbers.periods import FiscalCalendar, Length
from handlers.numbers.spans import shifted
from handlers.plan import measures

_UP: Final = frozenset(("raise", "increase", "lift", "bump", "up"))
_DOWN: Final = frozenset(("lower", "reduce", "cut", "decrease", "drop", "relieve"))
_SET: Final = frozenset(("set", "make", "put", "give"))
_ADJUST: Final = frozenset(("adjust", "change"))
_ASK: Final = frozenset(("ask",))
VERBS: Final = _UP | _DOWN | _SET | _ADJUST | _ASK
_TARGET = re.compile(r"\b(?:target|quota)s?\b", re.I)
_REASON = re.compile(r"[,;]?\s*\b(?:because of|because|due to|reason:?)\s+(?P<reason>.+)\Z", re.I | re.S)
_FROM = re.compile(
    r"\b(?:from|starting|as of|effective|beginning)\s+(?:in\s+)?"
    r"(?P<month>[a-z]{3,9}\.?|q[1-4]|(?:this|next)\s+(?:month|quarter|year))(?:\s+(?P<year>20\d\d))?(?:\s+on(?:wards)?)?\b",
    re.I,
)
_YEAR = re.compile(r"\b(?:for|in|of)?\s*(?:fy\s?|fiscal\s)?(?P<year>20\d\d)\b", re.I)
_SHORT_YEAR = re.compile(r"\b(?:for|in)?\s*fy\s?(?P<year>\d\d)\b", re.I)
_NAMED_YEAR = re.compile(r"\b(?:for|in)?\s*(?P<which>this|next)\s+year\b", re.I)
_CUE = re.compile(r"\b(?P<cue>to|by|at|of|=)\s+\Z", re.I)
_WORDY = re.compile(r"[^\s,;]+")
MOST_WORDS = 4
"""Of a name: a sentence with more besides is about something else."""
_OTHERWISE: Final = frozenset(
    (
        "with",
        "about",
        "on",
        "up",
        "that",
        "it",
        "is",
        "and",
        "or",
        "sure",
        "issue",
        "meeting",
        "call",
        "note",
        "against",
    )
)
"""Words that no name has: `set up a meeting on target pricing` sets none."""
_ASKED: Final = frozenset(("input", "figure", "own", "on", "her", "his", "their"))
"""Of `ask Dana for input on her target`."""
_EMPTY: Final = frozenset(("the", "a", "an", "for", "in", "of", "to", "by", "at", "year", "full", "annual", "yearly"))


@dataclass(frozen=True, slots=True)
class Words:
    """What was read. `values` are fields of the form `action` (set, adjust, ask); `whole`: nothing is missing but the
    names' meaning; `sure`: said of a target, so that it is meant for this command wherever it was said."""

    action: str
    values: dict[str, str] = field(default_factory=dict)
    whole: bool = False
    sure: bool = False


def read(text: str, basis: Basis, company: Company) -> Words | None:
    """The sentence as a form's fields; None where it begins with none of VERBS."""
    said = " ".join(text.split()).rstrip(".!")
    said = re.sub(r"\A(?:please|pls|can you|could you)\s+", "", said, flags=re.I)
    verb = said.split(" ", 1)[0].lower() if said else ""
    if verb not in VERBS:
        return None
    rest = said[len(verb) :].strip()
    values: dict[str, str] = {}
    if match := _REASON.search(rest):
        values["reason"] = match["reason"].strip()
        rest = rest[: match.start()]
    rest, month = _cut_month(rest, basis, company)
    rest, cue, amount = _cut_amount(rest, company)
    rest, year = _cut_year(rest, basis, company)
    who, measure = _who(rest, company, _ASKED if verb in _ASK else frozenset())
    sure = bool(_TARGET.search(rest)) and len(who.split()) <= MOST_WORDS and not _OTHERWISE & set(who.lower().split())
    values |= {"who": who} if who else {}
    values |= {"measure": measure} if measure else {}
    values |= {"amount": amount} if amount else {}
    if verb in _ASK:
        return Words("ask", {**values, **_year_of(year)}, sure=sure and " input" in f" {said.lower()}")
    action = "set" if verb in _SET and cue != "by" else "adjust"
    if verb in _ADJUST and month is None and "reason" not in values and cue == "to":
        action = "set"
    if action == "set":
        values |= _year_of(year or (_fiscal(company).year_of(month) if month else None))
        return Words("set", values, whole=bool(who and amount), sure=sure)
    how = "to" if cue == "to" else "less" if verb in _DOWN else "more"
    values["how"] = how
    values |= {"from": month.isoformat()} if month else {}
    whole = bool(who and amount and month and values.get("reason"))
    return Words("adjust", values, whole=whole and verb not in _ADJUST | {"relieve"}, sure=sure)


def year_in(text: str, basis: Basis, company: Company) -> tuple[str, int | None]:
    """`East 2027`, `next year`: the words without the year, and the fiscal year."""
    return _cut_year(text, basis, company)


def _fiscal(company: Company) -> FiscalCalendar:
    return FiscalCalendar(company.fiscal_year_start)


def _year_of(year: int | None) -> dict[str, str]:
    return {"year": str(year)} if year else {}


def _cut_amount(text: str, company: Company) -> tuple[str, str, str]:
    """The text without its amount, the word before that (`to`, `by`), and the amount as typed."""
    for match in _WORDY.finditer(text):
        found = amount_at(text, match.start(), dollar_of(company.currency))
        if found is None:
            continue
        before = text[: match.start()]
        cue = _CUE.search(before)
        plain_year = re.fullmatch(r"20\d\d", text[match.start() : found.stop].strip()) is not None
        if (plain_year and not cue) or not (cue or found.grouped or found.value >= 1000):
            continue
        before = before[: cue.start()] if cue else before
        return (
            f"{before} {text[found.stop :]}",
            cue["cue"].lower() if cue else "",
            text[match.start() : found.stop].strip(),
        )
    return text, "", ""


def _cut_month(text: str, basis: Basis, company: Company) -> tuple[str, date | None]:
    match = _FROM.search(text)
    if match is None:
        return text, None
    month = _month(match["month"].lower().rstrip("."), match["year"], basis.now.date(), _fiscal(company))
    return (text, None) if month is None else (f"{text[: match.start()]} {text[match.end() :]}", month)


def _month(word: str, year: str | None, today: date, fiscal: FiscalCalendar) -> date | None:
    """The first month meant: one of this fiscal year, unless a year is said."""
    now = fiscal.year_of(today)
    if word.startswith(("this ", "next ")):
        length = Length(word.split()[1])
        span = fiscal.holding(length, today)
        return shifted(span.first, length.months) if word.startswith("next") else span.first
    if len(word) == 2 and word[0] == "q":
        return fiscal.part(Length.QUARTER, int(year) if year else now, int(word[1])).first
    number = MONTHS.get(word)
    if number is None:
        return None
    if year:
        return date(int(year), number, 1)
    first = fiscal.year(now).first
    return next(month for month in (shifted(first, step) for step in range(12)) if month.month == number)


def _cut_year(text: str, basis: Basis, company: Company) -> tuple[str, int | None]:
    now = _fiscal(company).year_of(basis.now.date())
    for pattern in (_YEAR, _SHORT_YEAR, _NAMED_YEAR):
        if match := pattern.search(text):
            found = match.groupdict()
            if which := found.get("which"):
                year = now + (which.lower() == "next")
            else:
                year = int(found["year"]) + (2000 if len(found["year"]) == 2 else 0)
            return f"{text[: match.start()]} {text[match.end() :]}", year
    return text, None


def _who(text: str, company: Company, dropped: frozenset[str] = frozenset()) -> tuple[str, str]:
    """The name, and the measure that stands beside it."""
    words = re.sub(r"['’`]s\b|(?<=s)['’`](?=\s|\Z)", "", _TARGET.sub(" ", text)).replace(",", " ").split()
    words = [word for word in words if word.lower() not in _EMPTY and word.lower() not in dropped]
    for length in (2, 1):
        for at in range(len(words) - length + 1):
            measure = measures.named(" ".join(words[at : at + length]), company)
            if measure is not None:
                return " ".join(words[:at] + words[at + length :]), measure
    return " ".join(words), ""
