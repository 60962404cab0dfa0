"""Calls to Slack's Web API, and how each can end.

aiohttp itself rather than slack_sdk's AsyncWebClient: the SDK tries again by itself after a connection that dropped
when the bytes had left, which doubles a message; it does not tell a refused connection from a lost answer; and it
sends half as many messages a second (`python -m tests.fakes.slack_speed`: 0.48 of raw aiohttp, this about 0.9).
Nothing here is repeated: whether a call may be made again is for the one who made it to know.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeAlias
from urllib.parse import urlsplit

import aiohttp
import msgspec

TIMEOUT = 10.0
"""Seconds for a whole call."""
CONNECT_TIMEOUT = 4.0
"""Seconds of it for the connection."""
RETRY_AFTER = 30.0
"""Seconds to wait when Slack says 429 without saying how long."""


class Ok(msgspec.Struct, frozen=True):
    """Slack did it."""

    data: dict[str, Any]


class Limited(msgspec.Struct, frozen=True):
    """429: not done; come again after so many seconds."""

    after: float


class Failed(msgspec.Struct, frozen=True):
    """Slack refused with this error code: not done."""

    error: str
    needed: str = ""
    """The scope that is missing, where that is the reason."""


class Unreached(msgspec.Struct, frozen=True):
    """No connection, so the bytes never left: not done."""

    reason: str


class Lost(msgspec.Struct, frozen=True):
    """The bytes left and no clear answer came: it may have been done."""

    reason: str


Ended: TypeAlias = Ok | Limited | Failed | Unreached | Lost


_Reads: TypeAlias = Callable[[aiohttp.ClientResponse], Awaitable[Ended]]


class SlackApi:
    """Slack's Web API at one base address, over one shared pool of connections."""

    def __init__(self, base_url: str) -> None:
        """`base_url` is Slack's own, or SLACK_API_URL where that is set: a local Slack, or a proxy."""
        self.base_url = base_url if base_url.endswith("/") else f"{base_url}/"
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

    async def call(self, method: str, token: str, arguments: Mapping[str, Any]) -> Ended:
        """One method that takes JSON, e.g. `chat.postMessage`, once."""
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json; charset=utf-8"}
        return await self._post(self.base_url + method, headers, msgspec.json.encode(arguments))

    async def ask(self, method: str, token: str, arguments: Mapping[str, str]) -> Ended:
        """One method that only reads; those take a form, not JSON."""
        return await self._post(self.base_url + method, {"Authorization": f"Bearer {token}"}, dict(arguments))

    async def respond(self, response_url: str, arguments: Mapping[str, Any]) -> Ended:
        """Say something through a response_url (5 times within 30 minutes). It answers `ok`, not JSON."""
        headers = {"Content-Type": "application/json; charset=utf-8"}
        return await self._post(response_url, headers, msgspec.json.encode(arguments))

    async def upload(self, url: str, data: bytes) -> Ended:
        """Bytes to the address that files.getUploadURLExternal named. That address is the permission: no token."""
        if not self.may_respond_to(url):
            return Failed("upload_url_not_of_slack")
        return await self._post(url, {"Content-Type": "application/octet-stream"}, data, ended=_uploaded)

    def may_respond_to(self, response_url: str) -> bool:
        """Whether an address is Slack's own, so that nothing is ever sent elsewhere on a payload's word."""
        try:
            url, base = urlsplit(response_url), urlsplit(self.base_url)
            if (url.scheme, url.hostname, url.port) == (base.scheme, base.hostname, base.port):
                return True
            host = url.hostname or ""
        except ValueError:
            return False
        return (
            url.scheme == "https" and url.port in (None, 443) and (host == "slack.com" or host.endswith(".slack.com"))
        )

    async def _post(self, url: str, headers: Mapping[str, str], data: Any, ended: _Reads | None = None) -> Ended:
        try:
            async with self.session.post(url, headers=headers, data=data, allow_redirects=False) as response:
                return await (ended or _ended)(response)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL) as error:
            return Unreached(f"Slack could not be reached ({type(error).__name__})")
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            return Lost(f"no answer from Slack ({type(error).__name__})")


async def _uploaded(response: aiohttp.ClientResponse) -> Ended:
    """Uploads are answered with 200 and a word that nobody documents."""
    return Ok({}) if response.status == 200 else await _ended(response)


async def _ended(response: aiohttp.ClientResponse) -> Ended:
    if response.status == 429:
        return Limited(_seconds(response.headers.get("Retry-After", "")))
    body = await response.read()
    if response.status >= 500:
        return Lost(f"Slack answered {response.status}")
    if body.strip() == b"ok":
        return Ok({})
    try:
        data = msgspec.json.decode(body, type=dict[str, Any])
    except (ValueError, RecursionError):
        if response.status == 200:
            return Lost("Slack's answer could not be read")
        return Failed(_code(body[:60].decode("ascii", "replace").strip(), response.status))
    if data.get("ok") is True:
        return Ok(data)
    error = _code(str(data.get("error", "")), response.status)
    if error in ("ratelimited", "rate_limited"):
        return Limited(_seconds(response.headers.get("Retry-After", "")))
    if error in ("fatal_error", "internal_error"):
        # Slack: "it is possible some aspect of the operation succeeded before the error was raised".
        return Lost(f"Slack answered {error}")
    return Failed(error, str(data.get("needed", "")))


def _code(said: str, status: int) -> str:
    """Slack's word for what went wrong; anything else may quote what was sent."""
    return said if re.fullmatch(r"[a-z0-9_:.-]{1,60}", said) else f"http_{status}"


def _seconds(header: str) -> float:
    return float(header) if header.isascii() and header.isdigit() else RETRY_AFTER
