"""Slack's way out: one operation of the outbox, rendered and sent once, and how that ended."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from typing import Any

import msgspec

from bot.slack import render
from bot.slack.api import Ended, Failed, Limited, Lost, Ok, SlackApi, Unreached
from bot.slack.install import Installs, SlackInstall
from bot.slack.uploads import NOT_DRAWN, Uploads
from handlers.conversation.reply import Document
from handlers.conversation.request import Address
from scheduled.sending import CannotTell, NotThere, Operation, Refused, Result, Retry, Sent, Unsure

EVENT_TYPE = "pacer"
"""Of the metadata that carries an operation's id."""
DIRECTS_KEPT = 50_000
LOOK_BACK = 120.0
"""Seconds before its operation was made that a message is looked for: clocks differ."""
PAGE = 200
PAGES = 10
ASK_AGAIN = 3
"""How often a look into the history is tried when Slack is busy or away."""
LONGEST_WAIT = 60.0
"""Seconds that such a look waits for a rate limit."""
FIRST_RETRY = 2.0
LAST_RETRY = 300.0
"""Seconds; the wait doubles from the first to the last when Slack cannot be reached."""

PROCESSING_TRIES = 6
"""How often a message is tried whose pictures Slack has not finished working on."""

QUIETLY = {"link_names": False, "unfurl_links": False, "unfurl_media": False}
NOT_FROM_HERE = {"not_in_channel", "channel_not_found", "user_not_in_channel", "is_archived", "no_permission"}
"""Why an ephemeral message could not be shown in its channel; the one-to-one chat is private too."""
ALREADY_GONE = {"message_not_found", "cant_delete_message"}
GONE = {"token_revoked", "account_inactive", "app_uninstalled", "org_login_required", "team_access_not_granted"}
"""Errors after which no call with this token will work again."""

_NEW_TOKEN = "Give install {install} a valid bot token: `pacer doctor` says where it comes from."
OPERATOR = {
    "channel_not_found": "Slack shows Pacer no such conversation: it is deleted, or private and without Pacer.",
    "not_in_channel": "Pacer is not in that channel: type `/invite @Pacer` there.",
    "is_archived": "That channel is archived: unarchive it, or name another one in app.yaml.",
    "user_not_found": "Slack knows no such person in install {install}: they may have left.",
    "user_disabled": "That person's Slack account is deactivated.",
    "cannot_dm_bot": "That is a bot's account; Pacer writes to people only.",
    "messages_tab_disabled": "People cannot read Pacer's messages: install the app again with `pacer manifest slack`.",
    "missing_scope": "The app lacks the scope {needed}: install it again with `pacer manifest slack`.",
    "restricted_action": "A setting of that workspace or channel keeps Pacer from posting there.",
    "invalid_auth": _NEW_TOKEN,
    "not_authed": _NEW_TOKEN,
    "token_expired": _NEW_TOKEN,
    "token_revoked": "The token of install {install} was revoked. Install the app again and set the new token.",
    "account_inactive": "Pacer was removed from install {install}. Install the app again and set the new token.",
    NOT_DRAWN: "A chart could not be drawn: its words were sent, and the log says why.",
    "file_uploads_disabled": "Uploads are turned off in the workspace of install {install}: charts come in words only, "
    "and exports not at all.",
    "invalid_blocks": "Slack did not accept how the message is built. This is a mistake in Pacer: please report it.",
}


