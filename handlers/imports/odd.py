"""What looked odd and was read all the same: counted, with the first rows of each kind."""

from __future__ import annotations

from collections import Counter
from typing import Final

import msgspec

from handlers.imports.match import Names, look_alike
from storage.accounts import folded

_EXAMPLES: Final = 5
_WORDS: Final = 50
_SHOWN: Final = 3
"""Names of a kind that are written out; the others are counted, so that they do not bury what matters."""

SENTENCES: Final = {
    "no_account": "{n} without an account.",
    "no_owner": "{n} without an owner.",
    "no_stage": "{n} without a stage, read as open.",
    "stage_against_status": "{n} whose stage and status disagree; the one that says won or lost was taken.",
    "open_no_amount": "{n} open without an amount.",
    "open_no_close": "{n} open without a close date.",
    "won_no_amount": "{n} won without an amount.",
    "closed_zero": "{n} closed with the value 0.",
    "closed_no_date": "{n} closed without the day, so they count in no period.",
    "repeated_id": "{n} repeat the id of a row above.",
    "close_before_created": "{n} closed before they began.",
    "won_in_future": "{n} won on a day that is still to come.",
    "no_email": "{n} without an e-mail address, so nobody in chat is linked to them.",
    "ends_before_start": "{n} whose last day is before the first.",
    "own_manager": "{n} are their own manager.",
    "repeated_name": "{n} repeat a name of a row above.",
    "repeated_rate": "{n} repeat the currency and year of a row above; the last one holds.",
    "repeated_target": "{n} repeat the person, measure and span of a row above.",
    "no_target": "{n} without any target.",
    "no_currency": "{n} whose amount says no currency where others of its column do, read in the plan's.",
    "negative": "{n} with a negative amount.",
}


class Oddity(msgspec.Struct, frozen=True):
    """One thing that looked odd."""

    code: str
    sentence: str
    count: int
    rows: tuple[int, ...] = ()
    """The first few, as a spreadsheet numbers them."""


