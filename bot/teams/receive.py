"""Teams' way in: /api/messages, with one dispatch for messages, card actions, dialogs and the message extension.

botbuilder carries every activity to one bot, which answers it. The stock CloudAdapter is not used: it answers invokes
and bad tokens with 500, takes tokens without an end, and makes clients and fetches tokens anew in each turn
(docs/teams-sdk.md). Nothing is sent through its connector: what goes out is in the outbox (send.py).
"""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import structlog
from aiohttp import web
from botbuilder.core import CloudAdapterBase, InvokeResponse, TurnContext
from botbuilder.schema import Activity, ActivityTypes, ConversationAccount
from botframework.connector.auth import (
    AuthenticateRequestResult,
    BotFrameworkAuthentication,
    ClaimsIdentity,
    ConnectorFactory,
)

from bot.answer import TakesTurns
from bot.body import read_body
from bot.teams import respond
from bot.teams.auth import Rejected, TokenCheck
from bot.teams.files_in import TeamsFiles
from bot.teams.incoming import Arrived, Consented, Ignored, Joined, Left, Reader, Searched, Unknown
from bot.teams.install import TeamsInstall

log = structlog.get_logger(__name__)

PATH = "/api/messages"
BODY_LIMIT = 256 * 1024
"""Bytes. Teams' own activities stay below 100 KB."""
FOUND_AT_MOST = 20
SEARCH_PATIENCE = 4.0
"""Seconds; Teams gives a message extension 5."""


class TeamsReceiver:
    """Takes what Teams sends and gives it to the turn; answers within Teams' 15 s."""

    def __init__(self, *, check: TokenCheck, turns: TakesTurns, reader: Reader, files: TeamsFiles) -> None:
        self._check = check
        self._files = files
        self._turns = turns
        self._reader = reader
        self._adapter = _Adapter()

    def add_to(self, application: web.Application) -> None:
        """Serve PATH on an aiohttp application."""
        application.router.add_post(PATH, self.http)

    async def http(self, request: web.Request) -> web.Response:
        """One request from outside. Nothing of it is acted upon, nor anything sent, before its token holds."""
        try:
            body = await read_body(request, BODY_LIMIT)
        except TimeoutError:
            return web.Response(status=408)
        if body is None:
            return web.Response(status=413)
        raw = _parsed(body)
        try:
            install = await self._check.check(request.headers.get("Authorization", ""), raw or {})
        except Rejected as rejected:
            log.warning("teams_rejected", reason=rejected.reason)
            return web.Response(status=rejected.status)
        if raw is None:
            return web.Response(status=400)
        try:
            response = await self._adapter.run(raw, lambda: self._answer(install, raw))
        except msgspec.ValidationError as error:
            log.warning(
                "teams_activity_unreadable", reason=str(error), kind=str(raw.get("name") or raw.get("type"))[:60]
            )
            return web.Response(status=400)
        if response is None:
            return web.Response(status=200)
        content = b"" if response.body is None else msgspec.json.encode(response.body)
        return web.Response(status=response.status, body=content, content_type="application/json")

    async def _answer(self, install: TeamsInstall, raw: dict[str, Any]) -> InvokeResponse:
        read = await self._reader.read(install, raw)
        match read:
            case Arrived(incoming=incoming, answered=answered, files=files):
                fetch = self._files.fetch(files) if files else None
                answer = await (self._turns.take(incoming, fetch) if fetch else self._turns.take(incoming))
                return InvokeResponse(status=200, body=respond.body(answered, answer, incoming))
            case Searched():
                return InvokeResponse(status=200, body=await self._found(read))
            case Consented(incoming=incoming, file=file, upload=upload):
                await self._turns.file_answered(incoming, file, upload)
            case Joined(install=name, team=team, service=service):
                await self._turns.joined(name, team, service)
            case Left(install=name, user=user, conversation=conversation, event=event, team=team):
                await self._turns.left(name, user, conversation, event, team)
            case Unknown():
                return InvokeResponse(status=501)
            case Ignored():
                pass
        return InvokeResponse(status=200)

    async def _found(self, searched: Searched) -> dict[str, Any]:
        try:
            async with asyncio.timeout(SEARCH_PATIENCE):
                names = await self._turns.accounts_like(
                    searched.install, searched.profile, searched.words, FOUND_AT_MOST
                )
        except TimeoutError:
            return respond.found_nothing("The database is slow to answer. Please try again.")
        return respond.found(names) if names else respond.found_nothing("No account of that name yet.")


def _parsed(body: bytes) -> dict[str, Any] | None:
    try:
        return msgspec.json.decode(body, type=dict[str, Any])
    except (msgspec.DecodeError, RecursionError):
        return None


class _Adapter(CloudAdapterBase):
    """botbuilder's pipeline around one turn whose token has been checked."""

    def __init__(self) -> None:
        super().__init__(_Checked())
        self._result = AuthenticateRequestResult()
        self._result.claims_identity = ClaimsIdentity({}, True)
        self._result.connector_factory = _NoConnectors()

    async def run(self, raw: dict[str, Any], answer: Any) -> InvokeResponse | None:
        """Carry an activity to `answer`; what is to be responded to an invoke, None for anything else."""

        async def on_turn(context: TurnContext) -> None:
            answered = await answer()
            if context.activity.type == ActivityTypes.invoke:
                await context.send_activity(Activity(type=ActivityTypes.invoke_response, value=answered))

        response: InvokeResponse | None = await self.process_activity(self._result, _activity(raw), on_turn)
        return response


def _activity(raw: dict[str, Any]) -> Activity:
    """As much of an activity as the pipeline looks at: filling botbuilder's whole model would take most of a turn."""
    conversation = raw.get("conversation")
    return Activity(
        type=str(raw.get("type", "")),
        id=str(raw.get("id", "")),
        name=str(raw.get("name", "")),
        channel_id=str(raw.get("channelId", "")),
        service_url=str(raw.get("serviceUrl", "")),
        conversation=ConversationAccount(id=str(conversation.get("id", "")) if isinstance(conversation, dict) else ""),
    )


class _Checked(BotFrameworkAuthentication):
    """botbuilder asks for one; tokens were checked before it (auth.py), so it is never asked anything."""

    async def authenticate_request(self, activity: Activity, auth_header: str) -> AuthenticateRequestResult:
        raise PermissionError

    async def authenticate_streaming_request(
        self, auth_header: str, channel_id_header: str
    ) -> AuthenticateRequestResult:
        raise PermissionError

    def create_connector_factory(self, claims_identity: ClaimsIdentity) -> ConnectorFactory:
        return _NoConnectors()

    async def create_user_token_client(self, claims_identity: ClaimsIdentity) -> None:
        return None


class _NoConnectors(ConnectorFactory):
    async def create(self, service_url: str, audience: str) -> _NoConnector:
        return _NoConnector()


class _NoConnector:
    """Stands where botbuilder wants a connector; `context.send_activity` would use it."""

    @property
    def conversations(self) -> Any:
        raise AssertionError("what goes out goes through the outbox")
