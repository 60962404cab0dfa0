"""Who it was with: the account and the contacts of one activity's words."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from handlers.language.names import LEGAL
from handlers.log.facts import Place
from handlers.log.mentions import another, past_legal_form
from handlers.log.scan import SEPARATORS, Mark, Mention, Scan
from handlers.log.vocabulary import ASIDES, COMPANY_WORDS, FIRST_NAMES, ORDINARY, TITLES

_OF_ACCOUNT: Final = frozenset(("at", "from", "@", "of"))
_TO_SOMEBODY: Final = frozenset(("to", "with", "w", "for", "by"))
_ARTICLES: Final = frozenset(("the", "our", "their", "my", "a", "an"))
_PARTICLES: Final = frozenset(
    ("de", "van", "von", "der", "den", "la", "le", "du", "di", "da", "del", "el", "al", "bin", "ter")
)
_NOT_THE_ACCOUNT: Final = frozenset((*ASIDES, "vs", "versus", "like", "as", "than", "using", "uses"))
_MOST_NAME_WORDS: Final = 5
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
        self.contacts: dict[int, str] = {}

    def find(self) -> People:
        mentions = self._mentions()
        first = self._account_among(mentions)
        accounts: list[Account] = []
        if first is not None:
            accounts = [self._account(mention) for mention in first]
            further = self._further(self._past_count(first[-1].stop), sure=True)
            accounts = self._company_before(first[0].start) + accounts + further
            for mention in first:
                self._contacts_before(mention.start)
                self._contacts_behind(self._past_count(mention.stop))
        else:
            accounts = self._weak() or self._misspelt_or_unknown()
        self._contacts_with()
        accounts = list({account.names or account.text: account for account in accounts}.values())
        return People(accounts, [self.contacts[at] for at in sorted(self.contacts)])

    # -- accounts ---------------------------------------------------------------------------------------------------

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
        chosen = next((mention for mention in mentions if self._governed_by(mention.start, _OF_ACCOUNT)), None)
        aside = [mention for mention in mentions if self._before(mention.start) in _NOT_THE_ACCOUNT]
        if chosen is None or (chosen is not mentions[0] and not self._leads_to(mentions[0], chosen)):
            chosen = next((mention for mention in mentions if mention not in aside), mentions[0])
        elif chosen is not mentions[0]:
            person = mentions[0]
            self.scan.claim(person.start, person.stop, Mark.FREE)
            found = self._names_until(person.stop, sure=True) or [(person.start, person.stop)]
            for start, stop in found:
                self._keep_contact(start, stop)
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

    def _before(self, at: int) -> str:
        at -= 1
        while at >= self.place.start and self.words[at] in _ARTICLES:
            at -= 1
        return self.words[at] if at >= self.place.start else ""

    def _governed_by(self, at: int, words: frozenset[str]) -> bool:
        return self._before(at) in words

    def _weak(self) -> list[Account]:
        """Names that are also common words count where an account stands: `call Next`, `met Target`."""
        for at in range(self.place.start, self.place.stop):
            mention = self.scan.weak.get(at)
            if mention is None or mention.stop > self.place.stop or any(self.marks[at : mention.stop]):
                continue
            stands = self._stands_for_account(at)
            alone = mention.stop - at == sum(1 for mark in self.marks[self.place.start : self.place.stop] if not mark)
            after = self.line.word(mention.stop)
            if not mention.whole and (after in _OF_ACCOUNT or self._is_half_a_name(mention)):
                continue
            if (stands and (self.line.capital(at) or (mention.whole and self._ends(mention.stop)))) or (
                alone and mention.whole
            ):
                if mention.whole:
                    mention = replace(mention, stop=past_legal_form(self.scan, mention.stop))
                mention = another(self.scan, mention) or mention
                self.scan.claim(mention.start, mention.stop, Mark.NAME)
                self._contacts_before(mention.start)
                account = self._account(mention)
                self._contacts_behind(self._past_count(mention.stop))
                return [account]
        return []

    def _is_half_a_name(self, mention: Mention) -> bool:
        """`First National`, where First Solar is known: a common word and another one, both with a capital."""
        line, at = self.line, mention.stop
        if at >= self.place.stop or self.marks[at] or not line.capital(at) or line.text.isupper():
            return False
        return line.capital(mention.start) and self.words[at].isalpha() and self._is_name_word(at)

    def _ends(self, stop: int) -> bool:
        if stop >= self.place.stop or self.marks[stop] != Mark.FREE or not self.words[stop][0].isalnum():
            return True
        return self.scan.times(stop)[0] > 0

    def _stands_for_account(self, at: int) -> bool:
        before = at - 1
        while before >= self.place.start and self.words[before] in _ARTICLES:
            before -= 1
        if before < self.place.start:
            return True
        word = self.words[before]
        if word in _OF_ACCOUNT or word in _TO_SOMEBODY:
            return True
        if word == "/" and self.line.word(before - 1) == "w":
            return True
        return self.marks[before] == Mark.KIND

    def _misspelt_or_unknown(self) -> list[Account]:
        """No known name was met: a misspelt one where an account may stand, else the words that stand there."""
        runs = self._runs()
        for start, stop in runs:
            known = self._near(start, stop)
            if known is not None:
                self.scan.claim(known.start, known.stop, Mark.NAME)
                return self._taken(known)
        for start, stop in runs:
            if self._before(start) in _OF_ACCOUNT:
                return self._unknown(start, stop)
        for start, stop in runs:
            if self._is_person(start, stop) or not self._is_reachable(start):
                continue
            return self._unknown(start, stop)
        for start, stop in runs:
            if self._is_person(start, stop) and self._is_reachable(start):
                self._keep_contact(start, stop)
                self._list_on(stop)
                return []
        return []

    def _unknown(self, start: int, stop: int) -> list[Account]:
        self.scan.claim(start, stop, Mark.NAME)
        return self._taken(Mention(start, stop, (), whole=False))

    def _taken(self, mention: Mention) -> list[Account]:
        account = self._account(mention)
        stop = self._past_count(mention.stop)
        self._contacts_before(mention.start)
        self._contacts_behind(stop)
        return [account, *self._further(stop)]

    def _company_before(self, at: int) -> list[Account]:
        """`Fizzbuzz GmbH and Acme`: an unknown company listed before a known one."""
        end = at
        while end > self.place.start and self.words[end - 1] in SEPARATORS and not self.marks[end - 1]:
            end -= 1
        if end == at:
            return []
        start = self._run_until(end)
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
            end = self._run_from(start)
            if end == start or not self.line.capital(start) or self._looks_like_person(start, end):
                break
            if self.line.written(start, end).isupper() and end - start == 1 and len(self.words[start]) < 5:
                break
            near = self._near(start, end)
            company = any(word in COMPANY_WORDS or word in LEGAL for word in self.words[start + 1 : end])
            if near is None and not (self._ends(end) and (company or not sure)):
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

    def _runs(self) -> list[tuple[int, int]]:
        """Words in a row that may be a name, at most a few of them, so that the search stays short."""
        found: list[tuple[int, int]] = []
        at = self.place.start
        while at < self.place.stop and len(found) < 6:
            stop = self._run_from(at)
            if stop == at:
                at += 1
                continue
            found.append((at, stop))
            at = stop
        return found

    def _run_from(self, at: int) -> int:
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
            follows = follows or (capital and line.capital(stop) and self._is_name_word(stop))
            follows = follows or (capital and word in _PARTICLES and stop + 1 < place.stop and line.capital(stop + 1))
            if not follows:
                break
            stop += 1
        return stop

    def _is_name_word(self, at: int) -> bool:
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
        person = word in FIRST_NAMES and (self.line.capital(at) or self.line.word(at + 1) in _OF_ACCOUNT)
        if person and (at > self.place.start or self.line.word(at + 1) in _OF_ACCOUNT):
            return True
        if self._is_bank_of(at):
            return True
        following = self.line.word(at + 1)
        capital_pair = self.line.capital(at) and at + 1 < self.place.stop and self.line.capital(at + 1)
        stands = at > self.place.start and self._stands_for_account(at) and word not in _LEVEL
        return stands and capital_pair and (self.scan.proper(at + 1) or following in COMPANY_WORDS)

    def _is_bank_of(self, at: int) -> bool:
        """`Bank of America`, `University of Leeds`."""
        if self.words[at] not in COMPANY_WORDS or self.line.word(at + 1) != "of" or at + 2 >= self.place.stop:
            return False
        return self.line.capital(at) and self.line.capital(at + 2) and not self.marks[at + 2]

    def _is_person(self, start: int, stop: int) -> bool:
        word = self.words[start]
        if word in TITLES:
            return True
        return word in FIRST_NAMES and not any(other in COMPANY_WORDS for other in self.words[start + 1 : stop])

    def _is_reachable(self, start: int) -> bool:
        """A place where the account or the person of an activity stands: behind the kind or a preposition, or first."""
        if self._stands_for_account(start):
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

    # -- contacts ---------------------------------------------------------------------------------------------------

    def _keep_contact(self, start: int, stop: int) -> None:
        if stop - 1 in self.line.possessive:
            return
        self.contacts[start] = self.line.written(start, stop)
        self.scan.claim(start, stop, Mark.PERSON)

    def _contacts_before(self, account: int) -> None:
        """`Jane Doe at`, `Mo and Kit from`, `Jane Doe (`: names to the left of an account."""
        at = account - 1
        while at > self.place.start and self.words[at] in _ARTICLES:
            at -= 1
        if at < self.place.start:
            return
        linked = self.words[at] in _OF_ACCOUNT
        if self.words[at] in ("over", "out"):
            at -= 1
        bracket = self.words[at] in ("(", ",", "-", "/", "–")
        if not (linked or bracket) or self.marks[at] not in (Mark.FREE, Mark.SAID):
            return
        end = at
        while end > self.place.start and self.words[end - 1] in _BETWEEN_NAME_AND_AT and not self.marks[end - 1]:
            end -= 1
        found = self._names_until(end, sure=linked)
        if self.words[at] == "of":
            found = [one for one in found if self.line.capital(one[0]) or self._is_person(*one)]
        if found:
            self.scan.claim(at, account, Mark.SAID)
        for start, stop in found:
            self._keep_contact(start, stop)

    def _names_until(self, end: int, *, sure: bool) -> list[tuple[int, int]]:
        """Listed names that end at this token, from the left."""
        found: list[tuple[int, int]] = []
        while end > self.place.start:
            start = self._run_until(end)
            if start == end or (not sure and not self._looks_like_person(start, end)):
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

    def _run_until(self, end: int) -> int:
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

    def _looks_like_person(self, start: int, stop: int) -> bool:
        if start >= stop or any(word in LEGAL for word in self.words[start + 1 : stop]):
            return False
        if self._is_person(start, stop):
            # `will` and `may` are names only with a capital
            return self.words[start] not in ORDINARY or self.line.capital(start)
        capitals = sum(self.line.capital(at) for at in range(start, stop))
        return capitals == stop - start == 2 and not any(word in COMPANY_WORDS for word in self.words[start:stop])

    def _contacts_behind(self, at: int) -> None:
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
        self._list_on(start, checked=not possessive)

    def _list_on(self, start: int, *, checked: bool = True) -> None:
        """Listed names from this token on."""
        while start < self.place.stop:
            while start < self.place.stop and self.words[start] in SEPARATORS and not self.marks[start]:
                start += 1
            stop = self._person_from(start)
            if stop == start or (checked and not self._looks_like_person(start, stop)):
                return
            self._keep_contact(start, stop)
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
        return self._run_from(at)

    def _contacts_with(self) -> None:
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
                    or not self._looks_like_person(start, self._person_from(start))
                ):
                    continue
            else:
                continue
            while start < place.stop and words[start] in _ARTICLES:
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
            self._keep_contact(start, stop)
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


_BETWEEN_NAME_AND_AT: Final = frozenset(("over", "out", "up", "down", "back"))
_NO_NAMES: Final = ORDINARY - FIRST_NAMES
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


def find_people(scan: Scan, place: Place) -> People:
    """The accounts and contacts in these words; their tokens are then marked."""
    return _Finder(scan, place).find()
