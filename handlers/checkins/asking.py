"""One question at a time, in the direct chat: typed words or a button answer, and the next one follows."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import msgspec

from handlers.checkins import begin, given, questions, reading, retold, sheet, wording
from handlers.checkins.buttons import NAME, issuer
from handlers.checkins.sheet import Sheet
from handlers.conversation.buttons import Wanted
from handlers.conversation.company import Question
from handlers.conversation.questions import keep, make_room, waved_away
from handlers.conversation.reply import Button, Buttons, Choice, Option, Part, Reply, Text
from handlers.conversation.request import Outcome, Request
from handlers.conversation.route import plain
from storage import drafts
from storage.database import Transaction

IN_WORDS_FOR: Final = timedelta(hours=2)
"""How long typed words are taken for the answer: people think about these."""
SKIP: Final = frozenset(("skip", "pass", "next question"))
SHOWN: Final = 200
"""Characters of an answer that is shown back."""
RATINGS: Final = tuple(Option(str(number), str(number)) for number in range(1, 6))


def ask(request: Request, tx: Transaction, of: Sheet, lead: str = "") -> Reply:
    """The next open question; what was said before it, or what was wrong, leads."""
    question = of.open[0]
    begin.name_reader(request, tx, of)
    keep(
        request,
        tx,
        NAME,
        {"checkin": of.checkin.id, "question_name": question.name},
        in_words_for=IN_WORDS_FOR,
        waits=f"Your check-in still waits for an answer: {sheet.words(request, of, question)}",
    )
    heading = f"{_counted(of, question)} · {sheet.words(request, of, question)}"
    begins = len(of.asked) == len(of.open)
    reads = begin.who_reads(request, tx, of.checkin, brief=not begins)
    how = "Choose, or type it. " if question.kind == questions.RATING else "Just type your answer. "
    small = f"{how}{reads}" if begins or question.kind == questions.RATING else reads
    parts: list[Part] = [Text(lead)] if lead else []
    parts += _question(request, tx, of, question, heading)
    parts += [Text(small, style="quiet"), Buttons(_buttons(request, tx, of, question))]
    return Reply(" ".join(filter(None, (lead, heading, small))), tuple(parts))


def _counted(of: Sheet, question: Question) -> str:
    """`4 of 6`, a total that never grows on the way; `One more` of a question that an answer brought up."""
    counted = [one for one in of.asked if not questions.follows(one)]
    return f"{counted.index(question) + 1} of {len(counted)}" if question in counted else "One more"


def _question(request: Request, tx: Transaction, of: Sheet, question: Question, heading: str) -> list[Part]:
    if question.kind != questions.RATING:
        return [Text(heading, style="strong")]
    data = {"checkin": of.checkin.id, "question": question.name}
    token = issuer.lasting(msgspec.structs.replace(request, listing=False), tx, [("", "rate", data)])[0].token
    return [Choice(heading, token, RATINGS)]


def _buttons(request: Request, tx: Transaction, of: Sheet, question: Question) -> tuple[Button, ...]:
    data = {"checkin": of.checkin.id, "question": question.name}
    wanted: list[Wanted] = [("Skip", "skip", data)] if question.optional else []
    wanted += [("All as a form", "form", {"checkin": of.checkin.id}), ("Later", "later", {"checkin": of.checkin.id})]
    return tuple(issuer.lasting(request, tx, wanted))


def go_on(request: Request, tx: Transaction, of: Sheet, lead: str = "") -> Outcome:
    """The next question, or the end of it."""
    if of.open:
        return Outcome(reply=ask(request, tx, of, lead))
    settle(request, tx)
    if of.checkin.submitted_at is not None:
        return retold.changed(request, tx, of, "Added, thank you.")
    if given.waits_for_a_press(request, tx, of):
        return Outcome(reply=given.held(request, tx, of))
    return given.give(request, tx, of)


def further(request: Request, tx: Transaction, of: Sheet, outcome: Outcome) -> Outcome:
    """What came of a form, and below it the question that only its answers brought up."""
    if not of.open or outcome.reply is None:
        return outcome
    asked = ask(request, tx, sheet.load(tx, given.open_of(tx, of.checkin.id).checkin))
    parts = (*outcome.reply.parts, *asked.parts)
    return Outcome(reply=Reply(f"{outcome.reply.text} {asked.text}", parts))


def settle(request: Request, tx: Transaction) -> None:
    """What was asked here before is moot."""
    make_room(request, tx, NAME)


def reads_as_a_sentence(text: str) -> bool:
    """Words that are an answer although they begin with a command's name: “help from Legal”, “deals are slow”."""
    words = text.casefold().split()
    return len(words) > 2 and words[1] in _GOES_ON


