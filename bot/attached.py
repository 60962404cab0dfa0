"""Files that come with a message: which are taken, and how one is fetched. The same on every platform."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Mapping
from pathlib import PurePosixPath, PureWindowsPath
from typing import TypeAlias

import aiohttp
import structlog
from yarl import URL

from bot.shorten import clean
from handlers.conversation.request import Attached

log = structlog.get_logger(__name__)

LIMIT = 25_000_000
"""Bytes of one file."""
MOST = 5
"""Files of one message that are looked at."""
TYPES = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".yaml", ".yml", ".ics")
"""How the name of a file that is taken ends."""
TIMEOUT = 30.0
"""Seconds for one file."""
CONNECT_TIMEOUT, SILENCE_TIMEOUT = 4.0, 10.0
"""Seconds of it for the connection, and without a byte."""
AT_ONCE = 2
"""Messages of a platform whose files are fetched at the same time."""
NAME_LIMIT, SUFFIX_LIMIT = 100, 10
"""Characters of a name that are shown and kept, before its last dot and from there on."""

Fetch: TypeAlias = Callable[[], Awaitable[tuple[Attached, ...]]]
"""The files of a message, fetched. It raises nothing: what goes wrong is the file's `problem`."""


def named(name: str) -> str:
    """A file's name as it is shown and kept: without folders and signs that nobody sees."""
    path = PureWindowsPath(PurePosixPath(name).name)
    stem, suffix = (
        "".join(letter if letter.isprintable() else " " for letter in part) for part in (path.stem, path.suffix)
    )
    return clean(stem.strip(), NAME_LIMIT) + clean(suffix, SUFFIX_LIMIT) if suffix else clean(stem.strip(), NAME_LIMIT)


def listed(name: str, size: int | None = None) -> Attached:
    """A file that was announced and not fetched yet: with its problem where that is known by its name and size."""
    name = named(name)
    if not name.lower().endswith(TYPES):
        taken = f"{', '.join(TYPES[:-1])} and {TYPES[-1]}"
        return Attached(name, problem=f"I do not read files like {name}: I take {taken}.")
    if size is not None and size > LIMIT:
        return Attached(name, problem=too_large(name, size))
    if size == 0:
        return Attached(name, problem=empty(name))
    return Attached(name)


def given(name: str, content: bytes, size: int | None = None) -> Attached:
    """A file that came along with the words. `size` in bytes, where one that is too large comes without its content."""
    file = listed(name, len(content) if size is None else size)
    if file.problem:
        return file
    if size is not None and len(content) != size:
        return Attached(file.name, problem=cut_off(file.name))
    return Attached(file.name, content, file.problem)


def one_too_many(name: str) -> Attached:
    """A file beyond MOST."""
    name = named(name)
    return Attached(name, problem=f"I take {MOST} files a message, so {name} was left out. Attach it by itself.")


def of_message(files: tuple[Attached, ...]) -> tuple[Attached, ...]:
    """The files of one message, those beyond MOST refused."""
    return (*files[:MOST], *(one_too_many(file.name) for file in files[MOST:]))


def too_large(name: str, size: int | None = None) -> str:
    """The sentence about a file over the limit; `size` in bytes, where it is known."""
    megabytes = f"{math.ceil(size / 100_000) / 10:,.1f} MB" if size is not None else f"more than {LIMIT // 10**6} MB"
    return (
        f"{name} has {megabytes}, and in a chat I take up to {LIMIT // 10**6} MB. "
        "On the command line “pacer import” takes files of any size."
    )


def empty(name: str) -> str:
    """The sentence about a file without a byte."""
    return f"{name} is empty, so there is nothing to read. Look at it where it comes from, and attach it again."


def cut_off(name: str) -> str:
    """The sentence about a file of which a part is missing."""
    return f"{name} did not arrive whole, so nothing of it was used. Please attach it again."


async def fetched(
    session: aiohttp.ClientSession,
    url: URL,
    name: str,
    *,
    by: str,
    page: str,
    size: int | None = None,
    headers: Mapping[str, str] | None = None,
) -> Attached:
    """The file at `url`, whose host the caller has checked, or the problem with it. No redirect is followed.

    `by` is the platform's name. `page` is the sentence for an answer that is a web page, or leads to one. `size` in
    bytes, where the platform said it.
    """

    def problem(sentence: str, reason: str) -> Attached:
        log.warning("file_not_fetched", platform=by, reason=reason)
        return Attached(name, problem=sentence)

    again = f"I could not get {name} from {by}. Please attach it again; if that does not help, tell whoever runs Pacer."
    patience = aiohttp.ClientTimeout(total=TIMEOUT, connect=CONNECT_TIMEOUT, sock_read=SILENCE_TIMEOUT)
    asked = {**(headers or {}), "Accept-Encoding": "identity"}
    content = bytearray()
    try:
        async with session.get(url, headers=asked, allow_redirects=False, timeout=patience) as response:
            if 300 <= response.status < 400 or response.content_type == "text/html":
                return problem(page, f"a page, status {response.status}")
            if response.status != 200:
                return problem(again, f"status {response.status}")
            if (response.content_length or 0) > LIMIT:
                return problem(too_large(name, response.content_length), "too large")
            async for piece in response.content.iter_any():
                content += piece
                if len(content) > LIMIT:
                    return problem(too_large(name), "too large")
    except TimeoutError:
        return problem(f"{by} took too long to give me {name}. Please attach it again.", "time-out")
    except aiohttp.ClientPayloadError:
        return problem(cut_off(name), "cut off")
    except (aiohttp.ClientError, OSError, ValueError) as error:
        return problem(again, type(error).__name__)
    if content[:200].lstrip().lower().startswith((b"<!doctype html", b"<html")):
        return problem(page, "a page")
    if size is not None and len(content) < size:
        return problem(cut_off(name), "cut off")
    if not content:
        return problem(empty(name), "empty")
    return Attached(name, bytes(content))
