"""Words in a row that may be the name of a company or of a person."""

from __future__ import annotations

from typing import Final

from handlers.language.names import LEGAL
from handlers.language.scan import Mark, Scan
from handlers.language.vocabulary import COMPANY_WORDS, FIRST_NAMES, ORDINARY, TITLES
from handlers.log.facts import Place

OF_ACCOUNT: Final = frozenset(("at", "from", "@", "of"))
_TO_SOMEBODY: Final = frozenset(("to", "with", "w", "for", "by"))
ARTICLES: Final = frozenset(("the", "our", "their", "my", "a", "an"))
_PARTICLES: Final = frozenset(
    ("de", "van", "von", "der", "den", "la", "le", "du", "di", "da", "del", "el", "al", "bin", "ter")
)
_MOST_NAME_WORDS: Final = 5
_LEVEL: Final = frozenset(
    {
        *(
            "today",
            "tomorrow",
            "yesterday",
            "monday",
            "tuesday",
            "wednesday",
            "thursday",
            "friday",
            "saturday",
            "sunday",
        ),
        *("no", "not", "left", "very", "great", "good", "they", "we", "i", "he", "she", "next", "follow", "the", "and"),
        *("q1", "q2", "q3", "q4", "re", "fyi", "asap", "nda", "rfp", "po", "eod", "went", "new", "quick", "pricing"),
    }
)


