"""From the parts that were found in a question to the question: defaults, what else it may mean, what is refused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

import msgspec

from handlers.ask.comparison import Compared
from handlers.ask.intents import Meant
from handlers.ask.nearest import nearest, perhaps
from handlers.ask.reading import NO_MEASURE, Intent, Order, Question, Scope
from handlers.ask.subjects import Subject, Subjects
from handlers.ask.typed import Typed
from handlers.ask.when import LENGTHS, When, holding
from handlers.ask.wording import who_is_listed
from handlers.numbers.periods import FiscalCalendar, year_ago
from handlers.numbers.spans import Span

REFUSED_BEHIND: Final = (
    "Who is behind is shown to those who lead a team. Ask for your own number, or for your team's ranking."
)
_AHEAD: Final = frozenset(("forecast", "coverage", "needed"))
_AHEAD_DETAILS: Final = frozenset(("closing", "open"))
_COMPARABLE: Final = frozenset(("status", "ranking", "activity", "deals", "compare", "behind"))
"""Intents that a comparison turns into `compare`; the others keep their own, and say what they are against."""
_WHO: Final = frozenset(
    ("who", "which", "people", "rep", "any", "list", "teams", "risk", "underperformers", "laggards", "stragglers")
)
_MOST_OTHERS: Final = 4
_NOW: Final = frozenset(("is", "are", "am", "do", "does", "will", "going", "look", "looking", "doing"))
_OVER: Final = frozenset(("did", "was", "were", "had", "last"))
"""Words in whose company a month is one that is now or to come, and one that is over."""


@dataclass(frozen=True, slots=True)
class Said:
    """The parts of a question as they were found, before defaults."""

    typed: Typed
    whens: list[When]
    subjects: list[Subject]
    measures: list[str]
    kinds: list[str]
    by: str | None
    odd_cut: str | None
    limit: int | None
    order: Order | None


def looks_ahead(intent: str, detail: str | None) -> bool:
    return intent in _AHEAD or (intent == "deals" and detail in _AHEAD_DETAILS)


def composed(
    said: Said,
    meaning: Meant,
    pair: Compared | None,
    subjects: Subjects,
    left: list[int],
    *,
    previous: Question | None,
    quota: Span,
    today: date,
    fiscal: FiscalCalendar,
    confidence: float,
) -> Question:
    intent, detail = meaning.intent, meaning.detail
    if intent == "behind" and not _asks_who(said):
        intent = "status"
    if intent == "status" and pair is None and _asks_for_people(said):
        intent, detail = "ranking", "attainment"
    both = intent == "status" and ("activity", None) in meaning.others
    if intent == "status" and said.kinds and not said.measures and not both:
        intent = "activity"
    place = intent == "ranking" and pair is not None and pair.subject is not None and pair.subject.own
    place = place and "or" not in said.typed.words
    if pair is not None and intent in _COMPARABLE and detail != "improvement" and not place:
        intent, detail = "compare", None
    ahead = looks_ahead(intent, detail)
    others: list[Question] = []
    period, periods = _period(said, pair, intent, quota, today, fiscal, ahead=ahead)
    if pair is None and ahead and intent != "deals" and period == Span(today, quota.last):
        period = quota  # needed until the last day of the quota period: the target is that of all of it
    whole = _whole(said, period) if pair is None else None
    if intent == "commission" and "far" in said.typed.words:
        # A commission is one of the plan's own period, which is not over: what is credited so far is in it.
        period, whole = whole or period, None
    if intent == "forecast" and detail == "projected" and period.last < today:
        intent, detail = "status", None
    if intent == "deals":
        detail = _in_time(detail, period, today)
    if detail == "stuck" and period.first > today:
        # "No activity in 30 days": the days behind us, and not one to come.
        period, periods = quota, [period]
    subject = pair.subject if pair is not None else max(said.subjects, key=lambda one: one.force, default=None)
    scope = _scope(subject, subjects, said, intent)
    second = pair.against_subject if pair is not None and not place else None
    measure = _measure(said, intent if meaning.intent != "activity" or said.kinds else "activity")
    measure = "bookings" if both and not said.measures else measure
    by = said.by or (who_is_listed(said.typed) if intent in ("ranking", "behind") else None)
    limit, order = _listed(said, intent)
    if previous is not None:
        scope = scope if subject is not None else previous.scope or scope
        period = period if said.whens else previous.period or period
        measure = measure if said.measures or said.kinds else previous.measure
        by, limit, order = by or previous.by, previous.limit, previous.order
    question = Question(
        intent=intent,
        detail=detail,
        scope=scope,
        against_scope=second.scopes[0] if second is not None else None,
        period=period,
        against=pair.against if pair is not None else None,
        measure=measure,
        by=by,
        limit=limit,
        order=order,
        confidence=confidence,
        whole=whole,
        not_understood=tuple(dict.fromkeys(_unread(said, left, intent))),
        said=_what_was_said(said, meaning, pair),
    )
    for one in subject.scopes[1:] if subject is not None else ():
        others.append(msgspec.structs.replace(question, scope=one))
    for one in second.scopes[1:] if second is not None else ():
        others.append(msgspec.structs.replace(question, against_scope=one))
    others += [msgspec.structs.replace(question, period=span) for span in periods]
    others += _second_readings(said, meaning, question, pair)
    others = [other for other in dict.fromkeys(others) if other != question]
    unsure = (
        bool(others)
        or bool(question.not_understood)
        or _guessed(said.typed)
        or len(said.measures) > 1
        or not all(one.sure for one in (subject, second) if one is not None)
    )
    if unsure and not others:
        others = nearest(question)
    refused = None
    if intent == "behind" and subjects.asker is not None and subjects.led is None:
        refused, unsure, others = REFUSED_BEHIND, bool(question.not_understood), []
    return msgspec.structs.replace(
        question, sure=not unsure, other_readings=tuple(others[:_MOST_OTHERS]), refused=refused
    )


def _guessed(typed: Typed) -> bool:
    """Whether a word, a name apart, was taken for one of ours that it is not very near to."""
    return any(
        token in typed.doubts and not used.startswith("@name")
        for token, used in zip(typed.source, typed.used, strict=True)
    )


def _in_time(detail: str | None, period: Span, today: date) -> str | None:
    """Nothing is won in days to come, and nothing closes in days that are over."""
    if detail in ("won", "lost") and period.first > today:
        return "closing"
    if detail == "closing" and period.last < today:
        return "won"
    return detail


def _scope(subject: Subject | None, subjects: Subjects, said: Said, intent: Intent) -> Scope:
    """Whose numbers: who is named, else by default; of `who closed the biggest deal` the unit, also for a rep."""
    if subject is None:
        return subjects.we() if intent == "deals" and _asks_for_people(said) else subjects.default(intent)
    return subjects.we() if subject.own and intent in ("ranking", "behind") else subject.scopes[0]


def _asks_who(said: Said) -> bool:
    return bool(_WHO & set(said.typed.words))


def _asks_for_people(said: Said) -> bool:
    """`who`, with words that no pattern of a list has: whoever it is, they are in the ranking."""
    return "who" in (word for word, used in zip(said.typed.words, said.typed.used, strict=True) if not used)


def _period(
    said: Said,
    pair: Compared | None,
    intent: Intent,
    quota: Span,
    today: date,
    fiscal: FiscalCalendar,
    *,
    ahead: bool,
) -> tuple[Span, list[Span]]:
    """The period, and what else its words may mean."""
    if pair is not None and pair.period is not None:
        first = said.whens[0] if said.whens else None
        return pair.period, list(first.others) if first is not None and pair.against is None else []
    plain = [when for when in said.whens if not when.relation]
    if plain:
        others = list(plain[0].others)
        if len(plain) > 1:
            others += [when.span(ahead=ahead) for when in plain[1:]]
        elif not ahead and _soon(plain[0], said.typed, today):
            others.append(plain[0].coming)
        return plain[0].span(ahead=ahead), others
    if said.whens:
        when = said.whens[0]
        if when.relation == "before":
            return when.past, []
        return year_ago(when.past if when.unit != "span" else quota), []
    if intent == "activity" or (intent == "compare" and said.kinds and pair is not None and pair.period is None):
        return holding("week", today, fiscal), []
    if intent == "ranking" and said.kinds:
        return holding("week", today, fiscal), [quota]
    return quota, []


def _soon(when: When, typed: Typed, today: date) -> bool:
    """`how is december looking` in November: said as of one that is now, and the next is nearer than the one over."""
    near = when.coming != when.past and when.coming.first - today < today - when.past.last
    now = _OVER.isdisjoint(typed.words) and not _NOW.isdisjoint(typed.words)
    return near and now and when.unit in LENGTHS


def _whole(said: Said, period: Span) -> Span | None:
    """The period of which this one is the part up to today."""
    return next((when.whole for when in said.whens if when.past == period), None)


def _measure(said: Said, intent: Intent) -> str | None:
    if intent == "activity":
        if said.measures and not said.kinds:
            return said.measures[0]
        return said.kinds[0] if len(said.kinds) == 1 else None
    if intent in NO_MEASURE:
        return None
    if said.measures:
        return said.measures[0]
    return said.kinds[0] if said.kinds else "bookings"


def _listed(said: Said, intent: Intent) -> tuple[int | None, Order | None]:
    if intent == "ranking":
        return said.limit, said.order or "best"
    if intent == "deals":
        return said.limit, said.order
    return said.limit, said.order if said.limit else None


def _unread(said: Said, left: list[int], intent: Intent) -> list[str]:
    words = [said.typed.written(at) for at in left]
    return [*words, said.odd_cut] if said.odd_cut and intent != "needed" else words


def _second_readings(said: Said, meaning: Meant, question: Question, pair: Compared | None) -> list[Question]:
    found = []
    named_too = (*meaning.others, *perhaps(said.typed, question.intent, question.detail))
    for intent, detail in named_too:
        kept = None if question.intent in NO_MEASURE else question.measure
        measure = None if intent in NO_MEASURE else kept or (said.measures or ["bookings"])[0]
        measure = _measure(said, intent) if intent == "activity" else measure
        order: Order | None = "best" if intent == "ranking" else question.order
        found.append(msgspec.structs.replace(question, intent=intent, detail=detail, measure=measure, order=order))
    named = [one for one in said.subjects if one.force >= 3]
    if any(one.force > 3 for one in named):
        named = [one for one in named if said.typed.word(one.at) != "people"]
    if pair is not None and pair.against_subject is not None and len({one.scopes[0] for one in named}) > 2:
        found += [msgspec.structs.replace(question, against_scope=one.scopes[0]) for one in named[2:]]
    if pair is None and len({one.scopes[0] for one in named}) > 1:
        first, second = named[0], named[1]
        found.append(
            msgspec.structs.replace(
                question,
                intent="compare",
                detail=None,
                scope=first.scopes[0],
                against_scope=second.scopes[0],
                measure=question.measure or "bookings",
            )
        )
    if question.measure == "meetings_booked" and question.intent == "status":
        found.append(msgspec.structs.replace(question, intent="activity"))
    plain = (
        not {"show", "list", "which", "open", "my", "what", "how"} & set(said.typed.words)
        and not question.by
        and not said.subjects
    )
    if question.detail == "open" and not meaning.strong and plain and "deal" in said.typed.words:
        found += [msgspec.structs.replace(question, detail=detail) for detail in ("closing", "won")]
    if question.detail == "open" and "pipeline" in said.typed.words and plain:
        found.append(msgspec.structs.replace(question, intent="coverage", detail=None, measure="bookings"))
    return found


def _what_was_said(said: Said, meaning: Meant, pair: Compared | None) -> frozenset[str]:
    parts = {
        "intent": bool(meaning.words),
        "scope": bool(said.subjects),
        "period": bool(said.whens),
        "measure": bool(said.measures or said.kinds),
        "by": said.by is not None,
        "against": pair is not None,
    }
    return frozenset(part for part, is_said in parts.items() if is_said)
