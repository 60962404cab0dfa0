"""All questions at once, in a form that fits a phone; the same form changes the answers later."""

from __future__ import annotations

from dataclasses import replace

from handlers.checkins import asking, begin, given, questions, reading, retold, sheet
from handlers.checkins.buttons import issuer
from handlers.checkins.reading import Read
from handlers.checkins.sheet import Sheet
from handlers.conversation import meanwhile
from handlers.conversation.company import Question
from handlers.conversation.reply import ChoiceField, Field, Form, Option, TextField
from handlers.conversation.request import Outcome, Request
from storage import checkins
from storage.checkins import Answer
from storage.database import Transaction

_RATINGS = tuple(Option(word, word[0]) for word in ("1 (low)", "2", "3", "4", "5 (great)"))


def button(request: Request, tx: Transaction) -> Outcome:
    """*As a form*, *Edit*."""
    return Outcome(form=make(request, tx, sheet.mine(request, tx, str(request.data["checkin"]))))


def make(request: Request, tx: Transaction, of: Sheet) -> Form:
    """Filled with what stands. A question that only some answers bring up is asked after them."""
    fields = tuple(_field(request, of, one) for one in of.asked)
    reads = begin.who_reads(request, tx, of.checkin)
    is_given = of.checkin.submitted_at is not None
    manager = begin.manager_of(request, tx, of.checkin.person)
    data = {"checkin": of.checkin.id, "given": is_given, "reader": manager.id if manager is not None else None}
    token = issuer.token_for(request, tx, "sent", data)
    submit = "Save" if is_given else "Send"
    return Form("Your check-in", token, fields, submit=submit, intro=reads)


def _field(request: Request, of: Sheet, question: Question) -> Field:
    value, label = _value(of, question), sheet.words(request, of, question)
    if question.kind == questions.RATING:
        return ChoiceField(question.name, label, _RATINGS, value, optional=question.optional)
    hint = "Like $400k. Won deals included." if question.kind == questions.COMMIT else ""
    return TextField(question.name, label, value, hint, optional=question.optional, max_length=reading.LONGEST)


def _value(of: Sheet, question: Question) -> str:
    """What its field holds: the answer that stands."""
    stands = of.answers.get(question.name)
    if stands is None:
        return ""
    if question.kind == questions.RATING:
        return str(stands.number) if stands.number is not None else ""
    return stands.text


def sent(request: Request, tx: Transaction) -> Outcome:
    """Answers, all or none of them. What was answered meanwhile stays where the form was left as it was shown."""
    of = sheet.mine(request, tx, str(request.data["checkin"]))
    merged = meanwhile.merged(request, tx, {one.name: _value(of, one) for one in of.questions})
    if merged.problems:
        return Outcome(problems={name: _answered_meanwhile(request, of, name) for name in merged.problems})
    kept = _read(request, tx, of, merged.values)
    if isinstance(kept, dict):
        return Outcome(problems=kept)
    stood = of.answers
    for question, found in kept:
        of = reading.keep(request, tx, of, question, found)
    asking.settle(request, tx)
    before = of.checkin.submitted_at is not None
    if not before and (held := _held(request, tx, of)) is not None:
        return held
    if before:
        return retold.changed(request, tx, of) if of.answers != stood else retold.unchanged(request, tx, of)
    outcome = given.give(request, tx, of)
    return outcome if request.incoming.place != "direct" else asking.further(request, tx, of, outcome)


def _read(
    request: Request, tx: Transaction, of: Sheet, values: dict[str, str]
) -> list[tuple[Question, Read]] | dict[str, str]:
    """The answers that are new, or what is wrong with which. What stands already is not judged again: more may be
    closed by now than was committed to then."""
    problems: dict[str, str] = {}
    kept: list[tuple[Question, Read]] = []
    as_said = of
    for question in [one for one in of.questions if one.name in values]:
        words = values[question.name].strip()
        stands = question.name in of.answers and words.split() == _value(of, question).split()
        held_by_best = question.kind == questions.BEST and any(one.kind == questions.COMMIT for one, _ in kept)
        if (stands and not (held_by_best and words)) or (not words and question not in [*of.asked, *as_said.asked]):
            continue
        skipped = not words and question.optional
        found = Read(sheet.SKIPPED) if skipped else reading.read(request, tx, as_said, question, words)
        if isinstance(found, str):
            problems[question.name] = found
            continue
        kept.append((question, found))
        said = Answer(question.name, found.text, found.number, 1, request.now)
        as_said = replace(as_said, answers={**as_said.answers, question.name: said})
    return problems or kept


def _answered_meanwhile(request: Request, of: Sheet, name: str) -> str:
    """Beside a field that was answered otherwise, in chat or in another form, since this one was opened."""
    question = next(one for one in of.questions if one.name == name)
    if not of.answers[name].text:
        return "While the form was open, you skipped this. Send it again to put your words here."
    said = asking.briefly(sheet.shown(request, of, question, of.answers[name]))
    return f"While the form was open, you answered “{said}” here. Send it again to put this in its place."


def _held(request: Request, tx: Transaction, of: Sheet) -> Outcome | None:
    """It is not given: it was taken back while the form stood open, whose button said “Save”, or the form named another
    reader than it would reach now."""
    manager, reader = begin.manager_of(request, tx, of.checkin.person), request.data["reader"]
    if manager is not None and manager.id != reader:
        checkins.change(tx, of.checkin.id, {"manager": reader})
        of = sheet.load(tx, replace(of.checkin, manager=reader))
    elif not request.data["given"]:
        return None
    return Outcome(reply=given.held(request, tx, of))
