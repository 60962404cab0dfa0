"""Every setting of app.yaml: what it may be, its default and its description.

docs/settings.md is held to this by a test.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import unquote

from pydantic import BaseModel, ConfigDict, Field

from bot.config_values import (
    DATABASE,
    GUID,
    WORD,
    Country,
    Currency,
    Domain,
    Email,
    Kind,
    Name,
    PerWeek,
    Role,
    Stage,
    Synonym,
    Text,
    Zone,
    as_database,
    guid,
    matching,
    month,
    one_of,
    percent,
    single,
    whole,
)
from handlers.conversation.company import MILESTONES

BUILT_IN_KINDS = ("call", "email", "meeting", "demo", "visit", "proposal", "message")
SLACK_API_URL = "https://slack.com/api/"
TEAMS_LOGIN_URL = "https://login.microsoftonline.com"
TEAMS_OPENID_METADATA_URL = "https://login.botframework.com/v1/.well-known/openidconfiguration"


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
    subdivision: Annotated[str, matching(r"[A-Z0-9-]{1,8}", "a subdivision's code such as CA", str.upper)] = _setting(
        "", "State or province with holidays of its own, e.g. `CA`. Empty: the country's only."
    )
    date_order: Annotated[str, one_of("mdy", "dmy")] = _setting(
        "", "How `3/4` is read: `mdy` or `dmy`. Empty: `mdy` in the US, `dmy` elsewhere."
    )
    fiscal_year_start: Annotated[int, single("a month; expected 1 to 12, or its name", month)] = _setting(
        1, "Month in which the fiscal year begins: a number or a name."
    )
    undo_minutes: Annotated[int, whole(1, 1440)] = _setting(
        60, "How long `undo` and the Undo button take an activity back."
    )
    draft_hours: Annotated[int, whole(1, 720)] = _setting(
        24, "How long a question that Pacer asked waits for its answer."
    )


class InstallGroup(Group):
    """A Slack workspace or enterprise, or a Teams tenant."""

    name: Name = _setting("", "What you call it: in logs, in `channels`, in `pacer doctor`. Needed.")
    platform: Annotated[str, one_of("slack", "teams")] = _setting("slack", "`slack` or `teams`.")
    team: Annotated[str, matching(r"T[A-Z0-9]{1,20}", "a Slack workspace's id; it begins with T")] = _setting(
        "", "Slack: the workspace's id (`T…`). Needed, unless the app is installed for a whole enterprise."
    )
    enterprise: Annotated[str, matching(r"E[A-Z0-9]{1,20}", "a Slack enterprise's id; it begins with E")] = _setting(
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
    tenant: Annotated[str, guid("tenant's id")] = _setting(
        "", "Teams: the tenant's id, a GUID, on the page Microsoft Entra ID, Overview. Needed."
    )
    app: Annotated[str, guid("bot's app id")] = _setting(
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
        matching(
            f"{SLACK_CHANNEL}|{TEAMS_CHANNEL}", "a channel's id: C… or G… in Slack, 19:…@thread.tacv2 in Teams", unquote
        ),
    ] = _setting(
        "",
        "Its id. Slack (`C…`): the channel's name, then About, at the bottom. "
        "Teams (`19:…@thread.tacv2`): in *Get link to channel*. Needed.",
    )


class ImportGroup(Group):
    """A file, a folder or an address that is imported on a schedule, when it has changed."""

    path: str = _setting("", "A file, or a folder whose CSV and XLSX files are each imported. This or `url` is needed.")
    url: Annotated[str, matching(r"https?://\S+", "an address that begins with https://")] = _setting(
        "", "An `https://` address. Up to 100 MB, in 60 s."
    )
    private: bool = _setting(
        False, "`true`: the address may lie in your own network, and then be `http://`. Else none inside it is read."
    )
    every: Annotated[
        str,
        matching(r"[1-9]\d{0,3} ?(minutes?|hours?)|([01]\d|2[0-3]):[0-5]\d", "30 minutes, 2 hours or 06:30", str.lower),
    ] = _setting("1 hour", "How often it is looked at: `30 minutes`, `2 hours`, or once a day at `06:30`.")
    kind: Annotated[str, one_of("people", "accounts", "targets", "deals", "revenue", "cost", "rates")] = _setting(
        "", "What it holds, where the columns do not tell."
    )
    map: tuple[str, ...] = _setting((), "What a column is, as `--map` takes it: `Column=field`.")
    date_order: Annotated[str, one_of("mdy", "dmy")] = _setting(
        "", "How `3/4` is read in it, where the file leaves it open."
    )
    source: str = _setting("import", "The system that its ids belong to, where there are several.")


class QuestionGroup(Group):
    """A question of the weekly check-in."""

    name: Name = _setting("", "Answers are kept under it: it stays when the words change. Needed.")
    ask: Annotated[
        str, single("a question of 1 to 150 characters", lambda text: text if 0 < len(text) <= 150 else None)
    ] = _setting("", "The question. Needed.")
    kind: Annotated[str, one_of("text", "commit", "best case", "rating")] = _setting(
        "text", "`text`; `commit` or `best case`: an amount for the period; `rating`: 1 to 5."
    )
    optional: bool = _setting(False, "`true`: it may be skipped.")
    when: Annotated[
        str,
        matching(rf"missed commit|{WORD}( ?<= ?[1-5])?", "missed commit, a name, or NAME <= 2", str.lower),
    ] = _setting(
        "",
        "Asked only then: `missed commit`; `NAME`: that was answered; `NAME <= 2`: that rating was given.",
    )


class WinRouteGroup(Group):
    """Wins that go to a channel."""

    channel: Name = _setting("", "The channel, by its name under `channels`. Needed.")
    at_least: Annotated[int, whole(0, 999_999_999)] = _setting(
        0, "Only wins of this amount and more, in whole units of the plan's currency."
    )
    team: Annotated[str, single("a text of up to 100 characters", lambda text: text if len(text) <= 100 else None)] = (
        _setting("", "Only wins of that team, region or unit, by its name. Empty: everybody's.")
    )


class WinsGroup(Group):
    """How wins are made known (docs/wins.md)."""

    routes: tuple[WinRouteGroup, ...] = _setting((), "Which wins go to which channels. None: no win is announced.")
    amounts: bool = _setting(True, "`false`: no amount is said in a channel, nor the team's number.")
    attainment: bool = _setting(
        False, "`true`: the team's number comes with its share of the target, where that gives no one person's away."
    )
    leader_from: Annotated[int, whole(0, 999_999_999)] = _setting(
        0, "From this amount on the leader is named. 0: never."
    )
    news_days: Annotated[int, whole(1, 90)] = _setting(
        7, "A win that an import brings is told of while it is under so many days old."
    )
    milestones: tuple[Annotated[str, one_of(*MILESTONES)], ...] = _setting(
        MILESTONES,
        "Which are said with a win: `first` deal, personal `best`, `quota` reached (if the person agrees), `streak` of "
        "weeks, `team` target. `[]`: none.",
    )


class ValueGroup(Group):
    """One of the company's values, which kudos name."""

    tag: Annotated[
        str, matching(r"[a-z0-9][a-z0-9-]{0,39}", "up to 40 lower-case letters, digits and -", str.lower)
    ] = _setting("", "As people write it behind a #: `customer-first`. Needed.")
    name: Annotated[str, single("a text of 1 to 60 characters", lambda text: text if 0 < len(text) <= 60 else None)] = (
        _setting("", "Its name. Needed.")
    )
    about: Annotated[str, single("a text of up to 150 characters", lambda text: text if len(text) <= 150 else None)] = (
        _setting("", "One line that says what is meant.")
    )


