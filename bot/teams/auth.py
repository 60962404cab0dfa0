"""Whether an activity really comes from the Bot Connector, and from a tenant that is listed.

By Microsoft's "Authenticate requests from the Bot Connector service to your bot". Stricter than it in three things:
`exp` and `nbf` must be there, the service URL must be one that may be written to, and a key must be endorsed for Teams.

The order matters. What the token says about itself, unproven, can only refuse it, and no key is looked up for a token
that is refused anyway. The activity's body is not signed: of what stands in it, only the service URL is vouched for by
the token, and the rest is believed because Microsoft sent it.

Nothing here knows the SDK: it is given a header and parsed JSON.
"""

from __future__ import annotations

import base64
import re
import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import msgspec
from jwt.algorithms import RSAAlgorithm

from bot.teams.install import Installs, TeamsInstall
from bot.teams.keys import ISSUER, KeysUnavailable, SigningKey, SigningKeys
from bot.teams.service_urls import ServiceUrls, same

LEEWAY = 300.0
"""Seconds that clocks may differ, as Microsoft suggests."""
CHANNEL = "msteams"
LONGEST = 8192
"""Characters of an Authorization header; a Connector's has less than 2,000."""

_BEARER = re.compile(
    r"bearer +(?P<signed>(?P<header>[a-z0-9_-]+)\.(?P<claims>[a-z0-9_-]+))\.(?P<signature>[a-z0-9_-]+)",
    re.IGNORECASE | re.ASCII,
)
_RS256 = RSAAlgorithm(RSAAlgorithm.SHA256)


class Rejected(Exception):
    """The request is not to be acted on. `reason` is for the log: it never holds a token or a part of one.

    `status`: 401 for a token that is not good; 403 for a good one that may not come here; 503 when nobody can say. The
    last is neither a yes nor a no: with 401 a sender is told to change its token, but here the same request is good as
    soon as the keys can be fetched, and an operator who sees 503 looks at the network, not at the app's registration.
    """

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(f"{status}: {reason}")
        self.status = status
        self.reason = reason


class _Header(msgspec.Struct):
    alg: str
    kid: str
    crit: Any = None
    """Extensions that a reader must know. There is none that we know, nor any that the Connector uses."""


class _Claims(msgspec.Struct):
    iss: str
    aud: str
    exp: float
    nbf: float
    serviceurl: str


class _Token(NamedTuple):
    kid: str
    claims: _Claims
    signed: bytes
    """What the signature is over."""
    signature: bytes


