"""What kind of activity it was, how many of them, and how it went."""

from __future__ import annotations

from typing import Final

from handlers.language.dates import MONTHS
from handlers.language.numbers import NUMBER_WORDS
from handlers.language.scan import Mark, Scan, Spoken
from handlers.language.vocabulary import MODIFIERS, Phrase
from handlers.log.part import Part
from handlers.log.vocabulary import ASIDES, FILLERS, FUTURE, is_kind

_WEIGHT: Final = ("connected", "no_answer", "voicemail", "positive", "negative", "booked")
"""Of several outcomes in one line the last of these says most."""
_MOVED: Final = frozenset(("scheduled", "planned", "set", "upcoming", "moved", "pushed", "rescheduled", "postponed"))
_DETERMINERS: Final = frozenset(("the", "a", "an", "our", "my", "their", "his", "her", "this", "that", "today's"))
_LATER_VERBS: Final = frozenset(
    ("confirm", "schedule", "arrange", "discuss", "book", "set", "up", "plan", "prepare", "prep")
)


class Kinds:
    """Finds them in one part of a line; their tokens are then marked."""

    def __init__(self, scan: Scan) -> None:
        self.scan = scan
        self.line, self.words, self.marks = scan.line, scan.line.words, scan.marks

    def find(self, part: Part) -> None:
        """The kind and its count, and whether the words speak of what is yet to come."""
        kinds = [spoken for spoken in part.spoken if is_kind(spoken.phrase)]
        chosen = next(
            (spoken for spoken in kinds if not self.is_aside(spoken, part.start)), kinds[0] if kinds else None
        )
        implied = next((spoken for spoken in part.spoken if spoken.phrase.kind and not is_kind(spoken.phrase)), None)
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
        if is_kind(chosen.phrase) and not part.booking:
            self.scan.claim(chosen.start, chosen.stop, Mark.KIND)
        count, first = self.count_before(chosen.start, part.start)
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

    def _misspelt_kind(self, part: Part, stop: int) -> Spoken | None:
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

    def is_aside(self, spoken: Spoken, start: int) -> bool:
        """`before lunch`, `about the meeting`, `to confirm the demo`: what it was about, or when."""
        at = spoken.start - 1
        while at >= start and (self.words[at] in _DETERMINERS or self.words[at] in MODIFIERS):
            at -= 1
        if at < start:
            return False
        word = self.words[at]
        return word in ASIDES or (word in _LATER_VERBS and self.line.word(at - 1) == "to")

    def _speaks_of_future(self, part: Part, kind: Spoken | None) -> bool:
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

    def count_before(self, at: int, start: int) -> tuple[int, int]:
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
            dated = before in MONTHS or before in ("at", "@") or (index > 0 and self.marks[index - 1] == Mark.OPAQUE)
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

    def is_number(self, at: int) -> bool:
        """A figure, a number word, or `2x`."""
        word = self.words[at]
        return (
            word.isdecimal() or word in NUMBER_WORDS or word == "couple" or (word[:-1].isdecimal() and word[-1] == "x")
        )

    def find_outcome(self, part: Part) -> None:
        """How it went; of several outcomes the one that says most."""
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
                part.counted and spoken is not part.kind and self.is_number(max(part.start, spoken.start - 1))
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
