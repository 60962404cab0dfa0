"""Setting a target: the form, what it says, and the version that holds from then on."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from handlers.conversation.audited import audited
from handlers.conversation.meanwhile import Merged
from handlers.conversation.reply import ChoiceField, Form, Option, TextField
from handlers.conversation.request import Outcome, Request
from handlers.figures import roster as rosters
from handlers.figures.roster import Roster
from handlers.numbers.periods import FiscalCalendar
from handlers.plan import figures, measures, opened, show, spread, subject, told
from handlers.plan.buttons import issuer
from handlers.plan.spread import Weights
from handlers.plan.subject import Whose
from storage import target_inputs, targets
from storage.database import Transaction

NOT_ASKED = "{name} was not asked for an own figure first; “Ask for input” does that next time."


@dataclass(frozen=True, slots=True)
class Wanted:
    """A target as the form says it. `amount` in minor units or a count."""

    whose: Whose
    measure: str
    year: int
    amount: int
    weights: Weights
    ramped: bool
    reason: str


def form(request: Request, tx: Transaction, values: dict[str, str]) -> Form:
    """The form, filled as the target stands, and over that with what was said: `who`, `measure`, `year`, `amount`,
    `spread`, `ramped`, `reason`."""
    values, data = opened.filled(request, tx, values)
    value = values.get
    token = issuer.token_for(request, tx, "set sent", data)
    return Form(
        title="Set a target",
        token=token,
        fields=(
            TextField("who", "Whose", value("who", ""), hint="A person or a unit", max_length=120),
            measure_field(request, value("measure", "")),
            year_field(request, value("year", "")),
            TextField("amount", "For the full year", value("amount", ""), hint="$1.2M, 900k, 480", max_length=40),
            TextField(
                "spread",
                "Spread over the year",
                value("spread", "") or "even",
                hint="even; four quarters: 20 25 25 30; or twelve months",
                max_length=300,
            ),
            ChoiceField(
                "ramped",
                "Ramped, for somebody new",
                (Option("No", "no"), Option("Yes: less in the first months", "yes")),
                value("ramped", "") or "no",
            ),
            TextField("reason", "Reason", value("reason", ""), optional=True, max_length=300),
        ),
    )


def measure_field(request: Request, value: str) -> ChoiceField:
    """What is counted."""
    options = tuple(Option(measures.words(one).capitalize(), one) for one in measures.measures(request.company))
    return ChoiceField("measure", "What counts", options, value or measures.DEFAULT)


def year_field(request: Request, value: str) -> ChoiceField:
    """The fiscal years about today."""
    now, fiscal = figures.this_year(request), FiscalCalendar(request.company.fiscal_year_start)
    years = sorted({*range(now - 1, now + 3), *([int(value)] if value else [])})
    options = tuple(Option(fiscal.year_in_words(one), str(one)) for one in years)
    return ChoiceField("year", "Fiscal year", options, value or str(now))


def whose_in(request: Request, roster: Roster, problems: dict[str, str]) -> Whose | None:
    """Of the field `who`."""
    words = " ".join(request.values.get("who", "").split())
    if words.lower() in ("me", "myself", "my", "mine"):
        return Whose(request.actor.name, person=request.actor.person)
    found = subject.named(roster, words) if words else "Write whose target it is."
    if isinstance(found, str):
        problems["who"] = found
        return None
    return found


def measure_and_year(request: Request, problems: dict[str, str]) -> tuple[str, int]:
    """Of the fields of these names."""
    measure, year = request.values.get("measure", ""), request.values.get("year", "")
    if measure not in measures.measures(request.company):
        problems["measure"] = "Choose one."
    if not (year.isascii() and year.isdecimal() and len(year) == 4):
        problems["year"] = "Choose one."
        return measure, figures.this_year(request)
    return measure, int(year)


def read(request: Request, tx: Transaction, roster: Roster) -> Wanted | dict[str, str]:
    """What the form says, or field -> what is wrong with it."""
    problems: dict[str, str] = {}
    whose = whose_in(request, roster, problems)
    measure, year = measure_and_year(request, problems)
    if "measure" in problems:
        return problems
    amount = measures.read(tx, request.company, measure, request.values.get("amount", ""), year)
    if isinstance(amount, str):
        problems["amount"] = amount
        return problems
    weights = spread.read(
        request.values.get("spread", ""),
        amount,
        lambda text: measures.read(tx, request.company, measure, text, year),
    )
    if isinstance(weights, str):
        problems["spread"] = weights
    if problems or whose is None or isinstance(weights, str):
        return problems
    ramped = request.values.get("ramped") == "yes" and whose.person is not None
    return Wanted(whose, measure, year, amount, weights, ramped, " ".join(request.values.get("reason", "").split()))


def sent(request: Request, tx: Transaction) -> Outcome:
    """The form was sent, or a sentence with all of it confirmed."""
    roster = rosters.load(tx)
    values = _over_what_stands(request, tx, roster)
    if isinstance(values, Merged):
        return Outcome(problems=values.problems)
    wanted = read(msgspec.structs.replace(request, values=values), tx, roster)
    if isinstance(wanted, dict):
        return Outcome(problems=wanted)
    whose = wanted.whose
    subject.check(request, tx, whose)
    before = figures.standing(tx, whose, wanted.measure, wanted.year)
    target = targets.Target(
        person=whose.person,
        unit=whose.unit,
        measure=wanted.measure,
        fiscal_year=wanted.year,
        amount=wanted.amount,
        weights=wanted.weights,
        ramped=wanted.ramped,
    )
    actor = request.actor.person
    if not targets.put(tx, target, by=actor, at=request.now, reason=wanted.reason or None):
        lead = f"That is {whose.name}'s target already, so nothing was changed."
        return Outcome(reply=show.any_of(request, tx, whose, wanted.year, wanted.measure, lead))
    now = figures.standing(tx, whose, wanted.measure, wanted.year)
    assert now is not None
    _audit(request, tx, now.id, whose)
    asked = whose.person is None or target_inputs.of_person(tx, whose.person, wanted.measure, wanted.year)
    if whose.person:
        target_inputs.settle(tx, whose.person, wanted.measure, wanted.year, request.now)
    facts = _facts(request, tx, wanted, before)
    what = _what(request, wanted)
    others = told.messages(request, tx, whose, ("version", now.id), f"set {{of}} {what}", facts)
    lead = f"Set: {whose.name}'s {what}. " + " ".join(f"{label}: {value}." for label, value in facts)
    if not asked and before is None:
        lead += " " + NOT_ASKED.format(name=whose.name)
    if others:
        lead += f" I have told {'them' if whose.person else 'who leads it'}."
    return Outcome(reply=show.any_of(request, tx, whose, wanted.year, wanted.measure, lead), messages=others)


def _over_what_stands(request: Request, tx: Transaction, roster: Roster) -> dict[str, str] | Merged:
    """What the form says, laid over what stands by now; as it is while it does not say whose target of which year."""
    problems: dict[str, str] = {}
    whose = whose_in(request, roster, problems)
    measure, year = measure_and_year(request, problems)
    if problems or whose is None:
        return request.values
    # What stands is for no one else to read.
    subject.check(request, tx, whose)
    return opened.laid_over(request, tx, whose, measure, year)


def _what(request: Request, wanted: Wanted) -> str:
    year = figures.fiscal_of(request.company).year_in_words(wanted.year)
    return f"{measures.words(wanted.measure)} target for {year}"


def _facts(
    request: Request, tx: Transaction, wanted: Wanted, before: targets.Version | None
) -> tuple[tuple[str, str], ...]:
    def shown(amount: int) -> str:
        return measures.shown(request.company, wanted.measure, amount)

    facts = [("Before", shown(before.target.amount) if before else "none"), ("Now", shown(wanted.amount))]
    plan = figures.plan_of(tx, request.company, wanted.measure, wanted.year)
    carried = sum(figures.months_of(plan, wanted.whose).values())
    if carried != wanted.amount:
        facts.append(("With start, ramp and adjustments", shown(carried)))
    if wanted.weights is not None:
        facts.append(("Spread", f"{spread.in_words(wanted.weights)} %"))
    if wanted.reason:
        facts.append(("Reason", wanted.reason))
    return tuple(facts)


def _audit(request: Request, tx: Transaction, identifier: str, whose: Whose) -> None:
    audited(request, tx, "target set", target=identifier, **whose.data)
