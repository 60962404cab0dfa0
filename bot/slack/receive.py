"""Slack's way in: signed HTTP at /slack/events and Socket Mode, with one dispatch behind both.

Bolt carries every payload to one middleware, which answers it; no Bolt listener is registered, because Bolt builds
arguments for each of them on every event and answers 404 to what none of them wants. The middleware stands before
Bolt's own authorization, which would ask Slack auth.test: which install it is, is decided in incoming.py.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any
from urllib.parse import unquote_plus

import msgspec
import structlog
from aiohttp import web
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.middleware.async_middleware import AsyncMiddleware
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.answer import Answer, TakesTurns
from bot.body import read_body
from bot.slack import render
from bot.slack.api import Ok, SlackApi
from bot.slack.files import SlackFiles
from bot.slack.incoming import Arrived, Ignored, NotListed, Read, Reader, Removed
from bot.slack.install import Installs
from bot.slack.profiles import Profiles
from bot.slack.signature import signers
from handlers.conversation.reply import Form, Reply
from handlers.conversation.request import Submitted

log = structlog.get_logger(__name__)

PATH = "/slack/events"
BODY_LIMIT = 256 * 1024
"""Bytes. Slack's own payloads stay far below: a message is 40,000 characters at most."""
FIELD_LIMIT = 64
"""Form fields. A slash command has about fifteen."""

NOT_LISTED = (
    "This workspace is not one that I serve, so nothing was stored. "
    "Whoever runs Pacer can add it under `installs` in app.yaml."
)
NOT_SAVED_YET = "Not saved yet. I will confirm in a message."
JSON: dict[str, str | Sequence[str]] = {"content-type": "application/json; charset=utf-8"}


class SlackReceiver:
    """Takes what Slack sends and gives it to the turn; answers within Slack's 3 s."""

    def __init__(
        self,
        *,
        installs: Installs,
        turns: TakesTurns,
        api: SlackApi,
        clock: Callable[[], float] = time.time,
        profiles: Profiles | None = None,
    ) -> None:
        """`clock` gives seconds since 1970, for the age of a signature."""
        self._installs = installs
        self._turns = turns
        self._api = api
        self._clock = clock
        self._profiles = profiles or Profiles(api)
        self._reader = Reader(installs, self._profiles)
        self._files = SlackFiles(api)
        self._by_secret: dict[str, frozenset[str]] = {}
        for install in installs:
            named = self._by_secret.get(install.signing_secret, frozenset())
            self._by_secret[install.signing_secret] = named | {install.name}
        self._background: set[asyncio.Task[None]] = set()
        self.bolt = _bolt(_Answers(self._dispatch), api)

    # ------------------------------------------------------------ HTTP

    def add_to(self, application: web.Application) -> None:
        """Serve PATH on an aiohttp application: events, commands and interactivity alike."""
        application.router.add_post(PATH, self.http)

    async def http(self, request: web.Request) -> web.Response:
        """One request from outside. Its signature is checked on the raw bytes, before anything in them is parsed."""
        try:
            body = await read_body(request, BODY_LIMIT)
        except TimeoutError:
            return web.Response(status=408)
        if body is None:
            return web.Response(status=413)
        signed_with = signers(
            self._by_secret,
            request.headers.get("X-Slack-Request-Timestamp", ""),
            request.headers.get("X-Slack-Signature", ""),
            body,
            self._clock(),
        )
        if not signed_with:
            return web.Response(status=401)
        try:
            payload = _parse(request.content_type, body)
        except (ValueError, RecursionError):
            return web.Response(status=400)
        trusted = frozenset().union(*(self._by_secret[secret] for secret in signed_with))
        answered = await self.dispatch(payload, trusted)
        return web.Response(
            status=answered.status,
            body=answered.body.encode(),
            content_type="application/json" if answered.body else "text/plain",
            charset="utf-8",
        )

    async def dispatch(self, payload: dict[str, Any], trusted: frozenset[str]) -> BoltResponse:
        """One verified payload, through Bolt. `trusted` names the installs that its sender may speak for."""
        # The mode tells Bolt that the body is parsed already: once is enough, and Bolt's own parser trusts its input.
        try:
            request = AsyncBoltRequest(body=payload, mode="socket_mode", context={"trusted": trusted})
        except (TypeError, AttributeError, LookupError):
            # Bolt looks for ids in the payload and takes their shapes for granted.
            log.warning("slack_payload_unreadable", reason="no shape that Slack sends")
            return BoltResponse(status=400, body="")
        return await self.bolt.async_dispatch(request)

    # ------------------------------------------------------------ the dispatch

    async def _dispatch(self, payload: dict[str, Any], trusted: frozenset[str]) -> BoltResponse:
        try:
            return await self._answer(payload, trusted)
        except msgspec.ValidationError as error:
            log.warning("slack_payload_unreadable", reason=str(error))
            return BoltResponse(status=400, body="")

    async def _answer(self, payload: dict[str, Any], trusted: frozenset[str]) -> BoltResponse:
        read: Read
        if "command" in payload:
            read = await self._reader.command(payload, trusted)
            if isinstance(read, NotListed):
                log.warning("slack_install_not_listed", team=payload.get("team_id"))
                return _json({"response_type": "ephemeral", "text": NOT_LISTED})
        elif payload.get("type") == "event_callback":
            read = await self._reader.event(payload, trusted)
        elif payload.get("type") == "url_verification":
            return _json({"challenge": str(payload.get("challenge", ""))})
        else:
            read = await self._reader.interaction(payload, trusted)
        match read:
            case Arrived():
                return await self._take(read)
            case Removed(install=install, event=event):
                # First in the rows: where that fails, Slack sends the event again and finds the install still listed.
                await self._turns.uninstalled(install.name, event)
                self._profiles.forget(install.name)
                self._installs.remove(install.name)
            case NotListed():
                log.warning("slack_install_not_listed", kind=str(payload.get("type", ""))[:40])
            case Ignored():
                pass
        return BoltResponse(status=200, body="")

    async def _take(self, arrived: Arrived) -> BoltResponse:
        incoming = arrived.incoming
        fetch = self._files.fetch(arrived.install, arrived.files) if arrived.files else None
        answer = await (self._turns.take(incoming, fetch) if fetch else self._turns.take(incoming))
        if isinstance(incoming.what, Submitted):
            return _to_form(answer, arrived)
        if answer.form is not None and arrived.trigger:
            self._later(self._open(arrived, answer.form))
        if incoming.inline and answer.reply is not None:
            return _json(inline(answer.reply))
        if answer.pending and not incoming.inline and not incoming.can_open_form:
            # Slack sends an event again when it is not acknowledged, so a crash before the commit loses nothing (nor
            # while a file is fetched); the turn knows the event by its id. A click is never sent again, and its person
            # has been told.
            return BoltResponse(status=503, body="")
        return BoltResponse(status=200, body="")

    async def _open(self, arrived: Arrived, form: Form) -> None:
        """Open a form with the trigger; where that is refused or too late, the person is offered a button for it."""
        arguments = {"trigger_id": arrived.trigger, "view": render.modal(form)}
        ended = await self._api.call("views.open", arrived.install.bot_token, arguments)
        if not isinstance(ended, Ok):
            log.warning("slack_form_missed", install=arrived.install.name, reason=str(ended))
            await self._turns.form_missed(arrived.incoming, form)

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        """Run beside the acknowledgement, which does not wait for it."""
        task = asyncio.get_running_loop().create_task(work)
        self._background.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._background.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("slack_background_failed", exc_info=error)

    async def drain(self) -> None:
        """Wait for the forms that are being opened."""
        while self._background:
            await asyncio.wait(self._background)


