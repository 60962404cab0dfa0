"""A rep's own figure, asked for before a target is set: the question with its facts, their word, the asker's form."""

from __future__ import annotations

from handlers.conversation.reply import Form, Reply, Text, TextField
from handlers.conversation.request import Message, Outcome, Request
from handlers.figures import roster as rosters
from handlers.plan import figures, measures, opened, show, subject
from handlers.plan.buttons import for_other, issuer
from handlers.plan.errors import AnsweredAlready, InputGone
from handlers.plan.setting import measure_and_year, measure_field, whose_in, year_field
from handlers.plan.subject import Whose
from storage import credits, target_inputs
from storage.database import Transaction
from storage.target_inputs import Input


def form(request: Request, tx: Transaction, values: dict[str, str]) -> Form:
    """Whom to ask about which target, and what is thought of."""
    token = issuer.token_for(request, tx, "ask sent", {})
    hint = "Empty: an open question"
    return Form(
        title="Ask for input",
        token=token,
        fields=(
            TextField("who", "Whom", values.get("who", ""), hint="A person", max_length=120),
            measure_field(request, values.get("measure", "")),
            year_field(request, values.get("year", "")),
            TextField("amount", "What you think of, for the full year", "", hint=hint, optional=True, max_length=40),
        ),
        submit="Ask",
    )


def asked(request: Request, tx: Transaction) -> Outcome:
    """The form was sent: the rep gets the question with the facts."""
    problems: dict[str, str] = {}
    whose = whose_in(request, rosters.load(tx), problems)
    if whose is not None and whose.person is None:
        problems["who"] = f"{whose.name} is a unit. Ask one of its people."
    measure, year = measure_and_year(request, problems)
    proposed: int | None = None
    if (typed := request.values.get("amount", "").strip()) and "measure" not in problems:
        read = measures.read(tx, request.company, measure, typed, year)
        if isinstance(read, str):
            problems["amount"] = read
        else:
            proposed = read
    if problems or whose is None or whose.person is None:
        return Outcome(problems=problems)
    subject.check(request, tx, whose)
    identifier = target_inputs.ask(
        tx,
        person=whose.person,
        measure=measure,
        fiscal_year=year,
        proposed=proposed,
        by=request.actor.person,
        at=request.now,
    )
    what = f"{measures.words(measure)} target for {figures.fiscal_of(request.company).year_in_words(year)}"
    lead = f"{request.actor.name} asks: what would you set as your {what}?"
    facts = _facts(request, tx, whose, measure, year, proposed)
    said = " ".join(f"{label}: {value}." for label, value in facts)
    buttons = for_other(request, tx, whose.person, [("Give my figure", "give", {"input": identifier})])
    message = Message(
        to=whose.person,
        reply=Reply(text=f"{lead} {said}", parts=(Text(lead, style="strong"), show.facts(facts), buttons)),
        topic="target",
        key=f"input:{identifier}",
    )
    return Outcome(reply=Reply(text=f"Asked: {whose.name}, about the {what}. {said}"), messages=(message,))


def _facts(
    request: Request, tx: Transaction, whose: Whose, measure: str, year: int, proposed: int | None
) -> list[tuple[str, str]]:
    """What is thought of, what was won last year, and what the target is now."""
    fiscal, now = figures.fiscal_of(request.company), figures.this_year(request)
    facts = []
    if proposed is not None:
        facts.append(("Thought of", measures.shown(request.company, measure, proposed)))
    if measure == measures.DEFAULT and whose.person:
        for name in sorted({now - 1, now} & {year - 1, year}):
            span = fiscal.year(name)
            won = credits.by_person(tx, span.first, span.last, persons={whose.person}).get(whose.person, 0)
            so_far = " so far" if name == now else ""
            facts.append(
                (f"Won in {fiscal.year_in_words(name)}{so_far}", measures.shown(request.company, measure, won))
            )
    for name in sorted({year - 1, year}):
        version = figures.standing(tx, whose, measure, name)
        if version is not None:
            amount = measures.shown(request.company, measure, version.target.amount)
            facts.append((f"Target for {fiscal.year_in_words(name)}", amount))
    return facts


def give_button(request: Request, tx: Transaction) -> Outcome:
    """*Give my figure*: the rep's form."""
    question = _open(request, tx)
    value = measures.typed(request.company, question.measure, question.proposed) if question.proposed else ""
    token = issuer.token_for(request, tx, "given", {"input": question.id})
    fields = (
        TextField("amount", "Your figure for the full year", value, hint="$1.2M, 900k, 480", max_length=40),
        TextField("comment", "Why, or what it depends on", optional=True, multiline=True, max_length=1000),
    )
    return Outcome(form=Form(title="My own figure", token=token, fields=fields, submit="Send"))


def given(request: Request, tx: Transaction) -> Outcome:
    """The rep's form was sent: the asker gets it, with a button that sets the target."""
    question = _open(request, tx)
    amount = measures.read(
        tx, request.company, question.measure, request.values.get("amount", ""), question.fiscal_year
    )
    if isinstance(amount, str):
        return Outcome(problems={"amount": amount})
    comment = " ".join(request.values.get("comment", "").split())
    target_inputs.answer(tx, question.id, amount=amount, comment=comment, at=request.now)
    year = figures.fiscal_of(request.company).year_in_words(question.fiscal_year)
    what = f"{measures.words(question.measure)} target for {year}"
    shown = measures.shown(request.company, question.measure, amount)
    why = f" {comment}" if comment else ""
    sentence = f"{request.actor.name} would set {shown} as their {what}.{why}"
    buttons = for_other(request, tx, question.asked_by, [("Set the target", "set", {"input": question.id})])
    message = Message(
        to=question.asked_by,
        reply=Reply(text=sentence, parts=(Text(sentence), buttons)),
        topic="target",
        key=f"input:{question.id}:given",
    )
    asker = rosters.load(tx).name(question.asked_by)
    return Outcome(reply=Reply(text=f"Sent to {asker}: {shown} as your {what}.{why}"), messages=(message,))


def values_of(request: Request, tx: Transaction, question: Input) -> dict[str, str]:
    """The form that sets the target, filled with the rep's own figure."""
    person = rosters.load(tx).person(question.person)
    name = person.name if person else ""
    whose = Whose(name, person=question.person)
    values = opened.values_of(request, tx, whose, question.measure, question.fiscal_year)
    if question.amount is not None:
        values["amount"] = measures.typed(request.company, question.measure, question.amount)
    return values


def _open(request: Request, tx: Transaction) -> Input:
    question = target_inputs.get(tx, str(request.data["input"]))
    if question is None or question.settled_at is not None:
        raise InputGone
    if question.answered_at is not None:
        raise AnsweredAlready
    return question
