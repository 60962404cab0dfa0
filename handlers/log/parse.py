"""From the line after `/log` to what it says. Pure: no clock, no rows, no settings but those handed in.

The line is cut into tokens once; then every step takes the tokens it understands: tags and telephone numbers, known
names, the next step, the parts that are activities of their own, and in each the kind and its count, when, how long and
how much, who, and how it went. What nobody took is the note.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from itertools import pairwise
from typing import Final

from handlers.language.amounts import dollar_of
from handlers.language.dates import DateOrder, Reading
from handlers.language.mentions import scanned
from handlers.language.names import NameIndex
from handlers.language.scan import Mark, Scan
from handlers.language.tokens import Line
from handlers.language.vocabulary import MODIFIERS
from handlers.log.cut import Cutter
from handlers.log.entry import OUTCOMES, Entry, NextStep, Understood
from handlers.log.facts import Place, read_facts, shifted_to_future
from handlers.log.kinds import Kinds
from handlers.log.note import left_over
from handlers.log.part import Part
from handlers.log.people import Account, find_people
from handlers.log.vocabulary import DEFAULT, FILLERS, WINS, Vocabulary

__all__ = ["DEFAULT", "OUTCOMES", "Entry", "NextStep", "Understood", "Vocabulary", "parse"]

_LONGEST: Final = 4000
"""Characters read of a text; a chat's command is shorter."""
_GOVERNING: Final = frozenset(("to", "with", "w", "at", "for"))
_SOON: Final = 62
"""Days: `visit Acme dec 15` in November is a plan, not last year's visit."""


def parse(
    text: str,
    *,
    now: datetime,
    names: NameIndex,
    vocabulary: Vocabulary = DEFAULT,
    date_order: DateOrder = "mdy",
    currency: str = "USD",
) -> Understood:
    """What the line says. `now` is aware and in the person's own zone; `currency` is the company's: `$` is its dollar,
    if it has one. Never raises, whatever the text.
    """
    wall = now.replace(tzinfo=None)
    line = Line(text[:_LONGEST])
    reader = _Reader(scanned(line, names, vocabulary), Reading(wall, order=date_order), dollar_of(currency))
    return Understood(text, *reader.read())