class KudosGroup(Group):
    """How colleagues thank each other (docs/kudos.md)."""

    channel: Annotated[
        str, single("a text of up to 100 characters", lambda text: text if len(text) <= 100 else None)
    ] = _setting("", "The channel that public kudos are posted to, by its name under `channels`. Empty: to none.")
    monthly: Annotated[int, whole(0, 1000)] = _setting(
        20, "How many people somebody may thank in a month, each as often as it is done. 0: as many as they like."
    )


class RetentionGroup(Group):
    """How long what people wrote is kept (docs/privacy.md). Amounts, deals and dates are never taken away by it."""

    message_days: Annotated[int, whole(7, 90)] = _setting(
        90, "The words of messages that were sent; that they were sent is known for 90 days."
    )
    checkin_months: Annotated[int, whole(0, 120)] = _setting(24, "Check-ins with what was said to them. 0: no limit.")
    note_months: Annotated[int, whole(0, 120)] = _setting(
        0, "Notes of activities, agenda items, minutes, and action items that have ended. 0: no limit."
    )
    leaver_months: Annotated[int, whole(0, 120)] = _setting(
        0, "Who has left for so long is erased, as by `erase`. 0: only when an admin says so."
    )


class HttpGroup(Group):
    """Where Slack's signed requests and those of Teams arrive (not needed for Slack's Socket Mode)."""

    host: Annotated[str, matching(r"[A-Za-z0-9.:-]{1,253}", "a host name or address such as 127.0.0.1")] = _setting(
        "127.0.0.1", "Address to listen on. A proxy with TLS belongs in front of it."
    )
    port: Annotated[int, whole(1, 65535)] = _setting(8080, "Port to listen on.")
    leave_seconds: Annotated[int, whole(0, 120)] = _setting(
        5, "After SIGTERM `/readyz` says 503 for so long before nothing new is taken, so that a proxy sees it."
    )


