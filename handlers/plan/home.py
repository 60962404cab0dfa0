"""What waits for somebody about their targets, on their own page: to be accepted, or to be answered."""

from __future__ import annotations

from handlers.conversation.buttons import Wanted
from handlers.conversation.reply import Buttons, Part, Text
from handlers.conversation.request import Request
from handlers.figures import roster as rosters
from handlers.plan import figures, measures, show
from handlers.plan.buttons import issuer
from storage import target_inputs, targets
from storage.database import Transaction


def waiting(request: Request, tx: Transaction) -> tuple[Part, ...]:
    """A line with its buttons for each; nothing where nothing waits."""
    person = request.actor.person
    year, fiscal = figures.this_year(request), figures.fiscal_of(request.company)
    versions = [one for name in (year, year + 1) for one in targets.standing(tx, person=person, fiscal_year=name)]
    lines: list[tuple[str, list[Wanted]]] = []
    for version in versions:
        target, measure = version.target, version.target.measure
        what = f"{measures.words(measure)} target for {fiscal.year_in_words(target.fiscal_year)}"
        if version.answer is None and version.set_by not in (None, person):
            amount = measures.shown(request.company, measure, target.amount)
            lines.append((f"Your {what} was set to {amount}.", _answers({"version": version.id})))
        for change in targets.adjustments_of_year(tx, target.fiscal_year, measure):
            if change.person == person and change.answer is None and change.by != person:
                said = show.change_in_words(request, change)
                lines.append(
                    (f"Your {what} was adjusted: {said}, {change.reason}.", _answers({"adjustment": change.id}))
                )
    asked = target_inputs.open_for(tx, person)
    roster = rosters.load(tx) if asked else None
    for question in asked:
        what = f"{measures.words(question.measure)} target for {fiscal.year_in_words(question.fiscal_year)}"
        asker = roster.name(question.asked_by) if roster else ""
        lines.append((f"{asker} asks what you would set as your {what}.", [_give(question.id)]))
    parts: list[Part] = []
    for sentence, wanted in lines:
        parts += [Text(sentence), Buttons(tuple(issuer.lasting(request, tx, wanted)))]
    return tuple(parts)


def _answers(data: dict[str, str]) -> list[Wanted]:
    return [("Accept", "accept", data), ("Object", "object", data)]


def _give(question: str) -> Wanted:
    return "Give my figure", "give", {"input": question}
