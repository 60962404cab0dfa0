"""Where the names of known accounts stand in a line, and where one only seems to: `Acme West` is not Acme East."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from handlers.language.amounts import LETTERED_SIGNS
from handlers.language.dates import spelt_day
from handlers.language.fold import words_of
from handlers.language.names import LEGAL, NameIndex, core_words
from handlers.language.scan import Mark, Mention, Scan
from handlers.language.tokens import Line
from handlers.language.vocabulary import COMPANY_WORDS, FIRST_NAMES, ORDINARY, REGIONS, TITLES, Phrases

_PLAIN_LEGAL: Final = LEGAL - {"as", "se", "sa", "ab", "ag", "co", "company", "private", "spa", "lp", "limited"}
"""Legal forms that are no other words, so that they need no capital."""
_AND_OTHERS: Final = frozenset(("sons", "co", "company", "brothers", "bros", "daughters", "associates"))
_OWN_FAMILY: Final = frozenset(("group", "holdings"))
"""Behind a whole name these do not make it another company's."""
_MOST_FURTHER: Final = 4
_MOST_NAMES: Final = 20
"""Looked at of the names that one word is a part of: a chain of shops has thousands."""


def scanned(line: Line, index: NameIndex, vocabulary: Phrases) -> Scan:
    """The line with the names in it found."""
    scan = Scan(line, index, vocabulary)
    _find(scan)
    return scan


def _find(scan: Scan) -> None:
    line, keys, marks, index = scan.line, scan.line.keys, scan.marks, scan.index
    count, at = line.count, 0
    owned = [key[:-1] if at in line.possessive else key for at, key in enumerate(keys)] if line.possessive else None
    while at < count:
        key = keys[at]
        if not key or key == "\0" or marks[at]:
            at += 1
            continue
        found = index.at(keys, at, count)
        if owned is not None:
            longer = index.at(owned, at, count)
            if longer is not None and (found is None or longer.words > found.words):
                found = longer
        if found is None:
            at += 1
            continue
        stop, names = at + found.words, found.names
        if not found.whole:
            stop, names = _further(scan, at, stop, names)
        mention = Mention(at, stop, names, found.whole)
        if _is_weak(scan, mention):
            scan.weak[at] = mention
            at += 1
            continue
        mention = another(scan, mention) or Mention(at, past_legal_form(scan, stop), names, found.whole)
        times, at = scan.times(mention.stop)
        scan.mentions[mention.start] = replace(mention, count=times) if times else mention
        scan.claim(mention.start, mention.stop, Mark.NAME)
        scan.claim(mention.stop, at, Mark.COUNT)


def _further(scan: Scan, start: int, stop: int, names: tuple[str, ...]) -> tuple[int, tuple[str, ...]]:
    """Further words of the same names behind a part of them: `Juniper ... Farms`."""
    line = scan.line
    last = min(line.count, stop + _MOST_FURTHER)
    while stop < last and line.keys[stop] not in ("\0", ""):
        word = line.keys[stop]
        if word in line.keys[start:stop]:
            break
        fewer = scan.index.narrowed(names, word)
        open_choice = len(names) > 1 or line.capital(stop)
        if not fewer and open_choice and word not in ORDINARY and word not in scan.vocabulary.phrases:
            fewer = scan.index.narrowed(names, word, loosely=True)
        if not fewer or (len(fewer) == len(names) and word in ORDINARY and not line.capital(stop)):
            break
        names, stop = fewer, stop + 1
    return stop, names


def _is_weak(scan: Scan, mention: Mention) -> bool:
    keys = [key for key in scan.line.keys[mention.start : mention.stop] if key]
    phrases = scan.vocabulary.phrases
    if len(keys) == 1:
        key = keys[0]
        common = key in ORDINARY or key in phrases or key.isdecimal() or len(key) < 2
        return common or (key in FIRST_NAMES and not mention.whole)
    return not mention.whole and all(key in ORDINARY or key in phrases for key in keys)


def past_legal_form(scan: Scan, stop: int) -> int:
    """`Acme Inc` where Acme, or Acme Incorporated, is known."""
    line = scan.line
    if stop - 1 in line.possessive:
        return stop
    while stop < line.count and not scan.marks[stop] and line.words[stop] in LEGAL:
        if not (line.words[stop] in _PLAIN_LEGAL or (line.capital(stop) and not line.text.isupper())):
            break
        stop += 1
    return stop


def another(scan: Scan, mention: Mention) -> Mention | None:
    """The longer name of a company that is not known, where the words beside this mention clearly belong to it."""
    start, stop = _from_the_left(scan, mention), _to_the_right(scan, mention)
    if (start, stop) == (mention.start, mention.stop):
        return None
    return Mention(start, past_legal_form(scan, stop), (), whole=False)


