"""The few calls of the Bot Connector's REST API that Pacer makes, and how each can end.

aiohttp itself rather than botbuilder's connector: that one makes clients anew in each turn, blocks the loop for its
token, does not tell a refused connection from a lost answer and sends wherever an activity says. Nothing here is
repeated but what a worn-out token kept from being done; whether else to repeat is for the caller to know.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeAlias
from urllib.parse import quote, urlencode

import aiohttp
import msgspec
from yarl import URL

from bot.teams import files_out
from bot.teams.credentials import Credentials, TokenRefused, TokenUnavailable
from bot.teams.install import TeamsInstall
from bot.teams.service_urls import ServiceUrls

TIMEOUT = 10.0
"""Seconds for a whole call."""
UPLOAD_TIMEOUT = 60.0
"""Seconds for a piece of a file."""
CONNECT_TIMEOUT = 4.0
"""Seconds of it for the connection."""

NOT_ALLOWED = "service_url_not_allowed"
BAD_ADDRESS = "bad_address"


class Ok(msgspec.Struct, frozen=True):
    """It is done."""

    data: dict[str, Any]


class Limited(msgspec.Struct, frozen=True):
    """429 or 412: not done; come again after so many seconds, where that is said."""

    status: int
    after: float | None = None


class Failed(msgspec.Struct, frozen=True):
    """Refused, so not done. `code` is Teams' own word (`BotNotInConversationRoster`), the login's, or one of ours."""

    code: str
    status: int = 0


class Unreached(msgspec.Struct, frozen=True):
    """No connection, so the bytes never left: not done."""

    reason: str


class Lost(msgspec.Struct, frozen=True):
    """The bytes left and no clear answer came: it may have been done."""

    reason: str


Ended: TypeAlias = Ok | Limited | Failed | Unreached | Lost


class ConnectorApi:
    """The Bot Connector at whatever service URLs are allowed, over one shared pool of connections."""

    def __init__(self, service_urls: ServiceUrls, credentials: Credentials) -> None:
        """Nothing is sent, and no token fetched, for an address that `service_urls` does not allow."""
        self._service_urls = service_urls
        self._credentials = credentials
        self._session: aiohttp.ClientSession | None = None

    @property
    def session(self) -> aiohttp.ClientSession:
        """The shared session, made at first use because it belongs to the running loop."""
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=TIMEOUT, connect=CONNECT_TIMEOUT),
                connector=aiohttp.TCPConnector(limit=100, ttl_dns_cache=60),
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._session

    async def close(self) -> None:
        """Let go of the connections."""
        if self._session is not None:
            await self._session.close()

    async def create(self, install: TeamsInstall, service_url: str, user: str) -> Ended:
        """The one-to-one conversation with somebody (`29:…` or Entra id): `id` in the answer, the same every time."""
        body = {
            "isGroup": False,
            "bot": {"id": f"28:{install.app_id}"},
            "members": [{"id": user}],
            "tenantId": install.tenant_id,
            "channelData": {"tenant": {"id": install.tenant_id}},
        }
        return await self._call(install, "POST", service_url, (), body)

    async def post(
        self, install: TeamsInstall, service_url: str, conversation: str, activity: Mapping[str, Any]
    ) -> Ended:
        """A new message; its `id` in the answer. A channel's conversation id names the thread itself."""
        body = _from_us(install, conversation, activity)
        return await self._call(install, "POST", service_url, (conversation, "activities"), body)

    async def update(
        self, install: TeamsInstall, service_url: str, conversation: str, message: str, activity: Mapping[str, Any]
    ) -> Ended:
        """Put an activity in the place of a message of ours."""
        body = {**_from_us(install, conversation, activity), "id": message}
        return await self._call(install, "PUT", service_url, (conversation, "activities", message), body)

    async def delete(self, install: TeamsInstall, service_url: str, conversation: str, message: str) -> Ended:
        """Take a message of ours away."""
        return await self._call(install, "DELETE", service_url, (conversation, "activities", message))

    async def member(self, install: TeamsInstall, service_url: str, conversation: str, user: str) -> Ended:
        """What the roster of a chat, or of a team, says of somebody (`29:…` or Entra id)."""
        return await self._call(install, "GET", service_url, (conversation, "members", user))

    async def members(self, install: TeamsInstall, service_url: str, team: str, size: int, token: str) -> Ended:
        """A page of a team's roster: `members`, and the `continuationToken` of the next page, where there is one."""
        query = {"pageSize": str(size), **({"continuationToken": token} if token else {})}
        return await self._call(install, "GET", service_url, (team, "pagedmembers"), query=query)

    async def upload(self, upload_url: str, content: bytes) -> Ended:
        """The bytes of a file to where Teams said. That address is the permission: no token goes along.

        Doing it twice comes to the same, but a session that has all its bytes answers with 404 or 416.
        """
        url = files_out.place(upload_url, self._service_urls)
        if url is None:
            return Failed(files_out.NOT_OF_MICROSOFT)
        ended: Ended = Failed("empty_file")
        for part, piece in files_out.pieces(content):
            headers = {"Content-Range": part, "Content-Type": "application/octet-stream"}
            ended = await self._request("PUT", url, headers, piece, UPLOAD_TIMEOUT)
            if not isinstance(ended, Ok):
                break
        return ended

    async def _call(
        self,
        install: TeamsInstall,
        method: str,
        service_url: str,
        path: tuple[str, ...],
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> Ended:
        if not self._service_urls.allowed(service_url):
            return Failed(NOT_ALLOWED)
        if any(part in ("", ".", "..") for part in path):
            return Failed(BAD_ADDRESS)
        address = "/".join((service_url.rstrip("/"), "v3/conversations", *(quote(part, safe="") for part in path)))
        url = URL(f"{address}?{urlencode(query)}" if query else address, encoded=True)
        content = None if body is None else msgspec.json.encode(body)
        ended = await self._once(install, method, url, service_url, content)
        if isinstance(ended, Failed) and ended.status == 401:
            # Tokens can be withdrawn before their end. It was refused, so nothing was done yet.
            ended = await self._once(install, method, url, service_url, content)
        return ended

    async def _once(
        self, install: TeamsInstall, method: str, url: URL, service_url: str, content: bytes | None
    ) -> Ended:
        headers = {} if content is None else {"Content-Type": "application/json; charset=utf-8"}
        token = ""
        if install.app_password or not self._service_urls.local(service_url):
            try:
                token = await self._credentials.token(install)
            except TokenRefused as refused:
                return Failed(refused.code)
            except TokenUnavailable as unavailable:
                return Unreached(str(unavailable))
            headers["Authorization"] = f"Bearer {token}"
        ended = await self._request(method, url, headers, content, TIMEOUT)
        if isinstance(ended, Failed) and ended.status == 401:
            self._credentials.spoilt(install, token)
        return ended

    async def _request(
        self, method: str, url: URL, headers: Mapping[str, str], content: bytes | None, patience: float
    ) -> Ended:
        timeout = aiohttp.ClientTimeout(total=patience, connect=CONNECT_TIMEOUT)
        try:
            async with self.session.request(
                method, url, headers=headers, data=content, allow_redirects=False, timeout=timeout
            ) as response:
                return await _ended(response)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL) as error:
            return Unreached(f"Teams could not be reached ({type(error).__name__})")
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            return Lost(f"no answer from Teams ({type(error).__name__})")