class Runs:
    """Reads such words in one activity's place; marks none."""

    def __init__(self, scan: Scan, place: Place) -> None:
        self.scan, self.place = scan, place
        self.line, self.words, self.marks = scan.line, scan.line.words, scan.marks

    def before(self, at: int) -> str:
        """The word before this token, articles apart."""
        at -= 1
        while at >= self.place.start and self.words[at] in ARTICLES:
            at -= 1
        return self.words[at] if at >= self.place.start else ""

    def ends(self, stop: int) -> bool:
        """No further word goes on here."""
        if stop >= self.place.stop or self.marks[stop] != Mark.FREE or not self.words[stop][0].isalnum():
            return True
        return self.scan.times(stop)[0] > 0

    def stands_for_account(self, at: int) -> bool:
        """Behind the kind, a preposition, or first: where an account is named."""
        before = at - 1
        while before >= self.place.start and self.words[before] in ARTICLES:
            before -= 1
        if before < self.place.start:
            return True
        word = self.words[before]
        if word in OF_ACCOUNT or word in _TO_SOMEBODY:
            return True
        if word == "/" and self.line.word(before - 1) == "w":
            return True
        return self.marks[before] == Mark.KIND

    def all(self) -> list[tuple[int, int]]:
        """Words in a row that may be a name, at most a few of them, so that the search stays short."""
        found: list[tuple[int, int]] = []
        at = self.place.start
        while at < self.place.stop and len(found) < 6:
            stop = self.begun_at(at)
            if stop == at:
                at += 1
                continue
            found.append((at, stop))
            at = stop
        return found

    def begun_at(self, at: int) -> int:
        """Where a name that begins here ends; the same token where none begins."""
        line, words, place = self.line, self.words, self.place
        if at >= place.stop or not self._may_begin(at):
            return at
        capital, stop = line.capital(at) or words[at][0].isdigit(), at + 1
        while stop < place.stop and stop - at < 2 * _MOST_NAME_WORDS:
            word = words[stop]
            if self.marks[stop]:
                break
            if not word[0].isalnum():
                inside = stop + 1 < place.stop and not self.marks[stop + 1] and words[stop + 1][0].isalnum()
                joined = word in "-.'’" and line.glued(stop) and inside and line.glued(stop + 1)
                joined = joined or (word == "&" and capital and inside and line.capital(stop + 1))
                initial = word == "." and line.glued(stop) and len(words[stop - 1]) == 1
                if not (joined or initial):
                    break
                stop += 1 + joined
                continue
            follows = word == "of" and words[stop - 1] in COMPANY_WORDS and self._is_bank_of(stop - 1)
            follows = follows or (self.scan.proper(stop) and (not capital or line.capital(stop)))
            follows = follows or (capital and line.capital(stop) and self.is_name_word(stop))
            follows = follows or (capital and word in _PARTICLES and stop + 1 < place.stop and line.capital(stop + 1))
            if not follows:
                break
            stop += 1
        return stop

    def ended_at(self, end: int) -> int:
        """Where a person's name that ends here begins."""
        line, words, start = self.line, self.words, end
        while start > self.place.start and end - start < _MOST_NAME_WORDS + 2:
            at = start - 1
            word = words[at]
            if self.marks[at]:
                break
            if not word[0].isalnum():
                glued = word in "-.'’" and line.glued(at) and at > self.place.start and not self.marks[at - 1]
                if not (glued and start < end and words[at - 1][0].isalnum()):
                    break
                start -= 1
                continue
            proper = self.scan.proper(at) or (word in TITLES and start < end)
            if not proper and word in FIRST_NAMES:
                proper = line.capital(at) or start == end
            if not proper and start == end and (word in LEGAL or word in COMPANY_WORDS):
                proper = line.capital(at)
            if not proper and word in _PARTICLES and start < end and at > self.place.start:
                proper = line.capital(at - 1)
            if not proper or (start < end and line.capital(start) and not line.capital(at) and word not in _PARTICLES):
                break
            start -= 1
        while start < end and not words[start][0].isalnum():
            start += 1
        return start

    def is_name_word(self, at: int) -> bool:
        """A common word with a capital that goes on a name: `Halvorsen Tools`, but not `Halvorsen Yesterday`."""
        word = self.words[at]
        return (
            word in COMPANY_WORDS
            or word in FIRST_NAMES
            or (word not in self.scan.vocabulary.phrases and word not in _LEVEL)
        )

    def _may_begin(self, at: int) -> bool:
        if self.marks[at] or not self.words[at][0].isalnum():
            return False
        word = self.words[at]
        if self.scan.proper(at):
            return True
        if word in TITLES and self.line.capital(at):
            return True
        person = word in FIRST_NAMES and (self.line.capital(at) or self.line.word(at + 1) in OF_ACCOUNT)
        if person and (at > self.place.start or self.line.word(at + 1) in OF_ACCOUNT):
            return True
        if self._is_bank_of(at):
            return True
        following = self.line.word(at + 1)
        capital_pair = self.line.capital(at) and at + 1 < self.place.stop and self.line.capital(at + 1)
        stands = at > self.place.start and self.stands_for_account(at) and word not in _LEVEL
        return stands and capital_pair and (self.scan.proper(at + 1) or following in COMPANY_WORDS)

    def _is_bank_of(self, at: int) -> bool:
        """`Bank of America`, `University of Leeds`."""
        if self.words[at] not in COMPANY_WORDS or self.line.word(at + 1) != "of" or at + 2 >= self.place.stop:
            return False
        return self.line.capital(at) and self.line.capital(at + 2) and not self.marks[at + 2]

    def is_person(self, start: int, stop: int) -> bool:
        """It begins with a title or a first name and is no company's."""
        word = self.words[start]
        if word in TITLES:
            return True
        return word in FIRST_NAMES and not any(other in COMPANY_WORDS for other in self.words[start + 1 : stop])

    def looks_like_person(self, start: int, stop: int) -> bool:
        """A person, or two capitalised words that are no company's."""
        if start >= stop or any(word in LEGAL for word in self.words[start + 1 : stop]):
            return False
        if self.is_person(start, stop):
            # `will` and `may` are names only with a capital
            return self.words[start] not in ORDINARY or self.line.capital(start)
        capitals = sum(self.line.capital(at) for at in range(start, stop))
        return capitals == stop - start == 2 and not any(word in COMPANY_WORDS for word in self.words[start:stop])
