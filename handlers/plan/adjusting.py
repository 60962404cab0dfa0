"""Adjusting a target from a month on, with a reason; and withdrawing an adjustment. Nothing is overwritten."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec

from handlers.conversation import meanwhile
from handlers.conversation.access import AdjustmentOf, Denied, may
from handlers.conversation.audited import audited
from handlers.conversation.errors import NotAllowed
from handlers.conversation.reply import ChoiceField, Form, Option, TextField
from handlers.conversation.request import Outcome, Request
from handlers.figures import roster as rosters
from handlers.numbers.spans import shifted
from handlers.plan import figures, measures, show, subject, told
from handlers.plan.buttons import issuer
from handlers.plan.errors import NothingToChange, WithdrawnAlready
from handlers.plan.setting import measure_field, whose_in
from handlers.plan.subject import Whose
from storage import targets
from storage.database import Transaction
from storage.tables import new_id
from storage.targets import Adjustment

HOW = {"more": "More by", "less": "Less by", "to": "To a new total for the year"}


def form(request: Request, tx: Transaction, values: dict[str, str]) -> Form:
    """The form, filled with what is known: `who`, `measure`, `how`, `amount`, `from`, `reason`."""
    value = values.get
    fiscal, year = figures.fiscal_of(request.company), figures.this_year(request)
    first = fiscal.year(year).first
    months = [shifted(first, number) for number in range(24)]
    options = tuple(Option(f"{month:%B %Y}", month.isoformat()) for month in months)
    month = value("from", "")
    if month not in {option.value for option in options}:
        month = request.basis.now.date().replace(day=1).isoformat()
    found = subject.named(rosters.load(tx), value("who", ""))
    measure, intro = value("measure", "") or measures.DEFAULT, ""
    data: dict[str, Any] = {}
    if isinstance(found, Whose) and subject.may_set(request, tx, found):
        data = _about(found, measure, fiscal.year_of(date.fromisoformat(month)))
        relief = figures.relief_hint(request, tx, found, measure, year) if found.person else ""
        intro = f"{_stands(request, tx, found, measure, data['year'])} {relief}".strip()
    token = issuer.token_for(request, tx, "adjust sent", data)
    return Form(
        title="Adjust a target",
        token=token,
        fields=(
            TextField("who", "Whose", value("who", ""), hint="A person or a unit", max_length=120),
            measure_field(request, value("measure", "")),
            ChoiceField(
                "how", "How", tuple(Option(label, key) for key, label in HOW.items()), value("how", "") or "more"
            ),
            TextField("amount", "Amount", value("amount", ""), hint="$50k, 12,500 or 40", max_length=40),
            ChoiceField("from", "From which month on", options, month, hint="It is spread over the rest of the year"),
            TextField("reason", "Reason", value("reason", ""), hint="They read it", max_length=300),
        ),
        intro=intro,
    )


def sent(request: Request, tx: Transaction) -> Outcome:
    """The form was sent, or a sentence with all of it confirmed."""
    roster = rosters.load(tx)
    values = {name: " ".join(value.split()) for name, value in request.values.items()}
    problems: dict[str, str] = {}
    whose = whose_in(request, roster, problems)
    measure = values.get("measure", "")
    if measure not in measures.measures(request.company):
        problems["measure"] = "Choose one."
    month = _month(values.get("from", ""), problems)
    if values.get("how", "") not in HOW:
        problems["how"] = "Choose one."
    if not values.get("reason"):
        problems["reason"] = "An adjustment needs a reason; whose target it is reads it."
    fiscal = figures.fiscal_of(request.company)
    year = fiscal.year_of(month)
    amount = measures.read(tx, request.company, measure, values.get("amount", ""), year)
    if isinstance(amount, str):
        problems["amount"] = amount
    if problems or whose is None or isinstance(amount, str):
        return Outcome(problems=problems)
    subject.check(request, tx, whose)
    what = f"{measures.words(measure)} in {fiscal.year_in_words(year)}"
    if figures.standing(tx, whose, measure, year) is None:
        raise NothingToChange(name=whose.name, what=what)
    before = _total(request, tx, whose, measure, year)
    if problem := _moved_meanwhile(request, tx, whose, measure, year):
        return Outcome(problems={"amount": problem})
    change = {"more": amount, "less": -amount, "to": amount - before}[values["how"]]
    if problem := _refused(request, measure, before, change):
        return Outcome(problems={"amount": problem})
    adjustment = Adjustment(
        id=new_id(),
        person=whose.person,
        unit=whose.unit,
        measure=measure,
        fiscal_year=year,
        from_month=month,
        amount=change,
        reason=values["reason"],
        by=request.actor.person,
    )
    targets.adjust(tx, adjustment, at=request.now)
    _audit(request, tx, "target adjusted", adjustment)
    return _said(request, tx, whose, adjustment, before)


def _said(request: Request, tx: Transaction, whose: Whose, made: Adjustment, before: int) -> Outcome:
    after = _total(request, tx, whose, made.measure, made.fiscal_year)
    year = figures.fiscal_of(request.company).year_in_words(made.fiscal_year)
    what = f"{measures.words(made.measure)} target for {year}"
    facts = (
        ("Before", measures.shown(request.company, made.measure, before)),
        ("Now", measures.shown(request.company, made.measure, after)),
        ("Change", show.change_in_words(request, made)),
        ("Reason", made.reason),
    )
    others = told.messages(request, tx, whose, ("adjustment", made.id), f"adjusted {{of}} {what}", facts)
    lead = f"Adjusted: {whose.name}'s {what}. " + " ".join(f"{label}: {value}." for label, value in facts)
    if others:
        lead += f" I have told {'them' if whose.person else 'who leads it'}."
    return Outcome(reply=show.any_of(request, tx, whose, made.fiscal_year, made.measure, lead), messages=others)


def _total(request: Request, tx: Transaction, whose: Whose, measure: str, year: int) -> int:
    return sum(figures.months_of(figures.plan_of(tx, request.company, measure, year), whose).values())


def _about(whose: Whose, measure: str, year: int) -> dict[str, Any]:
    return {**whose.data, "measure": measure, "year": year}


def _stands(request: Request, tx: Transaction, whose: Whose, measure: str, year: int) -> str:
    """`Bookings target for 2026: $1,200,000.`; empty where there is none to adjust."""
    if figures.standing(tx, whose, measure, year) is None:
        return ""
    amount = measures.shown(request.company, measure, _total(request, tx, whose, measure, year))
    what = f"{measures.words(measure)} target for {figures.fiscal_of(request.company).year_in_words(year)}"
    return f"{what[:1].upper()}{what[1:]}: {amount}."


def _moved_meanwhile(request: Request, tx: Transaction, whose: Whose, measure: str, year: int) -> str:
    """What the target came to while the form was open, said once: the same change by two people is made once."""
    form, about = request.shown, _about(whose, measure, year)
    if form is None or {name: request.data.get(name) for name in about} != about:
        return ""
    stands = _stands(request, tx, whose, measure, year)
    if stands in form.intro:
        return ""
    meanwhile.known(request, tx, msgspec.structs.replace(form, intro=stands))
    return f"While the form was open, somebody changed the target. {stands} Send it again to adjust that."


def _refused(request: Request, measure: str, before: int, change: int) -> str:
    if not change:
        return "That changes nothing."
    if before + change < 0:
        return f"The year's target is {measures.shown(request.company, measure, before)}; it cannot fall below 0."
    return ""


def withdraw(request: Request, tx: Transaction) -> Outcome:
    """*Withdraw*: the adjustment counts no more, and whose target it is hears that."""
    found = targets.adjustment(tx, str(request.data["adjustment"]))
    if found is None:
        raise WithdrawnAlready
    whose = subject.from_data(rosters.load(tx), {"person": found.person, "unit": found.unit})
    own = frozenset(subject.owners(tx, whose, request.basis.now.date()))
    verdict = may(request.actor, "withdraw an adjustment", AdjustmentOf(found.by, own))
    if isinstance(verdict, Denied):
        raise NotAllowed(reason=verdict.sentence)
    # Who made it may be above whose it is no more.
    subject.check(request, tx, whose)
    targets.withdraw(tx, found.id, at=request.now)
    _audit(request, tx, "adjustment withdrawn", found)
    said = show.change_in_words(request, found)
    messages = tuple(
        message
        for person in sorted(own - {request.actor.person})
        for message in told.plainly(
            person,
            f"{request.actor.name} withdrew the adjustment of {'your' if whose.person else whose.name} "
            f"{measures.words(found.measure)} target ({said}).",
            f"target:{found.id}:withdrawn:{person}",
        )
    )
    lead = f"Withdrawn: {said}."
    return Outcome(reply=show.any_of(request, tx, whose, found.fiscal_year, found.measure, lead), messages=messages)


def _month(written: str, problems: dict[str, str]) -> date:
    try:
        return date.fromisoformat(written).replace(day=1)
    except ValueError:
        problems["from"] = "Choose a month."
        return date(2000, 1, 1)


def _audit(request: Request, tx: Transaction, event: str, adjustment: Adjustment) -> None:
    audited(request, tx, event, adjustment=adjustment.id, person=adjustment.person, unit=adjustment.unit)
