"""What becomes of the files of a message, once the turn knows whose they are and what the words say."""

from __future__ import annotations

import msgspec

from handlers.conversation.command import Command
from handlers.conversation.reply import Reply, Text
from handlers.conversation.request import Attached, Message, Outcome, Request, Said
from storage.database import Transaction

NOT_TAKEN = (
    "I do not read files in a chat yet, so nothing of {names} was kept. On the command line “pacer import” takes files "
    "with people, targets and deals."
)
ASIDE = "I left {names} aside, because your words were for something else. Files that come without words I read."


def hand_over(tx: Transaction, request: Request, said: Said, command: Command) -> Outcome:
    """The command takes those files that came whole; of the others the person reads what is wrong with them."""
    assert command.takes_files is not None
    whole = tuple(file for file in said.files if not _problem(file))
    problems = " ".join(_problem(file) for file in said.files if _problem(file))
    if not whole:
        return Outcome(reply=Reply(text=problems))
    incoming = msgspec.structs.replace(request.incoming, what=msgspec.structs.replace(said, files=whole))
    outcome = command.takes_files(msgspec.structs.replace(request, incoming=incoming), tx)
    if not problems:
        return outcome
    if not outcome.jobs:
        return _add(outcome, problems)
    # A job puts what it finds in the place of the reply.
    key = f"files:{request.incoming.install}:{request.incoming.key}"
    apart = Message(to=request.actor.person, reply=Reply(text=problems), topic="import", key=key)
    return msgspec.structs.replace(outcome, messages=(*outcome.messages, apart))


def nobody_takes(said: Said) -> Outcome:
    """There is no command for files: what is wrong with them, else that."""
    problems = " ".join(file.problem for file in said.files if file.problem)
    return Outcome(reply=Reply(text=problems or NOT_TAKEN.format(names=_names(said.files))))


def aside(outcome: Outcome, said: Said) -> Outcome:
    """The words were for a command that takes no files: a file that could be read is not passed over in silence."""
    readable = tuple(file for file in said.files if not file.problem)
    return _add(outcome, ASIDE.format(names=_names(readable))) if readable else outcome


def _problem(file: Attached) -> str:
    """What is wrong with it; a file that was announced and never fetched holds nothing either."""
    if file.problem or file.content:
        return file.problem
    return f"I did not fetch {file.name}. Please attach it again."


def _add(outcome: Outcome, sentence: str) -> Outcome:
    if outcome.reply is None:
        return outcome
    reply = outcome.reply
    parts = (*(reply.parts or (Text(reply.text),)), Text(sentence, style="quiet"))
    return msgspec.structs.replace(
        outcome, reply=msgspec.structs.replace(reply, text=f"{reply.text} {sentence}", parts=parts)
    )


def _names(files: tuple[Attached, ...]) -> str:
    return " and ".join(file.name for file in files)
