"""What a turn puts into the outbox, in its own transaction."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec
import structlog

from bot.charts.pictures import charts_of
from handlers.conversation.reply import Button, Buttons, Document, Form, Reply, Text
from handlers.conversation.request import Address, Incoming, Message
from handlers.hello import introduced
from storage import finding, outbox, people, tokens
from storage.database import Transaction
from storage.tables import new_id
from storage.vault import Vault

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=60)
"""How long a process has to begin sending what it put into the outbox for itself."""
PICTURE_WORTH = timedelta(hours=1)
"""How long after its words a picture is still worth sending."""
FILE_WORTH = timedelta(hours=12)
"""The same for a file, which the platform may refuse for a while."""
FORM_HOURS = 12
"""How long *Open form* opens it."""

_encode = msgspec.json.encode
_origins = msgspec.json.Decoder(tuple[Address, Address])


class Outbound:
    """Rows for delivery, claimed for `owner` from the start, so that they go out right after the commit."""

    def __init__(self, vault: Vault, owner: str) -> None:
        self.vault = vault
        self._owner = owner

    def put_reply(
        self, tx: Transaction, incoming: Incoming, reply: Reply, key: str, now: datetime, *, replace: bool = True
    ) -> str:
        """The answer to the person who acted, in place of the message that was pressed or as a new one. Its key."""
        onto = incoming.pressed_on if replace else None
        address = onto or incoming.reply_to
        if onto is None and reply.private and incoming.place in ("channel", "group"):
            address = msgspec.structs.replace(address, only_to=incoming.profile.external_id)
        if not address.conversation:
            # From a form or the Home page: one-to-one.
            address = msgspec.structs.replace(address, only_to=incoming.profile.external_id)
        self._put(tx, incoming.install, key, "reply", "update" if onto else "post", address, reply, None, now)
        return key

    def put_files(self, tx: Transaction, incoming: Incoming, reply: Reply, key: str, now: datetime) -> list[str]:
        """The pictures of an answer, for platforms that show them in a message of their own, and its documents. The
        keys; none where there is nothing to draw or to hand over.

        Operations of their own, not a part of sending the words: those are often carried by the platform's response
        and need no sending, must not wait for an upload, and stand alone where it fails.
        """
        whom = incoming.profile.external_id
        service = incoming.reply_to.service
        own = Address(only_to=whom, service=service)
        if incoming.place == "direct" and incoming.reply_to.conversation:
            # The person too: Slack calls two colleagues' own chat direct, where Pacer has no part.
            own = Address(incoming.reply_to.conversation, incoming.reply_to.thread, only_to=whom, service=service)
        documents = self._documents(tx, incoming.install, key, own, reply, None, now)
        address = incoming.reply_to
        if not address.conversation or (reply.private and incoming.place in ("channel", "group")):
            # What one person alone sees cannot hold a file: one-to-one.
            address = Address(only_to=whom)
        else:
            address = Address(address.conversation, address.thread, only_to=address.only_to, service=address.service)
        return [*self._pictures(tx, incoming.install, key, address, reply, None, now), *documents]

    def put_home(self, tx: Transaction, incoming: Incoming, page: Reply, event: str, person: str, now: datetime) -> str:
        """The person's own page, drawn anew. Its key."""
        key = f"{event}:home"
        address = Address(only_to=incoming.profile.external_id)
        self._put(tx, incoming.install, key, "home", "home", address, page, person, now)
        return key

    def put_message(self, tx: Transaction, message: Message, now: datetime) -> list[str]:
        """Something said to somebody else. The keys; none when it was put before, or when they cannot be reached."""
        if message.place is not None:
            place, operation = message.place, "update" if message.edits else "post"
            where = place.address
            if not where.service:
                where = msgspec.structs.replace(where, service=people.service_of(tx, place.install))
            said = (message.key, message.topic, operation, where, message.reply, None, now, message.until)
            return [message.key] if self._put(tx, place.install, *said, message.edits or None) else []
        install = people.install_for(tx, message.to)
        if install is None:
            log.info("nobody_to_tell", topic=message.topic)
            return []
        until, to = message.until, message.to
        # Whoever never wrote is told first who speaks to them.
        unheard = finding.unheard(tx, to, install)
        reply = introduced(message.reply) if unheard else message.reply
        if not self._put(tx, install, message.key, message.topic, "post", Address(), reply, to, now, until):
            return []
        if unheard:
            finding.introduced(tx, unheard, now)
        pictures = self._pictures(tx, install, message.key, Address(), message.reply, message.to, now)
        documents = self._documents(tx, install, message.key, Address(), message.reply, message.to, now)
        return [message.key, *pictures, *documents]

    def put_at(
        self,
        tx: Transaction,
        install: str,
        key: str,
        reply: Reply,
        address: Address,
        person: str,
        now: datetime,
        *,
        after: str = "",
    ) -> list[str]:
        """Something said outside of a turn: an edit of the message at `address` or of the one posted as `after`, else a
        post to the person, once under this key. The keys."""
        edits = bool(after or address.message)
        own = f"{key}:{new_id()}" if edits else key
        whom = None if address.conversation else person
        operation = "update" if edits else "post"
        if not self._put(tx, install, own, "reply", operation, address, reply, whom, now, after=after or None):
            return []
        place = msgspec.structs.replace(address, message="")
        pictures = self._pictures(tx, install, own, place, reply, whom, now)
        return [own, *pictures, *self._documents(tx, install, own, place, reply, whom, now)]

    def _pictures(
        self, tx: Transaction, install: str, of: str, address: Address, reply: Reply, person: str | None, now: datetime
    ) -> list[str]:
        charts = charts_of(reply)
        if not charts:
            return []
        body = Reply(" ".join(chart.alt for chart in charts), charts, private=reply.private)
        key, until = f"{of}:pictures", now + PICTURE_WORTH
        return [key] if self._put(tx, install, key, "pictures", "upload", address, body, person, now, until) else []

    def _documents(
        self, tx: Transaction, install: str, of: str, address: Address, reply: Reply, person: str | None, now: datetime
    ) -> list[str]:
        """An operation each: one that fails keeps no other back."""
        keys = []
        for number, part in enumerate(part for part in reply.parts if isinstance(part, Document)):
            key, body = f"{of}:file:{number}", _alone(part)
            if self._put(tx, install, key, "files", "upload", address, body, person, now, now + FILE_WORTH):
                keys.append(key)
        return keys

    def put_taken(
        self, tx: Transaction, incoming: Incoming, part: Document, upload: str, now: datetime, *, taken: bool
    ) -> list[str]:
        """The person was asked whether they want a file, and has answered on `incoming.pressed_on`: that question goes,
        and the file, if it is `taken`, is sent to where the platform said (`upload`, kept sealed). The keys; none where
        it was answered before."""
        key = f"{incoming.install}:file:{part.file}"
        address = msgspec.structs.replace(incoming.reply_to, response_url=upload)
        keys = []
        if taken and self._put(
            tx, incoming.install, f"{key}:taken", "files", "upload", address, _alone(part), None, now, now + FILE_WORTH
        ):
            keys.append(f"{key}:taken")
        if incoming.pressed_on is not None and self._put(
            tx, incoming.install, f"{key}:answered", "files", "delete", incoming.pressed_on, Reply(""), None, now
        ):
            keys.append(f"{key}:answered")
        return keys

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
        expires_at: datetime | None = None,
        after: str | None = None,
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
            expires_at=expires_at,
            after=after,
            claimed_by=self._owner,
            lease_until=now + LEASE,
        )

    def _sealed(self, address: Address) -> Address:
        if not address.response_url:
            return address
        return msgspec.structs.replace(address, response_url=self.vault.seal(address.response_url))

    def origin(self, incoming: Incoming) -> str:
        """Where a form is opened from, to be kept beside its token."""
        pressed_on, reply_to = incoming.pressed_on or Address(), incoming.reply_to
        if incoming.place in ("channel", "group"):
            # What comes of a form says no place of its own, and what was filled in is not for the others there.
            reply_to = msgspec.structs.replace(reply_to, only_to=incoming.profile.external_id)
        return _encode((self._sealed(reply_to), self._sealed(pressed_on))).decode()

    def offer_form(self, tx: Transaction, form: Form, person: str, now: datetime) -> Reply:
        """A message with *Open form*, where a form cannot be opened at once."""
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
        return Reply(
            text=sentence, parts=(Text(sentence), Buttons((Button("Open form", token, "primary", opens_form=True),)))
        )

    def from_origin(self, incoming: Incoming, origin: str) -> Incoming:
        """A form is answered where it was opened from; what is no conversation is the person's own page."""
        reply_to, pressed_on = (self._opened(address) for address in _origins.decode(origin))
        return msgspec.structs.replace(
            incoming,
            reply_to=reply_to,
            pressed_on=pressed_on if pressed_on != Address() else None,
            place="home" if reply_to == pressed_on == Address() else incoming.place,
        )

    def _opened(self, address: Address) -> Address:
        if not address.response_url:
            return address
        return msgspec.structs.replace(address, response_url=self.vault.open(address.response_url))


def _alone(part: Document) -> Reply:
    """A document as the body of an operation of its own."""
    return Reply(" ".join(filter(None, (f"{part.name}.", part.about))), (part,))
