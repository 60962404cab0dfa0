"""A line cut into its activities, and the next step of each."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from handlers.language.dates import DAY_OPENERS, PARTS_OF_DAY, Reading
from handlers.language.scan import Mark, Scan, Spoken
from handlers.language.vocabulary import MODIFIERS
from handlers.log.entry import NextStep
from handlers.log.facts import Place, read_facts
from handlers.log.kinds import Kinds
from handlers.log.note import left_over
from handlers.log.part import Part
from handlers.log.vocabulary import FILLERS, is_kind

_MOST_ACTIVITIES: Final = 50
_JOINTS: Final = frozenset(("and", "&", "+", "then", "plus"))
_ARROWS: Final = frozenset(("→", "➜", "➔", "⇒"))
_SPANS: Final = frozenset(
    ("week", "wk", "month", "quarter", "year", "time", "day", "morning", "door", "to", "and", "or")
)


class Cutter:
    """Cuts one line; what parts activities and what belongs to next steps is then marked."""

    def __init__(self, scan: Scan, reading: Reading, dollar: str, kinds: Kinds) -> None:
        self.scan, self.reading, self.dollar, self.kinds = scan, reading, dollar, kinds
        self.line, self.words, self.marks = scan.line, scan.line.words, scan.marks

    def parts(self) -> list[Part]:
        """The activities, at least one, with what was said and the next step of each."""
        parts: list[Part] = []
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
            found = self._split(Part(start, head, ";" if parts else ""))
            if marker:
                found[-1].next = self._next_step(marker, follows, stop)
            parts += found
        if not parts:
            parts = [Part(0, 0)]
        return parts

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
        if any(is_kind(spoken.phrase) for spoken in self.scan.spoken(start, stop)):
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
            spoken.start == behind and is_kind(spoken.phrase) for spoken in self.scan.spoken(behind, stop)
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

    def _split(self, part: Part) -> list[Part]:
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
            later = Part(behind, current.stop, "," if comma else "and")
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
                or self.kinds.is_number(at)
                or word in ("-", "of")
            ):
                return None
            at, steps = at - 1, steps + 1
        return None

    def _begins_another(self, spoken: Spoken, current: Part, joint: int, *, comma: bool) -> bool:
        before = next((one for one in current.spoken if one.phrase.kind), None)
        if before is None or before.start >= joint:
            return False
        other = before.phrase.kind != spoken.phrase.kind
        count, _ = self.kinds.count_before(spoken.start, joint + 1)
        own = any(joint < at < current.stop for at in self.scan.mentions)
        had = any(current.start <= at < joint for at in self.scan.mentions)
        if count:
            return other or own
        if comma:
            return is_kind(spoken.phrase) and own and had and (other or not self.kinds.is_aside(spoken, joint + 1))
        return other or (own and had and is_kind(spoken.phrase))
