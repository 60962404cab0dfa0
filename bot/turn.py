"""One incoming thing, one transaction.

    seen before?            -> answer as before, do nothing twice
    who is this?            -> person, roles (bot/whois.py)
    route                   -> text, button or form to a command
    access                  -> may they?
    handler                 -> Outcome
    listeners of its facts
    rows, reply and outbox rows, committed together

`prepare` is what of it is slow and pure; bot/reception.py calls both and knows about time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Literal, assert_never
from zoneinfo import ZoneInfo

import msgspec

from bot import with_files
from bot.answer import Answer
from bot.names import KnownNames
from bot.outbound import Outbound
from bot.whois import Habits, habits_of, meet
from bot.work import put_jobs
from handlers.conversation.access import Allowed, Denied, may
from handlers.conversation.buttons import LISTED
from handlers.conversation.command import Command, Listener
from handlers.conversation.company import Company
from handlers.conversation.errors import (
    ButtonExpired,
    ButtonUnknown,
    ButtonUsed,
    NotAllowed,
    NotYourButton,
    TextTooLong,
    UserError,
)
from handlers.conversation.reply import Form, Reply, Text
from handlers.conversation.request import (
    Actor,
    Basis,
    HomeOpened,
    Incoming,
    LogThis,
    Message,
    Outcome,
    Pressed,
    Request,
    Said,
    Submitted,
)
from handlers.conversation.route import Router
from handlers.conversation.unclear import not_understood
from handlers.conversation.wording import Days
from storage import accounts, audit, drafts, inbox, people, tokens
from storage.database import Transaction

TEXT_LIMIT = 2000
"""Characters."""

_answers = msgspec.json.Decoder(Answer)
_forms = msgspec.json.Decoder(Form)
_encode = msgspec.json.encode


class Prepared(msgspec.Struct, frozen=True):
    """What was read out of a text before the transaction, and what it was read with."""

    command: Command | None
    """None: a plain sentence that no command is sure of."""
    rest: str
    basis: Basis
    result: object


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


class Turn:
    """The walk. One for the process; it keeps nothing of a turn, only what is known anyway (names, habits, zones)."""

    def __init__(
        self,
        *,
        company: Company,
        commands: tuple[Command, ...],
        listeners: tuple[Listener, ...],
        outbound: Outbound,
        clock: Callable[[], datetime],
    ) -> None:
        self.names = KnownNames()
        self._company = company
        self._commands = commands
        self._by_name = {command.name: command for command in commands}
        readers = [command for command in commands if command.understands and command.prepare]
        self._readers = sorted(readers, key=lambda command: not command.asked_first)
        self._router = Router(commands, company.command_prefix)
        self._for_files = next((command for command in commands if command.takes_files), None)
        self._listeners = listeners
        self._outbound = outbound
        self._clock = clock
        self._habits: dict[tuple[str, str], Habits] = {}
        self._zones: dict[str, ZoneInfo] = {}

    # ------------------------------------------------------------ before the transaction

    def warm(self, tx: Transaction) -> None:
        """Read the accounts' names, and do once what the first parse would do: nobody's first line waits for it."""
        self.names.bring_to(tx, accounts.names_revision(tx))
        basis = self._basis(Habits(self._company.zone, self._company.date_order), self._clock())
        for command in self._commands:
            if command.prepare is not None:
                self._read(command, command.examples[0], basis)

    def prepare(self, incoming: Incoming) -> Prepared | None:
        """Read the text, with the habits that the person had last; the transaction looks whether they still hold."""
        what = incoming.what
        habits = self._habits.get((incoming.install, incoming.profile.external_id))
        if habits is None or not isinstance(what, Said) or len(what.text) > TEXT_LIMIT:
            return None
        basis = self._basis(habits, self._clock())
        routed = self._routed(what)
        if routed is None:
            return self._understood(what.text.strip(), basis)
        command, rest = routed
        return self._read(command, rest, basis) if command.prepare is not None and rest else None

    def _understood(self, text: str, basis: Basis) -> Prepared:
        """A plain sentence, read by the first command that is sure that it is meant."""
        for command in self._readers:
            assert command.understands is not None
            read = self._read(command, text, basis)
            if command.understands(read.result):
                return read
        return Prepared(None, text, basis, None)

    def _read(self, command: Command, rest: str, basis: Basis) -> Prepared:
        assert command.prepare is not None
        with self.names.lock:
            return Prepared(command, rest, basis, command.prepare(rest, basis, self._company))

    def wants_files(self, tx: Transaction, incoming: Incoming) -> bool:
        """Whether the files of a message are worth fetching: not those of a message that was answered already, of
        somebody who may not use the command that takes files, or beside words that are for another command."""
        what, command = incoming.what, self._for_files
        if command is None or not isinstance(what, Said) or not incoming.profile.member:
            return False
        routed = self._routed(what)
        if (routed is not None and not routed[0].takes_files) or inbox.answer_to(tx, event_of(incoming)) is not None:
            return False
        held: frozenset[str] = frozenset()
        email = incoming.profile.email.lower()
        known = people.identity(tx, incoming.install, incoming.profile.external_id)
        if known is not None:
            today = self._clock().astimezone(ZoneInfo(self._company.zone)).date()
            held, email = people.circumstances(tx, known.person.id, today).roles, known.person.email or known.email
        if email in self._company.admins:
            held = held | {"admin"}
        return bool(held & command.roles)

    def _routed(self, what: Said) -> tuple[Command, str] | None:
        """The command that the words begin with. Files without words say nothing, rather than `help`."""
        if what.files and not what.text.strip() and self._router.named(what.command) is None:
            return None
        return self._router.route(what.text, what.command)

    def _basis(self, habits: Habits, now: datetime) -> Basis:
        zone = self._zones.get(habits.zone)
        if zone is None:
            zone = self._zones[habits.zone] = ZoneInfo(habits.zone)
        order: Literal["mdy", "dmy"] = "dmy" if habits.date_order == "dmy" else "mdy"
        return Basis(now.astimezone(zone), order, self.names.index, self.names.revision)

    # ------------------------------------------------------------ the transaction

    def run(self, tx: Transaction, incoming: Incoming, prepared: Prepared | None, *, late: bool) -> Committed:
        """The whole walk. `late`: the person has been told to wait, so the response carries nothing any more.

        Raises UserError, and then nothing of it may be kept: `mistaken` answers it in a transaction of its own.
        """
        seen = inbox.answer_to(tx, event_of(incoming))
        if seen is not None:
            return Committed(msgspec.structs.replace(_answers.decode(seen), replayed=True), (), in_outbox=True)
        now = self._clock()
        identity, arrived = meet(tx, incoming, self._company, now)
        request = self._request(tx, incoming, identity, now)
        request, outcome = self._decide(tx, request, prepared)
        facts = outcome.facts if arrived is None else (arrived, *outcome.facts)
        outcome, messages = self._tell(tx, request, outcome, facts)
        return self._write_down(tx, request, outcome, messages, event=event_of(incoming), late=late)

    def _request(self, tx: Transaction, incoming: Incoming, identity: people.Identity, now: datetime) -> Request:
        person, company = identity.person, self._company
        habits = habits_of(identity, company)
        self._habits[(incoming.install, identity.external_id)] = habits
        basis = self._basis(habits, now)
        holds = people.circumstances(tx, person.id, basis.now.date())
        if holds.names_revision != self.names.revision:
            self.names.bring_to(tx, holds.names_revision)
            basis = self._basis(habits, now)
        held = holds.roles | {"admin"} if (person.email or identity.email) in company.admins else holds.roles
        actor = Actor(person.id, person.name, person.email, held, holds.reports)
        return Request(incoming=incoming, actor=actor, company=company, basis=basis, now=now)

    def _decide(self, tx: Transaction, request: Request, prepared: Prepared | None) -> tuple[Request, Outcome]:
        """The outcome, and the request it belongs to: a form's is where it was opened from."""
        what = request.incoming.what
        match what:
            case Said():
                return request, self._said(tx, request, what, prepared)
            case Pressed(token=token, value=value):
                return self._with_token(tx, msgspec.structs.replace(request, value=value), token)
            case Submitted(token=token, values=values):
                for value in values.values():
                    _check_length(value)
                return self._with_token(tx, msgspec.structs.replace(request, values=values), token)
            case LogThis(command=name, text=text):
                command = self._by_name.get(name)
                if command is None or command.shortcut is None:
                    raise ButtonUnknown
                self._check(request, command)
                text = text.strip()[:TEXT_LIMIT]
                return request, command.shortcut.handle(msgspec.structs.replace(request, text=text), tx)
            case HomeOpened():
                return request, Outcome(home=self._page(tx, request))
            case _:
                assert_never(what)

    def _said(self, tx: Transaction, request: Request, what: Said, prepared: Prepared | None) -> Outcome:
        _check_length(what.text)
        if what.files:
            return self._said_with_files(tx, request, what, prepared)
        routed = self._routed(what)
        if routed is not None:
            command, rest = routed
            return self._handle(tx, self._ready(request, command, rest, prepared), command)
        outcome = self._understand(tx, request, what, prepared)
        if outcome is not None:
            return outcome
        theirs = [command for command in self._commands if request.actor.roles & command.roles]
        request = msgspec.structs.replace(request, text=what.text.strip())
        return not_understood(request, tx, what.text, theirs)

    def _said_with_files(self, tx: Transaction, request: Request, what: Said, prepared: Prepared | None) -> Outcome:
        """The command for files takes them, unless the words are for another one."""
        taker, routed = self._for_files, self._routed(what)
        outcome: Outcome | None = None
        if routed is not None and not routed[0].takes_files:
            command, rest = routed
            outcome = self._handle(tx, self._ready(request, command, rest, prepared), command)
        elif routed is not None:
            taker, rest = routed
            request = self._ready(request, taker, rest, prepared)
        elif what.text.strip():
            outcome = self._understand(tx, request, what, prepared)
            request = msgspec.structs.replace(request, text=what.text.strip())
        if outcome is not None:
            may_send = taker is not None and isinstance(may(request.actor, "use a command", taker), Allowed)
            return with_files.aside(outcome, what) if may_send else outcome
        if taker is None:
            return with_files.nobody_takes(what)
        self._check(request, taker)
        return with_files.hand_over(tx, request, what, taker)

    def _understand(self, tx: Transaction, request: Request, what: Said, prepared: Prepared | None) -> Outcome | None:
        """Words that begin with no command's name: the answer to an open question, or what a command is sure of."""
        answered = self._answer_draft(tx, request, what.text)
        if answered is not None:
            return answered
        text = what.text.strip()
        if prepared is None or not _still_holds(prepared, prepared.command, text, request.basis):
            prepared = self._understood(text, request.basis)
        if prepared.command is not None:
            request = msgspec.structs.replace(request, text=text, prepared=prepared.result)
            return self._handle(tx, request, prepared.command)
        request = msgspec.structs.replace(request, text=text)
        for command in self._commands:
            mine = bool(request.actor.roles & command.roles)
            if mine and command.recognises is not None and command.recognises(request, tx):
                return self._handle(tx, request, command)
        return None

    def _ready(self, request: Request, command: Command, rest: str, prepared: Prepared | None) -> Request:
        """The request with its text and what was read out of it; read again when names, habits or the day changed."""
        result = None
        if command.prepare is not None and rest:
            if prepared is None or not _still_holds(prepared, command, rest, request.basis):
                prepared = self._read(command, rest, request.basis)
            result = prepared.result
        return msgspec.structs.replace(request, text=rest, prepared=result)

    def _check(self, request: Request, command: Command) -> None:
        verdict = may(request.actor, "use a command", command)
        if isinstance(verdict, Denied):
            raise NotAllowed(reason=verdict.sentence)

    def _handle(self, tx: Transaction, request: Request, command: Command) -> Outcome:
        self._check(request, command)
        return command.handle(request, tx)

    def _answer_draft(self, tx: Transaction, request: Request, text: str) -> Outcome | None:
        where = request.incoming.reply_to.conversation
        draft = drafts.open_in(tx, request.actor.person, request.incoming.install, where, request.now)
        command = None if draft is None else self._by_name.get(draft.command)
        if draft is None or command is None or command.answer is None:
            return None
        return command.answer(msgspec.structs.replace(request, text=text.strip(), data={"draft": draft.id}), tx)

    def _with_token(self, tx: Transaction, request: Request, token: str) -> tuple[Request, Outcome]:
        """A button or form does what was stored under its token, for the person it was meant for."""
        found = tokens.find(tx, token)
        if found is None:
            raise ButtonUnknown
        if found.person is not None and found.person != request.actor.person:
            raise NotYourButton
        if found.used:
            raise ButtonUsed(result=found.result)
        if found.expires_at <= request.now:
            until = found.expires_at.astimezone(request.basis.zone)
            raise ButtonExpired(until=Days.of(request.basis).clock(until.time()))
        incoming = request.incoming
        if found.origin:
            incoming = self._outbound.from_origin(incoming, found.origin)
        data = found.data
        if LISTED in data:
            # The list stays, and what came of it is said below.
            data = {name: value for name, value in data.items() if name != LISTED}
            incoming = msgspec.structs.replace(incoming, pressed_on=None, inline=False)
        shown = _forms.decode(found.form) if found.form else None
        request = msgspec.structs.replace(request, incoming=incoming, data=data, shown=shown)
        outcome = self._act(tx, request, found)
        if found.once and not outcome.problems and not outcome.form:
            tokens.consume(tx, token, request.now, outcome.reply.text if outcome.reply else "")
        if incoming.place == "home" and outcome.reply is not None:
            # What was changed from the person's own page shows on it, below what is said of it.
            page = _joined(outcome.reply, self._page(tx, request))
            outcome = msgspec.structs.replace(outcome, home=page)
        return request, outcome

    def _act(self, tx: Transaction, request: Request, found: tokens.Token) -> Outcome:
        if found.action == "open form":
            return Outcome(form=msgspec.convert(found.data, Form))
        command = self._by_name.get(found.command)
        if command is None:
            raise ButtonUnknown
        if found.action == "":
            return self._handle(tx, self._ready(request, command, str(found.data["text"]), None), command)
        self._check(request, command)
        return command.actions[found.action](request, tx)

    def _page(self, tx: Transaction, request: Request) -> Reply:
        """The person's own page: what the command of that name answers."""
        page = self._by_name.get("home")
        reply = page.handle(request, tx).reply if page is not None else None
        return reply or Reply(text=f"{self._company.name} with Pacer")

    def _tell(
        self, tx: Transaction, request: Request, outcome: Outcome, facts: Sequence[object]
    ) -> tuple[Outcome, list[Message]]:
        """Let the listeners hear the facts, and theirs in turn: the outcome, with what they say before its reply and
        the jobs that they want, and all messages that came of it."""
        said, waiting = list(outcome.messages), list(facts)
        while waiting:
            fact = waiting.pop(0)
            for listener in self._listeners:
                if isinstance(fact, listener.fact):
                    heard = listener.hear(fact, request, tx)
                    # The answer is not the listener's: its job says what it has to say in a message of its own.
                    jobs = (msgspec.structs.replace(job, edits=False) for job in heard.jobs)
                    outcome = msgspec.structs.replace(outcome, jobs=(*outcome.jobs, *jobs))
                    messages = heard.messages
                    if heard.reply is not None and outcome.reply is not None and request.incoming.place == "direct":
                        outcome = msgspec.structs.replace(outcome, reply=_joined(heard.reply, outcome.reply))
                        messages = tuple(message for message in messages if message.to != request.actor.person)
                    said.extend(messages)
                    waiting.extend(heard.facts)
        return outcome, said

    def _write_down(
        self,
        tx: Transaction,
        request: Request,
        outcome: Outcome,
        messages: Sequence[Message],
        *,
        event: str,
        late: bool,
    ) -> Committed:
        incoming, now, outbound = request.incoming, request.now, self._outbound
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

    def mistaken(self, tx: Transaction, incoming: Incoming, mistake: UserError, *, late: bool) -> Committed:
        """What the walk wrote was rolled back; the mistake's sentence is answered, and remembered like any other."""
        now, event = self._clock(), event_of(incoming)
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
        reply = mistake.as_reply()
        in_outbox = late or not incoming.inline
        keys = (
            (self._outbound.put_reply(tx, incoming, reply, f"{event}:reply", now, replace=False),) if in_outbox else ()
        )
        answer = Answer(reply=reply if incoming.inline else None)
        inbox.remember(tx, event, _encode(answer).decode(), now)
        return Committed(answer, keys, in_outbox)


def _joined(first: Reply, then: Reply) -> Reply:
    """Both as one message, of the second's kind."""
    parts = (*(first.parts or (Text(first.text),)), *(then.parts or (Text(then.text),)))
    return msgspec.structs.replace(then, text=f"{first.text} {then.text}", parts=parts)


def _check_length(text: str) -> None:
    if len(text) > TEXT_LIMIT:
        raise TextTooLong(text=text, limit=TEXT_LIMIT)


def _still_holds(prepared: Prepared, command: Command | None, rest: str, basis: Basis) -> bool:
    then = prepared.basis
    return (
        prepared.command is command
        and prepared.rest == rest
        and then.revision == basis.revision
        and then.now.tzinfo is basis.now.tzinfo
        and then.date_order == basis.date_order
        and then.now.date() == basis.now.date()
    )
