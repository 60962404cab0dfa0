"""Every setting of app.yaml: what it may be, its default and its description.

docs/settings.md is held to this by a test.
"""

from __future__ import annotations

import calendar
import ipaddress
import re
import zoneinfo
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, cast
from urllib.parse import unquote, urlsplit

from babel.core import get_global
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError
from rapidfuzz import fuzz, process
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

BUILT_IN_KINDS = ("call", "email", "meeting", "demo", "visit", "proposal", "message")
ROLES = ("rep", "manager", "leader", "admin")
SLACK_API_URL = "https://slack.com/api/"
TEAMS_LOGIN_URL = "https://login.microsoftonline.com"
TEAMS_OPENID_METADATA_URL = "https://login.botframework.com/v1/.well-known/openidconfiguration"

# ---------------------------------------------------------------- what a value may be


def _wrong(sentence: str) -> PydanticCustomError:
    """`<said>` in it becomes the text as typed in the file, so that a variable's content is never shown."""
    return PydanticCustomError("pacer", cast(Any, sentence))


def _value(expected: str, make: Callable[[str], object], hint: Callable[[str], str] = lambda _: "") -> BeforeValidator:
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


def _whole(low: int, high: int) -> BeforeValidator:
    def make(text: str) -> int | None:
        number = int(text) if re.fullmatch(r"[+-]?[0-9]{1,9}", text) else None
        return number if number is not None and low <= number <= high else None

    return _value(f"a whole number from {low} to {high}", make)


def _matching(pattern: str, expected: str, change: Callable[[str], str] = str) -> BeforeValidator:
    def make(text: str) -> str | None:
        return change(text) if re.fullmatch(pattern, change(text)) else None

    return _value(expected, make)


