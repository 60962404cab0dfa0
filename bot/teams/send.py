"""Teams' way out: one operation of the outbox, rendered and sent once, and how that ended."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import msgspec
import structlog

from bot.charts.pictures import small_pictures
from bot.teams import files_out, render
from bot.teams.connector import BAD_ADDRESS, NOT_ALLOWED, ConnectorApi, Ended, Failed, Limited, Lost, Ok, Unreached
from bot.teams.install import Installs, TeamsInstall
from handlers.conversation.reply import Document, Reply
from handlers.conversation.request import Address
from scheduled.sending import CannotTell, NotThere, Operation, Refused, Result, Retry, Sent, Unsure

log = structlog.get_logger(__name__)

SERVICE_URL = "https://smba.trafficmanager.net/teams/"
"""Microsoft's address for those who have not written yet; whoever has is written to where that came from."""
SIZE = 28_000
"""Bytes of JSON in one message. Microsoft refuses what is "about 28 KB"."""
SENTENCE = 200
"""Characters of the notification, where the whole sentence would make the message too big."""
DIRECTS_KEPT = 50_000
FIRST_RETRY = 2.0
LAST_RETRY = 300.0
"""Seconds; the wait doubles from the first to the last where Teams cannot be reached or does not say how long."""

SAVED_KEPT = 1000
NOT_SAVED = (
    "I could not save {name} in your OneDrive: Microsoft did not take it, or the place it gave was gone by then. Look "
    "there first, and if it is not there, ask me for it again."
)
PRIVATE_ELSEWHERE = Reply(
    "My answer is private, so I do not give it here. Add me for yourself (in Teams: Apps, then my name, then Add) "
    "and ask me there.",
    private=False,
)

WITHOUT_APP = {
    "ForbiddenOperationException": "absent",
    "BotNotInConversationRoster": "absent",
    "ConversationBlockedByUser": "blocked",
    "BotDisabledByUser": "blocked",
    "MessageWritesBlocked": "blocked",
}
"""Codes of a 403 by which somebody's one-to-one chat is not open to Pacer, and what that is (Refused.closed)."""
ALREADY_GONE = {"ActivityNotFoundInConversation", "ConversationNotFound"}

_NOT_THEIRS = "Pacer is not in that person's Teams: they add it under Apps, or an admin sets it up for everybody."
_BLOCKED = "That person has blocked or removed Pacer in Teams; they hear from it again once they have added it."
_NEW_SECRET = "Give install {install} a valid app id and client secret: `pacer doctor` says where they come from."
OPERATOR = {
    "BotNotInConversationRoster": "Pacer is not in that conversation of Teams: add the app to the team or chat.",
    "ForbiddenOperationException": _NOT_THEIRS,
    "ConversationBlockedByUser": _BLOCKED,
    "BotDisabledByUser": _BLOCKED,
    "MessageWritesBlocked": _BLOCKED,
    "BotDisabledByAdmin": "An admin has blocked Pacer in the tenant of install {install}: allow it in the Teams admin "
    "center, under Manage apps and in the app policies of those who use it.",
    "NotEnoughPermissions": "Pacer lacks a permission in that conversation of Teams: install the app again with "
    "`pacer manifest teams`.",
    "InvalidBotApiHost": "The tenant of install {install} is in Microsoft's GCC cloud: Pacer can write to people "
    "there once they have written to it.",
    "ConversationNotFound": "Teams knows no such conversation: it is deleted, or another bot's.",
    "ActivityNotFoundInConversation": "The message that was to be changed is deleted.",
    "BotNotRegistered": "Microsoft knows no bot of install {install}'s app id with Teams as a channel: see the bot's "
    "resource in Azure.",
    "invalid_client": _NEW_SECRET,
    "unauthorized_client": "The app of install {install} is not in its tenant: check app id and tenant id in app.yaml.",
    "Unauthorized": _NEW_SECRET,
    "MessageSizeTooBig": "Teams found the message too big. This is a mistake in Pacer: please report it.",
    "BadArgument": "Teams did not accept how the message is built. This is a mistake in Pacer: please report it.",
    "BadSyntax": "Teams did not accept how the message is built. This is a mistake in Pacer: please report it.",
    NOT_ALLOWED: "The conversation's service URL is not one of Microsoft's. If it is yours, name it in "
    "TEAMS_SERVICE_URLS.",
    BAD_ADDRESS: "The conversation's id is none that Teams gives out.",
}