_GOES_ON: Final = frozenset(
    ("with", "from", "is", "was", "are", "were", "has", "have", "had", "went", "got", "and", "but", "in", "to", "will")
)


def answered_in_words(request: Request, tx: Transaction) -> Outcome | None:
    """Typed words while a question is open; None when they are no answer to it."""
    draft = drafts.get(tx, request.data["draft"], request.now)
    if draft is None or request.now.timestamp() - float(draft.data["asked"]) > IN_WORDS_FOR.total_seconds():
        return None
    if request.incoming.place != "direct" or request.text.rstrip().endswith("?"):
        return None
    of = sheet.mine(request, tx, str(draft.data["checkin"]))
    question = _named(of, str(draft.data["question_name"]))
    if question is None:
        return None
    if waved_away(request) or plain(request.text) == "later":
        drafts.settle(tx, draft.id, request.now)
        return Outcome(reply=Reply("Put aside. What you have answered is kept: “checkin” goes on from there."))
    if plain(request.text) in SKIP:
        if not question.optional:
            lead = "This one is not to be skipped; “later” puts the check-in aside."
            return Outcome(reply=ask(request, tx, of, lead))
        return _kept(request, tx, of, question, reading.Read(sheet.SKIPPED))
    both = reading.with_best(of, question, request.text)
    found = reading.read(request, tx, of, question, both[0] if both else request.text)
    if both is not None and not isinstance(found, str):
        return _both_kept(request, tx, of, (question, found), (both[1], both[2]))
    if isinstance(found, str):
        return Outcome(reply=ask(request, tx, of, found))
    return _kept(request, tx, of, question, found, shown=True)


def rated(request: Request, tx: Transaction) -> Outcome:
    """A number was pressed: the message says what was, and the next question comes below it."""
    of = sheet.mine(request, tx, str(request.data["checkin"]))
    question = _named(of, str(request.data["question"]))
    if question is None or request.value not in tuple("12345"):
        return Outcome(reply=_settled(request, tx, of))
    return _kept(request, tx, of, question, reading.Read(request.value, int(request.value)))


def skipped(request: Request, tx: Transaction) -> Outcome:
    """*Skip*."""
    of = sheet.mine(request, tx, str(request.data["checkin"]))
    question = _named(of, str(request.data["question"]))
    if question is None or not question.optional:
        return Outcome(reply=_settled(request, tx, of))
    return _kept(request, tx, of, question, reading.Read(sheet.SKIPPED))


def _kept(
    request: Request, tx: Transaction, of: Sheet, question: Question, found: reading.Read, *, shown: bool = False
) -> Outcome:
    """`shown`: it was typed, so what it was taken for stands before the next question."""
    now = reading.keep(request, tx, of, question, found)
    return go_on(request, tx, now, _taken(request, now, question) if shown and now.open else "")


def _both_kept(
    request: Request, tx: Transaction, of: Sheet, commit: tuple[Question, reading.Read], best: tuple[Question, str]
) -> Outcome:
    """The commit, and the best case that was said with it: asked for by itself where it cannot be one."""
    now = reading.keep(request, tx, of, *commit)
    said = [_taken(request, now, commit[0])]
    found = reading.read(request, tx, now, *best)
    if isinstance(found, str):
        return go_on(request, tx, now, " ".join((*said, found)))
    now = reading.keep(request, tx, now, best[0], found)
    said.append(_taken(request, now, best[0]))
    return go_on(request, tx, now, " ".join(said) if now.open else "")


def _taken(request: Request, of: Sheet, question: Question) -> str:
    said = sheet.shown(request, of, question, of.answers[question.name])
    return f"{wording.label(request, of, question)}: “{briefly(said)}”."


def briefly(said: str) -> str:
    """An answer on one line, and not all of it where it is long."""
    said = " ".join(said.split())
    return said if len(said) <= SHOWN else f"{said[: SHOWN - 1].rstrip()}…"


def _named(of: Sheet, name: str) -> Question | None:
    """The question, while it is open."""
    return next((one for one in of.open if one.name == name), None)


def _settled(request: Request, tx: Transaction, of: Sheet) -> Reply:
    if of.open:
        return ask(request, tx, of, "That one is answered.")
    return given.shown(request, tx, of, "That one is answered: press Edit to change it.")


def here(request: Request, tx: Transaction) -> Outcome:
    """*Answer here*: the first question, or where it was left."""
    of = _meant(request, tx)
    if of.checkin.submitted_at is not None and not of.open:
        return Outcome(reply=given.shown(request, tx, of))
    return go_on(request, tx, of)


def _meant(request: Request, tx: Transaction) -> Sheet:
    """The one that the button is of."""
    return sheet.mine(request, tx, str(request.data["checkin"]))
