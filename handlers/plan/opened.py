"""What a form that sets a target was opened with, and what it means for a target that others set meanwhile."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from handlers.conversation import meanwhile
from handlers.conversation.meanwhile import Merged
from handlers.conversation.request import Request
from handlers.figures import roster as rosters
from handlers.plan import figures, measures, spread, subject
from handlers.plan.subject import Whose
from storage.database import Transaction

_DEFAULTS: Final = {"amount": "", "spread": "even", "ramped": "no"}
"""The fields that say what a target is, as they are where none is set."""


def values_of(request: Request, tx: Transaction, whose: Whose, measure: str, year: int) -> dict[str, str]:
    """The form's fields as the target stands."""
    values = {"who": whose.name, "measure": measure, "year": str(year)}
    version = figures.standing(tx, whose, measure, year)
    if version is not None:
        values["amount"] = measures.typed(request.company, measure, version.target.amount)
        values["spread"] = spread.in_words(version.target.weights)
        values["ramped"] = "yes" if version.target.ramped else "no"
    return values


def filled(request: Request, tx: Transaction, said: dict[str, str]) -> tuple[dict[str, str], dict[str, Any]]:
    """The form's fields, what was said over what stands; and what is kept under its token. What stands is shown to who
    may set it alone."""
    whose = subject.named(rosters.load(tx), said["who"]) if said.get("who") else ""
    if not isinstance(whose, Whose) or not subject.may_set(request, tx, whose):
        return said, {}
    measure = said.get("measure", "") or measures.DEFAULT
    year = int(said.get("year", "") or figures.this_year(request))
    standing = values_of(request, tx, whose, measure, year)
    stood = _DEFAULTS | {name: standing[name] for name in _DEFAULTS if name in standing}
    values = {**standing, **{name: value for name, value in said.items() if value}}
    proposed = {name: [values[name], stood[name]] for name in stood if values.get(name, stood[name]) != stood[name]}
    return values, {**whose.data, "measure": measure, "year": year, "proposed": proposed}


def laid_over(request: Request, tx: Transaction, whose: Whose, measure: str, year: int) -> dict[str, str] | Merged:
    """The values that the sent form means for that target, or the Merged whose problems say what others set.

    Opened for it: what its sender changed. Opened for nobody yet: what its sender left alone stays as it stands.
    Opened for another target: all of it, since that is what they saw when they named this one.
    """
    standing = values_of(request, tx, whose, measure, year)
    now = _DEFAULTS | {name: standing[name] for name in _DEFAULTS if name in standing}
    data, shown = request.data, {field.name: field.value for field in (request.shown.fields if request.shown else ())}
    if "proposed" in data and all(data[name] == value for name, value in _about(whose, measure, year).items()):
        proposed = {name: stood for name, (value, stood) in data["proposed"].items() if shown.get(name) == value}
        typed = {**request.values, "amount": _in_one_way(request, tx, measure, year)}
        merged = meanwhile.merged(
            msgspec.structs.replace(request, values=typed),
            tx,
            now,
            said=_said(request, tx, whose, measure, year),
            stood=proposed,
        )
        return merged if merged.problems else merged.values
    if "proposed" not in data:
        left = {name: now[name] for name in ("spread", "ramped") if request.values.get(name) == shown.get(name)}
        return {**request.values, **left}
    return request.values


def _about(whose: Whose, measure: str, year: int) -> dict[str, Any]:
    return {**whose.data, "measure": measure, "year": year}


def _said(request: Request, tx: Transaction, whose: Whose, measure: str, year: int) -> dict[str, str]:
    version = figures.standing(tx, whose, measure, year)
    return {} if version is None else {"amount": measures.shown(request.company, measure, version.target.amount)}


def _in_one_way(request: Request, tx: Transaction, measure: str, year: int) -> str:
    """The amount as the form would show it, so that 1.2M and 1,200,000 are the same; as it was typed, where unclear."""
    typed = request.values.get("amount", "")
    amount = measures.read(tx, request.company, measure, typed, year)
    return typed if isinstance(amount, str) else measures.typed(request.company, measure, amount)
