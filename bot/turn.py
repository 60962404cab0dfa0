"""One incoming thing, one transaction.

`Turns.take` is the walk of everything that a person does: seen before? who is this? which command? may they? the
handler, the listeners of its facts, then rows, reply and outbox rows are committed together, and only then is anybody
told.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol, assert_never
from zoneinfo import ZoneInfo

import msgspec
import structlog

from bot.names import KnownNames
from handlers.conversation.access import Denied, may
from handlers.conversation.command import Command, Listener
from handlers.conversation.company import Company
from handlers.conversation.errors import (
    ButtonExpired,
    ButtonUnknown,
    ButtonUsed,
    HasLeft,
    NotAllowed,
    NotMember,
    NotYourButton,
    Refused,
    TextTooLong,
    UserError,
)
from handlers.conversation.facts import PersonArrived
from handlers.conversation.reply import Button, Buttons, Form, Reply, Text
from handlers.conversation.request import (
    Actor,
    Address,
    Basis,
    HomeOpened,
    Incoming,
    LogThis,
    Outcome,
    Pressed,
    Request,
    Said,
    Submitted,
)
from handlers.conversation.route import Router
from handlers.conversation.wording import clock as clock_words
from storage import accounts, audit, drafts, inbox, installs, outbox, people, tokens
from storage.database import Database, StorageError, Transaction
from storage.vault import Vault

log = structlog.get_logger(__name__)

PATIENCE = 2.0
"""Seconds until a person hears that it is not saved yet (Slack gives 3)."""
TEXT_LIMIT = 2000
"""Characters."""
LEASE = timedelta(seconds=60)
"""How long a process has to begin sending what it put into the outbox for itself."""
FORM_HOURS = 12
NOT_SAVED_YET = "Not saved yet, I will confirm."


class Answer(msgspec.Struct, frozen=True):
    """What a turn committed, as its platform's own response has to say it."""

    reply: Reply | None = None
    """To be carried by the response itself; set only for an `inline` event."""
    form: Form | None = None
    """To be opened now, within the trigger's 3 s. If that fails: `Turns.form_missed`."""
    problems: dict[str, str] = {}
    """Field name -> sentence: the submitted form stays open and shows them."""
    replayed: bool = False
    """The event had been seen before; this is what was answered then."""
    pending: bool = False
    """The database has not answered in 2 s: `reply` says "Not saved yet, I will confirm", the outcome follows."""


class TakesTurns(Protocol):
    """What an adapter is given."""

    async def take(self, incoming: Incoming) -> Answer:
        """Run the turn to its commit and start the delivery of what it put into the outbox. Raises nothing that a
        person caused: mistakes and refusals come as replies."""

    async def form_missed(self, incoming: Incoming, form: Form) -> None:
        """The form could not be opened in time: a message offers *Open form*."""

    async def uninstalled(self, install: str) -> None:
        """The platform says that the app was removed: its credential is dropped and its outbox withdrawn."""


class Outgoing(Protocol):
    """What a turn needs of delivery."""

    owner: str

    def kick(self, keys: Sequence[str]) -> None:
        """Deliver these rows, which are claimed for `owner`, at once."""

    async def at_once(self, incoming: Incoming, reply: Reply) -> None:
        """Say something without the database, best effort: it is what is not answering."""


class _Prepared(msgspec.Struct, frozen=True):
    """What was read out of a text before the transaction, and what it was read with."""

    command: Command
    rest: str
    basis: Basis
    result: object


class _Running:
    """A turn that is under way; whoever sends the same thing meanwhile waits for it too."""

    __slots__ = ("late", "settled", "waiters")

    def __init__(self) -> None:
        self.late = False
        self.settled: Answer | None = None
        self.waiters: list[asyncio.Future[Answer]] = []


class _Committed(msgspec.Struct, frozen=True):
    answer: Answer
    keys: tuple[str, ...]
    in_outbox: bool
    """The reply is an outbox row, whatever the response carries."""


_answers = msgspec.json.Decoder(Answer)
_encode = msgspec.json.encode


