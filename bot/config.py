"""app.yaml and the environment, as one frozen `Settings`; or every mistake in them at once.

Secrets never stand in the file. They come from the environment (or from a `.env` file beside app.yaml) where the file
says `${NAME}`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, cast

from dotenv import dotenv_values
from pydantic import ValidationError
from pydantic_core import ErrorDetails
from sqlalchemy.engine import make_url

from bot.config_check import check_environment, check_together, leave_out_other_platforms, shown
from bot.config_file import Document, Key, Mistake, Place, dotted, read
from bot.config_model import (
    ENVIRONMENT,
    OF_PLATFORM,
    SECRETS,
    SLACK_API_URL,
    TEAMS_LOGIN_URL,
    TEAMS_OPENID_METADATA_URL,
    ChannelGroup,
    CompanyGroup,
    File,
    Group,
    HttpGroup,
    ImportGroup,
    InstallGroup,
    KudosGroup,
    MetricsGroup,
    PlaygroundGroup,
    QuestionGroup,
    RetentionGroup,
    StatusGroup,
    ValueGroup,
    WinRouteGroup,
    WinsGroup,
)
from bot.config_secrets import substitute, texts
from bot.config_values import addresses, as_database, as_listener, near, shape
from bot.slack.install import SlackInstall
from bot.teams.install import TeamsInstall
from bot.watched import Watched
from handlers.conversation.company import (
    STAGES,
    VALUES,
    Company,
    Question,
    Retention,
    StatusLimits,
    Thanks,
    Value,
    WinRoute,
    Wins,
)


class ConfigError(Exception):
    """The settings cannot be used. `mistakes` holds everything that is wrong with them, in the order of the file."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("\n".join(str(mistake) for mistake in self.mistakes))


@dataclass(frozen=True, slots=True)
class Http:
    """Where the platforms' requests are taken."""

    host: str = "127.0.0.1"
    port: int = 8080
    leave: float = 0
    """Seconds after SIGTERM in which requests are still taken, though `/readyz` says no."""


@dataclass(frozen=True, slots=True)
class MetricsAt:
    """Where figures for Prometheus are given. Port 0: nowhere."""

    host: str = "127.0.0.1"
    port: int = 0
    names: tuple[str, ...] = ()
    """Host names that may be asked for besides this machine's own."""


@dataclass(frozen=True, slots=True)
class Playground:
    """The page that needs no account: its own loopback listener and its own database."""

    host: str = "127.0.0.1"
    port: int = 3978
    database_url: str = "sqlite:///data/playground.db"
    demo: Literal["small", "large"] = "small"
    """The company in it."""

    def playing(self, demo: str) -> Playground:
        """The same with that company. The large one has a database beside the other's, so that both can be kept."""
        if demo == self.demo:
            return self
        scheme, sqlite, file = self.database_url.partition("sqlite:///")
        path = Path(file)
        name = f"{path.stem.removesuffix('-large')}{'-large' if demo == 'large' else ''}{path.suffix}"
        beside = f"{scheme}{sqlite}{path.with_name(name)}" if file else self.database_url
        return replace(self, database_url=beside, demo="large" if demo == "large" else "small")