class TeamsSender:
    """See scheduled.sending.Sender. One for all Teams installs."""

    lane_interval = 0.6
    """Published for one conversation: 7 messages in 1 s, 8 in 2 s, 60 in 30 s, 1,800 in an hour. Even spacing meets the
    first two by far and the third with 50, which leaves room for edits. The hour's would ask for 2 s, which everybody
    would feel; nothing that Pacer says comes near 1,800 messages to one conversation, and 429 is heeded."""
    install_per_minute = 1500.0
    """Published: 50 requests a second for one app in one tenant. A message to somebody new takes two (create and post),
    and asking the roster counts too, so half."""

    def __init__(self, installs: Installs, api: ConnectorApi, service_url: str = SERVICE_URL) -> None:
        """`service_url` is for messages whose address names none."""
        self._installs = installs
        self._api = api
        self._service_url = service_url
        self._directs: OrderedDict[tuple[str, str], str] = OrderedDict()
        self._saved: OrderedDict[str, None] = OrderedDict()
        """Operations whose file is where it belongs, while the message that says so is being tried."""

    def lane(self, operation: Operation) -> str:
        """The conversation, with all its threads: Teams counts a channel as one. Else the person."""
        if _is_private(operation) and not operation.address.message and operation.operation != "upload":
            return f"{operation.install}:{operation.address.only_to}"
        conversation = operation.address.conversation.partition(";")[0]
        return f"{operation.install}:{conversation or operation.user or operation.address.only_to}"

    async def send(self, operation: Operation) -> Result:
        """Render and send once."""
        install = self._installs.named(operation.install)
        if install is None:
            return Refused("install not listed", f"Install {operation.install} is not in app.yaml any more.")
        match operation.operation:
            case "post":
                return await self._post(install, operation)
            case "update":
                return await self._update(install, operation)
            case "delete":
                return await self._delete(install, operation)
            case "upload":
                return await self._upload(install, operation)
            case "home":
                return Refused("Teams has no page of Pacer's own")
            case other:
                return Refused(f"{other} is nothing that Teams can do")

    async def find(self, operation: Operation) -> Sent | NotThere | CannotTell:
        """Bots cannot read a conversation's history."""
        return CannotTell("Teams does not let a bot look for its messages")

    async def _post(self, install: TeamsInstall, operation: Operation) -> Result:
        address = operation.address
        activity = await _activity(operation.body)
        if address.conversation and not _is_private(operation):
            return await self._post_into(install, operation, address.conversation, activity)
        result = await self._post_directly(install, operation, activity)
        if isinstance(result, Refused) and result.reason in WITHOUT_APP and address.conversation:
            # Whoever asked would wait in vain; the others in that conversation learn no more than that.
            instead = await _activity(PRIVATE_ELSEWHERE)
            result = await self._post_into(install, operation, address.conversation, instead)
            # It is no message to be put in another's place later: that would show the answer to everybody.
            return Sent(_nowhere(address)) if isinstance(result, Sent) else result
        return result

    async def _upload(self, install: TeamsInstall, operation: Operation) -> Result:
        """A document is asked about, and once the person has allowed it, put where their client said. Pictures need
        nothing: the card that was sent holds them."""
        address = operation.address
        for part in operation.body.parts:
            if not isinstance(part, Document):
                continue
            if address.response_url:
                return await self._save(install, operation, part)
            if address.conversation:
                return await self._post_into(install, operation, address.conversation, files_out.consent(part))
            return await self._post_directly(install, operation, files_out.consent(part))
        return Sent(address)

    async def _save(self, install: TeamsInstall, operation: Operation, part: Document) -> Result:
        info = files_out.read(operation.address.response_url)
        if operation.id not in self._saved:
            ended = await self._api.upload(info.upload_url, operation.contents[part.file])
            match ended:
                case Ok():
                    self._saved[operation.id] = None
                    while len(self._saved) > SAVED_KEPT:
                        self._saved.popitem(last=False)
                case Failed(code=code):
                    log.warning("teams_file_not_saved", id=operation.id, install=operation.install, reason=code)
                    sentence = _activity(Reply(NOT_SAVED.format(name=part.name)))
                    return await self._post_into(install, operation, operation.address.conversation, await sentence)
                case _:
                    return _result(ended, operation, Address(), repeatable=True)
        return await self._post_into(install, operation, operation.address.conversation, files_out.saved(part, info))

    async def _post_directly(self, install: TeamsInstall, operation: Operation, activity: dict[str, Any]) -> Result:
        """To the one-to-one chat; once more with a new id where the remembered one is not known to Teams any more."""
        for _ in range(2):
            direct = await self._direct(install, operation)
            if not isinstance(direct, _Direct):
                return direct
            result = await self._post_into(install, operation, direct.conversation, activity, direct=True)
            if not isinstance(result, Refused):
                return result
            self._directs.pop(direct.key, None)
            if not direct.remembered or result.reason != "ConversationNotFound":
                return result
        return result

    async def _post_into(
        self,
        install: TeamsInstall,
        operation: Operation,
        conversation: str,
        activity: dict[str, Any],
        direct: bool = False,
    ) -> Result:
        service = self._service(operation)
        ended = await self._api.post(install, service, conversation, activity)
        message = str(ended.data.get("id", "")) if isinstance(ended, Ok) else ""
        sent_as = Address(conversation=conversation, message=message, service=service)
        personal = direct or conversation.startswith("a:")
        return _result(ended, operation, sent_as, repeatable=False, direct=personal)

    async def _update(self, install: TeamsInstall, operation: Operation) -> Result:
        address = operation.address
        if not address.message and not address.only_to:
            return Refused("no message to change")
        if not address.message:
            # The private answer could not be given then; what was to stand in its place is said anew.
            result = await self._post(install, operation)
            # Delivery repeats an update that it is unsure of, and this one would be said twice.
            return Refused(result.reason, "It may not have arrived.") if isinstance(result, Unsure) else result
        service = self._service(operation)
        ended = await self._api.update(
            install, service, address.conversation, address.message, await _activity(operation.body)
        )
        return _result(ended, operation, _with_service(address, service), repeatable=True)

    async def _delete(self, install: TeamsInstall, operation: Operation) -> Result:
        address = operation.address
        if not address.message:
            return Sent(address)
        service = self._service(operation)
        ended = await self._api.delete(install, service, address.conversation, address.message)
        if isinstance(ended, Failed) and ended.code in ALREADY_GONE:
            return Sent(address)
        return _result(ended, operation, _with_service(address, service), repeatable=True)

    async def _direct(self, install: TeamsInstall, operation: Operation) -> _Direct | Refused | Retry:
        """The one-to-one conversation. Creating it is harmless to repeat: it stays the same one."""
        user = operation.user or operation.address.only_to
        if _is_private(operation):
            user = operation.address.only_to
        if not user:
            return Refused("nobody to write to")
        key = (install.name, user)
        known = self._directs.get(key)
        if known is not None:
            return _Direct(key, known, remembered=True)
        ended = await self._api.create(install, self._service(operation), user)
        if isinstance(ended, Ok) and not ended.data.get("id"):
            ended = Lost("Teams named no conversation")
        if not isinstance(ended, Ok):
            result = _result(ended, operation, Address(), repeatable=True, direct=True)
            assert isinstance(result, Refused | Retry)
            return result
        self._directs[key] = str(ended.data["id"])
        if len(self._directs) > DIRECTS_KEPT:
            self._directs.popitem(last=False)
        return _Direct(key, self._directs[key])

    def _service(self, operation: Operation) -> str:
        return operation.address.service or self._service_url


