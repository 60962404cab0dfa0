"""What whose target it is says of it: *Accept*, or *Object* with a comment. Who set it is told."""

from __future__ import annotations

from handlers.conversation.access import Denied, may
from handlers.conversation.errors import NotAllowed
from handlers.conversation.reply import Form, Reply, TextField
from handlers.conversation.request import Message, Outcome, Request
from handlers.figures import roster as rosters
from handlers.plan import figures, measures, show, subject, told
from handlers.plan.buttons import issuer
from handlers.plan.errors import AnsweredAlready, ReplacedSince, WithdrawnAlready
from handlers.plan.subject import Whose
from storage import targets
from storage.database import Transaction


def accept(request: Request, tx: Transaction) -> Outcome:
    """*Accept*."""
    return _answered(request, tx, "accepted", "")


def object_button(request: Request, tx: Transaction) -> Outcome:
    """*Object*: why?"""
    what, _, _ = _about(request, tx)
    token = issuer.token_for(request, tx, "objected", dict(request.data))
    why = TextField("comment", "Why", hint="Who set it reads this", multiline=True, max_length=1000)
    return Outcome(form=Form(title="Object", token=token, fields=(why,), submit="Send", intro=what))


def objected(request: Request, tx: Transaction) -> Outcome:
    """The form of *Object* was sent."""
    comment = " ".join(request.values.get("comment", "").split())
    if not comment:
        return Outcome(problems={"comment": "Write why, so that it can be talked about."})
    return _answered(request, tx, "objected", comment)


def _about(request: Request, tx: Transaction) -> tuple[str, str | None, Whose]:
    """The target or adjustment in words, who made it, whose it is; answered by nobody yet.

    Raises ReplacedSince, WithdrawnAlready, AnsweredAlready, NotAllowed.
    """
    roster = rosters.load(tx)
    fiscal = figures.fiscal_of(request.company)
    if version_id := request.data.get("version"):
        version = targets.version(tx, str(version_id))
        if version is None or version.replaced:
            raise ReplacedSince
        target, by, answer = version.target, version.set_by, version.answer
        whose = subject.from_data(roster, {"person": target.person, "unit": target.unit})
        amount = measures.shown(request.company, target.measure, target.amount)
        what = f"the {measures.words(target.measure)} target of {amount} for {fiscal.year_in_words(target.fiscal_year)}"
    else:
        adjustment = targets.adjustment(tx, str(request.data["adjustment"]))
        if adjustment is None:
            raise WithdrawnAlready
        by, answer = adjustment.by, adjustment.answer
        whose = subject.from_data(roster, {"person": adjustment.person, "unit": adjustment.unit})
        what = f"the adjustment of the {measures.words(adjustment.measure)} target, "
        what += show.change_in_words(request, adjustment)
    own = frozenset(subject.owners(tx, whose, request.basis.now.date()))
    verdict = may(request.actor, "answer for a target", own)
    if isinstance(verdict, Denied):
        raise NotAllowed(reason=verdict.sentence)
    if answer is not None:
        raise AnsweredAlready
    return what, by, whose


def _answered(request: Request, tx: Transaction, answer: str, comment: str) -> Outcome:
    what, by, whose = _about(request, tx)
    if version := request.data.get("version"):
        targets.answer_version(tx, str(version), answer=answer, comment=comment, at=request.now)
    else:
        identifier = str(request.data["adjustment"])
        targets.answer(tx, identifier, answer=answer, comment=comment, at=request.now)
    about = str(version or request.data["adjustment"])
    messages: tuple[Message, ...] = ()
    roster = rosters.load(tx)
    if by and by != request.actor.person:
        verb = "accepts" if answer == "accepted" else "objects to"
        why = f" Why: {comment}" if comment else ""
        of = "" if whose.person else f" of {whose.name}"
        sentence = f"{request.actor.name} {verb} {what}{of}.{why}"
        messages = told.plainly(by, sentence, f"target:{about}:{answer}:{by}")
    heard = f" I have told {roster.name(by)}." if messages else ""
    done = f"You accepted {what}." if answer == "accepted" else f"You objected to {what}. Why: {comment}"
    return Outcome(reply=Reply(text=f"{done}{heard}"), messages=messages)