class TokenCheck:
    """See the module."""

    def __init__(
        self,
        installs: Installs,
        keys: SigningKeys,
        service_urls: ServiceUrls,
        clock: Callable[[], float] = time.time,
        unsigned_local: bool = False,
    ) -> None:
        """`clock` gives seconds since 1970.

        `unsigned_local` lets in the Agents Playground and the Bot Framework Emulator, which have no token: requests
        without an Authorization header, whose service URL is one on this machine that the settings name. Whoever
        reaches the port can then act as anybody, so it is for a bot that listens on loopback and holds no real rows.
        """
        self._installs = installs
        self._keys = keys
        self._service_urls = service_urls
        self._clock = clock
        self._unsigned_local = unsigned_local

    async def check(self, authorization: str, activity: Mapping[str, Any]) -> TeamsInstall:
        """The install that a request belongs to. `authorization` is the header as it came, empty where missing.

        Raises Rejected, and nothing else whatever is given.
        """
        if not authorization and self._unsigned_local:
            return self._unsigned(activity)
        token = _unproven(authorization)
        claims = token.claims
        service_url = activity.get("serviceUrl")
        if claims.iss != ISSUER:
            raise Rejected(401, "another issuer")
        if claims.aud.lower() not in self._installs.app_ids():
            raise Rejected(401, "for another bot")
        self._in_its_time(claims)
        if not same(claims.serviceurl, service_url):
            raise Rejected(401, "for another service URL")
        # Said before the signature is looked at, because no signature would change it: nothing is fetched for it.
        if not self._service_urls.allowed(claims.serviceurl):
            raise Rejected(403, f"the service URL {claims.serviceurl[:200]!r} is not allowed")
        key = await self._key(token.kid)
        if not _RS256.verify(token.signed, key.public, token.signature):
            raise Rejected(401, "the signature is wrong")
        channel = activity.get("channelId")
        if channel != CHANNEL or channel not in key.endorsements:
            raise Rejected(403, "the channel is not Teams, or the key is not endorsed for it")
        tenant = _tenant(activity)
        install = self._installs.find(claims.aud, tenant)
        if install is None:
            raise Rejected(403, f"the tenant {tenant[:64]!r} is not listed for this bot")
        return install

    def _in_its_time(self, claims: _Claims) -> None:
        now = self._clock()
        if claims.exp <= now - LEEWAY:
            raise Rejected(401, "expired")
        if claims.nbf > now + LEEWAY:
            raise Rejected(401, "not valid yet")

    async def _key(self, kid: str) -> SigningKey:
        try:
            key = await self._keys.key(kid)
        except KeysUnavailable:
            raise Rejected(503, "the Connector's signing keys cannot be fetched") from None
        if key is None:
            raise Rejected(401, "signed with an unknown key")
        return key

    def _unsigned(self, activity: Mapping[str, Any]) -> TeamsInstall:
        service_url = activity.get("serviceUrl")
        if not isinstance(service_url, str) or not self._service_urls.local(service_url):
            raise Rejected(401, "without a token")
        tenant = _tenant(activity).lower()
        # The Emulator has no tenant. A deployment for trying things out has one install, so there is no doubt.
        fitting = [install for install in self._installs if not tenant or install.tenant_id.lower() == tenant]
        if len(fitting) != 1:
            raise Rejected(403, f"the tenant {tenant[:64]!r} is not that of exactly one install")
        return fitting[0]


def _unproven(authorization: str) -> _Token:
    """What a token says, whoever made it. Raises Rejected for what is no token, or one that cannot be good."""
    if not authorization:
        raise Rejected(401, "without a token")
    match = _BEARER.fullmatch(authorization) if len(authorization) <= LONGEST else None
    if match is None:
        raise Rejected(401, "not a bearer token")
    try:
        header = msgspec.json.decode(_decoded(match["header"]), type=_Header)
        claims = msgspec.json.decode(_decoded(match["claims"]), type=_Claims)
        signature = _decoded(match["signature"])
    except (ValueError, RecursionError):
        # The error itself would quote the token.
        raise Rejected(401, "unreadable, or without a claim that it must have") from None
    if header.alg != "RS256" or header.crit is not None:
        raise Rejected(401, "signed in another way than RS256")
    return _Token(header.kid, claims, match["signed"].encode(), signature)


def _decoded(segment: str) -> bytes:
    data = base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4))
    # The last letter may hold bits that count for nothing: one token must not have several spellings.
    if base64.urlsafe_b64encode(data).rstrip(b"=") != segment.encode():
        raise ValueError
    return data


def _tenant(activity: Mapping[str, Any]) -> str:
    """The tenant that an activity is from, empty where it names none.

    Raises Rejected where it names two: then it is not clear whose rows it is about.
    """
    channel_data, conversation = activity.get("channelData"), activity.get("conversation")
    in_channel = channel_data.get("tenant") if isinstance(channel_data, Mapping) else None
    named = {
        tenant.lower(): tenant
        for tenant in (
            in_channel.get("id") if isinstance(in_channel, Mapping) else None,
            conversation.get("tenantId") if isinstance(conversation, Mapping) else None,
        )
        if isinstance(tenant, str) and tenant
    }
    if len(named) > 1:
        raise Rejected(403, "the activity names two tenants")
    return next(iter(named.values()), "")