class MetricsGroup(Group):
    """`/metrics` for Prometheus, on a listener of its own."""

    port: Annotated[int, whole(0, 65535)] = _setting(0, "Port of `/metrics`; 0 turns it off. 9464 is a usual one.")
    host: Annotated[str, matching(r"[A-Za-z0-9.:-]{1,253}", "a host name or address such as 127.0.0.1")] = _setting(
        "127.0.0.1", "Address that it listens on."
    )
    names: tuple[Annotated[str, matching(r"[a-z0-9.-]{1,253}", "a host name", str.lower)], ...] = _setting(
        (), "Host names that it may be asked for by, besides this machine's own and `metrics.host`."
    )


class PlaygroundGroup(Group):
    """The page that needs no account. It always listens on 127.0.0.1."""

    port: Annotated[int, whole(1, 65535)] = _setting(3978, "Port to listen on.")
    database: Annotated[str, single(DATABASE, as_database)] = _setting(
        "sqlite:///data/playground.db", "A database of its own, which may be deleted at any time."
    )
    demo: Annotated[str, one_of("small", "large")] = _setting(
        "small", "`small`: ten people and three weeks; `large`: thirty and a year, in a database beside (`…-large.db`)."
    )


class StatusGroup(Group):
    """From which pace on somebody is said to be ahead, on pace or behind."""

    ahead: Annotated[int, percent(1, 1000)] = _setting(105, "*Ahead* from this pace on, in percent.")
    on_pace: Annotated[int, percent(1, 1000)] = _setting(95, "*On pace* from here on.")
    behind: Annotated[int, percent(1, 1000)] = _setting(75, "*Behind* from here on, *at risk* below.")


