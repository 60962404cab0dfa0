"""Reads an address that somebody else chose, and reaches nothing with it that they could not reach themselves.

Only `https://`, only hosts on the public internet: asked again after every redirect, and of the very addresses that
are connected to, so that a name which changes its mind between two look-ups (DNS rebinding) gains nothing. So much
and no more is read, packed or not, in so many seconds in all. Nothing here writes an address into a log or a
sentence: whoever knows one may read what is there, so a sentence names its host alone.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final, TypeAlias

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

IP: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address

REDIRECTS: Final = 5
_PIECE: Final = 65536
_REDIRECTED: Final = (301, 302, 303, 307, 308)


class CannotRead(Exception):
    """Its text is a sentence that says why."""

    def __init__(self, sentence: str, *, gone: bool = False) -> None:
        super().__init__(sentence)
        self.gone = gone
        """The address says itself that there is nothing any more, or nothing for us (401, 403, 404, 410)."""


@dataclass(frozen=True, slots=True)
class Marks:
    """What an address said of its content's version, to be asked again only for another one."""

    etag: str = ""
    modified: str = ""


UNREAD: Final = Marks()
"""Of an address that was not read yet."""


@dataclass(frozen=True, slots=True)
class Found:
    """What an address gave."""

    name: str
    """The last part of its path."""
    content: bytes
    marks: Marks


_CARRIES_IPV4: Final = (
    (ipaddress.IPv6Network("::/96"), 0),
    (ipaddress.IPv6Network("::ffff:0:0/96"), 0),
    (ipaddress.IPv6Network("64:ff9b::/96"), 0),
    (ipaddress.IPv6Network("2002::/16"), 80),
)
"""Networks of IPv6 that stand for an address of IPv4 (RFC 4291, 6052, 3056), and how many bits are behind it."""
_UNICAST: Final = ipaddress.IPv6Network("2000::/3")
"""The only part of IPv6 that hosts on the internet have addresses in (RFC 4291, IANA's registry)."""


def is_public(address: IP) -> bool:
    """One host on the public internet; an address that carries another one is as public as that."""
    if isinstance(address, ipaddress.IPv6Address):
        for network, behind in _CARRIES_IPV4:
            if address in network:
                return is_public(ipaddress.IPv4Address(int(address) >> behind & 0xFFFFFFFF))
        if address not in _UNICAST:
            return False
    return address.is_global and not address.is_multicast


@dataclass(frozen=True, slots=True)
class Web:
    """How addresses are read."""

    limit: int
    """Bytes of what comes, unpacked."""
    seconds: float
    """For all of it: looking the name up, every redirect, the last byte."""
    private: bool = False
    """Addresses in a private network are read too, and without TLS."""
    refused: str = "{host} is an address inside a private network."
    """What is said of a private one."""
    public: Callable[[IP], bool] = is_public
    resolver: Callable[[], AbstractResolver] = aiohttp.ThreadedResolver
    tls: ssl.SSLContext | None = None

    async def get(self, address: str, marks: Marks = Marks()) -> Found | None:
        """What is there; None where it says that nothing has changed. Raises CannotRead."""
        host = ""
        try:
            url = URL(address)
            host = url.host or "That address"
            async with asyncio.timeout(self.seconds):
                return await self._get(url, marks)
        except TimeoutError as error:
            raise CannotRead(f"{host} did not answer in {self.seconds:.0f} s.") from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            # The error's own text may hold the address.
            raise CannotRead(f"{host} cannot be reached ({type(error).__name__}).") from None

    async def _get(self, url: URL, marks: Marks) -> Found | None:
        asked = {"If-None-Match": marks.etag, "If-Modified-Since": marks.modified}
        headers = {"Accept-Encoding": "gzip", **{name: value for name, value in asked.items() if value}}
        resolver = self.resolver() if self.private else _Guarded(self)
        connector = aiohttp.TCPConnector(resolver=resolver, ssl=self.tls or True)
        jar = aiohttp.DummyCookieJar()
        # Unpacked here, where it is counted.
        async with aiohttp.ClientSession(connector=connector, cookie_jar=jar, auto_decompress=False) as session:
            name = PurePosixPath(url.path).name
            for _ in range(REDIRECTS + 1):
                self._allow(url)
                async with session.get(url, headers=headers, allow_redirects=False) as answer:
                    if answer.status == 304:
                        return None
                    if answer.status in _REDIRECTED and "Location" in answer.headers:
                        url = url.join(URL(answer.headers["Location"]))
                        continue
                    if answer.status != 200:
                        said = f"{url.host} answered {answer.status} {answer.reason or ''}".strip() + "."
                        raise CannotRead(said, gone=answer.status in (401, 403, 404, 410))
                    content = await self._content(answer, url.host or "")
                    new = Marks(answer.headers.get("ETag", ""), answer.headers.get("Last-Modified", ""))
                    return Found(PurePosixPath(url.path).name or name, content, new)
        raise CannotRead(f"{url.host} redirects more than {REDIRECTS} times.")

    def _allow(self, url: URL) -> None:
        if url.scheme != "https" and not (self.private and url.scheme == "http"):
            raise CannotRead(f"{url.host} is to be read without TLS ({url.scheme}). Only https:// addresses are read.")
        if not url.host:
            raise CannotRead("That address names no host.")
        if not self.private:
            try:
                literal = ipaddress.ip_address(url.host)
            except ValueError:
                return  # a name: the resolver below is asked
            self.check(url.host, literal)

    def check(self, host: str, address: IP) -> None:
        """Raises CannotRead where the host's address is not to be connected to."""
        if not self.public(address):
            raise CannotRead(self.refused.format(host=host))

    async def _content(self, answer: aiohttp.ClientResponse, host: str) -> bytes:
        unpacked = _Unpacked(answer.headers.get("Content-Encoding", ""), self.limit, host)
        async for piece in answer.content.iter_chunked(_PIECE):
            unpacked.add(piece)
        return bytes(unpacked.content)


class _Guarded(AbstractResolver):
    """Gives no address that is not public. The connection is made to one of those given: none is looked up again."""

    def __init__(self, web: Web) -> None:
        self._web = web
        self._inner = web.resolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._inner.resolve(host, port, family)
        for each in found:
            self._web.check(host, ipaddress.ip_address(each["host"].split("%")[0]))
        return found

    async def close(self) -> None:
        await self._inner.close()


class _Unpacked:
    """Content as it comes in, no more of it than the limit at any moment."""

    def __init__(self, encoding: str, limit: int, host: str) -> None:
        encoding = encoding.strip().lower()
        self._unpack = None
        if encoding in ("gzip", "x-gzip"):
            self._unpack = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
        elif encoding not in ("", "identity"):
            raise CannotRead(f"{host} sends its content packed in a way that was not asked for.")
        self._limit = limit
        self._host = host
        self.content = bytearray()

    def add(self, piece: bytes) -> None:
        if self._unpack is not None:
            try:
                piece = self._unpack.decompress(piece, self._limit + 1 - len(self.content))
            except zlib.error as error:
                raise CannotRead(f"{self._host} sends content that cannot be unpacked.") from error
        self.content += piece
        if len(self.content) > self._limit:
            raise CannotRead(f"{self._host} sends more than {self._limit / 1e6:,.0f} MB.")
