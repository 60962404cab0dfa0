"""What a single value of the settings may be, and the sentence for one that will not do."""

from __future__ import annotations

import calendar
import ipaddress
import re
import zoneinfo
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Annotated, Any, cast
from urllib.parse import urlsplit

from babel.core import get_global
from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError
from rapidfuzz import fuzz, process
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

ROLES = ("rep", "manager", "leader", "admin")


def _wrong(sentence: str) -> PydanticCustomError:
    """`<said>` in it becomes the text as typed in the file, so that a variable's content is never shown."""
    return PydanticCustomError("pacer", cast(Any, sentence))


def single(expected: str, make: Callable[[str], object], hint: Callable[[str], str] = lambda _: "") -> BeforeValidator:
    """A single value. `make` gives None for a text that will not do; then the sentence says what was expected."""

    def check(value: object) -> object:
        if not isinstance(value, str):
            raise _wrong(f"is {shape(value)}; expected {expected}.")
        made = make(value.strip())
        if made is None:
            raise _wrong(f"<said> is not {expected}.{hint(value.strip())}")
        return made

    return BeforeValidator(check)


def shape(value: object) -> str:
    """What stands where a single value belongs."""
    match value:
        case dict():
            return "a group of settings"
        case list():
            return "a list"
    return "empty"


def near(word: str, words: Iterable[str], sentence: str = " Did you mean {}?") -> str:
    """A question after the nearest of `words`; empty when none is near."""
    choices = {choice.casefold(): choice for choice in words}
    found = process.extractOne(word.casefold(), list(choices), scorer=fuzz.ratio, score_cutoff=65)
    return sentence.format(choices[found[0]]) if found else ""


def whole(low: int, high: int) -> BeforeValidator:
    """A whole number from `low` to `high`."""

    def make(text: str) -> int | None:
        number = int(text) if re.fullmatch(r"[+-]?[0-9]{1,9}", text) else None
        return number if number is not None and low <= number <= high else None

    return single(f"a whole number from {low} to {high}", make)


def percent(low: int, high: int) -> BeforeValidator:
    """A whole number of percent from `low` to `high`, with or without its sign."""

    def make(text: str) -> int | None:
        number = re.fullmatch(r"([0-9]{1,4}) *%?", text)
        return int(number[1]) if number and low <= int(number[1]) <= high else None

    return single(f"a whole number of percent from {low} to {high}", make)


def matching(pattern: str, expected: str, change: Callable[[str], str] = str) -> BeforeValidator:
    """A text that, once changed, matches all of the pattern."""

    def make(text: str) -> str | None:
        return change(text) if re.fullmatch(pattern, change(text)) else None

    return single(expected, make)


def one_of(*words: str) -> BeforeValidator:
    """One of these words, in either case."""
    expected = " or ".join(filter(None, (", ".join(words[:-1]), words[-1])))
    return single(
        expected, lambda text: text.lower() if text.lower() in words else None, lambda text: near(text, words)
    )


@cache
def _currencies() -> frozenset[str]:
    """Codes that are legal tender somewhere today."""
    uses = get_global("territory_currencies").values()
    return frozenset(code for use in uses for code, _, until, tender in use if tender and until is None)


@cache
def _zones() -> Mapping[str, str]:
    """IANA names by their lower-case form. Abbreviations such as EST are left out: they know no summer time."""
    return {name.casefold(): name for name in zoneinfo.available_timezones() if "/" in name or name == "UTC"}


def _zone_hint(text: str) -> str:
    city = text.casefold().replace(" ", "_")
    homes = (n for n in sorted(_zones().values()) if n.casefold().endswith(f"/{city}") and not n.startswith("posix"))
    home = next(homes, "")
    return f" Did you mean {home}?" if home else near(text, _zones().values())


@cache
def _countries() -> frozenset[str]:
    return frozenset(code for code in get_global("territory_currencies") if re.fullmatch("[A-Z]{2}", code))


MONTHS = [name.casefold() for name in calendar.month_name[1:]]


