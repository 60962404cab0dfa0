"""A thank-you's way: whom, for what and by which value is asked for where it is not said; then it is given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import msgspec
from rapidfuzz import fuzz, process

from handlers.conversation import questions
from handlers.conversation.errors import ButtonUnknown
from handlers.conversation.reply import Reply
from handlers.conversation.request import Outcome, Request
from handlers.conversation.route import plain
from handlers.conversation.wording import listed
from handlers.figures import roster as rosters
from handlers.figures.roster import OFFERED, Roster
from handlers.kudos import give, parse
from handlers.kudos.buttons import issuer
from handlers.kudos.private import Marked, without_marker
from storage import drafts
from storage.database import Transaction
from storage.drafts import Draft
from storage.people import Person

_NEAR: Final = 60
_NO_REASONS: Final = frozenset(("ok", "okay", "yes", "no", "sure", "thanks", "thank you", "hm", "test"))
_HELPED: Final = frozenset(("with", "on", "in", "at", "during", "from", "when", "and", "to", "for"))
_ALL: Final = "all"
_US: Final = "us"


class Step(msgspec.Struct, frozen=True):
    """As far as it is known. `to` are ids of people, `unclear` names that are not settled yet."""

    said: str
    to: tuple[str, ...] = ()
    unclear: tuple[str, ...] = ()
    reason: str = ""
    value: str | None = None
    private: bool = False
    doubt: bool = False
    """Something in it may want it private: who can see it is asked before it goes."""
    tags: tuple[str, ...] = ()
    """Those that are none of the values; they are said to be none, and stay in the reason."""


def begin(request: Request, tx: Transaction, text: str) -> Outcome:
    """A line of thanks."""
    roster = rosters.load(tx)
    said = parse.read(text, request.company.values, roster)
    step = Step(
        text.strip(), unclear=said.names, reason=said.reason, value=said.value, private=said.private, doubt=said.doubt,
        tags=said.tags,
    )  # fmt: skip
    return go(request, tx, step, roster)


def go(request: Request, tx: Transaction, step: Step, roster: Roster | None = None) -> Outcome:
    """As far as it gets: the next question, or it is given."""
    roster = roster or rosters.load(tx)
    while step.unclear:
        name, rest = step.unclear[0], step.unclear[1:]
        found = called(roster, name)
        if len(found) != 1:
            return Outcome(reply=_whom(request, tx, step, name, found, roster))
        step = msgspec.structs.replace(step, to=_added(step.to, found[0].id), unclear=rest)
    if not step.to:
        question = "Whom do you thank? Write their names."
        waits = "Your thanks still wait for a name."
        return Outcome(reply=_ask(request, tx, step, "whom", question, (), (), waits=waits, freely=False))
    give.check(request, tx, step.to, step.said)
    if not step.reason:
        names = listed([roster.name(one) for one in step.to])
        question = f"What do you thank {names} for? Write it in a sentence."
        if step.private:
            question += f" Only {listed(['you', *(roster.name(one) for one in step.to)])} will see it."
        elif request.company.kudos.conversation and not step.doubt:
            question += " It is posted in the channel for kudos; “privately:” before it keeps it between you."
        waits = f"Your thanks to {names} still wait for a reason."
        return Outcome(reply=_ask(request, tx, step, "reason", question, (), (), waits=waits))
    give.check_reason(step.reason, step.said)
    if step.value is None:
        values = request.company.values
        question = "Which of our values was it?"
        if step.tags:
            none = "is none of our values" if len(step.tags) == 1 else "are none of our values"
            question = f"{listed([f'#{tag}' for tag in step.tags])} {none}. Which of them was it?"
        return Outcome(
            reply=_ask(request, tx, step, "value", question, [v.name for v in values], [v.key for v in values])
        )
    if step.doubt and not step.private:
        names = listed(["you", *(roster.name(one) for one in step.to)])
        return Outcome(
            reply=_ask(request, tx, step, "sees", "Who can see it?", ["Everybody", f"Only {names}"], [_ALL, _US])
        )
    return give.given(request, tx, roster, step.to, reason=step.reason, value=step.value, private=step.private)


def called(roster: Roster, name: str) -> list[Person]:
    """Who here is meant by a name."""
    return [one for one in roster.people_called(name) if not one.left]


def _added(to: Sequence[str], person: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*to, person)))


def labels(people: Sequence[Person]) -> list[str]:
    """Names; with the e-mail address where two are the same."""
    names = [one.name for one in people]
    return [f"{one.name} ({one.email})" if one.email and names.count(one.name) > 1 else one.name for one in people]


def _whom(request: Request, tx: Transaction, step: Step, name: str, found: Sequence[Person], roster: Roster) -> Reply:
    if found:
        some = [one for one in found if one.id != request.actor.person][:OFFERED] or list(found[:OFFERED])
        return _ask(request, tx, step, "name", f"Which {name} do you thank?", labels(some), [one.id for one in some])
    here = [one for one in roster.people if not one.left and one.id != request.actor.person]
    near = [
        here[at]
        for _, score, at in process.extract(name, [one.name for one in here], scorer=fuzz.WRatio, limit=3)
        if score > _NEAR
    ]
    question = f"I know nobody called “{name}”. Whom do you thank?"
    waits = ""
    if not near:
        question += " Write the name, or the e-mail address."
        waits = f"Your thanks to “{name}” still wait for a name that I know."
    return _ask(request, tx, step, "name", question, labels(near), [one.id for one in near], waits=waits, freely=False)


def _ask(
    request: Request,
    tx: Transaction,
    step: Step,
    what: str,
    question: str,
    shown: Sequence[str],
    values: Sequence[str],
    *,
    waits: str = "",
    freely: bool = True,
) -> Reply:
    data: dict[str, Any] = {"step": msgspec.to_builtins(step), "what": what, "values": list(values)}
    return questions.ask(request, tx, issuer, question, shown, said=step.said, data=data, waits=waits, freely=freely)


# ---------------------------------------------------------------- answers


def answered(request: Request, tx: Transaction) -> Outcome:
    """A question's button."""
    draft = questions.pressed(request, tx)
    if isinstance(draft, Reply):
        return Outcome(reply=draft)
    values, number = draft.data["values"], request.value
    if not (number.isascii() and number.isdecimal() and len(number) < 4 and int(number) < len(values)):
        raise ButtonUnknown
    return go(request, tx, _with(request, draft, values[int(number)]))