class Turns:
    """Takes everything that people do. One for the process."""

    def __init__(
        self,
        *,
        database: Database,
        company: Company,
        commands: tuple[Command, ...],
        listeners: tuple[Listener, ...],
        vault: Vault,
        clock: Callable[[], datetime],
        outgoing: Outgoing,
        patience: float = PATIENCE,
    ) -> None:
        self._database = database
        self._company = company
        self._commands = commands
        self._by_name = {command.name: command for command in commands}
        self._router = Router(commands, company.command_prefix)
        self._listeners = listeners
        self._vault = vault
        self._clock = clock
        self._outgoing = outgoing
        self._patience = patience
        self._names = KnownNames()
        self._running: dict[object, _Running] = {}
        self._order: dict[tuple[str, str], asyncio.Task[None]] = {}
        self._habits: dict[tuple[str, str], tuple[str, str]] = {}
        self._zones: dict[str, ZoneInfo] = {}

    async def warm(self) -> None:
        """Read the accounts' names now, and do once what the first parse would do: nobody's first line waits for it."""

        def names(tx: Transaction) -> None:
            self._names.bring_to(tx, accounts.names_revision(tx))

        await self._database.read(names)
        basis = self._basis((self._company.zone, self._company.date_order), self._clock())
        for command in self._commands:
            if command.prepare is not None:
                self._read(command, command.examples[0], basis)

    async def drain(self) -> None:
        """Wait for the turns that are under way."""
        while self._order:
            await asyncio.wait(list(self._order.values()))

    # ------------------------------------------------------------ in

    async def take(self, incoming: Incoming) -> Answer:
        """See TakesTurns."""
        loop = asyncio.get_running_loop()
        keys = self._same_as(incoming)
        for key in keys:
            joined = self._running.get(key)
            if joined is not None:
                waiter: asyncio.Future[Answer] = loop.create_future()
                joined.waiters.append(waiter)
                return await waiter
        running = _Running()
        first: asyncio.Future[Answer] = loop.create_future()
        running.waiters.append(first)
        for key in keys:
            self._running[key] = running
        who = (incoming.install, incoming.profile.external_id)
        task = loop.create_task(self._to_the_end(incoming, running, keys, self._order.get(who)))
        self._order[who] = task
        patience = loop.call_later(self._patience, self._lose_patience, incoming, running)
        task.add_done_callback(lambda done: self._tidy(who, done, patience))
        return await first

    def _same_as(self, incoming: Incoming) -> tuple[object, ...]:
        """Under which keys an event that is the same as this one would be found while it runs."""
        exact = f"{incoming.install}:{incoming.key}"
        if isinstance(incoming.what, Said):
            who = incoming.profile.external_id
            return exact, (incoming.install, who, incoming.reply_to.conversation, incoming.what)
        return (exact,)

    def _tidy(self, who: tuple[str, str], done: asyncio.Task[None], patience: asyncio.TimerHandle) -> None:
        patience.cancel()
        if self._order.get(who) is done:
            del self._order[who]

    def _lose_patience(self, incoming: Incoming, running: _Running) -> None:
        running.late = True
        reply = Reply(text=NOT_SAVED_YET)
        answer = Answer(reply=reply if incoming.inline else None, pending=True)
        if not incoming.inline and not isinstance(incoming.what, HomeOpened):
            background = asyncio.get_running_loop().create_task(self._outgoing.at_once(incoming, reply))
            background.add_done_callback(lambda done: done.cancelled() or done.exception())
        self._tell(running, answer)

    @staticmethod
    def _tell(running: _Running, answer: Answer) -> None:
        for waiter in running.waiters:
            if not waiter.done():
                waiter.set_result(answer)
        running.waiters.clear()

    async def _to_the_end(
        self, incoming: Incoming, running: _Running, keys: tuple[object, ...], before: asyncio.Task[None] | None
    ) -> None:
        try:
            if before is not None and not before.done():
                await asyncio.wait((before,))
            committed = await self._commit(incoming, running)
            if running.late and incoming.inline and not committed.in_outbox:
                committed = await self._follow_up(incoming, committed)
            if committed.keys:
                self._outgoing.kick(committed.keys)
            self._tell(running, committed.answer)
        except StorageError as error:
            self._names.forget()
            log.error("turn_not_stored", install=incoming.install, reason=type(error).__name__)
            await self._say_not_stored(incoming, running, error)
        finally:
            for key in keys:
                self._running.pop(key, None)
            self._tell(running, Answer())

    async def _commit(self, incoming: Incoming, running: _Running) -> _Committed:
        prepared = self._prepare(incoming)
        try:
            return await self._database.write(lambda tx: self._run(tx, incoming, prepared, running))
        except StorageError:
            raise
        except UserError as error:
            mistake = error
        except Exception:
            number = secrets.token_hex(4)
            log.exception("turn_failed", number=number, install=incoming.install, what=type(incoming.what).__name__)
            mistake = _Fault(number, incoming.what.text if isinstance(incoming.what, Said | LogThis) else "")
        return await self._database.write(lambda tx: self._answer_mistake(tx, incoming, running, mistake))

    async def _follow_up(self, incoming: Incoming, committed: _Committed) -> _Committed:
        """It was committed in the very moment in which the person was told to wait."""
        reply = committed.answer.reply
        if reply is None:
            return committed
        key = f"{incoming.install}:{incoming.key}:reply"

        def put(tx: Transaction) -> None:
            self._put_reply(tx, incoming, reply, key, self._clock())

        await self._database.write(put)
        return msgspec.structs.replace(committed, keys=(*committed.keys, key), in_outbox=True)

    async def _say_not_stored(self, incoming: Incoming, running: _Running, error: StorageError) -> None:
        typed = incoming.what.text if isinstance(incoming.what, Said | LogThis) else ""
        parts = (Text(str(error)), Text(typed, style="quiet")) if typed else (Text(str(error)),)
        reply = Reply(text=f"{error} {typed}".strip(), parts=parts)
        if running.late or not incoming.inline:
            await self._outgoing.at_once(incoming, reply)
        self._tell(running, Answer(reply=reply if incoming.inline else None))

    # ------------------------------------------------------------ before the transaction

    def _prepare(self, incoming: Incoming) -> _Prepared | None:
        """Read the text, with the habits that the person had last; the transaction looks whether they still hold."""
        what = incoming.what
        if not isinstance(what, Said) or len(what.text) > TEXT_LIMIT:
            return None
        habits = self._habits.get((incoming.install, incoming.profile.external_id))
        if habits is None:
            return None
        command, rest = self._meant(what, incoming)
        if command is None or command.prepare is None or not rest:
            return None
        basis = self._basis(habits, self._clock())
        return self._read(command, rest, basis)

    def _meant(self, what: Said, incoming: Incoming) -> tuple[Command | None, str]:
        routed = self._router.route(what.text, what.command)
        if routed is not None:
            return routed
        if incoming.place == "direct":
            return next((command for command in self._commands if command.understands), None), what.text.strip()
        return None, what.text

    def _read(self, command: Command, rest: str, basis: Basis) -> _Prepared:
        assert command.prepare is not None
        with self._names.lock:
            return _Prepared(command, rest, basis, command.prepare(rest, basis, self._company))

    def _basis(self, habits: tuple[str, str], now: datetime) -> Basis:
        zone_name, order = habits
        zone = self._zones.get(zone_name)
        if zone is None:
            zone = self._zones[zone_name] = ZoneInfo(zone_name)
        return Basis(now.astimezone(zone), order, self._names.index, self._names.revision)  # type: ignore[arg-type]

    # ------------------------------------------------------------ the transaction

    def _run(self, tx: Transaction, incoming: Incoming, prepared: _Prepared | None, running: _Running) -> _Committed:
        event = f"{incoming.install}:{incoming.key}"
        seen = inbox.answer_to(tx, event)
        if seen is not None:
            return _Committed(msgspec.structs.replace(_answers.decode(seen), replayed=True), (), in_outbox=True)
        now = self._clock()
        identity, arrived = self._meet(tx, incoming, now)
        request = self._request(tx, incoming, identity, now)
        outcome = self._decide(tx, request, prepared)
        if arrived is not None:
            outcome = _with_facts(outcome, arrived)
        messages = self._listen(tx, request, outcome)
        return self._write_down(tx, incoming, running, outcome, messages, request)

    def _meet(self, tx: Transaction, incoming: Incoming, now: datetime) -> tuple[people.Identity, PersonArrived | None]:
        """Who this is. Somebody new is linked by the e-mail that the platform gives, in the company's own domains."""
        profile, company = incoming.profile, self._company
        if not profile.member:
            raise NotMember(company=company.name)
        email = profile.email.lower()
        ours = bool(email) and email.rpartition("@")[2] in company.domains
        known = people.identity(tx, incoming.install, profile.external_id)
        if known is None:
            same = people.by_email(tx, email) if ours else None
            person = same or people.add(
                tx, name=profile.name or profile.external_id, email=email if ours else "", at=now
            )
            known = people.identify(
                tx,
                person,
                install=incoming.install,
                external_id=profile.external_id,
                at=now,
                email=email,
                zone=_zone_or_empty(profile.zone),
                locale=profile.locale,
            )
            return known, PersonArrived(person.id, known.id, incoming.install, matched=same is not None)
        if known.refused:
            raise Refused(admins=", ".join(sorted(company.admins)) or "your admin")
        if known.person.left:
            raise HasLeft(company=company.name, admins=", ".join(sorted(company.admins)) or "your admin")
        zone = _zone_or_empty(profile.zone)
        if profile.known and (email, zone, profile.locale) != (known.email, known.zone, known.locale):
            people.refresh(tx, known, email=email, zone=zone, locale=profile.locale)
            if ours and not known.person.imported:
                same = people.by_email(tx, email)
                if same is not None and same.id != known.person.id:
                    people.link(tx, known.id, same)
            again = people.identity(tx, incoming.install, profile.external_id)
            assert again is not None
            return again, None
        return known, None

    def _request(self, tx: Transaction, incoming: Incoming, identity: people.Identity, now: datetime) -> Request:
        person, company = identity.person, self._company
        zone = person.zone or identity.zone or company.zone
        order = person.date_order or _order_of(identity.locale) or company.date_order
        habits = (zone, order)
        self._habits[(incoming.install, identity.external_id)] = habits
        basis = self._basis(habits, now)
        holds = people.circumstances(tx, person.id, basis.now.date())
        if holds.names_revision != self._names.revision:
            self._names.bring_to(tx, holds.names_revision)
            basis = self._basis(habits, now)
        held = holds.roles | {"admin"} if (person.email or identity.email) in company.admins else holds.roles
        actor = Actor(person.id, person.name, person.email, held, holds.reports)
        return Request(incoming=incoming, actor=actor, company=company, basis=basis, now=now)

    def _decide(self, tx: Transaction, request: Request, prepared: _Prepared | None) -> Outcome:
        what = request.incoming.what
        match what:
            case Said():
                return self._said(tx, request, what, prepared)
            case Pressed(token=token, value=value):
                return self._with_token(tx, request, token, value=value)
            case Submitted(token=token, values=values):
                too_long = next((value for value in values.values() if len(value) > TEXT_LIMIT), None)
                if too_long is not None:
                    raise TextTooLong(text=too_long, limit=TEXT_LIMIT)
                return self._with_token(tx, request, token, values=values)
            case LogThis(command=name, text=text):
                command = self._by_name.get(name)
                if command is None or command.shortcut is None:
                    raise ButtonUnknown
                self._check(request, command)
                handed = msgspec.structs.replace(request, text=text.strip()[:TEXT_LIMIT])
                return command.shortcut.handle(handed, tx)
            case HomeOpened():
                parts = [part for command in self._commands if command.home for part in command.home(request, tx)]
                return Outcome(home=Reply(text=f"{self._company.name} with Pacer", parts=tuple(parts)))
            case _:
                assert_never(what)

    def _said(self, tx: Transaction, request: Request, what: Said, prepared: _Prepared | None) -> Outcome:
        if len(what.text) > TEXT_LIMIT:
            raise TextTooLong(text=what.text, limit=TEXT_LIMIT)
        routed = self._router.route(what.text, what.command)
        if routed is None:
            answered = self._answer_draft(tx, request, what.text)
            if answered is not None:
                return answered
            meant, rest = self._meant(what, request.incoming)
            if meant is None:
                return self._not_understood(tx, request, what.text)
            request = self._ready(request, meant, rest, prepared)
            assert meant.understands is not None
            if not meant.understands(request.prepared):
                return self._not_understood(tx, request, what.text)
            return self._handle(tx, request, meant)
        command, rest = routed
        return self._handle(tx, self._ready(request, command, rest, prepared), command)

    def _ready(self, request: Request, command: Command, rest: str, prepared: _Prepared | None) -> Request:
        """The request with the text and what was read out of it; read again when the names or habits have changed."""
        result = None
        if command.prepare is not None and rest:
            basis = request.basis
            if (
                prepared is None
                or prepared.command is not command
                or prepared.rest != rest
                or prepared.basis.revision != basis.revision
                or prepared.basis.now.tzinfo is not basis.now.tzinfo
                or prepared.basis.date_order != basis.date_order
                or prepared.basis.now.date() != basis.now.date()
            ):
                prepared = self._read(command, rest, basis)
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

    def _not_understood(self, tx: Transaction, request: Request, text: str) -> Outcome:
        sentence = f"I could not tell what to do with “{text.strip()}”. Type `help` to see what I understand."
        adopters = [command for command in self._commands if command.adopt and request.actor.roles & command.roles]
        buttons = []
        for command in adopters:
            (token,) = tokens.issue(
                tx,
                ("", {"text": text}),
                person=request.actor.person,
                command=command.name,
                at=request.now,
                expires_at=request.now + timedelta(hours=self._company.draft_hours),
            )
            buttons.append(Button(command.adopt, token))
        return Outcome(reply=Reply(text=sentence, parts=(Text(sentence), Buttons(tuple(buttons))) if buttons else ()))

    def _with_token(
        self, tx: Transaction, request: Request, token: str, *, value: str = "", values: dict[str, str] | None = None
    ) -> Outcome:
        found = tokens.find(tx, token)
        if found is None:
            raise ButtonUnknown
        if found.person is not None and found.person != request.actor.person:
            raise NotYourButton
        if found.used:
            raise ButtonUsed(result=found.result)
        if found.expires_at <= request.now:
            raise ButtonExpired(until=clock_words(found.expires_at.astimezone(request.basis.zone).time()))
        if found.origin:
            request = msgspec.structs.replace(request, incoming=self._from_origin(request.incoming, found.origin))
        request = msgspec.structs.replace(request, data=found.data, value=value, values=values or {})
        outcome = self._act(tx, request, found)
        if found.once and not outcome.problems and not outcome.form:
            said = outcome.reply.text if outcome.reply else ""
            tokens.consume(tx, token, request.now, said)
        if found.origin and outcome.reply is not None:
            outcome = _at_origin(outcome, request.incoming)
        return outcome

    def _act(self, tx: Transaction, request: Request, found: tokens.Token) -> Outcome:
        if found.action == "open form":
            return Outcome(form=msgspec.convert(found.data, Form))
        command = self._by_name.get(found.command)
        if command is None:
            raise ButtonUnknown
        if found.action == "":
            text = str(found.data["text"])
            return self._handle(tx, self._ready(request, command, text, None), command)
        self._check(request, command)
        return command.actions[found.action](request, tx)

    def _from_origin(self, incoming: Incoming, origin: str) -> Incoming:
        """A form is answered where it was opened from."""
        reply_to, pressed_on = (_opened(address, self._vault) for address in _origins.decode(origin))
        return msgspec.structs.replace(
            incoming, reply_to=reply_to, pressed_on=pressed_on if pressed_on != Address() else None
        )

    def _listen(self, tx: Transaction, request: Request, outcome: Outcome) -> list[Any]:
        messages = list(outcome.messages)
        facts = list(outcome.facts)
        while facts:
            fact = facts.pop(0)
            for listener in self._listeners:
                if isinstance(fact, listener.fact):
                    heard = listener.hear(fact, request, tx)
                    messages.extend(heard.messages)
                    facts.extend(heard.facts)
        return messages

    # ------------------------------------------------------------ out

    def _write_down(
        self,
        tx: Transaction,
        incoming: Incoming,
        running: _Running,
        outcome: Outcome,
        messages: Sequence[Any],
        request: Request,
    ) -> _Committed:
        now = request.now
        if isinstance(outcome, _AtOrigin):
            incoming = outcome.incoming
        event = f"{incoming.install}:{incoming.key}"
        reply, form, problems = outcome.reply, outcome.form, outcome.problems
        if form is not None:
            if incoming.can_open_form and not running.late:
                tokens.opened_from(tx, form.token, self._origin(incoming))
            else:
                reply, form = self._offer_form(tx, form, request.actor.person, now), None
        if problems and running.late:
            reply, problems = Reply(text="Not saved: " + " ".join(problems.values())), {}
        keys: list[str] = []
        in_outbox = reply is not None and (not incoming.inline or running.late)
        if reply is not None and in_outbox:
            keys.append(self._put_reply(tx, incoming, reply, f"{event}:reply", now, replace=outcome.replace))
        if outcome.home is not None:
            keys.append(self._put_home(tx, incoming, outcome.home, event, request.actor.person, now))
        for message in messages:
            if self._put_message(tx, message, now):
                keys.append(message.key)
        answer = Answer(reply=reply if incoming.inline else None, form=form, problems=problems)
        if not problems:
            inbox.remember(tx, event, _encode(answer).decode(), now)
        return _Committed(answer, tuple(keys), in_outbox)

    def _put_reply(
        self, tx: Transaction, incoming: Incoming, reply: Reply, key: str, now: datetime, *, replace: bool = True
    ) -> str:
        onto = incoming.pressed_on if replace else None
        address = onto or incoming.reply_to
        if onto is None and reply.private and incoming.place in ("channel", "group"):
            address = msgspec.structs.replace(address, only_to=incoming.profile.external_id)
        self._put(tx, incoming.install, key, "reply", "update" if onto else "post", address, reply, None, now)
        return key

    def _put_home(
        self, tx: Transaction, incoming: Incoming, page: Reply, event: str, person: str, now: datetime
    ) -> str:
        key = f"{event}:home"
        self._put(tx, incoming.install, key, "home", "home", Address(), page, person, now)
        return key

    def _put_message(self, tx: Transaction, message: Any, now: datetime) -> bool:
        install = people.install_for(tx, message.to)
        if install is None:
            log.info("nobody_to_tell", topic=message.topic)
            return False
        return self._put(tx, install, message.key, message.topic, "post", Address(), message.reply, message.to, now)

    def _put(
        self,
        tx: Transaction,
        install: str,
        key: str,
        topic: str,
        operation: str,
        address: Address,
        body: Reply,
        person: str | None,
        now: datetime,
    ) -> bool:
        return outbox.put(
            tx,
            key=key,
            topic=topic,
            operation=operation,
            install=install,
            person=person,
            address=_encode(self._sealed(address)).decode(),
            body=_encode(body).decode(),
            at=now,
            claimed_by=self._outgoing.owner,
            lease_until=now + LEASE,
        )

    def _sealed(self, address: Address) -> Address:
        if not address.response_url:
            return address
        return msgspec.structs.replace(address, response_url=self._vault.seal(address.response_url))

    def _origin(self, incoming: Incoming) -> str:
        pressed_on = incoming.pressed_on or Address()
        return _encode((self._sealed(incoming.reply_to), self._sealed(pressed_on))).decode()

    def _offer_form(self, tx: Transaction, form: Form, person: str, now: datetime) -> Reply:
        (token,) = tokens.issue(
            tx,
            ("open form", msgspec.to_builtins(form)),
            person=person,
            command="",
            at=now,
            expires_at=now + timedelta(hours=FORM_HOURS),
            once=False,
        )
        sentence = f"{form.title}: the form opens with the button."
        return Reply(text=sentence, parts=(Text(sentence), Buttons((Button("Open form", token, "primary"),))))

    def _answer_mistake(self, tx: Transaction, incoming: Incoming, running: _Running, mistake: UserError) -> _Committed:
        """What the turn wrote was rolled back; its sentence is answered, and remembered like any other."""
        now, event = self._clock(), f"{incoming.install}:{incoming.key}"
        if inbox.answer_to(tx, event) is not None:
            return _Committed(Answer(replayed=True), (), in_outbox=True)
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
        in_outbox = not incoming.inline or running.late
        keys = (self._put_reply(tx, incoming, reply, f"{event}:reply", now, replace=False),) if in_outbox else ()
        answer = Answer(reply=reply if incoming.inline else None)
        inbox.remember(tx, event, _encode(answer).decode(), now)
        return _Committed(answer, keys, in_outbox)

    # ------------------------------------------------------------ beside the turns

    async def form_missed(self, incoming: Incoming, form: Form) -> None:
        """See TakesTurns."""
        key = f"{incoming.install}:{incoming.key}:form"

        def put(tx: Transaction) -> None:
            now = self._clock()
            known = people.identity(tx, incoming.install, incoming.profile.external_id)
            if known is not None:
                reply = self._offer_form(tx, form, known.person.id, now)
                self._put_reply(tx, incoming, reply, key, now, replace=False)

        await self._database.write(put)
        self._outgoing.kick((key,))

    async def uninstalled(self, install: str) -> None:
        """See TakesTurns."""

        def remove(tx: Transaction) -> None:
            now = self._clock()
            installs.remove(tx, install, now)
            withdrawn = outbox.withdraw(tx, now=now, install=install)
            audit.write(tx, "uninstalled", at=now, person=None, install=install, details={"withdrawn": withdrawn})

        await self._database.write(remove)


