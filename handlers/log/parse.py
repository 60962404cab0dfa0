"""From the line after `/log` to what it says. Pure: no clock, no rows, no settings but those handed in.

The line is cut into tokens once; then every step takes the tokens it understands: tags and telephone numbers, known
names, the next step, the parts that are activities of their own, and in each the kind and its count, when, how long and
how much, who, and how it went. What nobody took is the note.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import pairwise
from typing import Final

from handlers.language.amounts import dollar_of
from handlers.language.dates import DAY_OPENERS, PARTS_OF_DAY, DateOrder, Reading
from handlers.language.names import NameIndex
from handlers.language.numbers import NUMBER_WORDS
from handlers.language.tokens import Line
from handlers.log.entry import OUTCOMES, Entry, NextStep, Understood
from handlers.log.facts import Facts, Place, read_facts, shifted_to_future
from handlers.log.mentions import scanned
from handlers.log.note import left_over
from handlers.log.people import Account, People, find_people
from handlers.log.scan import Mark, Scan, Spoken
from handlers.log.vocabulary import ASIDES, DEFAULT, FILLERS, FUTURE, MODIFIERS, WINS, Phrase, Vocabulary

__all__ = ["DEFAULT", "OUTCOMES", "Entry", "NextStep", "Understood", "Vocabulary", "parse"]

_LONGEST: Final = 4000
"""Characters read of a text; a chat's command is shorter."""
_MOST_ACTIVITIES: Final = 50
_JOINTS: Final = frozenset(("and", "&", "+", "then", "plus"))
_GOVERNING: Final = frozenset(("to", "with", "w", "at", "for"))
_ARROWS: Final = frozenset(("→", "➜", "➔", "⇒"))
_SOON: Final = 62
"""Days: `visit Acme dec 15` in November is a plan, not last year's visit."""
_WEIGHT: Final = ("connected", "no_answer", "voicemail", "positive", "negative", "booked")
"""Of several outcomes in one line the last of these says most."""
_MOVED: Final = frozenset(("scheduled", "planned", "set", "upcoming", "moved", "pushed", "rescheduled", "postponed"))
_SPANS: Final = frozenset(
    ("week", "wk", "month", "quarter", "year", "time", "day", "morning", "door", "to", "and", "or")
)
_DETERMINERS: Final = frozenset(("the", "a", "an", "our", "my", "their", "his", "her", "this", "that", "today's"))
_LATER_VERBS: Final = frozenset(
    ("confirm", "schedule", "arrange", "discuss", "book", "set", "up", "plan", "prepare", "prep")
)


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


@dataclass(slots=True)
class _Part:
    """The words of one activity, and what was found in them."""

    start: int
    stop: int
    joined: str = ""
    """What parts it from the one before: `;`, `and` or `,`."""
    spoken: list[Spoken] = field(default_factory=list)
    kind: Spoken | None = None
    kind_name: str | None = None
    count: int = 1
    counted: bool = False
    future: bool = False
    booking: bool = False
    facts: Facts = field(default_factory=Facts)
    people: People = field(default_factory=lambda: People([], []))
    outcome: str | None = None
    next: NextStep | None = None


