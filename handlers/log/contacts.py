"""People's names beside an account, or where somebody stands: the contacts of one activity."""

from __future__ import annotations

from typing import Final

from handlers.language.names import LEGAL
from handlers.language.scan import SEPARATORS, Mark, Scan
from handlers.language.vocabulary import COMPANY_WORDS, FIRST_NAMES, ORDINARY
from handlers.log.facts import Place
from handlers.log.runs import ARTICLES, OF_ACCOUNT, Runs

_BETWEEN_NAME_AND_AT: Final = frozenset(("over", "out", "up", "down", "back"))
_NO_NAMES: Final = ORDINARY - FIRST_NAMES


class Contacts:
    """The contacts of one activity, as they are found; their tokens are then marked."""

    def __init__(self, scan: Scan, place: Place, runs: Runs) -> None:
        self.scan, self.place, self.runs = scan, place, runs
        self.line, self.words, self.marks = scan.line, scan.line.words, scan.marks
        self.found: dict[int, str] = {}

    def listed(self) -> list[str]:
        """From left to right."""
        return [self.found[at] for at in sorted(self.found)]

    def keep(self, start: int, stop: int) -> None:
        """These tokens name a contact; a possessive is of somebody's, and kept in the note."""
        if stop - 1 in self.line.possessive:
            return
        self.found[start] = self.line.written(start, stop)
        self.scan.claim(start, stop, Mark.PERSON)

    def before(self, account: int) -> None:
        """`Jane Doe at`, `Mo and Kit from`, `Jane Doe (`: names to the left of an account."""
        at = account - 1
        while at > self.place.start and self.words[at] in ARTICLES:
            at -= 1
        if at < self.place.start:
            return
        linked = self.words[at] in OF_ACCOUNT
        if self.words[at] in ("over", "out"):
            at -= 1
        bracket = self.words[at] in ("(", ",", "-", "/", "–")
        if not (linked or bracket) or self.marks[at] not in (Mark.FREE, Mark.SAID):
            return
        end = at
        while end > self.place.start and self.words[end - 1] in _BETWEEN_NAME_AND_AT and not self.marks[end - 1]:
            end -= 1
        found = self.names_until(end, sure=linked)
        if self.words[at] == "of":
            found = [one for one in found if self.line.capital(one[0]) or self.runs.is_person(*one)]
        if found:
            self.scan.claim(at, account, Mark.SAID)
        for start, stop in found:
            self.keep(start, stop)

    def names_until(self, end: int, *, sure: bool) -> list[tuple[int, int]]:
        """Listed names that end at this token, from the left."""
        found: list[tuple[int, int]] = []
        while end > self.place.start:
            start = self.runs.ended_at(end)
            if start == end or (not sure and not self.runs.looks_like_person(start, end)):
                break
            found.insert(0, (start, end))
            at = start
            while at > self.place.start and self.words[at - 1] in SEPARATORS and not self.marks[at - 1]:
                at -= 1
            if at == start or (at > self.place.start and self.marks[at - 1] == Mark.NAME):
                break
            end = at
        for start, _ in found[1:]:
            at = start - 1
            while at > self.place.start and self.words[at] in SEPARATORS:
                self.scan.claim(at, at + 1, Mark.SAID)
                at -= 1
        return found

    def behind(self, at: int) -> None:
        """`Initech (Jane Doe)`, `Initech, Jane`, `Initech's Jane Doe`: names to the right of an account."""
        if at >= self.place.stop:
            return
        possessive = at - 1 in self.line.possessive
        if self.words[at] in ("(", ",", "-", "/", "–", ":") and not self.marks[at]:
            start = at + 1
        elif possessive:
            start = at
        else:
            return
        while possessive and start < self.place.stop and self.words[start] in _NO_NAMES:
            start += 1
        self.list_on(start, checked=not possessive)

    def list_on(self, start: int, *, checked: bool = True) -> None:
        """Listed names from this token on."""
        while start < self.place.stop:
            while start < self.place.stop and self.words[start] in SEPARATORS and not self.marks[start]:
                start += 1
            stop = self._person_from(start)
            if stop == start or (checked and not self.runs.looks_like_person(start, stop)):
                return
            self.keep(start, stop)
            start = stop
            if start < self.place.stop and self.words[start] not in SEPARATORS:
                return

    def _person_from(self, at: int) -> int:
        if at >= self.place.stop or self.marks[at]:
            return at
        if self.words[at] in FIRST_NAMES and not self.scan.proper(at):
            capital = self.line.capital(at)
            stop = at + 1
            while stop < self.place.stop and capital and self.scan.proper(stop) and self.line.capital(stop):
                stop += 1
            return stop
        return self.runs.begun_at(at)

    def beside(self) -> None:
        """`with Mark, Lisa and Jo`, `spoke to Jane` beside an account already known."""
        place, words = self.place, self.words
        for at in range(place.start, place.stop):
            if words[at] == "with" or (words[at] == "w" and self.line.word(at + 1) == "/"):
                start = at + (1 if words[at] == "with" else 2)
            elif words[at] in ("to", "w", "cc", "by") or (
                self.marks[at] == Mark.KIND and self.line.word(at + 1) not in SEPARATORS
            ):
                start = at + 1
                if (
                    start >= place.stop
                    or self.marks[start]
                    or not self.runs.looks_like_person(start, self._person_from(start))
                ):
                    continue
            else:
                continue
            while start < place.stop and words[start] in ARTICLES:
                start += 1
            self._with_list(at, start)

    def _with_list(self, at: int, start: int) -> None:
        place, words = self.place, self.words
        first = start
        while start < place.stop:
            stop = self._person_from(start)
            if stop == start or any(word in COMPANY_WORDS or word in LEGAL for word in words[start:stop]):
                return
            if start > first and not (self.line.capital(start) or not self.line.capital(first)):
                return
            self.keep(start, stop)
            if not self.marks[at]:
                self.scan.claim(at, first, Mark.SAID)
            start = stop
            while start < place.stop and words[start] in SEPARATORS and not self.marks[start]:
                start += 1
            if start == stop or (words[stop] == "," and not self._list_goes_on(start)):
                return
            self.scan.claim(stop, start, Mark.SAID)

    def _list_goes_on(self, start: int) -> bool:
        """Behind a comma only what surely is a name goes on the list: `with Mark, keen to buy` ends it."""
        if start >= self.place.stop:
            return False
        return self.line.capital(start) or self.words[start] in FIRST_NAMES or self.line.word(start + 1) in ("and", "&")
