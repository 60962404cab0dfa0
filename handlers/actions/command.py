"""`/todo`: action items of one's own, in plain words: “remind me to send the NDA to Acme on Friday”."""

from __future__ import annotations

from typing import Final

from handlers.actions import card, change
from handlers.conversation.command import Command, Shortcut
from handlers.conversation.reply import Part, Text
from handlers.conversation.request import Outcome, Request
from handlers.conversation.route import plain
from storage import actions
from storage.database import Transaction

_LIST: Final = frozenset(("list", "mine", "all", "open", "me", "show", "what is open", "what's open"))
AT_HOME: Final = 3


def handle(request: Request, tx: Transaction) -> Outcome:
    """`todo`, `todo list`, or `todo` and what is to be done."""
    if not plain(request.text) or plain(request.text) in _LIST:
        return Outcome(reply=card.listing(request, tx))
    return change.add(request, tx, request.text)


def home(request: Request, tx: Transaction) -> tuple[Part, ...]:
    """What is due today or overdue."""
    found = actions.due_by(tx, request.actor.person, request.basis.now.date())
    due = [one for one in found if card.seen(request, one)]
    if not due:
        return ()
    parts: list[Part] = [Text("Action items due", style="strong"), *card.rows(request, tx, due[:AT_HOME])]
    if len(due) > AT_HOME:
        parts.append(Text(f"And {len(due) - AT_HOME} more: “todo” shows them.", style="quiet"))
    return tuple(parts)


COMMAND: Final = Command(
    name=card.NAME,
    summary="Keep what you promised until it is done: “remind me to …”",
    usage="[what is to be done and by when] | list",
    examples=("/todo send the NDA to Acme on Friday", "remind me to call Globex tomorrow", "/todo list"),
    explain=(
        "The day stands at the end or at the beginning, or is left out; a time stays in the words. “/todo” alone lists "
        "what is open, with Done, Change and Drop; a morning message brings what is due and what is overdue. Only you "
        "can see an item until you show it to your manager; those that come of a check-in are for the two of you."
    ),
    fresh="/todo",
    handle=handle,
    home=home,
    latest=change.latest_at,
    undo=change.undo_said,
    aliases=("to do", "to-do", "todos", "to-dos", "remind me", "remind", "action item", "action items", "actions"),
    shorthands=dict.fromkeys(("my todos", "my to-dos", "my actions", "my action items", "my list"), "list"),
    shortcut=Shortcut(label="Remind me", summary="Keep this message as an action item", handle=change.from_message),
    actions={
        "done": change.done,
        "drop": change.drop,
        "reopen": change.reopen,
        "edit": change.edit,
        "edited": change.edited,
        "take over": change.take_over,
        "kept": change.kept,
        "share": change.share,
        "unshare": change.unshare,
    },
)