class _Direct(msgspec.Struct, frozen=True):
    key: tuple[str, str]
    conversation: str
    remembered: bool = False


def _is_private(operation: Operation) -> bool:
    """Whether it was asked for in a conversation of several and is for one of them alone."""
    address = operation.address
    return bool(address.conversation and address.only_to and operation.body.private)


def _nowhere(address: Address) -> Address:
    return msgspec.structs.replace(address, message="")


def _with_service(address: Address, service: str) -> Address:
    return msgspec.structs.replace(address, service=service)


async def _activity(body: Reply) -> dict[str, Any]:
    """What the renderer makes of it, never over SIZE: its cards leave room for a short sentence beside them."""
    activity = render.message(body, await small_pictures(body, render.PICTURES))
    if _size(activity) > SIZE and "summary" in activity:
        activity["summary"] = activity["summary"][:SENTENCE]
    return activity


def _size(activity: dict[str, Any]) -> int:
    # Conversation and sender, which are put beside it, take up to 500 bytes.
    return len(msgspec.json.encode(activity)) + 500


def _result(ended: Ended, operation: Operation, sent_as: Address, *, repeatable: bool, direct: bool = False) -> Result:
    """How a call ended, for delivery, which adds the jitter and counts the tries.

    `repeatable`: doing it twice comes to the same as doing it once. `direct`: it was meant for a one-to-one chat.
    """
    match ended:
        case Ok():
            return Sent(sent_as)
        case Limited(status=status, after=after):
            reason = "Teams asks to wait" if status == 429 else "Teams was busy with that conversation"
            return Retry(_backoff(operation) if after is None else after, reason, limited=status == 429)
        case Unreached(reason=reason):
            return Retry(_backoff(operation), reason)
        case Lost(reason=reason):
            return Retry(_backoff(operation), reason) if repeatable else Unsure(reason)
        case Failed(code=code):
            sentence = OPERATOR.get(code, f"Teams refused it: {code}.")
            if direct and code == "BotNotInConversationRoster":
                sentence = _NOT_THEIRS
            # No refusal says for good that the tenant has gone: a new secret or an admin's click brings it back.
            closed = WITHOUT_APP.get(code, "") if direct else ""
            return Refused(code, sentence.format(install=operation.install), closed=closed)


def _backoff(operation: Operation) -> float:
    return min(FIRST_RETRY * 2.0 ** min(operation.attempts, 10), LAST_RETRY)
