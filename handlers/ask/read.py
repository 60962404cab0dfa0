"""Reads a question about the numbers: what is asked, whose, when, against what. Pure; nothing is looked up in rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

import msgspec

from handlers.ask.comparison import Compared, compared, marker_of
from handlers.ask.intents import Meant, left_over, meant
from handlers.ask.names import Mention, mentions
from handlers.ask.org import Member, Org
from handlers.ask.reading import NO_MEASURE, Intent, Order, Question, Scope
from handlers.ask.subjects import Subject, Subjects
from handlers.ask.typed import Typed, typed
from handlers.ask.when import When, holding
from handlers.ask.whens import Whens
from handlers.ask.wording import cut_of, how_many, measure_of, who_is_listed
from handlers.language.dates import DateOrder
from handlers.numbers.periods import FiscalCalendar, year_ago
from handlers.numbers.spans import Span

REFUSED_BEHIND: Final = (
    "Who is behind is shown to those who lead a team. Ask for your own number, or for your team's ranking."
)
_AHEAD: Final = frozenset(("forecast", "coverage", "needed"))
_AHEAD_DETAILS: Final = frozenset(("closing", "open"))
_COMPARABLE: Final = frozenset(("status", "ranking", "activity", "deals", "compare", "behind"))
"""Intents that a comparison turns into `compare`; the others keep their own, and say what they are against."""
_QUESTION_WORDS: Final = frozenset(
    ("what", "which", "who", "how", "where", "why", "list", "show", "my", "our", "best", "worst", "any", "all", "many")
)
_COURTESY: Final = frozenset(("thanks", "thank", "you", "bye", "morning", "sorry", "congrats"))
_GREETINGS: Final = frozenset(("hi", "hello", "hey", "hiya", "yo", "ok", "okay"))
_PAST_TENSE: Final = frozenset(("did", "was", "were", "had", "made", "won", "lost", "closed", "went", "sold"))
_MOST_OTHERS: Final = 4
UNKNOWN: Final = Question("unknown", sure=True, confidence=0.0)


@dataclass(frozen=True, slots=True)
class _Said:
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
    named = mentions(words, org)
    words, named = _merged(words, named)
    whens = Whens(words, today, fiscal, date_order).find()
    by, odd_cut = cut_of(words)
    counted, kinds = measure_of(words, measures)
    limit, order = how_many(words)
    marker = marker_of(words)
    said = _Said(words, whens, subjects.found(words, named), counted, kinds, by, odd_cut, limit, order)
    intent = meant(words)
    quota = holding(quota_period, today, fiscal)
    about = bool(whens) or any(subject.force >= 3 for subject in said.subjects)
    fragment = intent is None and (about or by is not None or marker is not None)
    left = left_over(words, intent.words if intent else frozenset(), comparing=marker is not None)
    confidence = _confidence(said, intent, left, fragment=fragment)
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
        ahead = _looks_ahead(intent.intent, intent.detail)
        pair = compared(marker, whens, said.subjects, today=today, fiscal=fiscal, quota=quota, ahead=ahead)
    question = _composed(
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
    if confidence:
        return question
    near = msgspec.structs.replace(question, sure=False, other_readings=())
    unread = question.not_understood
    return msgspec.structs.replace(UNKNOWN, sure=False, other_readings=(near,), not_understood=unread)


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


def _confidence(said: _Said, intent: Meant | None, left: list[int], *, fragment: bool) -> float:
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
    asks = (
        "?" in words.line.words
        or any(word in _QUESTION_WORDS for word in words.words[:3])
        or any(words.written(at).lower() == "deals" for at in range(min(2, len(words.words))))
    )
    if not intent.strong or len(left) > 3 or len(left) > understood:
        return 0.0
    if intent.intent in ("deals", "activity") and not asks:
        return 0.0
    return 0.6 if asks else 0.5


def _nearly(said: _Said, intent: Meant | None, left: list[int]) -> bool:
    """Perhaps a question about the numbers after all, most of whose words are strange."""
    if _is_chatter(said.typed) or len(left) > 4:
        return False
    about = bool(said.whens) or any(subject.force >= 3 for subject in said.subjects)
    return intent is not None or (about and any(word in _QUESTION_WORDS for word in said.typed.words[:3]))


def _is_chatter(words: Typed) -> bool:
    """`see you tomorrow`, `thanks Dana`: a name or a day among words of courtesy is no fragment of a question."""
    if any(word in _COURTESY for word in words.words):
        return True
    first = [used[:5] for used in words.used[:2]]
    return len(words.words) == 2 and words.words[0] in _GREETINGS and first[1] == "@name"


def _looks_ahead(intent: str, detail: str | None) -> bool:
    return intent in _AHEAD or (intent == "deals" and detail in _AHEAD_DETAILS)


def _composed(
    said: _Said,
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
    if intent == "status" and said.kinds and not said.measures:
        intent = "activity"
    place = intent == "ranking" and pair is not None and pair.subject is not None and pair.subject.own
    if pair is not None and intent in _COMPARABLE and detail != "improvement" and not place:
        intent, detail = "compare", None
    ahead = _looks_ahead(intent, detail)
    others: list[Question] = []
    period, periods = _period(said, pair, intent, quota, today, fiscal, ahead=ahead)
    whole = _whole(said, period) if pair is None else None
    if intent == "commission" and "far" in said.typed.words:
        # A commission is one of the plan's own period, which is not over: what is credited so far is in it.
        period, whole = whole or period, None
    if intent == "forecast" and detail == "projected" and period.last < today:
        intent, detail = "status", None
    subject = pair.subject if pair is not None else max(said.subjects, key=lambda one: one.force, default=None)
    scope = subjects.default(intent) if subject is None else subject.scopes[0]
    if subject is not None and subject.own and intent in ("ranking", "behind"):
        scope = subjects.we()
    second = pair.against_subject if pair is not None and not place else None
    measure = _measure(said, intent if meaning.intent != "activity" or said.kinds else "activity")
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
        or not all(one.sure for one in (subject, second) if one is not None)
    )
    refused = None
    if intent == "behind" and subjects.asker is not None and subjects.led is None:
        refused, unsure, others = REFUSED_BEHIND, bool(question.not_understood), []
    return msgspec.structs.replace(
        question, sure=not unsure, other_readings=tuple(others[:_MOST_OTHERS]), refused=refused
    )


def _asks_who(said: _Said) -> bool:
    return bool({"who", "which", "people", "rep", "any", "list", "teams", "risk"} & set(said.typed.words))


def _period(
    said: _Said,
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
        others += _soon(plain[0], said.typed, today) if not ahead else []
        if len(plain) > 1:
            others += [when.span(ahead=ahead) for when in plain[1:]]
        return plain[0].span(ahead=ahead), others
    if said.whens:
        return year_ago(quota), []
    if intent == "activity" or (intent == "compare" and said.kinds and pair is not None and pair.period is None):
        return holding("week", today, fiscal), []
    if intent == "ranking" and said.kinds:
        return holding("week", today, fiscal), [quota]
    return quota, []


def _whole(said: _Said, period: Span) -> Span | None:
    """The period of which this one is the part up to today."""
    return next((when.whole for when in said.whens if when.past == period), None)


def _soon(when: When, typed: Typed, today: date) -> list[Span]:
    """`quota for December` said in November: by the rule the one that has begun, by its distance the coming one."""
    nearer = (when.coming.first - today).days * 2 < (today - when.past.last).days
    return [when.coming] if nearer and not _PAST_TENSE.intersection(typed.words) else []


def _measure(said: _Said, intent: Intent) -> str | None:
    if intent == "activity":
        if said.measures and not said.kinds:
            return said.measures[0]
        return said.kinds[0] if len(said.kinds) == 1 else None
    if intent in NO_MEASURE:
        return None
    if said.measures:
        return said.measures[0]
    return said.kinds[0] if said.kinds else "bookings"


def _listed(said: _Said, intent: Intent) -> tuple[int | None, Order | None]:
    if intent == "ranking":
        return said.limit, said.order or "best"
    if intent == "deals":
        return said.limit, said.order
    return said.limit, said.order if said.limit else None


def _unread(said: _Said, left: list[int], intent: Intent) -> list[str]:
    words = [said.typed.written(at) for at in left]
    return [*words, said.odd_cut] if said.odd_cut and intent != "needed" else words


def _second_readings(said: _Said, meaning: Meant, question: Question, pair: Compared | None) -> list[Question]:
    found = []
    if meaning.other is not None:
        intent, detail = meaning.other
        measure = None if intent in NO_MEASURE else question.measure or "bookings"
        found.append(msgspec.structs.replace(question, intent=intent, detail=detail, measure=measure))
    named = [one for one in said.subjects if one.force >= 3]
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
    plain = not {"show", "list", "which", "open", "my"} & set(said.typed.words) and not question.by
    if question.detail == "open" and "pipeline" in said.typed.words and plain:
        found.append(msgspec.structs.replace(question, intent="coverage", detail=None, measure="bookings"))
    return found


def _what_was_said(said: _Said, meaning: Meant, pair: Compared | None) -> frozenset[str]:
    parts = {
        "intent": bool(meaning.words),
        "scope": bool(said.subjects),
        "period": bool(said.whens),
        "measure": bool(said.measures or said.kinds),
        "by": said.by is not None,
        "against": pair is not None,
    }
    return frozenset(part for part, is_said in parts.items() if is_said)


def scope_in_words(scope: Scope) -> str:
    """`you`, or the name."""
    return "you" if scope.kind == "me" else scope.name or scope.kind