def month(text: str) -> int | None:
    """A month by its number or by how its name begins."""
    if text.isascii() and text.isdigit():
        return int(text) if len(text) <= 2 and 1 <= int(text) <= 12 else None
    word = text.casefold()
    return next((i for i, month in enumerate(MONTHS, 1) if len(word) >= 3 and month.startswith(word)), None)


def as_database(text: str) -> str | None:
    """A database's address that SQLAlchemy takes, or None."""
    # Many hosts hand out the short form, which SQLAlchemy does not take.
    text = re.sub(r"^postgres://", "postgresql://", text)
    try:
        url = make_url(text)
        known = url.get_backend_name() in {"sqlite", "postgresql"}
    except (ArgumentError, ValueError):
        return None
    return text if known and url.database else None


def on_this_machine(host: str) -> bool:
    """Whether only this machine reaches what listens at `host`, or is reached by it."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"


LOOPBACK = ("127.0.0.1", "localhost", "::1")


def as_address(text: str) -> str | None:
    """An address without its last slash. Only this machine's may do without TLS: tokens and keys travel there."""
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return None
    if not host or re.search(r"[\s,]", text) or parts.query or parts.fragment or parts.username is not None:
        return None
    secure = parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK)
    return text.rstrip("/") if secure else None


LISTENER = "an address and a port such as 127.0.0.1:8080 or [::1]:8080"


def as_listener(text: str) -> tuple[str, int] | None:
    """Address and port; None where it is not both."""
    found = re.fullmatch(r"(?:\[([0-9A-Fa-f:]+)\]|([A-Za-z0-9.-]{1,253})):([0-9]{1,5})", text.strip())
    if found is None or int(found[3]) > 65535:
        return None
    return found[1] or found[2], int(found[3])


def addresses(text: str) -> tuple[str, ...]:
    """The parts of a list with commas between them, each without its last slash."""
    return tuple(part.strip().rstrip("/") for part in text.split(",") if part.strip())


DATABASE = "a database's address such as sqlite:///data/pacer.db or postgresql://pacer:${DATABASE_PASSWORD}@host/pacer"
WORD = r"[a-z][a-z0-9_-]{0,39}"

Text = Annotated[str, single("a text of 1 to 100 characters", lambda text: text if 0 < len(text) <= 100 else None)]
Name = Annotated[
    str, matching(WORD, "a name of lower-case letters, digits, - and _ that begins with a letter", str.lower)
]
Email = Annotated[str, matching(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>]+", "an e-mail address", str.lower)]
Domain = Annotated[
    str, matching(r"([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}", "an e-mail domain such as example.com", str.lower)
]
Currency = Annotated[
    str,
    single(
        "a currency; expected an ISO 4217 code such as USD",
        lambda text: text.upper() if text.upper() in _currencies() else None,
        lambda text: {"$": " Did you mean USD?", "€": " Did you mean EUR?", "£": " Did you mean GBP?"}.get(text, ""),
    ),
]
Zone = Annotated[
    str,
    single(
        "a time zone; expected an IANA name such as America/New_York", lambda t: _zones().get(t.casefold()), _zone_hint
    ),
]
Country = Annotated[
    str,
    single(
        "a country; expected an ISO 3166 code of two letters such as US",
        lambda text: text.upper() if text.upper() in _countries() else None,
    ),
]
GUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
SPOKEN = r"[^\W\d_](?:[\w '&/-]{0,38}[\w])?"
Kind = Annotated[str, matching(SPOKEN, "an activity kind; expected a word or two such as site visit", str.lower)]
Synonym = Annotated[str, matching(SPOKEN, "a word or phrase of up to 40 letters", str.lower)]
Role = Annotated[str, one_of(*ROLES)]
Stage = Annotated[str, matching(SPOKEN, "a stage's name; expected a word or two such as negotiation", str.lower)]
PerWeek = Annotated[int, whole(0, 1000)]


def guid(whose: str) -> BeforeValidator:
    """A GUID, in lower case."""
    return matching(GUID, f"a {whose}; it is a GUID such as 1b2c3d4e-5f60-4718-9a2b-3c4d5e6f7081", str.lower)
