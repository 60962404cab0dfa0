"""Reads a question about the numbers: what is asked, whose, when, against what. Pure; nothing is looked up in rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Final

import msgspec

from handlers.ask.asides import set_aside, without_asides
from handlers.ask.comparison import Compared, Marker, beside, compared, marker_of
from handlers.ask.composing import Said, composed, looks_ahead
from handlers.ask.intents import Meant, left_over, meant, not_asked
from handlers.ask.listing import listed
from handlers.ask.names import Mention, mentions
from handlers.ask.nearest import nearest
from handlers.ask.org import Member, Org
from handlers.ask.reading import Intent, Question
from handlers.ask.subjects import Subjects
from handlers.ask.typed import Typed, typed
from handlers.ask.when import holding
from handlers.ask.whens import Whens
from handlers.ask.wording import cut_of, how_many, measure_of, who_is_listed
from handlers.language.dates import DateOrder
from handlers.numbers.periods import FiscalCalendar

_QUESTION_WORDS: Final = frozenset(
    ("what", "which", "who", "how", "where", "why", "list", "show", "my", "our", "best", "worst", "any", "all", "many")
)
_OPENINGS: Final = frozenset(
    ("is", "are", "am", "was", "were", "do", "does", "did", "has", "have", "had", "will", "can", "could", "would")
)
_FOLLOWING: Final = frozenset(("same", "but", "or", "also", "ditto"))
_STATING: Final = frozenset((("i", "am"), ("we", "are"), ("i", "have"), ("we", "have")))
_COURTESY: Final = frozenset(("thanks", "thank", "you", "bye", "morning", "sorry", "congrats"))
_GREETINGS: Final = frozenset(("hi", "hello", "hey", "hiya", "yo", "ok", "okay"))
UNKNOWN: Final = Question("unknown", sure=True, confidence=0.0)


def read(
    text: str,
    *,
    asker: Member | str | None,
    org: Org,
    today: date,
    fiscal: FiscalCalendar = FiscalCalendar(),  # noqa: B008 - frozen
    quota_period: str = "quarter",
    measures: Sequence[str] = (),
    date_order: DateOrder = "mdy",
    previous: Question | None = None,
) -> Question:
    """What a text is taken for.

    `asker` is a member of the org or a name of one; who is not in it asks about the company. `today` is the asker's
    day, `quota_period` the length that the company's targets are for, `measures` further measures and activity kinds
    by name. `previous` is the question just answered: a fragment (`and last month?`) keeps what it does not say.
    """
    person = org.find(asker) if isinstance(asker, str) else asker
    subjects = Subjects(org, person)
    words = typed(text, org)
    set_aside(words)
    named = mentions(words, org)
    words, named = _merged(words, named)
    whens = Whens(words, today, fiscal, date_order).find()
    by, odd_cut = cut_of(words)
    counted, kinds = measure_of(words, measures)
    limit, order = how_many(words)
    marker = marker_of(words)
    said = Said(words, whens, subjects.found(words, named), counted, kinds, by, odd_cut, limit, order)
    intent = (listed(words) if marker is None else None) or meant(words)
    told = marker is not None
    if marker is None and (intent is None or intent.intent == "status"):
        marker = beside(words)
    quota = holding(quota_period, today, fiscal)
    about = bool(whens) or any(subject.force >= 3 for subject in said.subjects)
    fragment = intent is None and (about or by is not None or marker is not None)
    left = left_over(words, intent, comparing=marker is not None)
    left = without_asides(words, intent.words if intent and intent.strong else frozenset(), left)
    other = not_asked(words)
    confidence = 0.0 if other else _confidence(said, intent, left, fragment=fragment)
    if not confidence and not _nearly(said, intent, left):
        return UNKNOWN
    if intent is None:
        detail = previous.detail if previous else None
        kind: Intent = previous.intent if previous and previous.intent != "unknown" else "status"
        if previous is None and by in ("rep", "team"):
            kind, detail = "ranking", "attainment"
        intent = Meant(kind, detail, strong=False, words=frozenset())
    pair: Compared | None = None
    if marker is not None:
        ahead = looks_ahead(intent.intent, intent.detail)
        pair = compared(marker, whens, said.subjects, today=today, fiscal=fiscal, quota=quota, ahead=ahead)
        if intent.intent == "coverage" and len(whens) == 1 and not whens[0].back and not whens[0].relation:
            pair = None  # coverage against the full year
        if pair is None and intent.intent == "status" and who_is_listed(words):
            intent = replace(intent, intent="ranking", detail="attainment")  # `compare my reps`
    question = composed(
        said,
        intent,
        pair,
        subjects,
        left,
        previous=previous if fragment else None,
        quota=quota,
        today=today,
        fiscal=fiscal,
        confidence=confidence,
    )
    which = not told and marker is not None and words.word(marker.at) == "or"
    follows = fragment and previous is None and words.word(0) in _FOLLOWING and words.free(0, 1)
    lacking = marker is not None and _lacks_a_side(words, marker, pair, fragment=fragment, which=which)
    if question.sure and not question.refused and (lacking or follows or _states(words)):
        question = msgspec.structs.replace(question, sure=False, other_readings=tuple(nearest(question)))
    if confidence:
        return question
    near = msgspec.structs.replace(question, sure=False, confidence=0.0)
    if not other and _asks(words):
        return near
    readings = (msgspec.structs.replace(near, other_readings=()), *near.other_readings)
    return msgspec.structs.replace(UNKNOWN, sure=False, other_readings=readings, not_understood=question.not_understood)


def looks_like_a_question(question: Question) -> bool:
    """Plain words in a chat are answered as a question: not a fragment, not a line that may be something else."""
    return question.intent != "unknown" and question.confidence >= 0.6


def _merged(words: Typed, named: list[Mention]) -> tuple[Typed, list[Mention]]:
    """The words in one spelling; the names have moved with them."""
    for number, mention in enumerate(named):
        words.claim(mention.start, mention.stop, f"@name{number}")
    words.merged()
    moved = []
    for number, mention in enumerate(named):
        places = [at for at, used in enumerate(words.used) if used == f"@name{number}"]
        moved.append(replace(mention, start=places[0], stop=places[-1] + 1))
    return words, moved


def _confidence(said: Said, intent: Meant | None, left: list[int], *, fragment: bool) -> float:
    """How clearly this asks about the numbers; 0 for what is no question about them."""
    words = said.typed
    understood = sum(1 for at, used in enumerate(words.used) if used and at not in left)
    if intent is None:
        if not fragment or left or _is_chatter(words):
            return 0.0
        return 0.9 if "@vs" in words.used else 0.4
    understood += sum(1 for at in intent.words if not words.used[at])
    if not left:
        return 1.0 if intent.strong else 0.7
    asks = _asks(words) or any(words.written(at).lower() == "deals" for at in range(min(2, len(words.words))))
    if not intent.strong or len(left) > 3 or len(left) > understood:
        return 0.0
    if intent.intent in ("deals", "activity") and not asks:
        return 0.0
    return 0.6 if asks else 0.5


def _asks(words: Typed) -> bool:
    """A question mark, or a question word near the beginning."""
    return "?" in words.line.words or any(word in _QUESTION_WORDS for word in words.words[:3])


def _nearly(said: Said, intent: Meant | None, left: list[int]) -> bool:
    """Perhaps a question about the numbers after all, most of whose words are strange."""
    if _is_chatter(said.typed) or len(left) > 4:
        return False
    about = bool(said.whens) or any(subject.force >= 3 for subject in said.subjects)
    asks = _asks(said.typed) or (bool(said.typed.words) and said.typed.words[0] in _OPENINGS)
    return intent is not None or (about and asks)


def _lacks_a_side(words: Typed, marker: Marker, pair: Compared | None, *, fragment: bool, which: bool) -> bool:
    """`vs` and `compare` with nothing beside them, `Dana or Sam?` of whom nothing is asked, growth since no one day."""
    alone = pair is None and not who_is_listed(words)
    return (pair is None and marker.bare) or ((fragment or marker.leads) and (alone or which))


def _states(words: Typed) -> bool:
    """`I am behind on my emails` tells something, unless it is a question by its mark."""
    free = [word for word, used in zip(words.words, words.used, strict=True) if used != "@aside"]
    return tuple(free[:2]) in _STATING and not _asks(words)


def _is_chatter(words: Typed) -> bool:
    """`see you tomorrow`, `thanks Dana`: a name or a day among words of courtesy is no fragment of a question."""
    if any(word in _COURTESY for word in words.words):
        return True
    first = [used[:5] for used in words.used[:2]]
    return len(words.words) == 2 and words.words[0] in _GREETINGS and first[1] == "@name"