@dataclass(frozen=True, slots=True)
class Channel:
    """A conversation that Pacer posts to by itself, by the name that other settings use."""

    install: str
    conversation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All that Pacer is told from outside, checked."""

    path: Path = Path("app.yaml")
    company: Company = field(default_factory=Company)
    slack: tuple[SlackInstall, ...] = ()
    teams: tuple[TeamsInstall, ...] = ()
    channels: Mapping[str, Channel] = field(default_factory=dict)
    imports: tuple[Watched, ...] = ()
    database_url: str = field(default="sqlite:///data/pacer.db", repr=False)
    http: Http = field(default_factory=Http)
    metrics: MetricsAt = field(default_factory=MetricsAt)
    playground: Playground = field(default_factory=Playground)
    logs: Literal["auto", "console", "json"] = "auto"
    key: str = field(default="", repr=False)
    """Seals tokens and response URLs at rest; empty only where there is no install."""
    slack_api_url: str = SLACK_API_URL
    teams_login_url: str = TEAMS_LOGIN_URL
    teams_openid_metadata_url: str = TEAMS_OPENID_METADATA_URL
    teams_service_urls: tuple[str, ...] = ()
    """Addresses that a Teams message may be sent to besides Microsoft's own, without their last slash."""
    teams_unsigned_local: bool = False
    """Requests of Teams need no token if they come for a service address on this machine: for local work only."""
    stray_credentials: tuple[str, ...] = ()
    """Environment variables that hold the credential of a platform that has no install."""

    @property
    def installs(self) -> tuple[SlackInstall | TeamsInstall, ...]:
        """Every workspace and tenant. None: there is no platform, and `pacer run` is the playground."""
        return (*self.slack, *self.teams)

    def playground_allowed(self) -> bool:
        """Whether the playground may start: it lets anyone at this machine be anyone, so never beside real people."""
        return not self.playground_refusal()

    def playground_refusal(self) -> str:
        """Why the playground does not start here, as a sentence; empty when it may."""
        if self.installs:
            names = ", ".join(install.name for install in self.installs)
            return (
                f"The playground does not start beside a platform, and {self.path} lists {names} under installs. "
                "Use another app.yaml for it, with --config."
            )
        if self.stray_credentials:
            return (
                f"The playground does not start beside a platform's credentials, and the environment holds "
                f"{' and '.join(self.stray_credentials)}. "
                "Unset what is not meant for it, or list the workspace or tenant under installs in "
                f"{self.path} to connect it."
            )
        return ""


# ---------------------------------------------------------------- loading


def load(path: Path | None, environ: Mapping[str, str]) -> Settings:
    """The settings from `path` (app.yaml here, by default) and the environment. Raises ConfigError.

    A `.env` file beside app.yaml is read too; the real environment wins over it.
    """
    path = path or Path("app.yaml")
    document = read(path)
    given = _environment(path.parent / ".env", environ, document)
    leave_out_other_platforms(document)
    written = texts(document)
    data = substitute(document, given)
    file = _listeners(_check(document, data, written), given)
    if document.values:
        check_together(document, file, written, given)
    check_environment(document, file, given)
    if document.mistakes:
        raise ConfigError(sorted(set(document.mistakes), key=lambda m: (m.file != document.file, m.place, m.name)))
    return _settled(path, file, given)


def _listeners(file: File, given: Mapping[str, str]) -> File:
    """With the listeners that the environment names instead of the file's."""
    http, metrics = file.http, file.metrics
    if there := as_listener(given.get("PACER_HTTP", "")):
        http = http.model_copy(update={"host": there[0], "port": there[1]})
    if there := as_listener(given.get("PACER_METRICS", "")):
        metrics = metrics.model_copy(update={"host": there[0], "port": there[1]})
    return file.model_copy(update={"http": http, "metrics": metrics})