def _one_of(*words: str) -> BeforeValidator:
    expected = " or ".join(filter(None, (", ".join(words[:-1]), words[-1])))
    return _value(
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


def _month(text: str) -> int | None:
    if text.isascii() and text.isdigit():
        return int(text) if len(text) <= 2 and 1 <= int(text) <= 12 else None
    word = text.casefold()
    return next((i for i, month in enumerate(MONTHS, 1) if len(word) >= 3 and month.startswith(word)), None)


def as_database(text: str) -> str | None:
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


def addresses(text: str) -> tuple[str, ...]:
    """The parts of a list with commas between them, each without its last slash."""
    return tuple(part.strip().rstrip("/") for part in text.split(",") if part.strip())


DATABASE = "a database's address such as sqlite:///data/pacer.db or postgresql://pacer:${DATABASE_PASSWORD}@host/pacer"
WORD = r"[a-z][a-z0-9_-]{0,39}"

Text = Annotated[str, _value("a text of 1 to 100 characters", lambda text: text if 0 < len(text) <= 100 else None)]
Name = Annotated[
    str, _matching(WORD, "a name of lower-case letters, digits, - and _ that begins with a letter", str.lower)
]
Email = Annotated[str, _matching(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>]+", "an e-mail address", str.lower)]
Domain = Annotated[
    str, _matching(r"([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}", "an e-mail domain such as example.com", str.lower)
]
Currency = Annotated[
    str,
    _value(
        "a currency; expected an ISO 4217 code such as USD",
        lambda text: text.upper() if text.upper() in _currencies() else None,
        lambda text: {"$": " Did you mean USD?", "€": " Did you mean EUR?", "£": " Did you mean GBP?"}.get(text, ""),
    ),
]
Zone = Annotated[
    str,
    _value(
        "a time zone; expected an IANA name such as America/New_York", lambda t: _zones().get(t.casefold()), _zone_hint
    ),
]
Country = Annotated[
    str,
    _value(
        "a country; expected an ISO 3166 code of two letters such as US",
        lambda text: text.upper() if text.upper() in _countries() else None,
    ),
]
GUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
SPOKEN = r"[^\W\d_](?:[\w '&/-]{0,38}[\w])?"
Kind = Annotated[str, _matching(SPOKEN, "an activity kind; expected a word or two such as site visit", str.lower)]
Synonym = Annotated[str, _matching(SPOKEN, "a word or phrase of up to 40 letters", str.lower)]
Role = Annotated[str, _one_of(*ROLES)]
PerWeek = Annotated[int, _whole(0, 1000)]


def _guid(whose: str) -> BeforeValidator:
    return _matching(GUID, f"a {whose}; it is a GUID such as 1b2c3d4e-5f60-4718-9a2b-3c4d5e6f7081", str.lower)


def _setting(default: object, about: str) -> Any:
    return Field(default=default, description=about)


class Group(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CompanyGroup(Group):
    """Who you are."""

    name: Text = _setting("Your company", "The name that people know it by.")
    currency: Currency = _setting("USD", "The plan's currency, an ISO 4217 code. It holds where nobody names one.")
    zone: Zone = _setting(
        "UTC",
        "IANA time zone in which periods begin and end; a person's own zone until a better one is known.",
    )
    country: Country = _setting("US", "ISO 3166 code: whose public holidays are no working days.")
    subdivision: Annotated[str, _matching(r"[A-Z0-9-]{1,8}", "a subdivision's code such as CA", str.upper)] = _setting(
        "", "State or province with holidays of its own, e.g. `CA`. Empty: the country's only."
    )
    date_order: Annotated[str, _one_of("mdy", "dmy")] = _setting(
        "", "How `3/4` is read: `mdy` or `dmy`. Empty: `mdy` in the US, `dmy` elsewhere."
    )
    fiscal_year_start: Annotated[int, _value("a month; expected 1 to 12, or its name", _month)] = _setting(
        1, "Month in which the fiscal year begins: a number or a name."
    )
    undo_minutes: Annotated[int, _whole(1, 1440)] = _setting(
        60, "How long `undo` and the Undo button take an activity back."
    )
    draft_hours: Annotated[int, _whole(1, 720)] = _setting(
        24, "How long a question that Pacer asked waits for its answer."
    )


class InstallGroup(Group):
    """A Slack workspace or enterprise, or a Teams tenant."""

    name: Name = _setting("", "What you call it: in logs, in `channels`, in `pacer doctor`. Needed.")
    platform: Annotated[str, _one_of("slack", "teams")] = _setting("slack", "`slack` or `teams`.")
    team: Annotated[str, _matching(r"T[A-Z0-9]{1,20}", "a Slack workspace's id; it begins with T")] = _setting(
        "", "Slack: the workspace's id (`T…`). Needed, unless the app is installed for a whole enterprise."
    )
    enterprise: Annotated[str, _matching(r"E[A-Z0-9]{1,20}", "a Slack enterprise's id; it begins with E")] = _setting(
        "", "Slack: the enterprise's id (`E…`), where there is one."
    )
    bot_token: str = _setting(
        "", "Slack: `${SLACK_BOT_TOKEN}`, on the app's page OAuth & Permissions, Bot User OAuth Token. Needed."
    )
    signing_secret: str = _setting(
        "", "Slack: `${SLACK_SIGNING_SECRET}`, at Basic Information, Signing Secret. Needed for HTTP."
    )
    app_token: str = _setting(
        "", "Slack: `${SLACK_APP_TOKEN}`, at Basic Information, App-Level Tokens. When given: Socket Mode."
    )
    tenant: Annotated[str, _guid("tenant's id")] = _setting(
        "", "Teams: the tenant's id, a GUID, on the page Microsoft Entra ID, Overview. Needed."
    )
    app: Annotated[str, _guid("bot's app id")] = _setting(
        "", "Teams: the bot's app id, a GUID, on the Azure Bot's page Configuration. Needed."
    )
    app_password: str = _setting(
        "",
        "Teams: `${TEAMS_APP_PASSWORD}`, the Value of a client secret of the app registration. Needed, but with "
        "`TEAMS_UNSIGNED_LOCAL`.",
    )


OF_PLATFORM: Mapping[str, tuple[str, ...]] = {
    "slack": ("team", "enterprise", "bot_token", "signing_secret", "app_token"),
    "teams": ("tenant", "app", "app_password"),
}
"""Settings of an install that mean something on one platform only."""
PLATFORM_NAMES = {"slack": "Slack", "teams": "Microsoft Teams"}

SLACK_CHANNEL = r"[CG][A-Z0-9]{1,20}"
TEAMS_CHANNEL = r"19:[A-Za-z0-9._-]{1,100}@thread\.(tacv2|skype|v2)"


class ChannelGroup(Group):
    """A conversation."""

    install: Name = _setting("", "The install it is in, by its name. Needed.")
    channel: Annotated[
        str,
        # As it stands in a link to a Teams channel, its : and @ are escaped.
        _matching(
            f"{SLACK_CHANNEL}|{TEAMS_CHANNEL}", "a channel's id: C… or G… in Slack, 19:…@thread.tacv2 in Teams", unquote
        ),
    ] = _setting(
        "",
        "Its id. Slack (`C…`): the channel's name, then About, at the bottom. "
        "Teams (`19:…@thread.tacv2`): in *Get link to channel*. Needed.",
    )


class HttpGroup(Group):
    """Where Slack's signed requests and those of Teams arrive (not needed for Slack's Socket Mode)."""

    host: Annotated[str, _matching(r"[A-Za-z0-9.:-]{1,253}", "a host name or address such as 127.0.0.1")] = _setting(
        "127.0.0.1", "Address to listen on. A proxy with TLS belongs in front of it."
    )
    port: Annotated[int, _whole(1, 65535)] = _setting(8080, "Port to listen on.")


class PlaygroundGroup(Group):
    """The page that needs no account. It always listens on 127.0.0.1."""

    port: Annotated[int, _whole(1, 65535)] = _setting(3978, "Port to listen on.")
    database: Annotated[str, _value(DATABASE, as_database)] = _setting(
        "sqlite:///data/playground.db", "A database of its own, which may be deleted at any time."
    )


class File(Group):
    """app.yaml."""

    company: CompanyGroup = CompanyGroup()
    admins: tuple[Email, ...] = _setting((), "E-mail addresses of sales operations. Needed with an install.")
    domains: tuple[Domain, ...] = _setting(
        (), "The company's e-mail domains: only people in them are linked. Needed with an install."
    )
    command_prefix: Annotated[
        str, _matching(r"[a-z0-9][a-z0-9_-]{0,15}", "a prefix of up to 16 lower-case letters, digits, - and _")
    ] = _setting("", "Put before each slash command, where other apps own the plain names: `px-` → `/px-log`.")
    activity_kinds: dict[Kind, tuple[Synonym, ...]] = _setting(
        {}, "Activity kind → further words for it. A kind that is not built in is a new one."
    )
    expectations: dict[Role, dict[Kind, PerWeek]] = _setting(
        {}, "Role → activity kind → how many a week of five working days."
    )
    installs: tuple[InstallGroup, ...] = _setting(
        (), "Slack workspaces and Teams tenants. None: `pacer run` is the playground."
    )
    channels: dict[Name, ChannelGroup] = _setting({}, "Channels that Pacer posts to, by a name of yours.")
    database: Annotated[str, _value(DATABASE, as_database)] = _setting(
        "sqlite:///data/pacer.db", "`sqlite:///…` (a relative path begins at app.yaml) or `postgresql://…`."
    )
    http: HttpGroup = HttpGroup()
    playground: PlaygroundGroup = PlaygroundGroup()
    logs: Annotated[str, _one_of("auto", "console", "json")] = _setting(
        "auto", "`console` for people, `json` for machines; `auto`: console where it is a terminal."
    )


@dataclass(frozen=True, slots=True)
class Secret:
    """A value that must come from the environment."""

    variable: str
    """The name that we suggest."""
    found: str
    """Where a person gets it."""
    shape: str
    """What it must look like."""
    looks: str


SECRETS = {
    "bot_token": Secret(
        "SLACK_BOT_TOKEN",
        "at api.slack.com/apps: your app, OAuth & Permissions, Bot User OAuth Token",
        r"(xoxe\.)?xoxb-\S+",
        "it begins with xoxb-",
    ),
    "signing_secret": Secret(
        "SLACK_SIGNING_SECRET",
        "at api.slack.com/apps: your app, Basic Information, App Credentials, Signing Secret",
        r"(?!xox|xapp)\S{8,}",
        "letters and digits, with no xoxb- or xapp- before them",
    ),
    "app_token": Secret(
        "SLACK_APP_TOKEN",
        "at api.slack.com/apps: your app, Basic Information, App-Level Tokens, with the scope connections:write",
        r"xapp-\S+",
        "it begins with xapp-",
    ),
    "app_password": Secret(
        "TEAMS_APP_PASSWORD",
        "at portal.azure.com: App registrations, your app, Certificates & secrets, Client secrets, Value",
        rf"(?!xox|xapp|{GUID}$)\S{{8,}}",
        "about 40 characters, and not the Secret ID, which is a GUID",
    ),
}
ENVIRONMENT = {
    "PACER_KEY": "Seals tokens and response URLs in the database: 16 characters or more. Needed with an install.",
    "PACER_DATABASE": "Takes the place of `database`.",
    "SLACK_API_URL": f"Takes the place of `{SLACK_API_URL}`, so that Pacer can be pointed at a local Slack.",
    "TEAMS_SERVICE_URLS": "Further addresses, with commas between them, that Teams messages may be sent to besides "
    "Microsoft's own, such as `http://localhost:56150/`.",
    "TEAMS_LOGIN_URL": f"Takes the place of `{TEAMS_LOGIN_URL}`, where the bot gets its tokens.",
    "TEAMS_OPENID_METADATA_URL": f"Takes the place of `{TEAMS_OPENID_METADATA_URL}`, which says with which keys "
    "Microsoft signs.",
    "TEAMS_UNSIGNED_LOCAL": "`yes` takes Teams requests without a token, if they come for a service address on this "
    "machine: for the Agents Playground, where anyone can be anyone. Never on a server.",
}
"""Variables that are read by their own names, besides those that app.yaml names as `${NAME}`."""
