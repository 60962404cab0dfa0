"""`/target`: what somebody must reach, who set it and why, and for those above them setting and adjusting it."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec

from handlers.conversation.buttons import Wanted
from handlers.conversation.command import Command
from handlers.conversation.company import Company
from handlers.conversation.errors import NotAllowed
from handlers.conversation.reply import Button, Buttons, Form, Reply, Text
from handlers.conversation.request import Basis, Outcome, Request
from handlers.conversation.route import plain
from handlers.figures import roster as rosters
from handlers.figures.sight import refusal, sees_each
from handlers.figures.standing import Subject
from handlers.plan import adjusting, answering, figures, home, inputs, measures, opened, setting, show, subject, words
from handlers.plan.buttons import NAME, issuer
from handlers.plan.errors import NotKnown
from handlers.plan.subject import Whose
from handlers.plan.words import Words
from storage import staff, target_inputs, units
from storage.database import Transaction


def prepare(text: str, basis: Basis, company: Company) -> Words | None:
    """What the words want set or changed; whom they mean is read in the transaction."""
    return words.read(text, basis, company)


def surely_meant(read: object) -> bool:
    """A plain sentence that wants a target set or changed."""
    return isinstance(read, Words) and read.sure


def handle(request: Request, tx: Transaction) -> Outcome:
    """`/target`, `/target East 2027`, `/target set Dana $1.2M`, or a sentence that says so."""
    read = request.prepared
    if isinstance(read, Words):
        return _wanted(request, tx, read)
    text, year = words.year_in(request.text, request.basis, request.company)
    year = year or figures.this_year(request)
    text, measure = _measure(text, request.company)
    if plain(text) in ("", "mine", "me", "my"):
        whose = Whose(request.actor.name, person=request.actor.person) if plain(text) else _default(request, tx)
        return Outcome(reply=show.any_of(request, tx, whose, year, measure))
    found = subject.named(rosters.load(tx), text.strip())
    if isinstance(found, str):
        raise NotKnown(sentence=found)
    _check_sight(request, tx, found)
    return Outcome(reply=show.any_of(request, tx, found, year, measure))


def _measure(text: str, company: Company) -> tuple[str, str]:
    """`East meetings`: the words without the measure, and the measure; empty for none."""
    said = text.split()
    for length in (2, 1):
        found = measures.named(" ".join(said[-length:]), company) if len(said) >= length else None
        if found is not None:
            return " ".join(said[:-length]), found
    return text, ""


def _default(request: Request, tx: Transaction) -> Whose:
    """What somebody leads, the widest of it; of an admin who leads and sells nothing the company; else themselves."""
    day, actor = request.basis.now.date(), request.actor
    tree = {unit.id: unit for unit in units.everything(tx)}
    mine = [
        one
        for one in units.memberships_of(tx, persons=[actor.person])
        if one.since <= day and (one.until is None or one.until > day) and one.unit in tree
    ]
    led = sorted((tree[one.unit] for one in mine if one.leads), key=lambda unit: units.KINDS.index(unit.kind))
    tops = [unit for unit in tree.values() if unit.parent is None]
    if led:
        return subject.of(led[0])
    if "admin" in actor.roles and not mine and tops and staff.role_of(tx, actor.person, day) is None:
        return subject.of(tops[0])
    return Whose(actor.name, person=actor.person)


def _check_sight(request: Request, tx: Transaction, whose: Whose) -> None:
    """Raises NotAllowed for who may not see that target."""
    if subject.may_set(request, tx, whose):
        return
    plan = figures.plan_of(tx, request.company, measures.DEFAULT, figures.this_year(request))
    of = Subject(whose.name, person=whose.person, unit=whose.unit)
    refused = refusal(request.actor, plan, of, request.basis.now.date())
    if refused or not sees_each(request.actor, plan, of, request.basis.now.date()):
        # A unit's plan names each one's target: its sum alone may be seen by more people (“/quota East”).
        own = "That plan names people's targets, which are theirs and those above them to see."
        raise NotAllowed(reason=refused or own)


# ---------------------------------------------------------------- in words


def _wanted(request: Request, tx: Transaction, read: Words) -> Outcome:
    """Said whole, it is confirmed by a button; else the form opens, filled with what was said."""
    values = dict(read.values)
    found = subject.named(rosters.load(tx), values["who"]) if values.get("who") else ""
    if plain(values.get("who", "")) in ("my", "me", "mine", "myself"):
        found = Whose(request.actor.name, person=request.actor.person)
    if isinstance(found, Whose):
        values["who"] = found.name
        subject.check(request, tx, found)
    if not (read.whole and isinstance(found, Whose)):
        return Outcome(form=_form(request, tx, read.action, values))
    data: dict[str, Any] = {"action": read.action, "values": values}
    ask = _question(request, values, read.action, found)
    wanted: list[Wanted] = [("Change it first", read.action, {"values": values})]
    buttons = _confirm_buttons(request, tx, data, wanted)
    return Outcome(reply=Reply(text=f"{ask} Nothing is changed yet.", parts=(Text(ask), buttons)))


def _confirm_buttons(request: Request, tx: Transaction, data: dict[str, Any], wanted: list[Wanted]) -> Buttons:
    token = issuer.token_for(request, tx, "confirm", data)
    label = "Set it" if data["action"] == "set" else "Adjust it"
    return Buttons((Button(label, token, "primary"), *issuer.lasting(request, tx, wanted)))


def _about(request: Request, values: dict[str, str]) -> tuple[str, int]:
    return values.get("measure", measures.DEFAULT), int(values.get("year", figures.this_year(request)))


def _question(request: Request, values: dict[str, str], action: str, whose: Whose) -> str:
    measure, year = _about(request, values)
    fiscal = figures.fiscal_of(request.company)
    what = f"{whose.name}'s {measures.words(measure)} target"
    reason = f", because of {values['reason']}" if values.get("reason") else ""
    if action == "set":
        return f"Set {what} for {fiscal.year_in_words(year)} to {values['amount']}{reason}?"
    verb = {"more": "Raise", "less": "Lower", "to": "Change"}[values["how"]]
    joint = "to" if values["how"] == "to" else "by"
    month = date.fromisoformat(values["from"])
    amount = f"{values['amount']}{' for the year' if values['how'] == 'to' else ''}"
    return f"{verb} {what} {joint} {amount}, spread from {month:%B %Y} on{reason}?"


def confirmed(request: Request, tx: Transaction) -> Outcome:
    """*Set it*, *Adjust it*: as if the form had been sent."""
    values = {"measure": measures.DEFAULT, "year": str(figures.this_year(request)), **request.data["values"]}
    filled = msgspec.structs.replace(request, values={str(name): str(value) for name, value in values.items()})
    outcome = setting.sent(filled, tx) if request.data["action"] == "set" else adjusting.sent(filled, tx)
    if outcome.problems:
        raise NotKnown(sentence=" ".join(outcome.problems.values()))
    return outcome


# ---------------------------------------------------------------- buttons


def set_button(request: Request, tx: Transaction) -> Outcome:
    """*Set*: the form, filled as the target stands, or with the figure that the person gave."""
    return Outcome(form=_form(request, tx, "set", _values(request, tx)))


def adjust_button(request: Request, tx: Transaction) -> Outcome:
    """*Adjust*: the form."""
    return Outcome(form=_form(request, tx, "adjust", _values(request, tx)))


def ask_button(request: Request, tx: Transaction) -> Outcome:
    """*Ask for input*: the form."""
    return Outcome(form=_form(request, tx, "ask", _values(request, tx)))


def look(request: Request, tx: Transaction) -> Outcome:
    """Another year, or another measure."""
    whose = subject.from_data(rosters.load(tx), request.data)
    _check_sight(request, tx, whose)
    return Outcome(reply=show.any_of(request, tx, whose, int(request.data["year"]), str(request.data["measure"])))


def _values(request: Request, tx: Transaction) -> dict[str, str]:
    """What a form is filled with. Raises NotAllowed for who may not set the target any more: it says what it is."""
    data, roster = request.data, rosters.load(tx)
    if "values" in data:
        named = subject.named(roster, data["values"].get("who", ""))
        if isinstance(named, Whose):
            subject.check(request, tx, named)
        return dict(data["values"])
    if "input" in data:
        question = target_inputs.get(tx, str(data["input"]))
        if question is None:
            return {}
        subject.check(request, tx, subject.from_data(roster, {"person": question.person}))
        return inputs.values_of(request, tx, question)
    whose = subject.from_data(roster, data)
    subject.check(request, tx, whose)
    return opened.values_of(request, tx, whose, str(data["measure"]), int(data["year"]))


def _form(request: Request, tx: Transaction, action: str, values: dict[str, str]) -> Form:
    if action == "ask":
        return inputs.form(request, tx, values)
    if action == "adjust":
        values = {name: value for name, value in values.items() if name != "amount" or "how" in values}
        return adjusting.form(request, tx, values)
    return setting.form(request, tx, values)


COMMAND = Command(
    name=NAME,
    summary="See targets month by month; set and adjust those of your team",
    usage="[name] [year] | set | adjust",
    examples=("/target", "/target 2027", "/target set", "/target adjust"),
    explain=(
        "“/target” shows your targets of the fiscal year by month, who set and changed them and why, and what the job "
        "asks for per week; what was changed you accept or object to. Who leads a unit sees its plan: its target, what "
        "its people carry, and by how much that is over. Managers, leaders and admins set and adjust what is below "
        "them, in words too: “set Dana's target to $1.2M for 2026”, “raise Omar's target by 50k from July because of "
        "the new territory”. “Ask for input” asks a person for their own figure before. Nobody sets their own."
    ),
    fresh="/target",
    handle=handle,
    prepare=prepare,
    understands=surely_meant,
    asked_first=True,
    aliases=("targets",),
    home=home.waiting,
    shorthands=dict.fromkeys(("plan", "the plan", "my plan", "my target", "my targets"), ""),
    actions={
        "set": set_button,
        "set sent": setting.sent,
        "adjust": adjust_button,
        "adjust sent": adjusting.sent,
        "withdraw": adjusting.withdraw,
        "ask": ask_button,
        "ask sent": inputs.asked,
        "give": inputs.give_button,
        "given": inputs.given,
        "accept": answering.accept,
        "object": answering.object_button,
        "objected": answering.objected,
        "confirm": confirmed,
        "look": look,
    },
)
