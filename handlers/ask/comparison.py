"""Two periods or two scopes beside each other: `vs last year`, `compare Q1 and Q2`, `East or West`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from handlers.ask.subjects import Subject
from handlers.ask.typed import Typed
from handlers.ask.when import LENGTHS, When, holding, moved
from handlers.numbers.periods import FiscalCalendar, before, year_ago
from handlers.numbers.spans import Span

_AGAINST_WHAT: Final = frozenset(
    (
        *("quota", "pace", "commit", "forecast", "expectation", "expectations", "gap", "number", "expected", "plan"),
        "lost",
    )
)
"""What a result stands against without being compared with another one; `won vs lost` is a win rate."""
_BACK: Final = frozenset(("last", "previous", "prior", "before"))
_AHEAD_OF: Final = frozenset(
    ("beat", "beats", "beating", "beaten", "ahead", "behind", "outsold", "outperformed", "passed", "overtook", "best")
)
"""Between two names, words that set them beside each other."""
_GROW: Final = frozenset(("growing", "grow", "grew", "grown", "shrinking", "shrink", "growth", "improved"))
_NOT_GROWN: Final = frozenset(
    (
        *(
            "most",
            "who",
            "which",
            "best",
            "worst",
            "biggest",
            "least",
            "pipeline",
            "rep",
            "people",
            "leaderboard",
            "by",
        ),
        *("can", "could", "should", "to", "help", "must"),
    )
)
_SELVES: Final = frozenset(("i", "we", "my", "our", "me", "us"))
_US: Final = frozenset(("us", "we", "me", "i", "mine", "ours"))
_WHICH_OF_TWO: Final = frozenset(
    (
        *("who", "which", "better", "worse", "ahead", "behind", "best", "more", "stronger", "weaker", "won", "leads"),
        "higher",
    )
)
_OVER: Final = frozenset(("week", "month", "quarter", "year"))
_MORE: Final = frozenset(
    (
        "better",
        "worse",
        "more",
        "less",
        "higher",
        "lower",
        "stronger",
        "weaker",
        "faster",
        "slower",
        "bigger",
        "smaller",
    )
)
"""Behind these `then` and `as` are `than`, mistyped or as other languages say it."""
_ITS: Final = frozenset(
    ("the", "our", "my", "its", "his", "her", "their", "your", "full", "quarterly", "monthly", "annual", "yearly")
)


@dataclass(frozen=True, slots=True)
class Marker:
    """Where a comparison is said: words before `at` are one side, words from `stop` on the other.

    `leads` where both sides come after it (`compare X and Y`).
    """

    at: int
    stop: int
    leads: bool = False
    over: str = ""
    """The unit of `month over month`."""
    bare: bool = False
    """The other side is only `last` or `the one before`."""


def marker_of(typed: Typed) -> Marker | None:
    """The words that compare, claimed; None where there are none."""
    words = typed.words
    compare: Marker | None = None
    for at, word in enumerate(words):
        if typed.used[at]:
            continue
        if word in _OVER and typed.word(at + 1) in ("over", "on") and typed.word(at + 2) == word:
            typed.claim(at, at + 3, "@vs")
            return Marker(at, at + 3, over=word)
        stop = _stop_of(typed, at) or _either(typed, at)
        if stop is None:
            continue
        behind = stop
        while typed.word(behind) in _ITS:
            behind += 1
        if typed.word(behind) in _AGAINST_WHAT and not (typed.used[behind : behind + 1] or ["x"])[0]:
            continue
        if word == "compare" and typed.word(at + 1) not in ("to", "with", "vs", "against"):
            compare = compare or Marker(at, stop, leads=True)
            typed.claim(at, stop, "@vs")
            continue
        if word == "difference":
            typed.claim(at, stop, "@vs")
            return Marker(at, stop, leads=True)
        bare = _bare(typed, stop)
        typed.claim(at, stop + bare, "@vs")
        return Marker(at, stop + bare, bare=bare > 0)
    return compare or _grown(typed)


def _grown(typed: Typed) -> Marker | None:
    """`is EMEA growing`: against the period before."""
    at = next((at for at, word in enumerate(typed.words) if word in _GROW and not typed.used[at]), None)
    if at is None and typed.word(0) in ("is", "are") and len(typed.words) == 3 and typed.words[2] in ("up", "down"):
        at = 2
    if at is None or _NOT_GROWN.intersection(typed.words):
        return None
    typed.claim(at, at + 1, "@vs")
    return Marker(at, at + 1, bare=True)


def _stop_of(typed: Typed, at: int) -> int | None:
    """Where a comparing word ends; None if this is none."""
    word, after = typed.words[at], typed.word(at + 1)
    if word in ("vs", "than", "v") or (word in ("then", "as") and at and typed.words[at - 1] in _MORE):
        return at + 1
    if word == "against":
        return at + 1
    if word == "compare":
        return at + (2 if after in ("to", "with", "vs", "against") else 1)
    if word in ("relative", "opposed", "next") and after == "to":
        return at + 2
    if word == "difference" and after == "between":
        return at + 2
    if word in _AHEAD_OF and (stop := _of_somebody(typed, at)) is not None:
        return stop
    if word in ("up", "down", "ahead") and after in ("on", "from", "over", "of") and typed.word(at + 2):
        behind = at + 2 + (typed.word(at + 2) == "the")
        return at + 2 if typed.used[behind : behind + 1] == ["@when"] else None
    if word == "side" and (after, typed.word(at + 2)) == ("by", "side"):
        return at + 3
    if word in ("beat", "beating", "beaten") and typed.used[at + 1 : at + 2] == ["@when"]:
        return at + 1
    if word in ("growth", "growing") and typed.used[at + 1 : at + 2] == ["@when"] and after in _BACK:
        return at + 1
    return None


def beside(typed: Typed) -> Marker | None:
    """`how are Dana and Sam doing`: two names of which no more is said than that they are two."""
    for at in range(len(typed.words)):
        if _either(typed, at, any_words=True) is not None:
            typed.claim(at, at + 1, "@vs")
            return Marker(at, at + 1)
    return None


def _either(typed: Typed, at: int, *, any_words: bool = False) -> int | None:
    """`Dana or Sam, who is ahead`: the word between two names."""
    if typed.words[at] not in ("or", "and") or not 0 < at < len(typed.words) - 2 + (typed.word(at + 1) != "the"):
        return None
    places = (at - 1, at + 1 + (typed.word(at + 1) == "the"))
    telling = _WHICH_OF_TWO if typed.words[at] == "or" else _WHICH_OF_TWO - {"who", "which", "best", "won", "behind"}
    named = [typed.used[place].startswith("@name") for place in places]
    if not any(named) or not all(one or typed.words[place] in _US for one, place in zip(named, places, strict=True)):
        return None
    if not any_words and not telling.intersection(typed.words):
        return None
    return at + 1


def _of_somebody(typed: Typed, at: int) -> int | None:
    """Where `beat East`, `ahead of Dana` end before the name, with another one said before; None for the rest."""
    stop = at + 1 + (typed.word(at + 1) in ("of", "by", "than"))
    named = typed.used[stop : stop + 1]
    if not named or not (named[0].startswith("@name") or typed.words[stop] in ("us", "me", "mine", "ours")):
        return None
    one = any(
        used.startswith("@name") or word in _SELVES for word, used in zip(typed.words[:at], typed.used, strict=False)
    ) or (named[0].startswith("@name") and bool(_SELVES.intersection(typed.words[stop + 1 :])))
    return stop if one else None


def _bare(typed: Typed, at: int) -> int:
    """How many words from here on are only `last`, `the previous one`, `the one before`."""
    words = [typed.word(at + i) for i in range(4)]
    if typed.used[at : at + 1] == ["@when"]:
        return 0
    skip = words[0] == "the"
    if words[skip] in _BACK:
        return skip + 1 + (words[skip + 1] in ("one", "period"))
    if words[skip] in ("one", "period") and words[skip + 1] == "before":
        return skip + 2
    return 0


@dataclass(frozen=True, slots=True)
class Compared:
    """The two sides; whatever is None was not said. `sides` is whether two scopes stand beside each other."""

    period: Span | None = None
    against: Span | None = None
    subject: Subject | None = None
    against_subject: Subject | None = None


def compared(
    marker: Marker,
    whens: list[When],
    subjects: list[Subject],
    *,
    today: date,
    fiscal: FiscalCalendar,
    quota: Span,
    ahead: bool,
) -> Compared | None:
    """What is beside what; None where the comparing words have nothing to compare."""
    left_subject, right_subject = _sides(marker, subjects)
    two_scopes = left_subject is not None and right_subject is not None
    spans = [when for when in whens if not when.relation]
    relations = [when for when in whens if when.relation]
    period: Span | None = None
    against: Span | None = None
    if marker.over:
        base = spans[0].span(ahead=ahead) if spans else holding(marker.over, today, fiscal)
        period, against = base, year_ago(base) if marker.over == "year" else before(base)
    elif relations:
        own = relations[0].past if relations[0].relation == "year_ago" and relations[0].unit != "span" else quota
        base = spans[0].span(ahead=ahead) if spans else own
        period, against = base, _related(base, relations[0])
    elif marker.bare and spans and spans[0].unit == "span" and spans[0].whole is None:
        return None  # improved since Q2: what before it is meant cannot be known
    elif marker.leads and len(spans) == 1 and not two_scopes and spans[0].unit == "span" and spans[0].whole is None:
        return None  # compare the last two quarters
    elif marker.bare:
        base = spans[0].span(ahead=ahead) if spans else quota
        period, against = base, year_ago(base) if spans and spans[0].whole is not None else before(base)
    elif len(spans) > 1:
        first, second = spans[0], spans[1]
        period = first.span(ahead=ahead)
        against = year_ago(period) if _is_last_year(second) and first.unit != "year" else second.span(ahead=ahead)
    elif spans and two_scopes:
        period = spans[0].span(ahead=ahead)
    elif spans and (spans[0].start >= marker.stop or marker.leads):
        period, against = _only_the_other(spans[0], today, fiscal, quota, ahead=ahead)
    elif spans:
        period = spans[0].span(ahead=ahead)
        if not two_scopes:
            return None
    if against is None and not two_scopes:
        return None
    return Compared(period, against, left_subject, right_subject if two_scopes else None)


def _only_the_other(when: When, today: date, fiscal: FiscalCalendar, quota: Span, *, ahead: bool) -> tuple[Span, Span]:
    """Only what it is compared with was said: `vs last month` is this month's, `vs last year` the quota period's."""
    if _is_last_year(when):
        return quota, year_ago(quota)
    against = when.span(ahead=ahead)
    if when.unit in LENGTHS or when.unit in ("week", "day"):
        period = moved(when.unit, today, 0, fiscal)
        return (period, against) if period != against else (against, before(against))
    return quota, against


def _is_last_year(when: When) -> bool:
    return when.unit == "year" and when.back


def _related(base: Span, when: When) -> Span:
    return year_ago(base) if when.relation == "year_ago" else before(base)


def _sides(marker: Marker, subjects: list[Subject]) -> tuple[Subject | None, Subject | None]:
    """The strongest subject of each side; behind a leading `compare` the first two of the strongest kind."""
    if marker.leads or not any(subject.at >= marker.stop for subject in subjects):
        named = [subject for subject in subjects if subject.force >= 3]
        if len(named) > 1 and (marker.leads or named[1].at < marker.at):
            return named[0], named[1]
        if marker.leads and len(named) == 1 and subjects and subjects[0] is not named[0] and subjects[0].at > marker.at:
            return subjects[0], named[0]
        return max(subjects, key=lambda subject: subject.force, default=None), None
    left = [subject for subject in subjects if subject.at < marker.at]
    right = [one for one in subjects if one.at >= marker.stop and (one.force >= 3 or one.at == marker.stop)]
    if not right:
        return max(left, key=lambda subject: subject.force, default=None), None
    strongest = max(right, key=lambda subject: subject.force)
    own = next((subject for subject in subjects if subject.at > strongest.at and subject.force < strongest.force), None)
    if not left:
        return (own, strongest) if own is not None else (strongest, None)
    return max(left, key=lambda subject: subject.force), strongest