def _from_us(install: TeamsInstall, conversation: str, activity: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **activity,
        "from": {"id": f"28:{install.app_id}"},
        "conversation": {"id": conversation, "tenantId": install.tenant_id},
    }


async def _ended(response: aiohttp.ClientResponse) -> Ended:
    status = response.status
    if status in (412, 429):
        return Limited(status, _seconds(response.headers.get("Retry-After", "")))
    body = await response.read()
    if status >= 500 or status == 408:
        return Lost(f"Teams answered {status}")
    if not 200 <= status < 300:
        return Failed(_code(body) or f"http_{status}", status)
    if not body.strip():
        return Ok({})
    try:
        return Ok(msgspec.json.decode(body, type=dict[str, Any]))
    except (msgspec.DecodeError, RecursionError):
        return Lost("Teams' answer could not be read")


class _Error(msgspec.Struct):
    code: str | None = None


class _Refusal(msgspec.Struct):
    """The two shapes in which Teams says why; in the second, `message` is JSON with a `subCode`."""

    error: _Error | None = None
    message: str | None = None


class _Nested(msgspec.Struct):
    subCode: str | None = None


def _code(body: bytes) -> str:
    """Teams' word for what went wrong; empty where there is none, or where it could be a quotation of what was sent."""
    try:
        refusal = msgspec.json.decode(body, type=_Refusal)
        code = refusal.error.code if refusal.error is not None else None
        if not code and refusal.message and refusal.message.lstrip().startswith("{"):
            code = msgspec.json.decode(refusal.message, type=_Nested).subCode
    except (msgspec.DecodeError, RecursionError):
        return ""
    code = (code or "").replace(" ", "")
    return code if re.fullmatch(r"[A-Za-z0-9_]{1,60}", code) else ""


def _seconds(header: str) -> float | None:
    """Of Retry-After. Its other form, a date, is not used by Teams."""
    return float(header) if header.isascii() and header.isdigit() else None
