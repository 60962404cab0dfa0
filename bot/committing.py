"""The end of a turn: what it came to is written down, and remembered for when the same thing comes again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from bot.answer import Answer
from bot.open_questions import below
from bot.outbound import Outbound
from bot.work import put_jobs
from handlers.conversation.errors import UserError, given_back
from handlers.conversation.reply import Form, Reply, TextField
from handlers.conversation.request import Incoming, Message, Outcome, Request, Submitted
from storage import audit, inbox, people, tokens
from storage.database import Transaction

_answers = msgspec.json.Decoder(Answer)
_forms = msgspec.json.Decoder(Form)
_encode = msgspec.json.encode


class Committed(msgspec.Struct, frozen=True):
    """What a turn has written down."""

    answer: Answer
    keys: tuple[str, ...]
    """Outbox rows to be delivered at once."""
    in_outbox: bool
    """The reply is an outbox row, whatever the platform's response carries."""
    jobs: bool = False
    """A job was asked for."""


def event_of(incoming: Incoming) -> str:
    """The event's identity over all installs."""
    return f"{incoming.install}:{incoming.key}"


def answered_before(tx: Transaction, incoming: Incoming) -> Committed | None:
    """As it was answered when it came first; None where it did not."""
    seen = inbox.answer_to(tx, event_of(incoming))
    if seen is None:
        return None
    return Committed(msgspec.structs.replace(_answers.decode(seen), replayed=True), (), in_outbox=True)


def write_down(
    tx: Transaction,
    outbound: Outbound,
    request: Request,
    outcome: Outcome,
    messages: Sequence[Message],
    *,
    event: str,
    late: bool,
) -> Committed:
    """What the walk came to. `late`: the response carries nothing any more; `event` is what it is remembered by."""
    incoming, now = request.incoming, request.now
    reply, form, problems = outcome.reply, outcome.form, outcome.problems
    replace = outcome.replace and incoming.pressed_on is not None
    if form is not None:
        if incoming.can_open_form and not late:
            tokens.opened_from(tx, form.token, outbound.origin(incoming), _encode(form).decode())
        else:
            reply, form = outbound.offer_form(tx, form, request.actor.person, now), None
            replace = False
    if problems and late:
        reply, problems = Reply(text="Not saved: " + " ".join(problems.values())), {}
    keys: list[str] = []
    # A response to a button can carry what takes the message's place; something further is a message of its own.
    carried = incoming.inline and (replace or incoming.pressed_on is None)
    in_outbox = reply is not None and (late or not carried or incoming.fleeting)
    if reply is not None and in_outbox:
        keys.append(outbound.put_reply(tx, incoming, reply, f"{event}:reply", now, replace=replace))
    if reply is not None:
        keys += outbound.put_files(tx, incoming, reply, f"{event}:reply", now)
    if outcome.home is not None:
        keys.append(outbound.put_home(tx, incoming, outcome.home, event, request.actor.person, now))
    for message in messages:
        keys += outbound.put_message(tx, message, now)
    if outcome.jobs:
        posted = f"{event}:reply" if in_outbox and not replace else ""
        put_jobs(tx, outcome.jobs, incoming, request.actor.person, now, posted=posted, replaced=replace)
    answer = Answer(
        reply=reply if carried else None,
        replace=replace,
        form=form,
        problems=problems,
        shown=request.shown if problems else None,
    )
    if not problems:
        inbox.remember(tx, event, _encode(answer).decode(), now)
    return Committed(answer, tuple(keys), in_outbox, bool(outcome.jobs))


def mistaken(
    tx: Transaction, outbound: Outbound, incoming: Incoming, mistake: UserError, now: datetime, *, late: bool
) -> Committed:
    """What the walk wrote was rolled back; the mistake's sentence is answered, and remembered like any other."""
    event = event_of(incoming)
    if inbox.answer_to(tx, event) is not None:
        return Committed(Answer(replayed=True), (), in_outbox=True)
    if mistake.audit:
        known = people.identity(tx, incoming.install, incoming.profile.external_id)
        audit.write(
            tx,
            mistake.audit,
            at=now,
            person=known.person.id if known else None,
            install=incoming.install,
            details={"user": incoming.profile.external_id, "what": type(incoming.what).__name__},
        )
    words = mistake.words or ("" if mistake.kept else _typed(tx, incoming))
    reply = below(given_back(mistake.as_reply(), words), mistake.waits)
    in_outbox = late or not incoming.inline
    keys = (outbound.put_reply(tx, incoming, reply, f"{event}:reply", now, replace=False),) if in_outbox else ()
    answer = Answer(reply=reply if incoming.inline else None)
    inbox.remember(tx, event, _encode(answer).decode(), now)
    return Committed(answer, keys, in_outbox)


def _typed(tx: Transaction, incoming: Incoming) -> str:
    """The words that were typed into the form that was sent: what a field held already, and what was chosen, are none.
    Of a form that is known no more, all that is longer than a word."""
    what = incoming.what
    if not isinstance(what, Submitted):
        return ""
    found = tokens.find(tx, what.token)
    shown = _forms.decode(found.form) if found is not None and found.form else None
    if shown is None:
        return "\n".join(value for value in what.values.values() if len(value.split()) > 1)
    typed = [
        (field.label, value)
        for field in shown.fields
        if isinstance(field, TextField)
        and (value := what.values.get(field.name, "").strip())
        and value.split() != field.value.split()
    ]
    return typed[0][1] if len(typed) == 1 else "\n".join(f"{label}: {value}" for label, value in typed)
