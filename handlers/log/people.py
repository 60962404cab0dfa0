"""Who it was with: the accounts of one activity's words, and the contacts beside them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from handlers.language.mentions import another, past_legal_form
from handlers.language.names import LEGAL
from handlers.language.scan import SEPARATORS, Mark, Mention, Scan
from handlers.language.vocabulary import COMPANY_WORDS
from handlers.log.contacts import Contacts
from handlers.log.facts import Place
from handlers.log.runs import OF_ACCOUNT, Runs
from handlers.log.vocabulary import ASIDES

_NOT_THE_ACCOUNT: Final = frozenset((*ASIDES, "vs", "versus", "like", "as", "than", "using", "uses"))
_MOST_SEARCHES: Final = 24


@dataclass(frozen=True, slots=True)
class Account:
    """One account that was said: known, or several that fit, or unknown words."""

    text: str | None = None
    names: tuple[str, ...] = ()
    count: int = 0
    """So many with this one alone; 0: none was said."""


@dataclass(slots=True)
class People:
    """The accounts (several: one row for each) and the contacts."""

    accounts: list[Account]
    contacts: list[str]


class _Finder:
    def __init__(self, scan: Scan, place: Place) -> None:
        self.scan, self.place = scan, place
        self.line, self.words, self.marks = scan.line, scan.line.words, scan.marks
        self.runs = Runs(scan, place)
        self.contacts = Contacts(scan, place, self.runs)

    def find(self) -> People:
        mentions = self._mentions()
        first = self._account_among(mentions)
        accounts: list[Account] = []
        if first is not None:
            accounts = [self._account(mention) for mention in first]
            further = self._further(self._past_count(first[-1].stop), sure=True)
            accounts = self._company_before(first[0].start) + accounts + further
            for mention in first:
                self.contacts.before(mention.start)
                self.contacts.behind(self._past_count(mention.stop))
        else:
            accounts = self._weak() or self._misspelt_or_unknown()
        self.contacts.beside()
        accounts = list({account.names or account.text: account for account in accounts}.values())
        return People(accounts, self.contacts.listed())

    def _mentions(self) -> list[Mention]:
        found = self.scan.mentions
        return [found[at] for at in range(self.place.start, self.place.stop) if at in found]

    def _account(self, mention: Mention) -> Account:
        count, stop = mention.count, mention.stop
        if not count:
            count, stop = self.scan.times(stop)
            self.scan.claim(mention.stop, stop, Mark.COUNT)
        text = self.line.written(mention.start, mention.stop)
        if not mention.names and mention.stop - 1 in self.line.possessive:
            text = text[:-2]
        return Account(text, mention.names, count)

    def _past_count(self, stop: int) -> int:
        while stop < self.place.stop and self.marks[stop] == Mark.COUNT:
            stop += 1
        return stop

    def _account_among(self, mentions: list[Mention]) -> list[Mention] | None:
        if not mentions:
            return None
        chosen = next((mention for mention in mentions if self._governed_by(mention.start, OF_ACCOUNT)), None)
        aside = [mention for mention in mentions if self.runs.before(mention.start) in _NOT_THE_ACCOUNT]
        if chosen is None or (chosen is not mentions[0] and not self._leads_to(mentions[0], chosen)):
            chosen = next((mention for mention in mentions if mention not in aside), mentions[0])
        elif chosen is not mentions[0]:
            person = mentions[0]
            self.scan.claim(person.start, person.stop, Mark.FREE)
            found = self.contacts.names_until(person.stop, sure=True) or [(person.start, person.stop)]
            for start, stop in found:
                self.contacts.keep(start, stop)
        listed = [chosen]
        for mention in mentions[mentions.index(chosen) + 1 :]:
            stop = self._past_count(listed[-1].stop)
            between = self.words[stop : mention.start]
            if not between or len(between) > 2 or any(word not in SEPARATORS for word in between):
                break
            self.scan.claim(stop, mention.start, Mark.SAID)
            listed.append(mention)
        return listed

    def _leads_to(self, person: Mention, account: Mention) -> bool:
        """`Wade at Contoso` where some Wade Ltd is known too: the first is a person there."""
        return not person.whole and account.start - person.stop == 1

    def _governed_by(self, at: int, words: frozenset[str]) -> bool:
        return self.runs.before(at) in words

    def _weak(self) -> list[Account]:
        """Names that are also common words count where an account stands: `call Next`, `met Target`."""
        for at in range(self.place.start, self.place.stop):
            mention = self.scan.weak.get(at)
            if mention is None or mention.stop > self.place.stop or any(self.marks[at : mention.stop]):
                continue
            stands = self.runs.stands_for_account(at)
            alone = mention.stop - at == sum(1 for mark in self.marks[self.place.start : self.place.stop] if not mark)
            after = self.line.word(mention.stop)
            if not mention.whole and (after in OF_ACCOUNT or self._is_half_a_name(mention)):
                continue
            if (stands and (self.line.capital(at) or (mention.whole and self.runs.ends(mention.stop)))) or (
                alone and mention.whole
            ):
                if mention.whole:
                    mention = replace(mention, stop=past_legal_form(self.scan, mention.stop))
                mention = another(self.scan, mention) or mention
                self.scan.claim(mention.start, mention.stop, Mark.NAME)
                self.contacts.before(mention.start)
                account = self._account(mention)
                self.contacts.behind(self._past_count(mention.stop))
                return [account]
        return []

    def _is_half_a_name(self, mention: Mention) -> bool:
        """`First National`, where First Solar is known: a common word and another one, both with a capital."""
        line, at = self.line, mention.stop
        if at >= self.place.stop or self.marks[at] or not line.capital(at) or line.text.isupper():
            return False
        return line.capital(mention.start) and self.words[at].isalpha() and self.runs.is_name_word(at)

    def _misspelt_or_unknown(self) -> list[Account]:
        """No known name was met: a misspelt one where an account may stand, else the words that stand there."""
        runs = self.runs.all()
        for start, stop in runs:
            known = self._near(start, stop)
            if known is not None:
                self.scan.claim(known.start, known.stop, Mark.NAME)
                return self._taken(known)
        for start, stop in runs:
            if self.runs.before(start) in OF_ACCOUNT:
                return self._unknown(start, stop)
        for start, stop in runs:
            if self.runs.is_person(start, stop) or not self._is_reachable(start):
                continue
            return self._unknown(start, stop)
        for start, stop in runs:
            if self.runs.is_person(start, stop) and self._is_reachable(start):
                self.contacts.keep(start, stop)
                self.contacts.list_on(stop)
                return []
        return []

    def _unknown(self, start: int, stop: int) -> list[Account]:
        self.scan.claim(start, stop, Mark.NAME)
        return self._taken(Mention(start, stop, (), whole=False))

    def _taken(self, mention: Mention) -> list[Account]:
        account = self._account(mention)
        stop = self._past_count(mention.stop)
        self.contacts.before(mention.start)
        self.contacts.behind(stop)
        return [account, *self._further(stop)]

    def _company_before(self, at: int) -> list[Account]:
        """`Fizzbuzz GmbH and Acme`: an unknown company listed before a known one."""
        end = at
        while end > self.place.start and self.words[end - 1] in SEPARATORS and not self.marks[end - 1]:
            end -= 1
        if end == at:
            return []
        start = self.runs.ended_at(end)
        words = self.words[start:end]
        if start == end or not any(word in COMPANY_WORDS or word in LEGAL for word in words[1:]):
            return []
        self.scan.claim(start, at, Mark.NAME)
        return [Account(self.line.written(start, end))]

    def _further(self, stop: int, *, sure: bool = False) -> list[Account]:
        """Further accounts listed behind one; `sure`: unknown words count only if they say that they are a company."""
        found: list[Account] = []
        while stop + 1 < self.place.stop and self.words[stop] in SEPARATORS:
            start = stop + 1
            while start < self.place.stop and self.words[start] in SEPARATORS:
                start += 1
            end = self.runs.begun_at(start)
            if end == start or not self.line.capital(start) or self.runs.looks_like_person(start, end):
                break
            if self.line.written(start, end).isupper() and end - start == 1 and len(self.words[start]) < 5:
                break
            near = self._near(start, end)
            company = any(word in COMPANY_WORDS or word in LEGAL for word in self.words[start + 1 : end])
            if near is None and not (self.runs.ends(end) and (company or not sure)):
                break
            self.scan.claim(stop, end, Mark.NAME)
            found.append(self._account(Mention(start, end, near.names if near is not None else (), whole=False)))
            stop = self._past_count(end)
        return found

    def _near(self, start: int, stop: int) -> Mention | None:
        keys = self.line.keys
        for at in range(start, stop):
            if not self.scan.proper(at) or self.scan.searches >= _MOST_SEARCHES:
                continue
            self.scan.searches += 1
            found = self.scan.index.near(keys, at, stop)
            if found is not None:
                mention = Mention(at, at + found.words, found.names, whole=False)
                return None if another(self.scan, mention) is not None else mention
        return None

    def _is_reachable(self, start: int) -> bool:
        """A place where the account or the person of an activity stands: behind the kind or a preposition, or first."""
        if self.runs.stands_for_account(start):
            return True
        before = start - 1
        while before >= self.place.start and (
            self.marks[before] not in (Mark.FREE, Mark.NAME) or not self.words[before][0].isalnum()
        ):
            before -= 1
        if before < self.place.start:
            return (
                self.line.capital(start) or self.place.kind_at < 0 or self.line.word(start + 1) in ("-", ":", "/", ",")
            )
        return self.place.kind_at < 0 and self.line.capital(start)


def find_people(scan: Scan, place: Place) -> People:
    """The accounts and contacts in these words; their tokens are then marked."""
    return _Finder(scan, place).find()
