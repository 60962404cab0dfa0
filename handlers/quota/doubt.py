"""*Not right?*: somebody doubts a figure; the admins are told, and what one of them answers goes to the asker."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from handlers.conversation.access import Denied, may
from handlers.conversation.audited import audited
from handlers.conversation.buttons import Issuer
from handlers.conversation.errors import ButtonUnknown, NotAllowed, UserError
from handlers.conversation.reply import Button, Buttons, Form, Part, Reply, Text, TextField
from handlers.conversation.request import Message, Outcome, Request
from handlers.conversation.route import plain
from handlers.conversation.wording import Days, listed, plural
from storage import inquiries, people, tokens
from storage.database import Transaction
from storage.inquiries import Inquiry

LABEL: Final = "Not right?"
ISSUER: Final = Issuer("quota", frozenset({"doubt", "answer doubt"}))
LIST_WORDS: Final = frozenset(("inquiries", "inquiry", "doubts", "open inquiries", "my inquiries", "not right"))
GOOD_FOR: Final = timedelta(days=30)
"""How long an admin's button waits; “/quota inquiries” gives a fresh one."""
TOPIC: Final = "inquiry"
MOST_ABOUT: Final = 1500
"""Characters of the answer that are kept: its figures come first."""
MOST_WORDS: Final = 1000
SHOWN: Final = 10


class AnsweredMeanwhile(UserError):
    """{who} answered that {when}: “{answer}” Nothing was changed now."""


def with_button(request: Request, tx: Transaction, reply: Reply) -> Reply:
    """The answer with *Not right?* as the last of its buttons; one without a figure as it is."""
    if not any(letter.isdigit() for letter in reply.text):
        return reply
    (button,) = ISSUER.lasting(request, tx, [(LABEL, "doubt", {"about": _cut(reply.text, MOST_ABOUT)})])
    parts = reply.parts or (Text(reply.text),)
    last = parts[-1]
    if isinstance(last, Buttons):
        parts = (*parts[:-1], Buttons((*last.buttons, button)))
    else:
        parts = (*parts, Buttons((button,)))
    return Reply(reply.text, parts, reply.private)


def asked(request: Request, tx: Transaction) -> Outcome:
    """*Not right?*: what is it?"""
    about = str(request.data["about"])
    field = TextField(
        "words",
        "What looks wrong?",
        hint="The deal, the amount or the date that you miss or that should not count.",
        multiline=True,
        max_length=MOST_WORDS,
    )
    token = ISSUER.token_for(request, tx, "doubted", {"about": about})
    return Outcome(form=Form("Not right?", token, (field,), submit="Ask", intro=about))


def doubted(request: Request, tx: Transaction) -> Outcome:
    """It was said what looks wrong: kept, and every admin who can be reached is told."""
    words = request.values.get("words", "").strip()
    if not words:
        return Outcome(problems={"words": "Say in a few words what looks wrong."})
    about, me = str(request.data["about"]), request.actor
    identifier = inquiries.keep(tx, person=me.person, about=about, words=words, at=request.now)
    audited(request, tx, "inquiry", inquiry=identifier)
    inquiry = Inquiry(identifier, me.person, me.name, request.now, about, words)
    known = sorted(people.by_emails(tx, request.company.admins), key=lambda one: one.name)
    admins = [one for one in known if one.id != me.person]
    reached = [one for one in admins if people.install_for(tx, one.id) is not None]
    messages = tuple(
        Message(
            to=admin.id,
            reply=_to_admin(request, tx, inquiry, admin.id),
            topic=TOPIC,
            key=f"inquiry:{identifier}:{admin.id}",
        )
        for admin in reached
    )
    if reached:
        sentence = f"Asked {listed([one.name for one in reached], 'and')}. The answer comes to you here."
    else:
        sentence = "Kept. No other admin has met me yet, so nobody was told; “/quota inquiries” lists it to them."
    parts = (Text(sentence), Text(f"Your words: {words}", style="quiet"))
    return Outcome(reply=Reply(f"{sentence} Your words: {words}", parts), replace=False, messages=messages)


def _to_admin(request: Request, tx: Transaction, inquiry: Inquiry, admin: str) -> Reply:
    lead = f"{inquiry.name} doubts a figure: “{inquiry.words}”"
    about = f"The answer was: {inquiry.about}"
    (token,) = tokens.issue(
        tx,
        ("answer doubt", {"inquiry": inquiry.id}),
        person=admin,
        command=ISSUER.command,
        at=request.now,
        expires_at=request.now + GOOD_FOR,
        once=False,
    )
    button = Button("Answer", token, "primary", opens_form=True)
    return Reply(f"{lead} {about}", (Text(lead, style="strong"), Text(about), Buttons((button,))))