class _Reader:
    def __init__(self, scan: Scan, reading: Reading, dollar: str) -> None:
        self.scan, self.reading, self.dollar = scan, reading, dollar
        self.line, self.words, self.marks = scan.line, scan.line.words, scan.marks
        self.kinds = Kinds(scan)

    def read(self) -> tuple[tuple[Entry, ...], bool, bool]:
        parts = Cutter(self.scan, self.reading, self.dollar, self.kinds).parts()
        for part in parts:
            self._understand(part)
        self._share(parts)
        win = self._is_win(parts)
        return tuple(entry for part in parts for entry in self._entries(part)), win, self._opens(parts[0])

    def _understand(self, part: Part) -> None:
        self.kinds.find(part)
        self.kinds.find_outcome(part)
        reading = replace(self.reading, future=True) if part.future else self.reading
        kind_at = part.kind.start if part.kind else -1
        place = Place(part.start, part.stop, kind_at, part.kind_name, booking=part.booking)
        part.facts = read_facts(self.scan, place, reading, self.dollar)
        if self._is_plan(part):
            part.facts = shifted_to_future(part.facts)
        part.people = find_people(self.scan, place)

    def _is_plan(self, part: Part) -> bool:
        """A day without a year that is long past and soon to come, and no past tense: `visit Acme dec 15`."""
        day = part.facts.day
        if day is None or day.coming is None or day.other is not None or part.kind is None:
            return False
        today = self.reading.today
        verb = part.kind.phrase.words[0]
        past = verb.endswith("ed") or verb in (
            "met",
            "rang",
            "spoke",
            "demod",
            "left",
            "sat",
            "caught",
            "went",
            "wrote",
            "had",
        )
        past = (
            past
            or part.outcome is not None
            or any(w in ("had", "did", "was", "sent") for w in self.words[part.start : part.stop])
        )
        return not past and (today - day.day).days > 180 and 0 < (day.coming - today).days <= _SOON

    def _share(self, parts: list[Part]) -> None:
        """What is said once of several joined activities holds for each: the account, the day."""
        for earlier, later in pairwise(parts):
            one = later.joined == "and" and len(earlier.people.accounts) == 1
            if one and not later.people.accounts:
                later.people.accounts = list(earlier.people.accounts)
                later.people.contacts = later.people.contacts or list(earlier.people.contacts)
            same_day = later.joined in ("and", ",") or earlier.facts.leading
            if same_day and later.facts.day is None and earlier.facts.day is not None:
                later.facts.day, later.facts.leading = earlier.facts.day, earlier.facts.leading
                later.future = later.future or earlier.future
        shared = False
        for earlier, later in reversed(list(pairwise(parts))):
            shared = self._is_for_both(earlier, later, shared=shared)
            if shared:
                earlier.people.accounts = list(later.people.accounts)
            if later.joined != "and":
                continue
            if not (earlier.people.accounts or earlier.people.contacts or earlier.counted):
                earlier.people.accounts = list(later.people.accounts)
                earlier.people.contacts = list(later.people.contacts)
            if earlier.facts.day is None and later.facts.day is not None:
                earlier.facts.day = later.facts.day
                earlier.future = earlier.future or later.future
            for part, other in ((earlier, later), (later, earlier)):
                if part.facts.no_day is None and part.facts.day is None:
                    part.facts.no_day, part.facts.no_day_at = other.facts.no_day, other.facts.no_day_at

    def _is_for_both(self, earlier: Part, later: Part, *, shared: bool) -> bool:
        """`6 calls and 2 emails to Acme`: bare counts before one whose account follows behind a preposition."""
        if later.joined not in ("and", ",") or later.kind is None or len(later.people.accounts) != 1:
            return False
        if not (earlier.counted and later.counted) or earlier.people.accounts or earlier.people.contacts:
            return False
        bare = all(
            mark in (Mark.KIND, Mark.COUNT, Mark.WHEN, Mark.SAID) or word in FILLERS or word in MODIFIERS
            for word, mark in zip(
                self.words[earlier.start : earlier.stop], self.marks[earlier.start : earlier.stop], strict=True
            )
        )
        return bare and (shared or self.line.word(later.kind.stop) in _GOVERNING)

    def _is_win(self, parts: Sequence[Part]) -> bool:
        if len(parts) != 1 or parts[0].kind_name is not None:
            return False
        part = parts[0]
        for at in range(part.start, part.stop):
            if self.marks[at] == Mark.FREE and any(
                self.scan.runs(phrase, at, part.stop) for phrase in WINS.get(self.words[at], ())
            ):
                return True
        return False

    def _opens(self, first: Part) -> bool:
        """Nothing that nobody understood stands before the kind: `quick call with …`, but not `how do I log a call`."""
        if first.kind is None:
            return False
        before = range(first.start, first.kind.start)
        return all(self.marks[at] or self.words[at] in FILLERS or self.words[at] in MODIFIERS for at in before)

    def _entries(self, part: Part) -> list[Entry]:
        facts, now = part.facts, self.reading.now
        day = facts.date or self.reading.today
        planned = day > now.date() or (day == now.date() and facts.time is not None and facts.time > now.time())
        planned = planned or (part.future and facts.day is None)
        step = part.next
        note = left_over(self.scan, part.start, part.stop)
        tags = tuple(
            dict.fromkeys(tag for at, tag in self.scan.tags if part.start <= at < max(part.stop, part.start + 1))
        )
        if not tags and self.scan.tags and (part.start == 0 or len(self.scan.tags) > 0):
            tags = self._stray_tags(part)
        other = facts.day.other if facts.day else None
        date_choices, no_date = _both(day, other), None
        if facts.day is None and facts.no_day is not None:
            near, today = facts.no_day.near, self.reading.today
            date_choices = (near, today) if near != today else (today,)
            no_date = self.line.written(facts.no_day_at, facts.no_day.stop)
        return [
            Entry(
                kind=part.kind_name,
                count=account.count or (1 if part.count == len(part.people.accounts) else part.count),
                account=account.names[0] if len(account.names) == 1 else None,
                account_text=account.text,
                contacts=tuple(dict.fromkeys(part.people.contacts)),
                date=day,
                time=facts.time,
                planned=planned,
                minutes=facts.minutes,
                amount=facts.amount,
                currency=facts.currency,
                outcome=part.outcome,
                tags=tags,
                note=note,
                next=step,
                choices=account.names[:10] if len(account.names) > 1 else (),
                date_choices=date_choices,
                no_date=no_date,
            )
            for account in part.people.accounts or [Account()]
        ]

    def _stray_tags(self, part: Part) -> tuple[str, ...]:
        """Tags behind a next step belong to what stands before it."""
        starts = sorted(at for at, _ in self.scan.tags)
        return tuple(
            dict.fromkeys(
                tag for at, tag in self.scan.tags if at >= part.stop and starts and self._same_segment(part, at)
            )
        )

    def _same_segment(self, part: Part, at: int) -> bool:
        return ";" not in self.words[part.stop : at]


def _both(day: date, other: date | None) -> tuple[date, ...]:
    return () if other is None else (day, other)