def _settled(path: Path, file: File, given: Mapping[str, str]) -> Settings:
    group = file.company
    company = Company(
        **group.model_dump(exclude={"date_order"}),
        date_order=cast(Any, group.date_order or ("mdy" if group.country == "US" else "dmy")),
        admins=frozenset(file.admins),
        domains=frozenset(file.domains),
        kinds=file.activity_kinds,
        expectations=file.expectations,
        command_prefix=file.command_prefix,
        stages=_pipeline(file.stages),
        stage_words=file.stage_words,
        stuck_days=file.stuck_days,
        quiet_days=file.quiet_days,
        status_limits=StatusLimits(**file.status_limits.model_dump()),
        ramp=file.ramp,
        quota_period=cast(Any, file.quota_period),
        checkins={
            team: tuple(Question(**one.model_dump()) for one in questions) for team, questions in file.checkins.items()
        },
        wins=_wins(file),
        retention=Retention(**file.retention.model_dump()),
        values=tuple(Value(one.tag, one.name, one.about) for one in file.values) or VALUES,
        kudos=_kudos(file),
    )
    slack = tuple(
        SlackInstall(
            name=install.name,
            team_id=install.team,
            enterprise_id=install.enterprise,
            bot_token=install.bot_token,
            signing_secret=install.signing_secret,
            app_token=install.app_token,
        )
        for install in file.installs
        if install.platform == "slack"
    )
    teams = tuple(
        TeamsInstall(name=install.name, tenant_id=install.tenant, app_id=install.app, app_password=install.app_password)
        for install in file.installs
        if install.platform == "teams"
    )
    database = given.get("PACER_DATABASE", "") and as_database(given["PACER_DATABASE"])
    return Settings(
        path=path,
        company=company,
        slack=slack,
        teams=teams,
        channels={name: Channel(channel.install, channel.channel) for name, channel in file.channels.items()},
        imports=tuple(_watched(name, one, path.parent) for name, one in file.imports.items()),
        database_url=_rooted(database or file.database, path.parent),
        http=Http(file.http.host, file.http.port, file.http.leave_seconds),
        metrics=MetricsAt(file.metrics.host, file.metrics.port, file.metrics.names),
        playground=Playground(
            port=file.playground.port, database_url=_rooted(file.playground.database, path.parent)
        ).playing(file.playground.demo),
        logs=cast(Any, file.logs),
        key=given.get("PACER_KEY", ""),
        slack_api_url=given.get("SLACK_API_URL", SLACK_API_URL).rstrip("/") + "/",
        teams_login_url=given.get("TEAMS_LOGIN_URL", TEAMS_LOGIN_URL).rstrip("/"),
        teams_openid_metadata_url=given.get("TEAMS_OPENID_METADATA_URL", TEAMS_OPENID_METADATA_URL),
        teams_service_urls=addresses(given.get("TEAMS_SERVICE_URLS", "")),
        teams_unsigned_local=given.get("TEAMS_UNSIGNED_LOCAL", "").lower() == "yes",
        stray_credentials=tuple(_stray(given, {install.platform for install in file.installs})),
    )


def _wins(file: File) -> Wins:
    routes = []
    for one in file.wins.routes:
        channel = file.channels[one.channel]
        routes.append(WinRoute(one.channel, channel.install, channel.channel, one.at_least, one.team))
    return Wins(**{**file.wins.model_dump(exclude={"routes"}), "routes": tuple(routes)})


def _kudos(file: File) -> Thanks:
    if not file.kudos.channel:
        return Thanks(monthly=file.kudos.monthly)
    channel = file.channels[file.kudos.channel]
    return Thanks(channel.install, channel.channel, file.kudos.monthly)


def _watched(name: str, one: ImportGroup, folder: Path) -> Watched:
    path = folder / one.path if one.path else None
    return Watched(name, one.every, path, one.url, one.private, one.kind, one.map, one.date_order, one.source)


def _pipeline(stages: Mapping[str, int]) -> dict[str, int]:
    """The stages in the file's order, won and lost behind them; those of the product where the file names none."""
    ends = {"won": STAGES["won"], "lost": STAGES["lost"]}
    own = {stage: share for stage, share in stages.items() if stage not in ends}
    return {**(own or {stage: share for stage, share in STAGES.items() if stage not in ends}), **ends}


def _environment(path: Path, environ: Mapping[str, str], document: Document) -> dict[str, str]:
    """What is set and not empty, the real environment before `.env`."""
    written: Mapping[str, str | None] = {}
    try:
        if path.is_file():
            written = dotenv_values(path, interpolate=False)
    except (OSError, UnicodeDecodeError):
        text = "cannot be read; expected lines such as PACER_KEY=… in UTF-8, readable by the user who runs Pacer."
        document.mistakes.append(Mistake(str(path), Place(), "", text))
    return {name: value for name, value in {**written, **environ}.items() if value}


CREDENTIAL = re.compile(r"(xoxe\.)?xox[abeprs]-|xapp-")


def _stray(given: Mapping[str, str], platforms: Collection[str]) -> Iterator[str]:
    owners = {
        SECRETS[key].variable: platform for platform, keys in OF_PLATFORM.items() for key in keys if key in SECRETS
    }
    for name, value in sorted(given.items()):
        owner = owners.get(name) or ("slack" if CREDENTIAL.match(value) else "")
        if owner and owner not in platforms:
            yield name