class _Reader:
    def __init__(self, scan: Scan, reading: Reading, dollar: str) -> None:
        self.scan, self.reading, self.dollar = scan, reading, dollar
        self.line, self.words, self.marks = scan.line, scan.line.words, scan.marks

    def read(self) -> tuple[tuple[Entry, ...], bool]:
        parts: list[_Part] = []
        for start, stop in self._segments():
            head, marker, follows = self._next_marker(start, stop, first=not parts)
            if head == start and marker and parts:
                parts[-1].next = self._next_step(marker, follows, stop)
                continue
            if parts and parts[-1].next is None and self._goes_on(start, head):
                parts[-1].stop = head
                parts[-1].spoken += self.scan.spoken(start, head)
                if marker:
                    parts[-1].next = self._next_step(marker, follows, stop)
                continue
            found = self._split(_Part(start, head, ";" if parts else ""))
            if marker:
                found[-1].next = self._next_step(marker, follows, stop)
            parts += found
        if not parts:
            parts = [_Part(0, 0)]
        for part in parts:
            self._understand(part)
        self._share(parts)
        win = self._is_win(parts)
        return tuple(entry for part in parts for entry in self._entries(part)), win

    # -- segments ---------------------------------------------------------------------------------------------------

    def _segments(self) -> list[tuple[int, int]]:
        """Token spans between semicolons and line ends."""
        line, start = self.line, 0
        found: list[tuple[int, int]] = []
        if ";" not in line.text and "\n" not in line.text:
            return [(0, line.count)] if line.count else []
        for at in range(line.count):
            broken = at > 0 and "\n" in line.text[line.ends[at - 1] : line.starts[at]]
            semicolon = self.words[at] == ";" and not self.marks[at]
            if (broken or semicolon) and len(found) < _MOST_ACTIVITIES:
                found.append((start, at))
                start = at + semicolon
        found.append((start, line.count))
        return [(first, last) for first, last in found if any(word[0].isalnum() for word in self.words[first:last])]

    def _goes_on(self, start: int, stop: int) -> bool:
        """Behind a semicolon nothing names a kind or an account: it still tells of the activity before."""
        if any(spoken.is_kind for spoken in self.scan.spoken(start, stop)):
            return False
        if any(start <= at < stop for at in self.scan.mentions):
            return False
        free = [at for at in range(start, stop) if not self.marks[at]]
        return not any(self.scan.vocabulary.spelt(self.words[at]) or self._opens_name(at) for at in free)

    def _opens_name(self, at: int) -> bool:
        return self.line.capital(at) and self.scan.proper(at) and self.words[at] not in self.scan.vocabulary.phrases

    def _next_marker(self, start: int, stop: int, *, first: bool) -> tuple[int, int, int]:
        """Where the next step begins (the head's end), the first token of its marker + 1, and where its text begins."""
        words, marks, line = self.words, self.marks, self.line
        for at in range(start, stop):
            word = words[at]
            if marks[at]:
                continue
            if word in _ARROWS:
                return at, at + 1, at + 1
            if word in "-=" and line.word(at + 1) == ">" and line.glued(at + 1):
                shaft = at
                while shaft > start and words[shaft - 1] in "-=" and line.glued(shaft):
                    shaft -= 1
                return shaft, at + 1, at + 2
            if word == "next":
                behind = at + 1
                if line.word(behind) in ("step", "steps", "action", "actions", "up"):
                    behind += 1
                    if line.word(behind) in (":", "-", "is", "are", "–", "="):
                        return at, at + 1, behind + 1
                    if behind - 1 > at and words[behind - 1] != "up":
                        return at, at + 1, behind
                elif line.word(behind) in (":", "-", "–", "=") and not (
                    line.word(behind) == "-" and line.glued(behind)
                ):
                    return at, at + 1, behind + 1
                elif at > start and self.words[at - 1] in (",", ".", "(") and self._names_a_step(at + 1, stop):
                    return at, at + 1, at + 1
                continue
            end = self._follow_up(at, stop)
            if end and self._is_step(at, end, start, stop, first=first):
                if line.word(end) in (":", "–") or (line.word(end) == "-" and not line.glued(end)):
                    return at, at + 1, end + 1
                return at, at + 1, at
        return stop, 0, stop

    def _names_a_step(self, at: int, stop: int) -> bool:
        """`..., next demo friday`, but not `next friday`, `next week`."""
        word = self.line.word(at)
        return (
            at < stop
            and word.isalpha()
            and word not in DAY_OPENERS
            and word not in _SPANS
            and not self.line.capital(at)
        )

    def _follow_up(self, at: int, stop: int) -> int:
        """Where `follow up`, `retry` or `callback` ends if it stands here, else 0."""
        word = self.words[at]
        if word in ("retry", "followup", "callback"):
            return at + 1
        if word == "try" and self.line.word(at + 1) == "again":
            return at + 2
        if word == "follow" and (end := self.scan.runs(("follow", "up"), at, stop)):
            return end
        if word == "call" and (end := self.scan.runs(("call", "back"), at, stop)):
            return end
        if word == "f" and self.line.word(at + 1) == "/" and self.line.word(at + 2) == "u":
            return at + 3
        return 0

    def _is_step(self, at: int, end: int, start: int, stop: int, *, first: bool) -> bool:
        """Not before a kind (a `follow-up call` is a call), and not the first word that says anything."""
        opens = not any(self.words[before][0].isalnum() for before in range(start, at))
        if opens and (first or any(at < named < stop for named in self.scan.mentions)):
            return False
        before = self.line.word(at - 1)
        if before in ("a", "the", "as", "my", "our", "quick", "for") and self.words[at] != "retry":
            return False
        behind = end
        while behind < stop and (self.words[behind] in MODIFIERS or self.words[behind] == "-"):
            behind += 1
        if behind < stop and any(
            spoken.start == behind and spoken.is_kind for spoken in self.scan.spoken(behind, stop)
        ):
            return bool(self.words[at] == "retry")
        if self.words[at] == "call":
            dated = behind >= stop or self.words[behind] in DAY_OPENERS or self.words[behind][0].isdigit()
            return opens or dated or any(spoken.phrase.kind for spoken in self.scan.spoken(start, at))
        return self.words[at] != "callback" or self.line.word(end) not in ("from",)

    def _next_step(self, marker: int, start: int, stop: int) -> NextStep | None:
        """A text and its own day and time, read as to come."""
        reading = replace(self.reading, future=True)
        facts = read_facts(self.scan, Place(start, stop, booking=True), reading, self.dollar)
        clock, day = facts.time, facts.date
        shown = left_over(self.scan, start, stop, names=True)
        before = marker - 2
        while (
            before >= 0 and self.words[before] in ("will", "ill", "to", "and", "i", "then") and not self.marks[before]
        ):
            self.marks[before] = Mark.SAID
            before -= 1
        self.scan.claim(marker - 1, stop, Mark.SAID)
        if shown is None and start < stop:
            shown = None if day else self.line.written(start, stop)
        if shown is None and day is None:
            return None
        return NextStep(shown or "follow up", day, clock)

    # -- parts ------------------------------------------------------------------------------------------------------

    def _split(self, part: _Part) -> list[_Part]:
        """`rang Vantor and emailed Zentrix`: a joint before another kind begins another activity."""
        part.spoken = list(self.scan.spoken(part.start, part.stop))
        kinds = [spoken for spoken in part.spoken if spoken.phrase.kind]
        if len(kinds) < 2:
            return [part]
        parts, first = [part], kinds[0]
        for spoken in kinds[1:]:
            current = parts[-1]
            joint = self._joint_before(spoken, current.start)
            if joint is None or joint <= first.start or len(parts) >= _MOST_ACTIVITIES:
                continue
            comma = self.words[joint] in (",", ".")
            if not self._begins_another(spoken, current, joint, comma=comma):
                continue
            behind = joint + 1
            while self.words[behind] in _JOINTS or self.words[behind] == ",":
                behind += 1
            later = _Part(behind, current.stop, "," if comma else "and")
            while joint > current.start and self.words[joint - 1] in _JOINTS | {",", "/"} and not self.marks[joint - 1]:
                joint -= 1
            self.scan.claim(joint, behind, Mark.SAID)
            later.spoken = [one for one in current.spoken if one.start >= behind]
            current.spoken = [one for one in current.spoken if one.stop <= joint]
            current.stop, later.next, first = joint, None, spoken
            parts.append(later)
        return parts

    def _joint_before(self, spoken: Spoken, start: int) -> int | None:
        """The joint (`and`, a comma) that stands before this phrase, with only small words and a count between."""
        at, steps = spoken.start - 1, 0
        while at > start and steps < 5:
            word = self.words[at]
            if self.marks[at] != Mark.FREE:
                return None
            if word in _JOINTS or word == "," or (word == "." and not self.line.glued(at + 1)):
                return at
            if not (
                word in FILLERS
                or word in MODIFIERS
                or word in DAY_OPENERS
                or word in PARTS_OF_DAY
                or self._is_number(at)
                or word in ("-", "of")
            ):
                return None
            at, steps = at - 1, steps + 1
        return None

    def _begins_another(self, spoken: Spoken, current: _Part, joint: int, *, comma: bool) -> bool:
        before = next((one for one in current.spoken if one.phrase.kind), None)
        if before is None or before.start >= joint:
            return False
        other = before.phrase.kind != spoken.phrase.kind
        count, _ = self._count_before(spoken.start, joint + 1)
        own = any(joint < at < current.stop for at in self.scan.mentions)
        had = any(current.start <= at < joint for at in self.scan.mentions)
        if count:
            return other or own
        if comma:
            return spoken.is_kind and own and had and (other or not self._is_aside(spoken, joint + 1))
        return other or (own and had and spoken.is_kind)

    # -- one activity -----------------------------------------------------------------------------------------------

    def _understand(self, part: _Part) -> None:
        self._find_kind(part)
        self._find_outcome(part)
        reading = replace(self.reading, future=True) if part.future else self.reading
        kind_at = part.kind.start if part.kind else -1
        place = Place(part.start, part.stop, kind_at, part.kind_name, booking=part.booking)
        part.facts = read_facts(self.scan, place, reading, self.dollar)
        if self._is_plan(part):
            part.facts = shifted_to_future(part.facts)
        part.people = find_people(self.scan, place)

    def _find_kind(self, part: _Part) -> None:
        kinds = [spoken for spoken in part.spoken if spoken.is_kind]
        chosen = next(
            (spoken for spoken in kinds if not self._is_aside(spoken, part.start)), kinds[0] if kinds else None
        )
        implied = next((spoken for spoken in part.spoken if spoken.phrase.kind and not spoken.is_kind), None)
        if implied is not None and (chosen is None or implied.start < chosen.start):
            chosen = implied
        booked = next((spoken for spoken in part.spoken if spoken.phrase.outcome == "booked"), None)
        if booked is not None and (chosen is None or booked.start < chosen.start):
            inner = self._kind_inside(booked)
            if inner is not None:
                chosen, part.booking = inner, True
            elif chosen is not None:
                part.booking = True
        elif booked is not None and chosen is not None and booked.phrase.words == ("booked",):
            # "meeting with Acme booked for dec 2"; but "called Acme, demo booked for friday"
            between = self.words[chosen.stop : booked.start]
            part.booking = not (
                chosen.phrase.words[0].endswith("ed") or any(word in (",", ".", "-", "and") for word in between)
            )
        misspelt = self._misspelt_kind(part, chosen.start if chosen else part.stop)
        chosen = misspelt or chosen
        part.future = part.booking or self._speaks_of_future(part, chosen)
        if chosen is None:
            return
        part.kind, part.kind_name = chosen, chosen.phrase.kind
        if chosen.is_kind and not part.booking:
            self.scan.claim(chosen.start, chosen.stop, Mark.KIND)
        count, first = self._count_before(chosen.start, part.start)
        if count:
            part.count, part.counted = count, True
            self.scan.claim(first, chosen.start, Mark.COUNT)

    def _kind_inside(self, booked: Spoken) -> Spoken | None:
        """`meeting booked with Acme for friday`: the kind that an outcome's own words name."""
        for at in range(booked.start, booked.stop):
            for phrase in self.scan.vocabulary.phrases.get(self.words[at], ()):
                if phrase.kind and not phrase.outcome and len(phrase.words) == 1:
                    return Spoken(at, at + 1, phrase)
        return None

    def _misspelt_kind(self, part: _Part, stop: int) -> Spoken | None:
        """A misspelt kind before the first one that is spelt right: `emailled Acme the quote`."""
        if part.kind_name:
            return None
        looked_at = 0
        for at in range(part.start, stop):
            word = self.words[at]
            if self.marks[at] or not word.isalpha():
                continue
            if word in _DETERMINERS or word in FILLERS or word in MODIFIERS:
                continue
            looked_at += 1
            if looked_at > 12:
                break
            if at > part.start and self.line.capital(at):
                continue
            kind = self.scan.vocabulary.spelt(word)
            if kind is not None:
                return Spoken(at, at + 1, Phrase((word,), kind))
        return None

    def _is_aside(self, spoken: Spoken, start: int) -> bool:
        """`before lunch`, `about the meeting`, `to confirm the demo`: what it was about, or when."""
        at = spoken.start - 1
        while at >= start and (self.words[at] in _DETERMINERS or self.words[at] in MODIFIERS):
            at -= 1
        if at < start:
            return False
        word = self.words[at]
        return word in ASIDES or (word in _LATER_VERBS and self.line.word(at - 1) == "to")

    def _speaks_of_future(self, part: _Part, kind: Spoken | None) -> bool:
        """`will call`, `need to send`, `demo scheduled for`: before the kind, or right behind it."""
        words = self.words
        until = kind.start if kind else part.stop
        for at in range(part.start, min(until, part.start + 14)):
            if self.marks[at] or (words[at] == "will" and self.line.word(at + 1) in ("at", "from", "@", "and", "&")):
                continue
            if any(self.scan.runs(phrase, at, until) for phrase in FUTURE.get(words[at], ())):
                return True
        if kind is None:
            return words[part.start] in ("follow", "followup", "retry") if part.start < part.stop else False
        if words[part.start] == "to" and part.start + 1 == kind.start:
            return True
        for at in range(kind.stop, min(part.stop, kind.stop + 5)):
            if words[at] in (",", ".", "-", "(") and not self.marks[at]:
                break
            if words[at] in _MOVED and not self.marks[at]:
                return True
        return False

    def _is_plan(self, part: _Part) -> bool:
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

    def _count_before(self, at: int, start: int) -> tuple[int, int]:
        """The number just before a kind and the token that it begins at; 0 where there is none."""
        words, line = self.words, self.line
        index = at - 1
        while (
            index > start and (words[index] in MODIFIERS or words[index] in ("of", "-", "x")) and not self.marks[index]
        ):
            if words[index] == "-" and not line.glued(index):
                return 0, at
            index -= 1
        if index < start or self.marks[index] not in (Mark.FREE, Mark.COUNT):
            return 0, at
        word, before = words[index], line.word(index - 1) if index > start else ""
        if word.isdecimal() or (word[:-1].isdecimal() and word[-1] == "x"):
            number = int(word.rstrip("x")) if len(word) <= 5 else 0
            joined = index > 0 and line.glued(index) and words[index - 1] not in ("(", "~", "+")
            year = len(word) == 4 and 1980 <= number <= 2040
            dated = (
                before in _MONTH_LIKE or before in ("at", "@") or (index > 0 and self.marks[index - 1] == Mark.OPAQUE)
            )
            if not number or joined or year or (dated and not words[at].endswith("s")) or number > 9999:
                return 0, at
            return number, index
        if word in ("couple", "dozen") or word in NUMBER_WORDS:
            return self._worded_count(index, start, at)
        return 0, at

    def _worded_count(self, index: int, start: int, at: int) -> tuple[int, int]:
        """`a dozen`, `half a dozen`, `two dozen`, `a couple of`, `twenty five`."""
        words, word = self.words, self.words[index]
        before = words[index - 1] if index > start else ""
        two_before = words[index - 2] if index - 1 > start else ""
        number = 2 if word == "couple" else NUMBER_WORDS[word]
        if word in ("couple", "dozen", "hundred"):
            if before in ("a", "one"):
                half = word == "dozen" and two_before == "half"
                return (6, index - 2) if half else (number, index - 1)
            if word != "couple" and before in NUMBER_WORDS:
                return number * NUMBER_WORDS[before], index - 1
            if word != "couple" and before.isdecimal() and len(before) < 3:
                return number * int(before), index - 1
            return (6, index - 1) if word == "dozen" and before == "half" else (number, index)
        hyphened = before == "-" and self.line.glued(index)
        tens = two_before if hyphened else before
        if number < 10 and NUMBER_WORDS.get(tens, 0) in range(20, 100, 10):
            return number + NUMBER_WORDS[tens], index - 1 - hyphened
        return number, index

    def _is_number(self, at: int) -> bool:
        word = self.words[at]
        return (
            word.isdecimal() or word in NUMBER_WORDS or word == "couple" or (word[:-1].isdecimal() and word[-1] == "x")
        )

    def _find_outcome(self, part: _Part) -> None:
        rank = -1
        for spoken in part.spoken:
            outcome = spoken.phrase.outcome
            if (
                outcome is None
                or spoken.start < part.start
                or spoken.stop > part.stop
                or (spoken is not part.kind and any(self.marks[spoken.start : spoken.stop]))
            ):
                continue
            if self._is_denied(spoken, part.start) or (
                part.counted and spoken is not part.kind and self._is_number(max(part.start, spoken.start - 1))
            ):
                continue
            self.scan.claim(spoken.start, spoken.stop, Mark.OUTCOME)
            if _WEIGHT.index(outcome) > rank:
                rank, part.outcome = _WEIGHT.index(outcome), outcome

    def _is_denied(self, spoken: Spoken, start: int) -> bool:
        """`not booked yet`, `hoping they are interested`, `if interested`: said, but not so."""
        before = self.words[max(start, spoken.start - 3) : spoken.start]
        if spoken.phrase.outcome in ("positive", "connected", "booked"):
            return any(
                word in ("not", "isnt", "wasnt", "arent", "no", "never", "if", "didnt", "hardly", "hasnt", "yet")
                for word in before
            )
        return any(word in ("if", "avoid", "no") for word in before[-1:])

    # -- between activities -----------------------------------------------------------------------------------------

    def _share(self, parts: list[_Part]) -> None:
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

    def _is_for_both(self, earlier: _Part, later: _Part, *, shared: bool) -> bool:
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

    def _is_win(self, parts: Sequence[_Part]) -> bool:
        if len(parts) != 1 or parts[0].kind_name is not None:
            return False
        part = parts[0]
        for at in range(part.start, part.stop):
            if self.marks[at] == Mark.FREE and any(
                self.scan.runs(phrase, at, part.stop) for phrase in WINS.get(self.words[at], ())
            ):
                return True
        return False

    def _entries(self, part: _Part) -> list[Entry]:
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
                date_choices=_both(day, other),
            )
            for account in part.people.accounts or [Account()]
        ]

    def _stray_tags(self, part: _Part) -> tuple[str, ...]:
        """Tags behind a next step belong to what stands before it."""
        starts = sorted(at for at, _ in self.scan.tags)
        return tuple(
            dict.fromkeys(
                tag for at, tag in self.scan.tags if at >= part.stop and starts and self._same_segment(part, at)
            )
        )

    def _same_segment(self, part: _Part, at: int) -> bool:
        return ";" not in self.words[part.stop : at]


_MONTH_LIKE: Final = frozenset(
    {
        *(
            "jan",
            "feb",
            "mar",
            "apr",
            "may",
            "jun",
            "jul",
            "aug",
            "sep",
            "sept",
            "oct",
            "nov",
            "dec",
            "january",
            "february",
        ),
        *("march", "april", "june", "july", "august", "september", "october", "november", "december"),
    }
)


def _both(day: date, other: date | None) -> tuple[date, ...]:
    return () if other is None else (day, other)
