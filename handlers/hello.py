"""The first words between a person and Pacer: hello, and the welcome at first contact."""

from __future__ import annotations

import msgspec

from handlers.conversation.command import Command
from handlers.conversation.facts import PersonArrived
from handlers.conversation.reply import Reply, Text
from handlers.conversation.request import Message, Outcome, Request
from handlers.first_steps import steps
from storage.database import Transaction

INTRODUCTION = (
    "I am Pacer, your company's assistant for its sales team. To hear no more from me, write “stop everything”."
)


def handle(request: Request, tx: Transaction) -> Outcome:
    """Hello, hi and good morning are answered with what to do next."""
    return Outcome(reply=_greeting(f"Hello {first_name(request.actor.name)}, I am Pacer.", steps(request, tx)))


def welcome(fact: PersonArrived, request: Request, tx: Transaction) -> Outcome:
    """Somebody's first contact: who I am, and what I know of them. With what to do next, where they have not said or
    asked anything in their own chat."""
    known = (
        "I know your team already."
        if fact.matched
        else "You can log right away; the admins know that you are here and will put you into the plan."
    )
    lead = f"Welcome to Pacer, {first_name(request.actor.name)}. {known}"
    alone = Message(fact.person, _greeting(lead, steps(request, tx)), "welcome", f"welcome:{fact.identity}")
    return Outcome(reply=Reply(text=lead, parts=(Text(lead),)), messages=(alone,))


def introduced(reply: Reply) -> Reply:
    """The first words to somebody who has never written: who is speaking, and how to stop it; then what was to be
    said."""
    parts = (Text(INTRODUCTION, style="quiet"), *(reply.parts or (Text(reply.text),)))
    return msgspec.structs.replace(reply, text=f"{INTRODUCTION} {reply.text}", parts=parts)


def _greeting(lead: str, more: str) -> Reply:
    return Reply(text=f"{lead} {more}", parts=(Text(lead, style="strong"), Text(more)))


def first_name(name: str) -> str:
    """`Dana` of `Dana Whitfield`."""
    return next(iter(name.split()), "there")


COMMAND = Command(
    name="hello",
    summary="Say hello",
    usage="",
    examples=("hello",),
    aliases=("hi", "hey", "good morning", "good afternoon", "good evening"),
    handle=handle,
    slash=False,
)
