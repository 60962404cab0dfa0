"""The form in which two who work together put an action item down: what, who of the two, by when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from handlers.conversation.reply import ChoiceField, DateField, Field, Option, TextField
from handlers.conversation.request import Request

LONGEST = 300
KEPT = "On the list, and carried on until it is done or dropped."


@dataclass(frozen=True, slots=True)
class Promise:
    """What was filled in, without a problem."""

    text: str
    mine: bool
    """Whoever fills in the form does it, not the other one."""
    due: date | None


def fields(request: Request, other: str, text: str = "") -> tuple[Field, ...]:
    """`other` is the other one's name; `text` what the first field holds."""
    in_a_week = (request.basis.now.date() + timedelta(days=7)).isoformat()
    return (
        TextField("text", "What is to be done?", text[:LONGEST], max_length=LONGEST),
        ChoiceField("owner", "Who does it?", (Option("I do", "me"), Option(f"{other} does", "them")), "me"),
        DateField("due", "By when?", in_a_week, optional=True),
    )


def filled_in(request: Request) -> Promise | dict[str, str]:
    """What the form holds, or what is wrong with which field."""
    values = {name: value.strip() for name, value in request.values.items()}
    problems = {} if values.get("text") else {"text": "Say what is to be done."}
    due = None
    try:
        due = date.fromisoformat(values["due"]) if values.get("due") else None
    except ValueError:
        problems["due"] = "Write it like 2026-11-27."
    if due is not None and due < request.basis.now.date():
        problems["due"] = "That day is over."
    if values.get("owner") not in ("me", "them"):
        problems["owner"] = "Choose one."
    return problems or Promise(values["text"], values["owner"] == "me", due)