class File(Group):
    """app.yaml."""

    company: CompanyGroup = CompanyGroup()
    admins: tuple[Email, ...] = _setting((), "E-mail addresses of sales operations. Needed with an install.")
    domains: tuple[Domain, ...] = _setting(
        (), "The company's e-mail domains: only people in them are linked. Needed with an install."
    )
    command_prefix: Annotated[
        str, matching(r"[a-z0-9][a-z0-9_-]{0,15}", "a prefix of up to 16 lower-case letters, digits, - and _")
    ] = _setting("", "Put before each slash command, where other apps own the plain names: `px-` → `/px-log`.")
    activity_kinds: dict[Kind, tuple[Synonym, ...]] = _setting(
        {}, "Activity kind → further words for it. A kind that is not built in is a new one."
    )
    expectations: dict[Role, dict[Kind, PerWeek]] = _setting(
        {}, "Role → activity kind → how many a week of five working days."
    )
    stages: dict[Stage, Annotated[int, percent(0, 100)]] = _setting(
        {},
        "Stage → how likely a deal in it is to be won, in percent, in the pipeline's order; won and lost always exist. "
        "Empty: prospecting 10, qualified 25, proposal 50, negotiation 75.",
    )
    stage_words: dict[Stage, tuple[Synonym, ...]] = _setting(
        {}, "Stage → further words for it, in what people say and in imported files."
    )
    stuck_days: Annotated[int, whole(1, 365)] = _setting(30, "A deal is stuck when it is in its stage for more days.")
    quiet_days: Annotated[int, whole(1, 365)] = _setting(
        21, "It is stuck too after more days without a change and without an activity of its owner with the account."
    )
    status_limits: StatusGroup = StatusGroup()
    ramp: tuple[Annotated[int, percent(0, 100)], ...] = _setting(
        (50, 50, 75, 75), "What a new rep carries of a full target in the first months, in percent; all of it after."
    )
    quota_period: Annotated[str, one_of("month", "quarter", "half", "year")] = _setting(
        "quarter", "What a question is about that names no period: `month`, `quarter`, `half` or `year`."
    )
    installs: tuple[InstallGroup, ...] = _setting(
        (), "Slack workspaces and Teams tenants. None: `pacer run` is the playground."
    )
    channels: dict[Name, ChannelGroup] = _setting({}, "Channels that Pacer posts to, by a name of yours.")
    imports: dict[Name, ImportGroup] = _setting({}, "Files that are imported on a schedule, by a name of yours.")
    checkins: dict[Text, tuple[QuestionGroup, ...]] = _setting(
        {}, "`everyone`, or a team's name → the questions of its check-ins. Empty: those of docs/checkins.md."
    )
    wins: WinsGroup = WinsGroup()
    retention: RetentionGroup = RetentionGroup()
    values: tuple[ValueGroup, ...] = _setting(
        (), "The company's values, one of which every kudos names. Empty: those of docs/kudos.md."
    )
    kudos: KudosGroup = KudosGroup()
    database: Annotated[str, single(DATABASE, as_database)] = _setting(
        "sqlite:///data/pacer.db", "`sqlite:///…` (a relative path begins at app.yaml) or `postgresql://…`."
    )
    http: HttpGroup = HttpGroup()
    metrics: MetricsGroup = MetricsGroup()
    playground: PlaygroundGroup = PlaygroundGroup()
    logs: Annotated[str, one_of("auto", "console", "json")] = _setting(
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
    "PACER_HTTP": "Takes the place of `http.host` and `http.port`, for example `0.0.0.0:8080`: where several processes "
    "share one app.yaml.",
    "PACER_METRICS": "Takes the place of `metrics.host` and `metrics.port` in the same way.",
    "SLACK_API_URL": f"Takes the place of `{SLACK_API_URL}`, so that Pacer can be pointed at a local Slack.",
    "TEAMS_SERVICE_URLS": "Further addresses, with commas between them, that Teams messages may be sent to besides "
    "Microsoft's own, such as `http://localhost:56150/`. Files are also taken from those on this machine.",
    "TEAMS_LOGIN_URL": f"Takes the place of `{TEAMS_LOGIN_URL}`, where the bot gets its tokens.",
    "TEAMS_OPENID_METADATA_URL": f"Takes the place of `{TEAMS_OPENID_METADATA_URL}`, which says with which keys "
    "Microsoft signs.",
    "TEAMS_UNSIGNED_LOCAL": "`yes` takes Teams requests without a token, if they come for a service address on this "
    "machine: for the Agents Playground, where anyone can be anyone. Never on a server.",
}
"""Variables that are read by their own names, besides those that app.yaml names as `${NAME}`."""