class _Fault(UserError):
    """That was not saved: I made a mistake, and an admin finds it in my log as {number}. Your words are below."""

    def __init__(self, number: str, typed: str) -> None:
        super().__init__(number=number)
        self._typed = typed

    def as_reply(self) -> Reply:
        """The sentence, and what was typed."""
        if not self._typed:
            return Reply(text=self.sentence.replace(" Your words are below.", ""))
        parts = (Text(self.sentence), Text(self._typed, style="quiet"))
        return Reply(text=f"{self.sentence} {self._typed}", parts=parts)


class _AtOrigin(Outcome, frozen=True):
    """An outcome that goes where its form was opened from."""

    incoming: Incoming = None  # type: ignore[assignment]


_origins = msgspec.json.Decoder(tuple[Address, Address])


def _at_origin(outcome: Outcome, incoming: Incoming) -> Outcome:
    fields = {name: getattr(outcome, name) for name in outcome.__struct_fields__}
    return _AtOrigin(**fields, incoming=incoming)


def _with_facts(outcome: Outcome, *facts: object) -> Outcome:
    return msgspec.structs.replace(outcome, facts=(*facts, *outcome.facts))


def _opened(address: Address, vault: Vault) -> Address:
    return msgspec.structs.replace(address, response_url=vault.open(address.response_url))


def _zone_or_empty(name: str) -> str:
    try:
        return ZoneInfo(name).key if name else ""
    except (KeyError, ValueError, OSError):
        return ""


def _order_of(locale: str) -> str:
    """Month first for en-US, day first elsewhere; nothing where the locale is not known."""
    if not locale:
        return ""
    return "mdy" if locale.replace("_", "-").lower() in ("en-us", "en") else "dmy"


def utc_now() -> datetime:
    """The machine's clock."""
    return datetime.now(UTC)