class Odd:
    """Collects while the rows go by."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._rows: dict[str, list[int]] = {}
        self._words: dict[str, Counter[str]] = {}
        self._pending: list[tuple[str, str, int]] = []

    def note(self, code: str, row: int) -> None:
        """One more row of that kind, once it is kept."""
        self._pending.append((code, "", row))

    def word(self, code: str, word: str, row: int) -> None:
        """One more row with a word that was not understood: a stage, a type."""
        self._pending.append((code, word, row))

    def settle(self, *, kept: bool) -> None:
        """The row is through: what was noted of it counts, unless it is left out."""
        for code, word, row in self._pending if kept else ():
            if word:
                self._word(code, word, row)
            else:
                self._note(code, row)
        self._pending.clear()

    def _note(self, code: str, row: int) -> None:
        self._counts[code] += 1
        rows = self._rows.setdefault(code, [])
        if len(rows) < _EXAMPLES:
            rows.append(row)

    def _word(self, code: str, word: str, row: int) -> None:
        words = self._words.setdefault(code, Counter())
        if word in words or len(words) < _WORDS:
            words[word] += 1
        self._note(code, row)

    def found(self) -> list[Oddity]:
        """What was counted, the most frequent first."""
        found = []
        for code, count in self._counts.most_common():
            rows = tuple(self._rows[code])
            if code in self._words:
                named = ", ".join(f"“{word}” ({counted(number)})" for word, number in self._words[code].most_common(8))
                what = {
                    "stage": "no stage of your settings, read as open",
                    "status": "no status that I know, read as open",
                    "type": "no deal type that I know, left empty",
                    "forecast": "no forecast call that I know, left empty",
                }[code]
                found.append(Oddity(code, f"{named}: {what}.", count, rows))
            else:
                found.append(Oddity(code, SENTENCES[code].format(n=counted(count)), count, rows))
        return found


def of_names(names: Names, what: str) -> list[Oddity]:
    """Spellings that were joined, that fit several, and that look alike; `what` is `owner` or `account`."""
    taken, unsure = [], []
    for spelling in names.spellings.values():
        if len(spelling.taken_for) == 1:
            taken.append(f"“{spelling.written}” for “{spelling.taken_for[0]}”")
        else:
            several = " or ".join(f"“{name}”" for name in spelling.taken_for)
            unsure.append(f"“{spelling.written}” could be {several}")
    found = []
    if taken:
        one = f"The {what} {taken[0].replace(' for ', ' was taken for ', 1)}."
        many = f"{len(taken):,} {what}s were taken for known ones that are spelt a little otherwise: {_some(taken)}."
        found.append(Oddity(f"{what}_taken_for", one if len(taken) == 1 else many, len(taken)))
    if unsure:
        head = f"The {what}" if len(unsure) == 1 else f"{len(unsure):,} {what}s fit several known ones:"
        found.append(Oddity(f"{what}_unsure", f"{head} {_some(unsure)}: taken for none.", len(unsure)))
    found += _alike(names.unknown, what)
    if names.size and names.unknown:
        shown = ", ".join(f"“{name}” ({counted(count)})" for name, count in names.unknown.most_common(8))
        more = f" and {len(names.unknown) - 8:,} more" if len(names.unknown) > 8 else ""
        found.append(Oddity(f"unknown_{what}", f"Not known as {what}: {shown}{more}.", names.unknown.total()))
    return found


def _alike(unknown: Counter[str], what: str) -> list[Oddity]:
    """New names that are one but for capitals and spaces, which are one account; and others that look like one."""
    counts, ways = unknown, list[str]()
    if what == "account":
        by_key: dict[str, Counter[str]] = {}
        for name, count in unknown.items():
            by_key.setdefault(folded(name), Counter())[name] += count
        firsts = {key: spelt.most_common(1)[0][0] for key, spelt in by_key.items()}
        counts = Counter({firsts[key]: spelt.total() for key, spelt in by_key.items()})
        for spelt in by_key.values():
            if len(spelt) > 1:
                first, *others = (f"“{name}”" for name, _ in spelt.most_common(3))
                ways.append(f"{first} ({counted(spelt.total())}, also {' and '.join(others)})")
    found = []
    if ways:
        each = "an account is" if len(ways) == 1 else f"{len(ways):,} accounts are each"
        sentence = f"{each} one, though written with other capitals or spaces: {_some(ways)}."
        found.append(Oddity(f"{what}_spelling", sentence[0].upper() + sentence[1:], len(ways)))
    if pairs := look_alike(counts):
        named = [f"“{one}” ({counted(counts[one])}) and “{two}” ({counted(counts[two])})" for one, two in pairs]
        if len(named) == 1:
            sentence = f"The {what}s {named[0]} look like one; they were not joined."
        else:
            sentence = f"{len(named):,} pairs of {what}s look like one and were not joined: {_some(named)}."
        found.append(Oddity(f"{what}_look_alike", sentence, sum(counts[two] for _, two in pairs)))
    return found


def _some(named: list[str]) -> str:
    more = f"; and {len(named) - _SHOWN:,} more" if len(named) > _SHOWN else ""
    return "; ".join(named[:_SHOWN]) + more


def of_products(spellings: dict[str, Counter[str]], chosen: dict[str, str]) -> list[Oddity]:
    """Products that are spelt in several ways, and which of them holds."""
    found = []
    for key, counts in spellings.items():
        if len(counts) > 1 or chosen[key] not in counts:
            named = " and ".join(f"“{name}” ({counted(count)})" for name, count in counts.most_common(5))
            are = "are one product" if len(counts) > 1 else "is a product known in another spelling"
            sentence = f"{named} {are}: read as “{chosen[key]}”."
            found.append(Oddity("product_spelling", sentence, counts.total() - counts[chosen[key]]))
    return found


def counted(count: int) -> str:
    """`1 row`, `12 rows`."""
    return f"{count:,} row" if count == 1 else f"{count:,} rows"
