"""What an invoke is answered with in its own response: a card in place of the pressed one, a dialog, a list found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from bot.answer import Answer
from bot.teams import render
from bot.teams.elements import CARD_TYPE, VERSION, attachment, rich, run
from bot.teams.incoming import Answered
from handlers.conversation.reply import Form
from handlers.conversation.request import Incoming, Submitted

THUMBNAIL = "application/vnd.microsoft.card.thumbnail"
SENTENCE = "application/vnd.microsoft.activity.message"
BELOW = "The answer is below."
SENT = "The answer is in our chat."
LOG_THERE = "Log an activity"


def body(answered: Answered, answer: Answer, incoming: Incoming) -> dict[str, Any] | None:
    """The body for an activity of that kind; None where nothing has to be said."""
    match answered:
        case "nothing":
            return None
        case "card":
            return _card(answer)
        case _:
            return _dialog(answered, answer, incoming)


def _card(answer: Answer) -> dict[str, Any]:
    """A card takes the pressed one's place; a sentence is shown to the person who pressed, and to nobody else."""
    reply = answer.reply
    if reply is not None and answer.replace:
        return {"statusCode": 200, "type": CARD_TYPE, "value": render.card(reply)}
    return {"statusCode": 200, "type": SENTENCE, "value": reply.text if reply is not None else BELOW}


def _dialog(answered: Answered, answer: Answer, incoming: Incoming) -> dict[str, Any] | None:
    if answer.problems and answer.shown is not None and isinstance(incoming.what, Submitted):
        return _continued(answer.shown, answer.problems, incoming.what.values)
    if answer.form is not None:
        return _continued(answer.form)
    if answer.problems:
        return _said(f"Not saved: {' '.join(answer.problems.values())}")
    if answer.reply is not None:
        return _said(answer.reply.text)
    # A dialog whose answer is a message closes; one that was only asked for has to say where the answer is.
    return None if answered == "sent dialog" else _said(SENT)


def _continued(
    form: Form, problems: Mapping[str, str] | None = None, values: Mapping[str, str] | None = None
) -> dict[str, Any]:
    return {"task": {"type": "continue", "value": render.dialog(form, problems or {}, values or {})}}


def _said(sentence: str) -> dict[str, Any]:
    return {"task": {"type": "message", "value": sentence}}


# ---------------------------------------------------------------- the message extension's search


def found(names: Iterable[str]) -> dict[str, Any]:
    """Accounts as a list; the one that is chosen becomes a card in the compose box."""
    return _list([_account(name) for name in names])


def found_nothing(sentence: str) -> dict[str, Any]:
    """A sentence instead of a list."""
    return {"composeExtension": {"type": "message", "text": sentence}}


def _list(attachments: list[dict[str, Any]]) -> dict[str, Any]:
    return {"composeExtension": {"type": "result", "attachmentLayout": "list", "attachments": attachments}}


def _account(name: str) -> dict[str, Any]:
    """A card that holds no more than the name: whoever presses its button logs for themselves."""
    preview = {"contentType": THUMBNAIL, "content": {"title": name, "text": LOG_THERE}}
    press = {"type": "Action.Submit", "title": LOG_THERE, "data": {"log": name, "msteams": {"type": "task/fetch"}}}
    content = {"type": "AdaptiveCard", "version": VERSION, "body": [rich(run(name, 300, "strong"))], "actions": [press]}
    return {**attachment(content), "preview": preview}
