"""What `pacer doctor` finds: sentences with a weight, and how it asks a platform over HTTP."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Literal, NamedTuple
from urllib.parse import urlsplit

import aiohttp

WAIT = 10.0
"""Seconds that a platform has for one answer."""
CLOCK_LIMIT = 60.0
"""Seconds that this machine's clock may differ from a platform's. At 300 requests and tokens are refused as too old."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence. A problem keeps Pacer from working; a warning is a danger; a note is only worth knowing."""

    weight: Literal["ok", "note", "warning", "problem"]
    text: str


def ok(text: str) -> Finding:
    """Something is as it should be."""
    return Finding("ok", text)


def note(text: str) -> Finding:
    """Something is worth knowing."""
    return Finding("note", text)


def warning(text: str) -> Finding:
    """Pacer works, and somebody should think about this."""
    return Finding("warning", text)


def problem(text: str) -> Finding:
    """Pacer does not work until this is mended."""
    return Finding("problem", text)


def count(number: int, word: str) -> str:
    """`1 admin`, `2 admins`."""
    return f"{number} {word}{'' if number == 1 else 's'}"


class Asked(NamedTuple):
    """A platform's answer, or a sentence why there is none."""

    answer: dict[str, Any]
    headers: Mapping[str, str]
    """By their names in lower case."""
    fault: str


class Platform(NamedTuple):
    """Whom the doctor asks, in the words of its sentences."""

    name: str
    """Such as `Slack`."""
    host: str
    """What outgoing HTTPS must be allowed to, where an address is not one that a variable gives."""
    variable: str
    """The environment variable that may have led elsewhere."""


async def ask(session: aiohttp.ClientSession, platform: Platform, method: str, url: str, **options: Any) -> Asked:
    """The JSON object that `url` answers with, whatever its status. Nothing is raised."""
    host = urlsplit(url).netloc
    strange = f"{host} answers with something that is not {platform.name}'s{{}}. Is {platform.variable} right?"
    allow = f"Outgoing HTTPS to {platform.host} must be allowed."
    try:
        async with session.request(method, url, timeout=aiohttp.ClientTimeout(total=WAIT), **options) as response:
            headers = {key.lower(): value for key, value in response.headers.items()}
            if response.status == 429:
                return Asked({}, headers, _slower(platform, headers))
            answer = await response.json(content_type=None)
            if not isinstance(answer, dict):
                return Asked({}, headers, strange.format(f" ({response.status})"))
            return Asked(answer, headers, "")
    except TimeoutError:
        return Asked({}, {}, f"{host} did not answer within {WAIT:.0f} seconds. {allow}")
    except (aiohttp.ClientError, OSError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        return Asked({}, {}, f"{host} cannot be reached ({reason}). {allow}")
    except ValueError:
        return Asked({}, {}, strange.format(""))


def _slower(platform: Platform, headers: Mapping[str, str]) -> str:
    return f"{platform.name} asks to wait {headers.get('retry-after', 'some')} seconds; try again then."


def clock(headers: Mapping[str, str], whose: str) -> Iterator[Finding]:
    """A problem where this machine's clock is off, by the answer's own date."""
    try:
        theirs = parsedate_to_datetime(headers.get("date", ""))
    except (TypeError, ValueError):
        return
    if theirs.tzinfo is None:
        return
    apart = (datetime.now(UTC) - theirs).total_seconds()
    if abs(apart) > CLOCK_LIMIT:
        yield problem(
            f"This machine's clock is {abs(apart):.0f} seconds {'ahead of' if apart > 0 else 'behind'} {whose}'s. "
            "Set it by NTP: requests that differ by 300 are refused as too old."
        )
