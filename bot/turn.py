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
from typing import assert_never
from zoneinfo import ZoneInfo

import msgspec

from bot import with_files
from bot.committing import Committed, answered_before, event_of, mistaken, write_down
from bot.open_questions import Asked, Waiting
from bot.outbound import Outbound
from bot.reading import Prepared, Reading, still_holds
from bot.whois import Habits, habits_of, meet
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
from handlers.conversation.questions import open_here
from handlers.conversation.reply import Form, Reply, Text
from handlers.conversation.request import (
    Actor,
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
from handlers.conversation.route import Router, plain
from handlers.conversation.unclear import not_understood
from handlers.conversation.wording import Days
from storage import accounts, inbox, people, tokens
from storage.database import Transaction

TEXT_LIMIT = 2000
"""Characters."""

_forms = msgspec.json.Decoder(Form)


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
        self._reading = Reading(company, commands)
        self.names = self._reading.names
        self._company = company
        self._commands = commands
        self._by_name = {command.name: command for command in commands}
        self._router = Router(commands, company.command_prefix)
        self._for_files = tuple(command for command in commands if command.takes_files)
        self._listeners = listeners
        self._outbound = outbound
        self._clock = clock
        self._habits: dict[tuple[str, str], Habits] = {}
        self.used: dict[str, str] = {}
        """Event -> the command that it came to, for the figures; bot/reception.py takes it out again."""

    # ------------------------------------------------------------ before the transaction

    def warm(self, tx: Transaction) -> None:
        """Read the accounts' names, and do once what the first parse would do: nobody's first line waits for it."""
        self.names.bring_to(tx, accounts.names_revision(tx))
        basis = self._reading.basis(Habits(self._company.zone, self._company.date_order), self._clock())
        for command in self._commands:
            if command.prepare is not None:
                self._reading.read(command, command.examples[0], basis)

    def prepare(self, incoming: Incoming) -> Prepared | None:
        """Read the text, with the habits that the person had last; the transaction looks whether they still hold."""
        what = incoming.what
        habits = self._habits.get((incoming.install, incoming.profile.external_id))
        if habits is None or not isinstance(what, Said) or len(what.text) > TEXT_LIMIT:
            return None
        basis = self._reading.basis(habits, self._clock())
        routed = self._routed(what)
        if routed is None or _by_the_way(what, *routed):
            return self._reading.understood(what.text.strip(), basis)
        command, rest = routed
        return self._reading.read(command, rest, basis) if command.prepare is not None and rest else None

    def wants_files(self, tx: Transaction, incoming: Incoming) -> bool:
        """Whether the files of a message are worth fetching: not those of a message that was answered already, of
        somebody who may not use the command that takes files, or beside words that are for another command."""
        what = incoming.what
        if not isinstance(what, Said) or not incoming.profile.member:
            return False
        routed = self._routed(what)
        command = self._taker(what) if routed is None else routed[0]
        if command is None or not command.takes_files or inbox.answer_to(tx, event_of(incoming)) is not None:
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

    def _taker(self, what: Said) -> Command | None:
        """The command for these files, where the words name none: by the files' endings, else the one for all."""
        names = [file.name.lower() for file in what.files]
        for command in self._for_files:
            if command.file_endings and names and all(name.endswith(command.file_endings) for name in names):
                return command
        return next((command for command in self._for_files if not command.file_endings), None)

    def _routed(self, what: Said) -> tuple[Command, str] | None:
        """The command that the words begin with. Files without words say nothing, rather than `help`."""
        if what.files and not what.text.strip() and self._router.named(what.command) is None:
            return None
        return self._router.route(what.text, what.command)

    # ------------------------------------------------------------ the transaction

    def run(self, tx: Transaction, incoming: Incoming, prepared: Prepared | None, *, late: bool) -> Committed:
        """The whole walk. `late`: the person has been told to wait, so the response carries nothing any more.

        Raises UserError, and then nothing of it may be kept: `mistaken` answers it in a transaction of its own.
        """
        if (before := answered_before(tx, incoming)) is not None:
            return before
        now = self._clock()
        identity, arrived = meet(tx, incoming, self._company, now)
        request = self._request(tx, incoming, identity, now)
        request, outcome = self._decide(tx, request, prepared)
        facts = outcome.facts if arrived is None else (arrived, *outcome.facts)
        outcome, messages = self._tell(tx, request, outcome, facts)
        return write_down(tx, self._outbound, request, outcome, messages, event=event_of(incoming), late=late)

    def _request(self, tx: Transaction, incoming: Incoming, identity: people.Identity, now: datetime) -> Request:
        person, company = identity.person, self._company
        habits = habits_of(identity, company)
        self._habits[(incoming.install, identity.external_id)] = habits
        basis = self._reading.basis(habits, now)
        holds = people.circumstances(tx, person.id, basis.now.date())
        if holds.names_revision != self.names.revision:
            self.names.bring_to(tx, holds.names_revision)
            basis = self._reading.basis(habits, now)
        held = holds.roles | {"admin"} if (person.email or identity.email) in company.admins else holds.roles
        actor = Actor(person.id, person.name, person.email, held, holds.reports)
        vault = self._outbound.vault
        return Request(incoming=incoming, actor=actor, company=company, basis=basis, now=now, vault=vault)

    def _decide(self, tx: Transaction, request: Request, prepared: Prepared | None) -> tuple[Request, Outcome]:
        """The outcome, and the request it belongs to: a form's is where it was opened from."""
        what = request.incoming.what
        match what:
            case Said():
                waiting = Waiting.of(request, tx)
                try:
                    outcome = self._said(tx, request, what, prepared)
                except UserError as mistake:
                    # All of it is rolled back, so what was asked before is asked still.
                    mistake.waits = waiting.sentence
                    raise
                return request, waiting.said_below(request, tx, outcome)
            case Pressed(token=token, value=value):
                waiting = Waiting.of(request, tx)
                pressed, outcome = self._with_token(tx, msgspec.structs.replace(request, value=value), token)
                return pressed, waiting.said_below(request, tx, outcome, only_where_it_shows_again=True)
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
        if routed is not None and not self._is_doubtful(tx, request, what, *routed):
            answered = self._answered_first(tx, request, what, *routed, prepared)
            if answered is not None:
                return answered
            command, rest = routed
            return self._handle(tx, self._ready(request, command, rest, prepared), command)
        outcome = self._understand(tx, request, what, prepared)
        if outcome is not None:
            return outcome
        if routed is not None:
            command, rest = routed
            return self._handle(tx, self._ready(request, command, rest, None), command)
        theirs = [command for command in self._commands if request.actor.roles & command.roles]
        request = msgspec.structs.replace(request, text=what.text.strip())
        return not_understood(request, tx, what.text, theirs)

    def _is_doubtful(self, tx: Transaction, request: Request, what: Said, command: Command, rest: str) -> bool:
        """The line begins with the command's name as with any other word, and is not recognised as meant for it."""
        if not _by_the_way(what, command, rest) or command.recognises is None:
            return False
        whole = msgspec.structs.replace(request, text=what.text.strip())
        return not (bool(request.actor.roles & command.roles) and command.recognises(whole, tx))

    def _said_with_files(self, tx: Transaction, request: Request, what: Said, prepared: Prepared | None) -> Outcome:
        """The command for files takes them, unless the words are for another one."""
        taker, routed = self._taker(what), self._routed(what)
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
        """Words that begin with no command's name: the answer to an open question, or what a command is sure of.

        Which comes first, where the question wants free words, is the rule at Command.free_answers.
        """
        request = msgspec.structs.replace(request, text=what.text.strip())
        asked = self._asked(tx, request)
        if asked is not None and not asked.freely:
            answered = asked.answer(request, tx)
            if answered is not None:
                return answered
        sure = self._sure(tx, request, prepared)
        if asked is not None and asked.freely and not (sure is not None and asked.leaves(request, sure[0])):
            answered = asked.answer(request, tx)
            if answered is not None:
                return answered
        return None if sure is None else self._handle(tx, sure[1], sure[0])

    def _sure(self, tx: Transaction, request: Request, prepared: Prepared | None) -> tuple[Command, Request] | None:
        """The command that the whole text is surely meant for, with what it read of it."""
        if prepared is None or not still_holds(prepared, prepared.command, request.text, request.basis):
            prepared = self._reading.understood(request.text, request.basis)
        if prepared.command is not None:
            return prepared.command, msgspec.structs.replace(request, prepared=prepared.result)
        for command in self._commands:
            mine = bool(request.actor.roles & command.roles)
            if mine and command.recognises is not None and command.recognises(request, tx):
                return command, request
        return None

    def _asked(self, tx: Transaction, request: Request) -> Asked | None:
        """The question that is open where this was said."""
        draft = open_here(request, tx)
        command = None if draft is None else self._by_name.get(draft.command)
        return None if draft is None or command is None or command.answer is None else Asked(draft, command)

    def _answered_first(
        self, tx: Transaction, request: Request, what: Said, command: Command, rest: str, prepared: Prepared | None
    ) -> Outcome | None:
        """What begins with a command's name and yet answers a question in free words that is open in the direct chat:
        neither is it recognised as meant for that command, nor is any other sure of it."""
        text = what.text.strip()
        if request.incoming.place != "direct" or what.command or not rest or text.startswith("/"):
            return None
        if command.everyday_name or not any(one.answers_first and one.answers_first(text) for one in self._commands):
            return None
        asked = self._asked(tx, request)
        if asked is None or not asked.freely or asked.command.answers_first is None:
            return None
        request = msgspec.structs.replace(request, text=text)
        if not asked.command.answers_first(text):
            return None
        sure = self._sure(tx, request, None)
        return None if sure is not None and asked.leaves(request, sure[0]) else asked.answer(request, tx)

    def _ready(self, request: Request, command: Command, rest: str, prepared: Prepared | None) -> Request:
        """The request with its text and what was read out of it; read again when names, habits or the day changed."""
        result = None
        if command.prepare is not None and rest:
            if prepared is None or not still_holds(prepared, command, rest, request.basis):
                prepared = self._reading.read(command, rest, request.basis)
            result = prepared.result
        return msgspec.structs.replace(request, text=rest, prepared=result)

    def _check(self, request: Request, command: Command) -> None:
        self.used[event_of(request.incoming)] = command.name
        verdict = may(request.actor, "use a command", command)
        if isinstance(verdict, Denied):
            raise NotAllowed(reason=verdict.sentence)

    def _handle(self, tx: Transaction, request: Request, command: Command) -> Outcome:
        self._check(request, command)
        return command.handle(request, tx)

    def _with_token(self, tx: Transaction, request: Request, token: str) -> tuple[Request, Outcome]:
        """A button or form does what was stored under its token, for the person it was meant for."""
        found = tokens.find(tx, token)
        if found is None:
            raise ButtonUnknown
        if isinstance(may(request.actor, "press a button", found.person), Denied):
            raise NotYourButton
        if found.used:
            raise ButtonUsed(result=found.result)
        if found.expires_at <= request.now:
            command, days = self._by_name.get(found.command), Days.of(request.basis)
            until = found.expires_at.astimezone(request.basis.zone)
            said = days.clock(until.time()) if until.date() == days.today else days.day(until.date())
            raise ButtonExpired(until=said, fresh=command.fresh if command is not None else "")
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

    def mistaken(self, tx: Transaction, incoming: Incoming, mistake: UserError, *, late: bool) -> Committed:
        """What the walk wrote was rolled back; the mistake's sentence is answered, and remembered like any other."""
        return mistaken(tx, self._outbound, incoming, mistake, self._clock(), late=late)


def _joined(first: Reply, then: Reply) -> Reply:
    """Both as one message, of the second's kind."""
    parts = (*(first.parts or (Text(first.text),)), *(then.parts or (Text(then.text),)))
    return msgspec.structs.replace(then, text=f"{first.text} {then.text}", parts=parts)


def _by_the_way(what: Said, command: Command, rest: str) -> bool:
    """Nothing but an everyday word at the beginning of a message names the command."""
    everyday = command.everyday_name and plain(what.text) not in command.shorthands
    return everyday and bool(rest) and not what.command and what.text.strip()[0] != "/"


def _check_length(text: str) -> None:
    if len(text) > TEXT_LIMIT:
        raise TextTooLong(text=text, limit=TEXT_LIMIT)