def _to_the_right(scan: Scan, mention: Mention) -> int:
    line, at = scan.line, mention.stop
    if at >= line.count or scan.marks[at] or at - 1 in line.possessive:
        return at
    word, full = line.words[at], _is_full(scan, mention)
    behind = at + 1
    if word in ("&", "+", "and"):
        if behind < line.count and _is_partner(scan, mention, behind, full=full):
            return _name_on(scan, behind + 1)
        return at
    if word == "-":
        hyphened = line.glued(at) and behind < line.count and line.glued(behind)
        if hyphened and _is_joined_on(scan, behind) and (not full or line.capital(behind)):
            return _name_on(scan, behind + 1)
        return at
    if not word[0].isalpha():
        return at
    if _is_company_word(scan, at, full=full) or _is_other_region(scan, mention.names, at):
        return _name_on(scan, behind)
    if full or len(mention.names) > 1:
        return at
    if word in LEGAL:
        return past_legal_form(scan, at)
    if not _is_of_a_name(scan, at):
        return at
    known = scan.index.at(line.keys, at, line.count)
    return at if known is not None and known.whole else _name_on(scan, behind)


def _from_the_left(scan: Scan, mention: Mention) -> int:
    """`Cedar Creek Farms`, where Juniper Creek Farms is known: the words met are not the first of the known name."""
    line, at = scan.line, mention.start
    if at == 0 or mention.whole or not line.capital(at):
        return at
    before = at - 1
    if line.words[before] == "-":
        hyphened = at > 1 and line.glued(at) and line.glued(before) and len(line.words[at - 2]) > 3
        return at - 2 if hyphened and _is_of_a_name(scan, at - 2) else at
    if not _is_of_a_name(scan, before) or any(_heads(name, line.keys[at]) for name in mention.names[:_MOST_NAMES]):
        return at
    while before > 0 and at - before < _MOST_FURTHER and _is_of_a_name(scan, before - 1):
        before -= 1
    return before


def _heads(name: str, key: str) -> bool:
    words = core_words(name)
    return bool(words) and "".join(words).startswith(key)


def _is_full(scan: Scan, mention: Mention) -> bool:
    """Nothing of the known name but its legal form is missing."""
    if mention.whole:
        return True
    used = sum(1 for key in scan.line.keys[mention.start : mention.stop] if key)
    return any(len(core_words(name)) <= used for name in mention.names[:_MOST_NAMES])


def _is_partner(scan: Scan, mention: Mention, at: int, *, full: bool) -> bool:
    """`Johnson & Johnson`, `Acme & Sons`, `Acme & Halvorsen`; but not `Acme & Globex`, both known, or `Acme & Jane`."""
    line, sign = scan.line, scan.line.words[at - 1] != "and"
    if scan.marks[at]:
        return False
    if line.keys[at] == line.keys[mention.start] and mention.stop - mention.start == 1:
        return True
    if not sign:
        return False
    if line.words[at] in _AND_OTHERS:
        return True
    return not full and _is_joined_on(scan, at) and scan.index.at(line.keys, at, line.count) is None


def _is_joined_on(scan: Scan, at: int) -> bool:
    """Behind `&` or a hyphen a name's word needs no capital."""
    word = scan.line.words[at]
    if not word.isalpha() or not scan.proper(at) or word in scan.vocabulary.phrases or word in FIRST_NAMES:
        return False
    return not _is_verbal(word)


def _is_company_word(scan: Scan, at: int, *, full: bool) -> bool:
    """`Meridian Bank`, not Meridian Glass; `Acme Systems`, where Acme is known, but not `Acme Systems Team`."""
    line, word = scan.line, scan.line.words[at]
    if word not in COMPANY_WORDS or not line.capital(at) or line.text.isupper():
        return False
    if not full:
        return True
    behind = at + 1
    ends = behind >= line.count or not line.capital(behind) or line.words[behind] in LEGAL
    return ends and word not in _OWN_FAMILY


def _is_other_region(scan: Scan, names: Sequence[str], at: int) -> bool:
    """A part of the world that the known accounts, which name theirs, do not name."""
    line, word = scan.line, scan.line.words[at]
    if word not in REGIONS or (word in ORDINARY and not line.written(at, at + 1).isupper()):
        return False
    return all(REGIONS.intersection(words_of(name)) for name in names[:_MOST_NAMES])


def _is_of_a_name(scan: Scan, at: int) -> bool:
    """A capitalised word that is none of the language's, of the vocabulary's, and no person's first name."""
    line, word = scan.line, scan.line.words[at]
    if not line.capital(at) or not word.isalpha() or len(word) < 2 or not scan.proper(at):
        return False
    if word in scan.vocabulary.phrases or word in FIRST_NAMES or word in TITLES or _is_verbal(word):
        return False
    if word in LETTERED_SIGNS or line.text.isupper() or (len(word) < 5 and line.written(at, at + 1).isupper()):
        return False
    return scan.vocabulary.spelt(word) is None and spelt_day(word) is None


def _is_verbal(word: str) -> bool:
    return len(word) > 5 and word.endswith(("ed", "ing"))


def _name_on(scan: Scan, at: int) -> int:
    """Where the name ends whose last word so far stands before this token."""
    line, first = scan.line, at
    while at < line.count and at - first < _MOST_FURTHER and not scan.marks[at] and at - 1 not in line.possessive:
        company = line.words[at] in COMPANY_WORDS and line.capital(at)
        if not (company or _is_of_a_name(scan, at)):
            break
        at += 1
    return at
