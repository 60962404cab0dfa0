"""Looks at the files and addresses of `imports` in app.yaml, and hands over what has changed.

Looking twice, or in several processes, changes nothing: what was imported is known by its content. A file is never
moved nor written to.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Final, cast
from zoneinfo import ZoneInfo

import aiohttp
import structlog
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from bot.watched import Watched
from handlers.conversation.company import Company
from handlers.imports import watched
from handlers.imports.asked import Asked
from handlers.imports.dates import Order
from handlers.imports.fields import Kind
from scheduled.jobs import Out, Runner
from storage.database import Database, Transaction

log = structlog.get_logger(__name__)

LIMIT: Final = 100_000_000
"""Bytes of one file."""
TIMEOUT: Final = 60.0
REDIRECTS: Final = 5
ENDINGS: Final = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm")
_EVERY: Final = re.compile(r"(?:(?P<number>\d{1,4}) ?(?P<unit>minutes?|hours?)|(?P<hour>\d\d):(?P<minute>\d\d))")


class CannotRead(Exception):
    """Its text is a sentence that says why."""


@dataclass(slots=True)
class _Seen:
    slot: str = ""
    etag: str = ""
    modified: str = ""


def slot_of(every: str, now: datetime, zone: str) -> str:
    """What is the same for all moments between two looks: `15 minutes`, `2 hours`, or `06:30` of the company's day."""
    match = _EVERY.fullmatch(every)
    assert match is not None
    if match["number"]:
        seconds = int(match["number"]) * (60 if match["unit"].startswith("minute") else 3600)
        return str(int(now.timestamp()) // seconds)
    there = now.astimezone(ZoneInfo(zone))
    due = (there.hour, there.minute) >= (int(match["hour"]), int(match["minute"]))
    return f"{there.date().toordinal() - (0 if due else 1)}"


class Watcher:
    """Ticks; the first look at each is right after the start."""

    def __init__(
        self,
        database: Database,
        company: Company,
        listed: Sequence[Watched],
        runner: Runner,
        out: Out,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._company = company
        self._listed = listed
        self._runner = runner
        self._out = out
        self._clock = clock
        self._seen = {one.name: _Seen() for one in listed}

    async def tick(self) -> None:
        """Look at those whose time has come."""
        now = self._clock()
        for one in self._listed:
            slot = slot_of(one.every, now, self._company.zone)
            if self._seen[one.name].slot != slot:
                await self.look(one)
                self._seen[one.name].slot = slot

    async def look(self, one: Watched) -> None:
        """Look at it now, and hand over what changed."""
        try:
            found = await read(one, self._seen[one.name])
        except CannotRead as error:
            sentence = str(error)
            log.warning("scheduled_import_not_read", name=one.name, reason=sentence)
            self._out.kick(await self._database.write(lambda tx: self._fault(tx, one.name, sentence)))
            return
        begun = False
        for name, content in found:
            begun |= await self._database.write(
                lambda tx, name=name, content=content: watched.came(  # type: ignore[misc]
                    tx, one.name, name, content, _asked(one), self._clock()
                )
            )
        if begun:
            self._runner.kick()

    def _fault(self, tx: Transaction, name: str, sentence: str) -> list[str]:
        messages = watched.fault(tx, self._company, name, sentence)
        return [key for message in messages for key in self._out.message(tx, message, self._clock())]


def _asked(one: Watched) -> Asked:
    return Asked(
        kind=cast("Kind | None", one.kind or None),
        mapping=one.mapping,
        date_order=cast("Order | None", one.date_order or None),
        source=one.source,
    )


async def read(one: Watched, seen: _Seen | None = None) -> list[tuple[str, bytes]]:
    """Names and contents; none where an address says that nothing has changed. Raises CannotRead."""
    if one.path is not None:
        return await asyncio.to_thread(_from_disk, one.path)
    return await _from_web(one, seen or _Seen())


def _from_disk(path: Path) -> list[tuple[str, bytes]]:
    try:
        inside = path.is_dir()
        paths = sorted(each for each in path.iterdir() if each.suffix.lower() in ENDINGS) if inside else [path]
        found = []
        for each in paths:
            if (size := each.stat().st_size) > LIMIT:
                raise CannotRead(f"{each} has {size / 1e6:,.0f} MB; up to {LIMIT / 1e6:,.0f} MB are read.")
            found.append((each.name, each.read_bytes()))
    except OSError as error:
        raise CannotRead(f"{path} cannot be read: {error.strerror or type(error).__name__}.") from error
    return found


_CARRIES_IPV4: Final = (
    (ipaddress.IPv6Network("::/96"), 0),
    (ipaddress.IPv6Network("::ffff:0:0/96"), 0),
    (ipaddress.IPv6Network("64:ff9b::/96"), 0),
    (ipaddress.IPv6Network("2002::/16"), 80),
)
"""Networks of IPv6 that stand for an address of IPv4 (RFC 4291, 6052, 3056), and how many bits are behind it."""


def _is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """One host on the public internet; an address that carries another one is as public as that."""
    if isinstance(address, ipaddress.IPv6Address):
        for network, behind in _CARRIES_IPV4:
            if address in network:
                return _is_public(ipaddress.IPv4Address(int(address) >> behind & 0xFFFFFFFF))
    return address.is_global and not address.is_multicast


class _Public(AbstractResolver):
    """Gives no address that is not on the public internet: a redirect must not reach into the network we stand in."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await aiohttp.ThreadedResolver().resolve(host, port, family)
        if not all(_is_public(ipaddress.ip_address(each["host"].split("%")[0])) for each in found):
            raise CannotRead(_PRIVATE.format(host=host))
        return found

    async def close(self) -> None:
        """Nothing is held."""


_PRIVATE: Final = (
    "{host} is an address inside a private network. Set private: true for the import in app.yaml, if it is meant."
)


def _allowed(url: URL, *, private: bool) -> None:
    if url.scheme != "https" and not (private and url.scheme == "http"):
        raise CannotRead(f"{url.host} is to be read without TLS ({url.scheme}). Only https:// addresses are read.")
    if not private and url.host is not None:
        try:
            literal = ipaddress.ip_address(url.host)
        except ValueError:
            return
        if not _is_public(literal):
            raise CannotRead(_PRIVATE.format(host=url.host))


async def _from_web(one: Watched, seen: _Seen) -> list[tuple[str, bytes]]:
    url = URL(one.url)
    headers = {"If-None-Match": seen.etag, "If-Modified-Since": seen.modified}
    headers = {name: value for name, value in headers.items() if value}
    connector = aiohttp.TCPConnector(resolver=None if one.private else _Public())
    timeout = aiohttp.ClientTimeout(total=TIMEOUT)
    try:
        async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
            for _ in range(REDIRECTS):
                _allowed(url, private=one.private)
                async with session.get(url, headers=headers, allow_redirects=False) as answer:
                    if answer.status == 304:
                        return []
                    if answer.status in (301, 302, 303, 307, 308) and "Location" in answer.headers:
                        url = url.join(URL(answer.headers["Location"]))
                        continue
                    if answer.status != 200:
                        raise CannotRead(f"{url.host} answered {answer.status} {answer.reason or ''}".strip() + ".")
                    content = await _within_limit(answer, url)
                    seen.etag, seen.modified = answer.headers.get("ETag", ""), answer.headers.get("Last-Modified", "")
                    return [(PurePosixPath(url.path).name or f"{one.name}.csv", content)]
            raise CannotRead(f"{url.host} redirects more than {REDIRECTS} times.")
    except TimeoutError as error:
        raise CannotRead(f"{url.host} did not answer in {TIMEOUT:.0f} s.") from error
    except (aiohttp.ClientError, OSError, ValueError) as error:
        raise CannotRead(f"{url.host} cannot be reached ({type(error).__name__}).") from error


async def _within_limit(answer: aiohttp.ClientResponse, url: URL) -> bytes:
    content = bytearray()
    async for piece in answer.content.iter_chunked(65536):
        content += piece
        if len(content) > LIMIT:
            raise CannotRead(f"{url.host} sends more than {LIMIT / 1e6:,.0f} MB.")
    return bytes(content)