class SlackSender:
    """See scheduled.sending.Sender. One for all Slack installs."""

    lane_interval = 1.0
    install_per_minute = 300.0

    def __init__(self, installs: Installs, api: SlackApi) -> None:
        self._installs = installs
        self._api = api
        self._uploads = Uploads(api)
        self._directs: OrderedDict[tuple[str, str], str] = OrderedDict()

    def lane(self, operation: Operation) -> str:
        """The conversation; a message that one person alone sees waits for that person's others only."""
        address = operation.address
        if operation.operation == "home":
            return f"{operation.install}:home:{address.only_to or operation.user}"
        if address.conversation and address.only_to and operation.operation != "upload":
            return f"{operation.install}:{address.conversation}:{address.only_to}"
        return f"{operation.install}:{address.conversation or operation.user}"

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
                # Somebody may have two accounts in one workspace: the page is for the one that looks at it.
                user = operation.address.only_to or operation.user
                arguments = {"user_id": user, "view": render.home(operation.body)}
                ended = await self._api.call("views.publish", install.bot_token, arguments)
                return _result(ended, operation, Address(), repeatable=True)
            case other:
                return Refused(f"{other} is nothing that Slack can do")

    async def find(self, operation: Operation) -> Sent | NotThere | CannotTell:
        """Look through the conversation's history for the message whose metadata carries the operation's id."""
        install = self._installs.named(operation.install)
        address = operation.address
        if install is None or operation.operation not in ("post", "upload"):
            return CannotTell("only a new message to a listed install can be looked for")
        if _is_ephemeral(operation):
            return CannotTell("Slack keeps no history of messages that one person alone sees")
        channel = address.conversation or await self._direct(install, operation)
        if not isinstance(channel, str):
            return CannotTell("the one-to-one conversation could not be opened")
        asked = {
            "channel": channel,
            "include_all_metadata": "true",
            "limit": str(PAGE),
            "oldest": f"{_made_at(operation) - LOOK_BACK:.6f}",
        }
        method = "conversations.history"
        if address.thread:
            method, asked["ts"] = "conversations.replies", address.thread
        for _ in range(PAGES):
            ended = await self._patiently(install, method, asked)
            if not isinstance(ended, Ok):
                return CannotTell(_reason(ended))
            for message in ended.data.get("messages") or ():
                if _carries(message, operation.id) or _holds(message, operation, self._uploads.known(operation)):
                    return Sent(Address(conversation=channel, thread=address.thread, message=str(message["ts"])))
            cursor = (ended.data.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                return NotThere()
            asked["cursor"] = str(cursor)
        return CannotTell(f"not among the last {PAGE * PAGES} messages")

    async def _post(self, install: SlackInstall, operation: Operation) -> Result:
        address = operation.address
        if _is_ephemeral(operation):
            return await self._post_privately(install, operation)
        return await self._post_message(install, operation, address.conversation, address.thread)

    async def _upload(self, install: SlackInstall, operation: Operation) -> Result:
        """The pictures in a message of their own: files first, then a post that shows them and can be looked for. Or a
        document, shared where the person alone reads."""
        for part in operation.body.parts:
            if isinstance(part, Document):
                return await self._share(install, operation, part)
        files = await self._uploads.files(install, operation)
        if not isinstance(files, dict):
            result = _result(files, operation, Address(), repeatable=True)
        else:
            address, shown = operation.address, render.picture_message(operation.body, files)
            result = await self._post_message(install, operation, address.conversation, address.thread, shown)
            if isinstance(result, Refused) and result.reason in NOT_FROM_HERE:
                result = await self._post_message(install, operation, "", "", shown)
            again = operation.attempts < PROCESSING_TRIES
            if isinstance(result, Refused) and result.reason == "invalid_blocks" and again:
                # Slack says so too of a file that it has not finished working on.
                return Retry(2.0**operation.attempts, "Slack is still working on the picture")
        if isinstance(result, Sent | Refused):
            self._uploads.forget(operation)
        return result

    async def _share(self, install: SlackInstall, operation: Operation, part: Document) -> Result:
        channel = operation.address.conversation or await self._direct(install, operation)
        if not isinstance(channel, str):
            return channel
        thread = operation.address.thread
        said = render.fallback(part.about) if part.about else ""
        ended = await self._uploads.share(install, operation, part, channel, thread, said)
        if isinstance(ended, Failed) and ended.error in NOT_FROM_HERE and operation.address.conversation:
            own = await self._direct(install, operation)
            if not isinstance(own, str):
                return own
            channel, thread = own, ""
            ended = await self._uploads.share(install, operation, part, channel, thread, said)
        result = _result(ended, operation, Address(conversation=channel, thread=thread), repeatable=False)
        if isinstance(result, Sent | Refused):
            self._uploads.forget(operation)
        return result

    async def _post_message(
        self,
        install: SlackInstall,
        operation: Operation,
        conversation: str,
        thread: str = "",
        shown: dict[str, Any] | None = None,
    ) -> Result:
        """`shown` is the message as rendered; the operation's body where nothing else is said."""
        channel = conversation or await self._direct(install, operation)
        if not isinstance(channel, str):
            return channel
        arguments: dict[str, Any] = {
            "channel": channel,
            "mrkdwn": False,
            "metadata": {"event_type": EVENT_TYPE, "event_payload": {"id": operation.id}},
            **QUIETLY,
            **(shown or render.message(operation.body)),
        }
        if thread:
            arguments["thread_ts"] = thread
        ended = await self._api.call("chat.postMessage", install.bot_token, arguments)
        sent_as = Address(conversation=channel, thread=thread)
        if isinstance(ended, Ok):
            sent_as = Address(str(ended.data.get("channel", channel)), thread, str(ended.data.get("ts", "")))
        return _result(ended, operation, sent_as, repeatable=False)

    async def _post_privately(self, install: SlackInstall, operation: Operation) -> Result:
        """A message that one person alone sees: by the response_url, in the conversation, or else one-to-one."""
        address = operation.address
        if address.response_url:
            # It works where Pacer is no member, for 30 minutes and 5 times; a refusal means that nothing was posted.
            ended = await self._respond(operation, {"response_type": "ephemeral", "replace_original": False})
            if not isinstance(ended, Failed | Unreached):
                return _result(ended, operation, address, repeatable=False)
        arguments: dict[str, Any] = {
            "channel": address.conversation,
            "user": address.only_to,
            "link_names": False,
            **render.message(operation.body),
        }
        if address.thread:
            arguments["thread_ts"] = address.thread
        ended = await self._api.call("chat.postEphemeral", install.bot_token, arguments)
        if isinstance(ended, Failed) and ended.error in NOT_FROM_HERE:
            return await self._post_message(install, operation, "")
        return _result(ended, operation, address, repeatable=False)

    async def _update(self, install: SlackInstall, operation: Operation) -> Result:
        address = operation.address
        ended: Ended = Failed("message_not_found")
        if address.message and not address.only_to:
            arguments = {
                "channel": address.conversation,
                "ts": address.message,
                "link_names": False,
                "metadata": {"event_type": EVENT_TYPE, "event_payload": {"id": operation.id}},
                **render.message(operation.body),
            }
            ended = await self._api.call("chat.update", install.bot_token, arguments)
        if isinstance(ended, Failed) and address.response_url:
            # What one person alone sees, and what a slash command's answer put into a channel, is reached only so.
            ended = await self._respond(operation, {"replace_original": True})
        if isinstance(ended, Failed) and address.only_to:
            # Ephemeral messages vanish and response URLs run out; what was to be said is said anew.
            return await self._post_privately(install, _without_url(operation))
        return _result(ended, operation, address, repeatable=True)

    async def _delete(self, install: SlackInstall, operation: Operation) -> Result:
        address = operation.address
        if address.only_to or not address.message:
            ended = await self._api.respond(address.response_url, {"delete_original": True})
        else:
            arguments = {"channel": address.conversation, "ts": address.message}
            ended = await self._api.call("chat.delete", install.bot_token, arguments)
        if isinstance(ended, Failed) and ended.error in ALREADY_GONE:
            return Sent(address)
        return _result(ended, operation, address, repeatable=True)

    async def _respond(self, operation: Operation, how: dict[str, Any]) -> Ended:
        address = operation.address
        if not self._api.may_respond_to(address.response_url):
            return Failed("response_url_not_of_slack")
        arguments = {"mrkdwn": False, **how, **render.message(operation.body)}
        if address.thread and not how["replace_original"]:
            arguments["thread_ts"] = address.thread
        return await self._api.respond(address.response_url, arguments)

    async def _direct(self, install: SlackInstall, operation: Operation) -> str | Refused | Retry:
        """The id of the one-to-one conversation. Opening it is harmless to repeat: it stays the same one."""
        user = operation.user or operation.address.only_to
        if not user:
            return Refused("nobody to write to")
        key = (install.name, user)
        if key not in self._directs:
            ended = await self._api.call("conversations.open", install.bot_token, {"users": user})
            if not isinstance(ended, Ok):
                result = _result(ended, operation, Address(), repeatable=True)
                assert isinstance(result, Refused | Retry)
                return result
            self._directs[key] = str(ended.data["channel"]["id"])
            if len(self._directs) > DIRECTS_KEPT:
                self._directs.popitem(last=False)
        return self._directs[key]

    async def _patiently(self, install: SlackInstall, method: str, asked: dict[str, str]) -> Ended:
        """A look into the history; reading may be repeated."""
        ended = await self._api.ask(method, install.bot_token, asked)
        for attempt in range(1, ASK_AGAIN):
            if isinstance(ended, Limited) and ended.after <= LONGEST_WAIT:
                await asyncio.sleep(ended.after)
            elif isinstance(ended, Unreached | Lost):
                await asyncio.sleep(attempt)
            else:
                break
            ended = await self._api.ask(method, install.bot_token, asked)
        return ended


def _is_ephemeral(operation: Operation) -> bool:
    """Whether one person alone sees it in a conversation of several. A message with a file cannot be that."""
    address = operation.address
    return bool(operation.operation != "upload" and address.conversation and address.only_to and operation.body.private)


def _result(ended: Ended, operation: Operation, sent_as: Address, *, repeatable: bool) -> Result:
    """How a call ended, for delivery. `repeatable`: doing it twice comes to the same as doing it once."""
    match ended:
        case Ok():
            return Sent(sent_as)
        case Limited(after=after):
            return Retry(after, "Slack asks to wait", limited=True)
        case Unreached(reason=reason):
            return Retry(_backoff(operation), reason)
        case Lost(reason=reason):
            return Retry(_backoff(operation), reason) if repeatable else Unsure(reason)
        case Failed(error=error, needed=needed):
            if error in ("service_unavailable", "request_timeout", "team_added_to_org"):
                return Retry(_backoff(operation), error)
            sentence = OPERATOR.get(error, f"Slack refused it: {error}.")
            told = sentence.format(install=operation.install, needed=needed or "that this needs")
            return Refused(error, told, install_gone=error in GONE)


def _backoff(operation: Operation) -> float:
    return min(FIRST_RETRY * 2.0 ** min(operation.attempts, 10), LAST_RETRY)


def _reason(ended: Limited | Failed | Unreached | Lost) -> str:
    match ended:
        case Limited():
            return "Slack asks to wait longer than a look is worth"
        case Failed(error=error):
            return f"Slack does not show the conversation's history ({error})"
        case Unreached(reason=reason) | Lost(reason=reason):
            return reason


def _carries(message: Any, operation_id: str) -> bool:
    metadata = message.get("metadata") or {}
    payload = metadata.get("event_payload") or {}
    return metadata.get("event_type") == EVENT_TYPE and payload.get("id") == operation_id


def _holds(message: Any, operation: Operation, known: str) -> bool:
    """Whether it shares the operation's document. Slack lets no id of ours travel with a file: where this process does
    not know Slack's own (it was started anew since), name and size tell."""
    documents = [part for part in operation.body.parts if isinstance(part, Document)]
    if operation.operation != "upload" or not documents:
        return False
    files = [file for file in message.get("files") or () if isinstance(file, dict)]
    if known:
        return any(file.get("id") == known for file in files)
    return any((file.get("name"), file.get("size")) == (documents[0].name, documents[0].size) for file in files)


def _made_at(operation: Operation) -> float:
    """When the operation was made, in seconds since 1970: its id begins with that (storage.tables.new_id)."""
    try:
        return int(operation.id[:12], 16) / 1000
    except ValueError:
        return LOOK_BACK


def _without_url(operation: Operation) -> Operation:
    return msgspec.structs.replace(
        operation, address=msgspec.structs.replace(operation.address, response_url="", message="")
    )