def answered_in_words(request: Request, tx: Transaction) -> Outcome | None:
    """The answer in words: an option, a name, the reason; None for anything else."""
    draft = questions.typed(request, tx)
    if not isinstance(draft, Draft):
        return None if draft is None else Outcome(reply=draft)
    step = _in_words(request, tx, draft)
    if step is None:
        return None
    drafts.settle(tx, draft.id, request.now)
    return go(request, tx, step)


def reads_as_a_reason(text: str) -> bool:
    """A sentence that begins like `help` and says what the help was: “help with the Acme demo”."""
    words = text.casefold().split()
    return len(words) > 3 and words[0] == "help" and words[1] in _HELPED


def _with(request: Request, draft: Draft, value: str) -> Step:
    step = msgspec.convert(draft.data["step"], Step)
    if draft.data["what"] == "name":
        return msgspec.structs.replace(step, to=_added(step.to, value), unclear=step.unclear[1:])
    if draft.data["what"] == "sees":
        return msgspec.structs.replace(step, private=value == _US, doubt=False)
    return msgspec.structs.replace(step, value=value)


def _in_words(request: Request, tx: Transaction, draft: Draft) -> Step | None:
    words = request.text.strip()
    if draft.data["what"] == "reason":
        no_reason = words.endswith("?") or plain(words) in _NO_REASONS or not any(sign.isalpha() for sign in words)
        return None if no_reason else _reasoned(request, draft, words)
    marked = without_marker(words, line=True)
    draft = _marked(draft, marked)
    step, what = msgspec.convert(draft.data["step"], Step), draft.data["what"]
    values, words = draft.data["values"], marked.text.strip(" ,;:")
    if not words:
        # “privately”, and nothing besides: the same is asked again.
        return step
    number = questions.number_typed(words)
    if 0 <= number < len(values):
        return _with(request, draft, values[number])
    if what == "value":
        key = parse.value_called(words.lstrip("#"), request.company.values)
        return None if key is None else _with(request, draft, key)
    for label, value in zip(draft.data["labels"], values, strict=True):
        if label.casefold() == words.casefold():
            return _with(request, draft, value)
    if what == "sees":
        return None
    roster = rosters.load(tx)
    names = parse.pieces(words)
    if not names or not all(called(roster, one) for one in names):
        return None
    return msgspec.structs.replace(step, unclear=(*names, *step.unclear[1:]))


def _marked(draft: Draft, marked: Marked) -> Draft:
    """The draft, with what the answer says of who can see it."""
    if not marked.private:
        return draft
    return replace(draft, data={**draft.data, "step": {**draft.data["step"], "private": True}})


def _reasoned(request: Request, draft: Draft, words: str) -> Step:
    said, step = parse.read_reason(words, request.company.values), msgspec.convert(draft.data["step"], Step)
    return msgspec.structs.replace(
        step,
        # What is given back if it comes to nothing holds the answer too.
        said=f"{step.said}: {words}",
        reason=said.reason,
        value=step.value or said.value,
        private=step.private or said.private,
        doubt=step.doubt or said.doubt,
        tags=(*step.tags, *said.tags),
    )