def _rooted(url: str, folder: Path) -> str:
    """A SQLite path as it is meant from anywhere: it begins where app.yaml is, not where the command was typed."""
    parsed = make_url(url)
    if (
        parsed.get_backend_name() != "sqlite"
        or not parsed.database
        or parsed.database.startswith((":memory:", "file:"))
    ):
        return url
    return parsed.set(database=str(folder / parsed.database)).render_as_string(hide_password=False)


# ---------------------------------------------------------------- checking


def _check(document: Document, data: dict[str, Any], written: Mapping[Key, str]) -> File:
    """The file's model. What is wrong is noted and left out, so that the rest can still be checked together."""
    data = _without_empty(data)
    try:
        return File.model_validate(data)
    except ValidationError as error:
        wrong = [(_key(found), found) for found in error.errors(include_url=False)]
    for key, found in wrong:
        _note(document, key, found, written)
    # From the back, so that the numbers of a list's earlier items stay what they were.
    for key in sorted({key for key, _ in wrong}, key=lambda key: [str(part).zfill(9) for part in key], reverse=True):
        _leave_out(data, key)
    return File.model_validate(data)


def _without_empty(data: Any) -> Any:
    """A name with nothing after it is not given, so its default holds."""
    if isinstance(data, dict):
        return {name: _without_empty(value) for name, value in data.items() if value is not None}
    if isinstance(data, list):
        return [_without_empty(value) for value in data]
    return data


def _key(found: ErrorDetails) -> Key:
    location = found["loc"]
    return location[:-1] if location and location[-1] == "[key]" else location


def _leave_out(data: Any, key: Key) -> None:
    for part in key[:-1]:
        data = data[part]
    if isinstance(data, list) and key[0] == "installs":
        data[cast(int, key[-1])] = {}
    else:
        del data[key[-1]]


def _note(document: Document, key: Key, found: ErrorDetails, written: Mapping[Key, str]) -> None:
    """One finding of the model's, in plain words."""
    if any(mistake.name == dotted(key) for mistake in document.mistakes):
        return
    if found["loc"][-1] == "[key]":
        document.wrong(key, found["msg"].replace("<said>", shown(str(key[-1]))), at_key=True)
        return
    said = written.get(key, "")
    is_now = shown(said) if key in written else shape(found["input"])
    match found["type"]:
        case "pacer":
            text = found["msg"].replace("<said>", is_now)
        case "extra_forbidden":
            text = _unknown(key)
        case "dict_type" | "model_type" | "model_attributes_type":
            text = f"is {is_now}; expected settings of its own, indented below it."
        case "list_type" | "tuple_type":
            text = f"is {is_now}; expected a list, such as [{said or 'one, two'}]."
        case _:
            text = f"is {is_now}; expected one value."
    document.wrong(key, text, at_key=found["type"] == "extra_forbidden")


GROUPS: Mapping[str, type[Group]] = {
    "company": CompanyGroup,
    "installs": InstallGroup,
    "channels": ChannelGroup,
    "imports": ImportGroup,
    "checkins": QuestionGroup,
    "http": HttpGroup,
    "metrics": MetricsGroup,
    "playground": PlaygroundGroup,
    "status_limits": StatusGroup,
    "wins": WinsGroup,
    "retention": RetentionGroup,
    "wins.routes": WinRouteGroup,
    "values": ValueGroup,
    "kudos": KudosGroup,
}


def _unknown(key: Key) -> str:
    word = str(key[-1])
    group = f"{key[0]}.{key[1]}" if len(key) > 2 and f"{key[0]}.{key[1]}" in GROUPS else str(key[0])
    known = (GROUPS[group] if len(key) > 1 else File).model_fields
    if question := near(word, known):
        return f"is no setting.{question}"
    homes = [
        f"{name}.{word}" for name, one in GROUPS.items() if word in one.model_fields and name not in (key[0], group)
    ]
    homes += [word] if word in File.model_fields else []
    if homes:
        return f"is no setting here. Did you mean {homes[0]}?"
    if word.upper() in ENVIRONMENT or f"PACER_{word.upper()}" in ENVIRONMENT:
        return "is no setting of this file; it is read from the environment, as docs/settings.md says."
    return f"is no setting; expected one of {', '.join(known)}."
