"""`/quota` and questions in plain words: what is asked (handlers/ask), whose it is to see, the figures, the answer."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from handlers.ask.meanings import Meaning, meaning
from handlers.ask.org import Org
from handlers.ask.read import looks_like_a_question, read
from handlers.ask.reading import Question
from handlers.conversation.command import Command
from handlers.conversation.company import Company
from handlers.conversation.reply import Button, Buttons, Reply, Text
from handlers.conversation.request import Basis, Outcome, Request
from handlers.conversation.route import plain
from handlers.figures.plan import Plan, load
from handlers.figures.sight import refusal
from handlers.quota import answers, doubt, worth
from handlers.quota.home import home
from handlers.quota.org import org_of
from handlers.quota.own import read_own
from handlers.quota.worth import read_with_accounts
from storage.database import Transaction

NAME = "quota"
MEASURE = "bookings"


def prepare(text: str, basis: Basis, company: Company) -> Question | Meaning:
    """How far the words by themselves ask about the numbers, or what one of them means; whose they are is read in the
    transaction."""
    if (means := meaning(text)) is not None:
        return means

    def ask(words: str) -> Question:
        return read(words, asker=None, org=Org((), ()), today=basis.now.date(), fiscal=answers.fiscal_of(company))

    return read_with_accounts(text, basis.names, ask)


def handle(request: Request, tx: Transaction, answer: answers.Answer | None = None) -> Outcome:
    """A question, answered; by `answer` whatever it asks."""
    if isinstance(request.prepared, Meaning):
        return Outcome(reply=Reply(str(request.prepared)))
    if doubt.asks_for_list(request.text):
        return doubt.listing(request, tx)
    question, plan, org = _read(request, tx)
    return _answered(request, tx, question, plan, org, answer)


def recognises(request: Request, tx: Transaction) -> bool:
    """Whether the words ask about the numbers, with the company's own names known."""
    return looks_like_a_question(_read(request, tx)[0])


def _read(request: Request, tx: Transaction) -> tuple[Question, Plan, Org]:
    mine = read_own(request, tx, request.text or NAME)
    if mine is not None:
        return mine
    today = request.basis.now.date()
    fiscal = answers.fiscal_of(request.company)
    plan = load(tx, request.company, fiscal.year(fiscal.year_of(today)))
    org = org_of(plan, today)

    def ask(words: str) -> Question:
        return read(
            words,
            asker=org.members.get(request.actor.person),
            org=org,
            today=today,
            fiscal=fiscal,
            quota_period=request.company.quota_period,
            measures=tuple(request.company.kinds),
            date_order=request.basis.date_order,
        )

    return read_with_accounts(request.text or NAME, request.basis.names, ask), plan, org


def again(request: Request, tx: Transaction) -> Outcome:
    """A button of an answer: the same question about another reading, period or cut."""
    return handle(_saying(request, str(request.data["text"])), tx)


def chart(request: Request, tx: Transaction) -> Outcome:
    """*Chart*: the picture of an answer, below it."""
    outcome = handle(_saying(request, str(request.data["text"])), tx, answer=answers.chart)
    return msgspec.structs.replace(outcome, replace=False)


def _answered(
    request: Request, tx: Transaction, question: Question, plan: Plan, org: Org, how: answers.Answer | None
) -> Outcome:
    if question.refused:
        return Outcome(reply=Reply(text=question.refused))
    if question.intent == "unknown" or question.scope is None or question.period is None:
        return Outcome(reply=Reply(text=answers.NOT_YET))
    span, scope = question.period, question.scope
    if question.intent == "status" and question.by == "stage":
        question = msgspec.structs.replace(question, intent="deals", detail="open")
    answer = how or answers.ANSWERS.get(question.intent)
    if answer is None:
        return Outcome(reply=Reply(text=answers.NOT_YET))
    if not all(any(year.first <= day <= year.last for year in plan.years) for day in (span.first, span.last)):
        plan = load(tx, request.company, span)
    subject = answers.subject_of(request, plan, scope, org)
    if question.measure not in (None, MEASURE):
        plan = load(tx, request.company, span, measure=question.measure or MEASURE)
    refused = refusal(request.actor, plan, subject, request.basis.now.date(), question.whole or span)
    # Ranks are everybody's; the chart of the same words is not.
    if refused and (how is not None or not (question.intent == "ranking" and subject.unit)):
        return Outcome(reply=Reply(text=refused))
    reply = answer(request, tx, question, plan, subject)
    if how is None:
        reply = doubt.with_button(request, tx, reply)
    if not question.sure and question.other_readings:
        reply = _in_doubt(request, tx, reply, question)
    return Outcome(reply=reply)


def _in_doubt(request: Request, tx: Transaction, reply: Reply, question: Question) -> Reply:
    """What it was taken for is said, and the other readings are offered."""
    wanted = []
    for other in question.other_readings[:3]:
        if other.scope is None or other.period is None:
            continue
        name = other.scope.name or "my number"
        words = f"{other.intent} {name} {answers.in_days(other.period)}"
        wanted.append((f"{other.intent.replace('_', ' ').capitalize()}: {name}", "again", {"text": words}))
    buttons: list[Button] = answers.issuer.lasting(request, tx, wanted)
    doubt = Text("Not what you meant?", style="quiet")
    parts = reply.parts or (Text(reply.text),)
    return Reply(
        text=f"{reply.text} Not what you meant? Say it in other words.",
        parts=(*parts, doubt, Buttons(tuple(buttons))) if buttons else parts,
    )


def _saying(request: Request, text: str) -> Request:
    return msgspec.structs.replace(request, text=text)


_ASKS: Final = re.compile(
    r"\s*(?:(?:hey|hi|ok|okay|please|pls|pacer|and|so|now)[\s,]+)*(?:how(?:['’]?s)?|where|who(?:['’]?s)?|whose|which|why"
    r"|what(?:['’]s)?(?!\s+(?:i|we)\b)|(?:am|do|did|have|can) (?:i|we)|are we|(?:show|give|tell) me|compare|top \d"
    r"|my (?:number|quota|target|pace|forecast|commission)\s*\Z)\b|.*\?\s*\Z",
    re.I | re.S,
)
"""Words that ask: “the pipeline is thin” may be the answer to another question."""
_WHOLE: Final = frozenset(
    ("forecast", "my forecast", "status", "my status", "pipeline", "my pipeline", "show my pipeline", "show my number")
) | frozenset(("show my deals", "show my forecast", "show my quota", "show my target"))
"""Whole messages that ask, and say nothing of what somebody did; what is in one's way may be “pipeline”."""


COMMAND = Command(
    name=NAME,
    summary="Ask how you, somebody or a team stands against the target",
    usage="[question]",
    examples=("/quota", "/quota east this quarter", "/quota who is behind", "/quota forecast"),
    explain=(
        "Ask as you would ask a colleague: “how is East doing”, “what do I need per day”, “top 5 reps last quarter”, "
        "“pipeline coverage for West”. The answer says the figure, the pace, the gap and as of when. “commission” and "
        "“what is Acme worth to me” estimate what you earn. You see your own numbers, managers their people's, leaders "
        "their units'."
    ),
    fresh="/quota",
    handle=handle,
    home=home,
    prepare=prepare,
    recognises=recognises,
    among_answers=lambda text, kind: _ASKS.match(text) is not None or (kind == "words" and plain(text) in _WHOLE),
    understands=lambda prepared: (
        isinstance(prepared, Meaning) or (isinstance(prepared, Question) and looks_like_a_question(prepared))
    ),
    actions={"again": again, "chart": chart, "worth": worth.chosen, **doubt.ACTIONS},
)
