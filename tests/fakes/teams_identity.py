"""Microsoft's identity end for bots: OpenID metadata, signing keys and tokens signed by them, on loopback.

    async with TeamsIdentity() as identity:
        keys = SigningKeys(identity.metadata_url)
        bearer = identity.bearer(app_id=APP, service_url="https://smba.trafficmanager.net/amer/")
        identity.rotate()                   # another key signs from now on, and the first one is gone
        identity.status = 500               # the metadata fails; identity.stall() keeps it from answering
        identity.asked                      # the paths that were asked for, in their order

`token(...)` makes the token that the Bot Connector would send. What is given besides replaces a claim, or takes it away
when it is None: `token(app_id=APP, service_url=URL, exp=None)`; `alg`, `key`, `kid` and `header` forge the rest.
"""

from __future__ import annotations

import asyncio
import base64
import functools
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from aiohttp import web
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

ISSUER = "https://api.botframework.com"
METADATA_PATH = "/v1/.well-known/openidconfiguration"
KEYS_PATH = "/v1/.well-known/keys"
HOUR = 3600


@dataclass(frozen=True)
class Key:
    """One signing key."""

    kid: str
    private: rsa.RSAPrivateKey
    endorsements: tuple[str, ...] | None = ("msteams",)
    """The channels that it may speak for; None leaves the field out."""

    @property
    def jwk(self) -> dict[str, Any]:
        """Its public half, as the keys document lists it."""
        numbers = self.private.public_key().public_numbers()
        jwk: dict[str, Any] = {
            "kty": "RSA",
            "use": "sig",
            "kid": self.kid,
            "x5t": self.kid,
            "n": _base64(numbers.n.to_bytes((numbers.n.bit_length() + 7) // 8, "big")),
            "e": _base64(numbers.e.to_bytes(3, "big")),
        }
        return jwk if self.endorsements is None else {**jwk, "endorsements": list(self.endorsements)}

    @property
    def public_pem(self) -> bytes:
        """What an attacker knows, and may try as the secret of an HS256 token."""
        return self.private.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )


@functools.cache
def make_key(kid: str, endorsements: tuple[str, ...] | None = ("msteams",), bits: int = 2048) -> Key:
    """A key of that name; the same one each time, because making one is slow."""
    return Key(kid, rsa.generate_private_key(65537, bits), endorsements)


class TeamsIdentity:
    """See the module."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        """`clock` gives seconds since 1970, for the times in tokens."""
        self.clock = clock
        self._runner: web.AppRunner | None = None
        self._open = asyncio.Event()
        self._open.set()
        self.url = ""
        self.key = make_key("first")
        """The one that signs."""
        self.keys = [self.key]
        """Those that are listed."""
        self.asked: list[str] = []
        self.status = 200
        self.body: bytes | None = None
        """Answered to everything instead of the documents."""
        self.metadata: dict[str, Any] = {}
        """Put over the metadata document's own fields."""
        self.location = ""
        """Where to send those who ask, with `status` 3xx."""

    async def __aenter__(self) -> TeamsIdentity:
        app = web.Application()
        app.router.add_get(METADATA_PATH, self._answer)
        app.router.add_get(KEYS_PATH, self._answer)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        port = self._runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{port}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.set()
        assert self._runner is not None
        await self._runner.cleanup()

    @property
    def metadata_url(self) -> str:
        """For the setting that takes the place of login.botframework.com."""
        return self.url + METADATA_PATH

    def rotate(self, kid: str = "second", keep: bool = False) -> Key:
        """Sign with another key from now on, and list it instead of (or, with `keep`, beside) the earlier ones."""
        self.key = make_key(kid)
        self.keys = [*(self.keys if keep else ()), self.key]
        return self.key

    def stall(self) -> None:
        """Answer nothing until `go_on`."""
        self._open.clear()

    def go_on(self) -> None:
        """Answer again, also those who wait."""
        self._open.set()

    def bearer(self, **claims: Any) -> str:
        """The Authorization header with `token(**claims)`."""
        return f"Bearer {self.token(**claims)}"

    def token(
        self,
        *,
        app_id: str,
        service_url: str,
        alg: str = "RS256",
        key: Key | None = None,
        kid: str | None = "",
        header: Mapping[str, Any] | None = None,
        **claims: Any,
    ) -> str:
        """A token; `kid` "" is the key's own and None leaves it out, `header` is put over the header's fields."""
        key, now = key or self.key, int(self.clock())
        usual = {
            "serviceurl": service_url,
            "nbf": now,
            "iat": now,
            "exp": now + HOUR,
            "iss": ISSUER,
            "aud": app_id,
        }
        named = key.kid if kid == "" else kid
        head = {"alg": alg, "kid": named, "x5t": named, "typ": "JWT", **(header or {})}
        signed = f"{_json(head)}.{_json({**usual, **claims})}"
        return f"{signed}.{_base64(_signature(alg, key, signed.encode()))}"

    async def _answer(self, request: web.Request) -> web.Response:
        self.asked.append(request.path)
        await self._open.wait()
        if self.location:
            return web.Response(status=self.status, headers={"Location": self.location})
        if self.body is not None:
            return web.Response(status=self.status, body=self.body, content_type="application/json")
        if self.status != 200:
            return web.Response(status=self.status, text="not now")
        if request.path == KEYS_PATH:
            return web.json_response({"keys": [key.jwk for key in self.keys]})
        return web.json_response(
            {
                "issuer": ISSUER,
                "authorization_endpoint": "https://invalid.botframework.com",
                "jwks_uri": self.url + KEYS_PATH,
                "id_token_signing_alg_values_supported": ["RS256"],
                "token_endpoint_auth_methods_supported": ["private_key_jwt"],
                **self.metadata,
            }
        )


def _signature(alg: str, key: Key, signed: bytes) -> bytes:
    match alg:
        case "RS256":
            return key.private.sign(signed, padding.PKCS1v15(), hashes.SHA256())
        case "RS512":
            return key.private.sign(signed, padding.PKCS1v15(), hashes.SHA512())
        case "PS256":
            return key.private.sign(signed, padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256())
        case "HS256":
            return hmac.digest(key.public_pem, signed, hashlib.sha256)
        case _:
            return b""


def _json(fields: Mapping[str, Any]) -> str:
    kept = {name: value for name, value in fields.items() if value is not None}
    return _base64(json.dumps(kept, separators=(",", ":")).encode())


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
