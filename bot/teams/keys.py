"""The keys that the Bot Connector signs with: found through its OpenID metadata, remembered for a day.

A request waits for keys only when it must, and everyone who waits waits for the same fetch. Whoever sends tokens with
made-up key ids cannot make us ask more often than once in `PAUSE` seconds.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import jwt
import msgspec
import structlog
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt.algorithms import RSAAlgorithm

log = structlog.get_logger(__name__)

METADATA_URL = "https://login.botframework.com/v1/.well-known/openidconfiguration"
ISSUER = "https://api.botframework.com"
"""Who signs for the Bot Connector: in its metadata and in every token."""

KEPT_FOR = 24 * 3600.0
"""Seconds that keys are good for: Microsoft asks for a look once a day at least. While that fails, older ones serve."""
PAUSE = 60.0
"""Seconds between two looks at the metadata, whatever comes in."""
PAUSE_WITHOUT_KEYS = 5.0
"""The same while there is no key at all and nobody can be served."""
PATIENCE = 5.0
"""Seconds for metadata and keys together. Teams waits 15 s for an answer, and 5 s for a message extension's."""
LARGEST = 1024 * 1024
"""Bytes of a document."""
SMALLEST_KEY = 2048
"""Bits."""

_LOOPBACK = ("127.0.0.1", "localhost", "::1")


class KeysUnavailable(Exception):
    """The metadata or the keys could not be fetched, so nobody can say whether a signature is good."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """The public half of a key, and the channels that tokens signed with it may speak for."""

    public: RSAPublicKey
    endorsements: frozenset[str]


class _Metadata(msgspec.Struct):
    issuer: str
    jwks_uri: str


class _Document(msgspec.Struct):
    keys: list[dict[str, Any]]


class SigningKeys:
    """The Connector's keys by their ids."""

    def __init__(
        self,
        metadata_url: str = METADATA_URL,
        clock: Callable[[], float] = time.monotonic,
        patience: float = PATIENCE,
    ) -> None:
        """`clock` and `patience` are in seconds. Raises ValueError for an address that others could answer for."""
        if not _safe(metadata_url, loopback=True):
            raise ValueError(
                f"The OpenID metadata address {metadata_url!r} must begin with https://, or be on this machine."
            )
        self._metadata_url = metadata_url
        self._clock = clock
        self._patience = patience
        self._keys: dict[str, SigningKey] = {}
        self._fetched_at = float("-inf")
        self._not_before = float("-inf")
        self._failed = False
        self._refreshing: asyncio.Task[None] | None = None

    async def key(self, kid: str) -> SigningKey | None:
        """The key of that id, or None when the Connector has none.

        Raises KeysUnavailable when it cannot be known: the key is not among those at hand, and the last look failed.
        """
        known = self._keys.get(kid)
        if known is not None and self._clock() - self._fetched_at < KEPT_FOR:
            return known
        await self._refresh_if_due()
        known = self._keys.get(kid)
        if known is None and self._failed:
            raise KeysUnavailable
        return known

    async def _refresh_if_due(self) -> None:
        if self._refreshing is None:
            if self._clock() < self._not_before:
                return
            self._refreshing = asyncio.create_task(self._refresh())
        # Unlike awaiting the task, this leaves it alone when one of those who wait for it is cancelled.
        await asyncio.wait({self._refreshing})

    async def _refresh(self) -> None:
        try:
            async with asyncio.timeout(self._patience):
                self._keys = await self._fetch()
            self._fetched_at, self._failed = self._clock(), False
        except (aiohttp.ClientError, OSError, ValueError, RecursionError) as error:
            self._failed = True
            log.warning(
                "teams_signing_keys_not_fetched",
                address=self._metadata_url,
                # A TimeoutError says nothing by itself.
                reason=str(error) or type(error).__name__,
                keys_at_hand=len(self._keys),
            )
        finally:
            self._not_before = self._clock() + (PAUSE if self._keys else PAUSE_WITHOUT_KEYS)
            self._refreshing = None

    async def _fetch(self) -> dict[str, SigningKey]:
        async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
            metadata = msgspec.json.decode(await _get(session, self._metadata_url), type=_Metadata)
            if metadata.issuer != ISSUER:
                raise ValueError(f"the metadata is for the issuer {metadata.issuer[:100]!r}, not {ISSUER}")
            if not _safe(metadata.jwks_uri, loopback=not self._metadata_url.startswith("https:")):
                raise ValueError(f"the metadata names {metadata.jwks_uri[:200]!r} for the keys, which is not https")
            document = msgspec.json.decode(await _get(session, metadata.jwks_uri), type=_Document)
        keys = dict(filter(None, map(_read, document.keys)))
        if not keys:
            raise ValueError("the keys document holds no usable key")
        return keys


async def _get(session: aiohttp.ClientSession, url: str) -> bytes:
    # A redirect could lead to an address without https.
    async with session.get(url, allow_redirects=False) as response:
        if response.status != 200:
            raise ValueError(f"{url} answered {response.status}")
        body = bytearray()
        async for part in response.content.iter_chunked(64 * 1024):
            body += part
            if len(body) > LARGEST:
                raise ValueError(f"{url} answered more than {LARGEST} bytes")
        return bytes(body)


def _read(jwk: dict[str, Any]) -> tuple[str, SigningKey] | None:
    """One entry of the keys document; None for what is no RSA signing key, which is no reason to refuse the others."""
    kid = jwk.get("kid")
    if not isinstance(kid, str) or not kid:
        return None
    if jwk.get("use", "sig") != "sig" or jwk.get("alg", "RS256") != "RS256":
        return None
    try:
        public = RSAAlgorithm.from_jwk(jwk)
    except (jwt.PyJWTError, ValueError, TypeError, KeyError):
        return None
    if not isinstance(public, RSAPublicKey) or public.key_size < SMALLEST_KEY:
        return None
    endorsements = jwk.get("endorsements")
    channels = endorsements if isinstance(endorsements, list) else []
    return kid, SigningKey(public, frozenset(channel for channel in channels if isinstance(channel, str)))


def _safe(url: str, *, loopback: bool) -> bool:
    """Whether what comes from there is what its owner sent: https, or (with `loopback`) this machine itself."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    if parts.username is not None or not host:
        return False
    return parts.scheme == "https" or (loopback and parts.scheme == "http" and host in _LOOPBACK)