class _Answers(AsyncMiddleware):
    """The one middleware: it answers everything, so Bolt goes no further."""

    def __init__(self, dispatch: Callable[[dict[str, Any], frozenset[str]], Awaitable[BoltResponse]]) -> None:
        self._dispatch = dispatch

    async def async_process(
        self, *, req: AsyncBoltRequest, resp: BoltResponse, next: Callable[[], Awaitable[BoltResponse]]
    ) -> BoltResponse:
        return await self._dispatch(req.body, req.context["trusted"])


async def _nobody(**_: object) -> AuthorizeResult:
    raise AssertionError("the middleware before the authorization has answered")


def _bolt(answers: _Answers, api: SlackApi) -> AsyncApp:
    return AsyncApp(
        name="pacer",
        logger=logging.getLogger("slack_bolt"),
        process_before_response=True,
        client=AsyncWebClient(base_url=api.base_url, retry_handlers=[]),
        authorize=_nobody,
        before_authorize=answers,
        request_verification_enabled=False,  # done in `http`, on the raw bytes
        ssl_check_enabled=False,  # answers 200 to unsigned requests
        url_verification_enabled=False,
        ignoring_self_events_enabled=False,
        attaching_function_token_enabled=False,
        attaching_conversation_kwargs_enabled=False,
    )


def inline(reply: Reply) -> dict[str, Any]:
    """A reply as the acknowledgement of a slash command."""
    shown = "ephemeral" if reply.private else "in_channel"
    return {"response_type": shown, "mrkdwn": False, **render.message(reply)}


def _to_form(answer: Answer, arrived: Arrived) -> BoltResponse:
    """The acknowledgement of a form that was sent: it closes, shows what is wrong, or becomes the next form."""
    if answer.problems:
        return _json({"response_action": "errors", "errors": render.errors(answer.problems, arrived.view_blocks)})
    if answer.form is not None:
        return _json({"response_action": "update", "view": render.modal(answer.form)})
    if answer.pending:
        return _json({"response_action": "update", "view": render.notice("Not saved yet", NOT_SAVED_YET)})
    return BoltResponse(status=200, body="")


def _json(body: dict[str, Any]) -> BoltResponse:
    return BoltResponse(status=200, body=msgspec.json.encode(body).decode(), headers=JSON)


def _parse(content_type: str, body: bytes) -> dict[str, Any]:
    """A verified body as a dict. Raises ValueError or RecursionError for what Slack does not send."""
    if content_type == "application/json":
        return msgspec.json.decode(body, type=dict[str, Any])
    if content_type != "application/x-www-form-urlencoded":
        raise ValueError("neither a form nor JSON")
    form = _fields(body.decode())
    if "payload" in form:
        return msgspec.json.decode(form["payload"], type=dict[str, Any])
    return form


def _fields(body: str) -> dict[str, str]:
    """A form's fields. As urllib's parse_qsl reads them, in half of its time: most hold nothing that is quoted."""
    if body.count("&") >= FIELD_LIMIT:
        raise ValueError("more fields than Slack sends")
    form = {}
    for field in body.split("&"):
        if field:
            name, _, value = field.partition("=")
            form[_unquoted(name)] = _unquoted(value)
    return form


def _unquoted(text: str) -> str:
    return unquote_plus(text, errors="strict") if "%" in text or "+" in text else text