def answer_button(request: Request, tx: Transaction) -> Outcome:
    """*Answer*: the form, unless somebody answered already."""
    inquiry = _open(request, tx)
    token = ISSUER.token_for(request, tx, "doubt answered", {"inquiry": inquiry.id})
    field = TextField("answer", f"Your answer to {inquiry.name}", multiline=True, max_length=MOST_WORDS)
    intro = f"{inquiry.name}: “{inquiry.words}”\n\n{inquiry.about}"
    return Outcome(form=Form("Answer", token, (field,), submit="Send", intro=intro))


def answered(request: Request, tx: Transaction) -> Outcome:
    """An admin's answer: kept, and sent to who asked."""
    inquiry = _open(request, tx)
    words = request.values.get("answer", "").strip()
    if not words:
        return Outcome(problems={"answer": "Say what you found; it goes to who asked."})
    inquiries.settle(tx, inquiry.id, answer=words, by=request.actor.person, at=request.now)
    audited(request, tx, "inquiry_answered", inquiry=inquiry.id)
    lead = f"{request.actor.name} on your question “{inquiry.words}”: {words}"
    about = Text(f"It was about: {inquiry.about}", style="quiet")
    to_asker = Message(
        to=inquiry.person, reply=Reply(lead, (Text(lead), about)), topic=TOPIC, key=f"inquiry:{inquiry.id}:answer"
    )
    there = inquiry.person == request.actor.person or people.install_for(tx, inquiry.person) is not None
    told = f"Sent to {inquiry.name}" if there else f"Kept; {inquiry.name} cannot be reached now"
    sentence = f"{told}: {words}"
    parts = (Text(sentence), Text(f"{inquiry.name} asked: “{inquiry.words}”", style="quiet"))
    return Outcome(reply=Reply(f"{sentence} They asked: “{inquiry.words}”", parts), messages=(to_asker,))


def _open(request: Request, tx: Transaction) -> Inquiry:
    """Raises NotAllowed for whoever is no admin, AnsweredMeanwhile where another one was faster."""
    verdict = may(request.actor, "answer an inquiry", None)
    if isinstance(verdict, Denied):
        raise NotAllowed(reason=verdict.sentence)
    inquiry = inquiries.get(tx, str(request.data["inquiry"]))
    if inquiry is None:
        raise ButtonUnknown
    if inquiry.answered_at is not None:
        at = inquiry.answered_at.astimezone(request.basis.zone)
        who = inquiry.answered_by or "Somebody"
        raise AnsweredMeanwhile(who=who, when=Days.of(request.basis).day(at.date()), answer=inquiry.answer)
    return inquiry


def asks_for_list(text: str) -> bool:
    """`/quota inquiries`."""
    return plain(text) in LIST_WORDS


def listing(request: Request, tx: Transaction) -> Outcome:
    """To an admin the open ones, each with *Answer*; to others their own with what was answered."""
    if isinstance(may(request.actor, "answer an inquiry", None), Denied):
        return _mine(request, tx)
    some, number = inquiries.waiting(tx, SHOWN)
    if not some:
        return Outcome(reply=Reply("Nobody waits for an answer about a figure."))
    lead = f"{plural(number, 'open question')} about figures, the oldest first"
    parts: list[Part] = [Text(lead, style="strong")]
    days = Days.of(request.basis)
    said = []
    for one in some:
        when = days.day(one.at.astimezone(request.basis.zone).date())
        said.append(f"{one.name}, {when}: “{one.words}”")
        buttons = ISSUER.lasting(request, tx, [("Answer", "answer doubt", {"inquiry": one.id})])
        parts += [Text(said[-1]), Text(_cut(one.about, 300), style="quiet"), Buttons(tuple(buttons))]
    more = f" And {number - len(some)} more." if number > len(some) else ""
    parts += [Text(more.strip(), style="quiet")] if more else []
    return Outcome(reply=Reply(f"{lead}: {'; '.join(said)}.{more}", tuple(parts)), replace=False)


def _mine(request: Request, tx: Transaction) -> Outcome:
    some = inquiries.of_person(tx, request.actor.person, SHOWN)
    if not some:
        text = f"You have asked about no figure yet. “{LABEL}” below an answer does, and an admin answers you."
        return Outcome(reply=Reply(text))
    lines = [f"“{one.words}” – {_outcome(one)}" for one in some]
    lead = "What you asked about figures, the latest first"
    return Outcome(reply=Reply(f"{lead}: {'; '.join(lines)}.", (Text(lead, style="strong"), *map(Text, lines))))


def _outcome(inquiry: Inquiry) -> str:
    return f"{inquiry.answered_by or 'an admin'}: {inquiry.answer}" if inquiry.answer else "not answered yet"


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


ACTIONS: Final = {"doubt": asked, "doubted": doubted, "answer doubt": answer_button, "doubt answered": answered}
