"""The tokens with which Pacer speaks to the Bot Connector: one for each install, fetched when needed and kept."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable
from typing import TypeAlias
from urllib.parse import quote

import aiohttp
import msgspec
import structlog
from yarl import URL

from bot.teams.install import TeamsInstall

log = structlog.get_logger(__name__)

LOGIN_URL = "https://login.microsoftonline.com"
SCOPE = "https://api.botframework.com/.default"
EARLY = 300.0
"""Seconds before its end that a token is taken for worn out."""
PATIENCE = 8.0
"""Seconds for one login."""
REFUSED_FOR = 60.0
"""Seconds that a refusal stands: a wrong secret does not become right, and Microsoft locks out who keeps on asking."""
AWAY_FOR = 2.0
"""Seconds in which a login that did not answer is not asked again, so that a queue does not wait for it row by row."""

_CODE = re.compile(r"[a-z_]{1,60}")


class TokenRefused(Exception):
    """Microsoft gives this install no token. The code is OAuth's, e.g. `invalid_client`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class TokenUnavailable(Exception):
    """The login did not answer, or is busy."""


class _Given(msgspec.Struct):
    access_token: str
    expires_in: float


class _NotGiven(msgspec.Struct):
    error: str = ""


_Known: TypeAlias = str | TokenRefused | TokenUnavailable


class Credentials:
    """Client credentials of Microsoft's identity platform."""

    def __init__(self, login_url: str = LOGIN_URL, clock: Callable[[], float] = time.monotonic) -> None:
        """`login_url` is Microsoft's own, or TEAMS_LOGIN_URL where that is set; `clock` is in seconds."""
        self._login_url = login_url.rstrip("/")
        self._clock = clock
        self._known: dict[TeamsInstall, tuple[float, _Known]] = {}
        self._asking: dict[TeamsInstall, asyncio.Task[_Known]] = {}

    async def token(self, install: TeamsInstall) -> str:
        """A token that is good for five minutes at least. Callers at the same time share one request.

        Raises TokenRefused or TokenUnavailable.
        """
        kept = self._known.get(install)
        known = kept[1] if kept is not None and kept[0] > self._clock() else await self._ask(install)
        if isinstance(known, Exception):
            raise known
        return known

    def spoilt(self, install: TeamsInstall, token: str) -> None:
        """The Bot Connector did not take this token: the next caller gets a new one."""
        kept = self._known.get(install)
        if kept is not None and kept[1] == token:
            del self._known[install]

    async def _ask(self, install: TeamsInstall) -> _Known:
        asking = self._asking.get(install)
        if asking is None:
            asking = asyncio.get_running_loop().create_task(self._fetch(install))
            self._asking[install] = asking
            asking.add_done_callback(lambda _: self._asking.pop(install, None))
        # Who asked first may be cancelled; the others still wait.
        return await asyncio.shield(asking)

    async def _fetch(self, install: TeamsInstall) -> _Known:
        try:
            known, lives = await self._login(install)
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            known, lives = TokenUnavailable(f"Microsoft's login did not answer ({type(error).__name__})"), AWAY_FOR
        if isinstance(known, Exception):
            log.warning("teams_no_token", install=install.name, reason=str(known))
        self._known[install] = (self._clock() + lives, known)
        return known

    async def _login(self, install: TeamsInstall) -> tuple[_Known, float]:
        """What the login says, and for how many seconds that stands."""
        url = URL(f"{self._login_url}/{quote(install.tenant_id, safe='')}/oauth2/v2.0/token", encoded=True)
        form = {
            "grant_type": "client_credentials",
            "client_id": install.app_id,
            "client_secret": install.app_password,
            "scope": SCOPE,
        }
        # Once an hour: not worth a pool of connections that stays open.
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=PATIENCE)) as session,
            session.post(url, data=form, allow_redirects=False) as response,
        ):
            body = await response.read()
        try:
            if response.status == 200:
                given = msgspec.json.decode(body, type=_Given)
                return given.access_token, max(given.expires_in - EARLY, 0.0)
            if response.status in (400, 401, 403):
                code = msgspec.json.decode(body, type=_NotGiven).error
                return TokenRefused(code if _CODE.fullmatch(code) else f"http_{response.status}"), REFUSED_FOR
        except (msgspec.DecodeError, RecursionError):
            return TokenUnavailable("what Microsoft's login answered could not be read"), AWAY_FOR
        return TokenUnavailable(f"Microsoft's login answered {response.status}"), AWAY_FOR
