"""What can only be seen by looking at several settings at once, and at the environment."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from bot.config_file import Document, Key, Mistake, Place, dotted
from bot.config_model import (
    BUILT_IN_KINDS,
    OF_PLATFORM,
    PLATFORM_NAMES,
    SECRETS,
    SLACK_API_URL,
    SLACK_CHANNEL,
    TEAMS_LOGIN_URL,
    TEAMS_OPENID_METADATA_URL,
    CompanyGroup,
    File,
    InstallGroup,
)
from bot.config_values import (
    DATABASE,
    LISTENER,
    addresses,
    as_address,
    as_database,
    as_listener,
    near,
    on_this_machine,
)
from bot.teams.service_urls import ServiceUrls
from handlers.conversation.company import STAGES

KEY_LENGTH = 16
"""Characters that PACER_KEY must have at least."""
MOST_QUESTIONS = 8
"""In a check-in: more is no short exchange, and no form that a phone shows at once."""
LONGEST_RAMP = 24
"""Months that a new rep may take to carry all of a target."""
KEY_RECIPE = """python3 -c "import secrets; print(secrets.token_urlsafe(32))\""""


def shown(said: str) -> str:
    """What was typed, in quotes, and not at any length."""
    return f'"{said if len(said) <= 60 else said[:59] + "…"}"'


def check_together(document: Document, file: File, written: Mapping[Key, str], given: Mapping[str, str]) -> None:
    """What can only be seen by looking at several settings at once."""

    def wrong(key: Key, text: str) -> None:
        name = dotted(key)
        known = (mistake.name for mistake in document.mistakes)
        if not any(other == name or name.startswith((f"{other}.", f"{other}[")) for other in known if other):
            document.wrong(key, text)

    for key, text in (
        *_company_findings(file.company),
        *_install_findings(document, file, unsigned=_unsigned(given)),
        *_people_findings(file, written),
        *_kind_findings(file),
        *_channel_findings(file),
        *_win_findings(file),
        *_kudos_findings(file),
        *_import_findings(file),
        *_stage_findings(file),
        *_limit_findings(file),
        *_question_findings(file),
    ):
        wrong(key, text)


def leave_out_other_platforms(document: Document) -> None:
    """Note what an install of one platform says of another one, and take it out of the document's data."""
    installs = document.data.get("installs")
    for index, install in enumerate(installs if isinstance(installs, list) else ()):
        if not isinstance(install, dict):
            continue
        said = install.get("platform")
        platform = said.strip().lower() if isinstance(said, str) else "slack"
        if said is not None and platform not in OF_PLATFORM:
            continue
        own = PLATFORM_NAMES[platform]
        for other, settings in OF_PLATFORM.items():
            for name in [name for name in install if name in settings and other != platform]:
                text = f"is a setting of {PLATFORM_NAMES[other]}, and this install belongs to {own}"
                text += "; take it out." if said else f"; write platform: {other} into it, or take this out."
                document.wrong(("installs", index, name), text, at_key=True)
                del install[name]


def _company_findings(company: CompanyGroup) -> Iterator[tuple[Key, str]]:
    if not company.subdivision:
        return
    from holidays.utils import list_supported_countries

    known = list_supported_countries(include_aliases=False).get(company.country, [])
    if company.subdivision not in known:
        expected = f"expected one of {', '.join(known)}" if known else "expected none, since none is known there"
        yield (
            ("company", "subdivision"),
            f"{shown(company.subdivision)} is no subdivision of {company.country}; {expected}.",
        )


def _install_findings(document: Document, file: File, *, unsigned: bool) -> Iterator[tuple[Key, str]]:
    names: dict[str, int] = {}
    places: dict[tuple[str, ...], int] = {}
    mistaken = {mistake.name for mistake in document.mistakes}
    for index, install in enumerate(file.installs):
        here: Key = ("installs", index)
        if not install.name:
            yield (*here, "name"), "is missing; expected a name of yours, such as main."
        elif names.setdefault(install.name, index) != index:
            yield (*here, "name"), f"is the name of installs[{names[install.name]}] too; each needs its own."
        if dotted((*here, "platform")) in mistaken:
            continue
        findings = _slack_findings if install.platform == "slack" else _teams_findings
        for setting, text in findings(index, install, places):
            # A client on this machine takes messages without a token, so there is nothing to have a secret for.
            if not (unsigned and setting == "app_password"):
                yield (*here, setting), text


Found = Iterator[tuple[str, str]]


def _slack_findings(index: int, install: InstallGroup, places: dict[tuple[str, ...], int]) -> Found:
    place = install.team or install.enterprise
    if not place:
        yield (
            "team",
            "is missing; expected the workspace's id, which begins with T (in a browser, app.slack.com/client/T…).",
        )
    elif (other := places.setdefault((place,), index)) != index:
        yield "team", f"is the workspace of installs[{other}] too; each can be listed once."
    yield from _missing_secrets(install, ["bot_token"] if install.app_token else ["bot_token", "signing_secret"])


def _teams_findings(index: int, install: InstallGroup, places: dict[tuple[str, ...], int]) -> Found:
    if not install.tenant:
        where = "at entra.microsoft.com: Overview, Tenant ID"
        yield "tenant", f"is missing; expected the id of your Microsoft Entra tenant, a GUID. Find it {where}."
    if not install.app:
        where = "at portal.azure.com: your Azure Bot, Configuration, Microsoft App ID"
        yield "app", f"is missing; expected the bot's app id, a GUID. Find it {where}."
    if install.tenant and install.app and (other := places.setdefault((install.tenant, install.app), index)) != index:
        yield "app", f"is the app of installs[{other}] in the same tenant; each can be listed once."
    yield from _missing_secrets(install, ["app_password"])


def _missing_secrets(install: InstallGroup, needed: Iterable[str]) -> Found:
    for name in needed:
        if not getattr(install, name):
            secret = SECRETS[name]
            rest = " (or give app_token, for Socket Mode)" if name == "signing_secret" else ""
            find = f"Find its value {secret.found} ({secret.looks})."
            yield name, f"is missing; expected ${{{secret.variable}}}{rest}. {find}"


def _channel_findings(file: File) -> Iterator[tuple[Key, str]]:
    platforms = {install.name: install.platform for install in file.installs if install.name}
    for name, channel in file.channels.items():
        here: Key = ("channels", name)
        platform = platforms.get(channel.install)
        if platform is None:
            names = ", ".join(platforms) or "none is listed"
            yield (*here, "install"), f"names no install of this file; expected one of those ({names})."
        if not channel.channel:
            yield (*here, "channel"), f"is missing; expected the channel's id: {_CHANNELS.get(platform, _ANY_CHANNEL)}."
        elif platform and platform != ("slack" if re.fullmatch(SLACK_CHANNEL, channel.channel) else "teams"):
            other = PLATFORM_NAMES[next(each for each in PLATFORM_NAMES if each != platform)]
            text = (
                f"is the id of a channel in {other}, and {channel.install} is an install of {PLATFORM_NAMES[platform]}"
            )
            yield (*here, "channel"), f"{text}; expected {_CHANNELS[platform]}."


def _win_findings(file: File) -> Iterator[tuple[Key, str]]:
    seen: set[tuple[str, str]] = set()
    for index, route in enumerate(file.wins.routes):
        here: Key = ("wins", "routes", index)
        if route.channel not in file.channels:
            names = ", ".join(file.channels) or "none is listed"
            yield (*here, "channel"), f"names no channel of this file; expected one under channels ({names})."
        elif (route.channel, route.team.casefold()) in seen:
            yield (*here, "channel"), f"stands with {shown(route.channel)} before; one route a channel and team."
        seen.add((route.channel, route.team.casefold()))


def _kudos_findings(file: File) -> Iterator[tuple[Key, str]]:
    if file.kudos.channel and file.kudos.channel not in file.channels:
        names = ", ".join(file.channels) or "none is listed"
        yield ("kudos", "channel"), f"names no channel of this file; expected one under channels ({names})."
    seen: set[str] = set()
    for index, one in enumerate(file.values):
        for field in ("tag", "name"):
            if not getattr(one, field):
                yield ("values", index, field), "is missing."
        if one.tag and one.tag in seen:
            yield ("values", index, "tag"), f"{shown(one.tag)} is another value's already; a tag stands once."
        seen.add(one.tag)


def _import_findings(file: File) -> Iterator[tuple[Key, str]]:
    for name, one in file.imports.items():
        here: Key = ("imports", name)
        if bool(one.path) == bool(one.url):
            yield (*here, "path"), "is to be given, or url in its place; expected exactly one of the two."
        elif one.url.startswith("http://") and not one.private:
            yield (
                (*here, "url"),
                "is without TLS; expected https://, or private: true for an address of your own network.",
            )


_CHANNELS: Mapping[str | None, str] = {
    "slack": "C… or G… (at the bottom of the channel's About)",
    "teams": "19:…@thread.tacv2 (in the channel's menu, Get link to channel)",
}
_ANY_CHANNEL = "C… or G… in Slack, 19:…@thread.tacv2 in Teams"


def _people_findings(file: File, written: Mapping[Key, str]) -> Iterator[tuple[Key, str]]:
    if file.installs and not file.admins:
        text = (
            "is missing; expected at least one e-mail address. Admins are asked about people whom Pacer does not know."
        )
        yield ("admins",), text
    if file.installs and not file.domains:
        text = "is missing; expected the domains of your e-mail addresses. Only people in them are linked."
        yield ("domains",), text
    if file.domains:
        for key, said in written.items():
            if key[0] == "admins" and said.lower() in file.admins and said.lower().split("@")[1] not in file.domains:
                yield (
                    key,
                    f"{shown(said)} is in none of your domains ({', '.join(file.domains)}), so nobody could be it.",
                )


def _kind_findings(file: File) -> Iterator[tuple[Key, str]]:
    known = {*BUILT_IN_KINDS, *file.activity_kinds}
    owner = {kind: kind for kind in known}
    for kind, words in file.activity_kinds.items():
        for index, word in enumerate(words):
            if owner.setdefault(word, kind) != kind:
                yield (
                    ("activity_kinds", kind, index),
                    f"{shown(word)} means {owner[word]} already; a word has one meaning.",
                )
    for role, counts in file.expectations.items():
        for kind in counts:
            if kind not in known:
                text = "is no activity kind." + (near(kind, known) or f" Expected one of {', '.join(sorted(known))}.")
                yield ("expectations", role, kind), text


def _stage_findings(file: File) -> Iterator[tuple[Key, str]]:
    for stage, share in (("won", 100), ("lost", 0)):
        if file.stages.get(stage, share) != share:
            yield ("stages", stage), f"is {file.stages[stage]}; expected {share}, or leave it out: it always exists."
    if file.stages and not set(file.stages) - {"won", "lost"}:
        yield ("stages",), "names no stage of an open deal; expected at least one, such as proposal: 50."
    known = {*(file.stages or STAGES), "won", "lost"}
    owner = {stage.replace("_", " "): stage for stage in known}
    for stage, words in file.stage_words.items():
        if stage not in known:
            text = "is none of the stages." + (near(stage, known) or f" Expected one of {', '.join(sorted(known))}.")
            yield ("stage_words", stage), text
        for index, word in enumerate(words):
            if owner.setdefault(word, stage) != stage:
                text = f"{shown(word)} means {owner[word]} already; a word has one meaning."
                yield ("stage_words", stage, index), text


def _limit_findings(file: File) -> Iterator[tuple[Key, str]]:
    if len(file.ramp) > LONGEST_RAMP:
        yield ("ramp",), f"has {len(file.ramp)} months; expected {LONGEST_RAMP} at most."
    limits = file.status_limits
    if limits.on_pace >= limits.ahead:
        text = f"is {limits.on_pace}; expected less than status_limits.ahead, which is {limits.ahead}."
        yield ("status_limits", "on_pace"), text
    if limits.behind >= limits.on_pace:
        text = f"is {limits.behind}; expected less than status_limits.on_pace, which is {limits.on_pace}."
        yield ("status_limits", "behind"), text


def _question_findings(file: File) -> Iterator[tuple[Key, str]]:
    for team, questions in file.checkins.items():
        if not 1 <= len(questions) <= MOST_QUESTIONS:
            yield ("checkins", team), f"has {len(questions)} questions; expected 1 to {MOST_QUESTIONS}."
        before: dict[str, str] = {}
        for index, one in enumerate(questions):
            here: Key = ("checkins", team, index)
            for field in ("name", "ask"):
                if not getattr(one, field):
                    yield (*here, field), "is missing."
            if one.name and one.name in before:
                yield (*here, "name"), f"{shown(one.name)} is another question's already; a name stands once."
            name, _, limit = (part.strip() for part in one.when.partition("<="))
            if one.when and one.when != "missed commit" and name not in before:
                yield (*here, "when"), f"{shown(name)} is no question before this one."
            elif limit and before[name] != "rating":
                yield (*here, "when"), f"{shown(name)} is no rating, so it has no number."
            before[one.name] = one.kind


def check_environment(document: Document, file: File, given: Mapping[str, str]) -> None:
    """What is wrong with the variables that are read by their own names."""

    def wrong(name: str, text: str) -> None:
        document.mistakes.append(Mistake("environment", Place(), name, text))

    key, database, api = (given.get(name, "") for name in ("PACER_KEY", "PACER_DATABASE", "SLACK_API_URL"))
    if file.installs and not key:
        wrong(
            "PACER_KEY", f"is not set, and an install needs it: it seals tokens in the database. Make one: {KEY_RECIPE}"
        )
    elif key and len(key) < KEY_LENGTH:
        wrong("PACER_KEY", f"has {len(key)} characters; expected {KEY_LENGTH} or more. Make one: {KEY_RECIPE}")
    if database and not as_database(database):
        wrong("PACER_DATABASE", f"is not {DATABASE}.".replace("${DATABASE_PASSWORD}", "PASSWORD"))
    for name in ("PACER_HTTP", "PACER_METRICS"):
        if given.get(name) and as_listener(given[name]) is None:
            wrong(name, f"is not {LISTENER}.")
    if api and not re.fullmatch(r"https?://[^\s/]+(/\S*)?", api):
        wrong("SLACK_API_URL", f"is not an address; expected one such as {SLACK_API_URL}")
    for name, usual in (("TEAMS_LOGIN_URL", TEAMS_LOGIN_URL), ("TEAMS_OPENID_METADATA_URL", TEAMS_OPENID_METADATA_URL)):
        if given.get(name) and not as_address(given[name]):
            wrong(name, f"is not an address with https, or with http on this machine; expected one such as {usual}")
    for number, address in enumerate(addresses(given.get("TEAMS_SERVICE_URLS", "")), 1):
        try:
            ServiceUrls([address])
        except ValueError:
            text = "is not an address with https, or with http on this machine"
            wrong("TEAMS_SERVICE_URLS", f"its part {number} {text}; expected one such as http://localhost:56150/.")
    for text in _unsigned_findings(file, given):
        wrong("TEAMS_UNSIGNED_LOCAL", text)


def _unsigned(given: Mapping[str, str]) -> bool:
    return given.get("TEAMS_UNSIGNED_LOCAL", "").lower() == "yes"


def _unsigned_findings(file: File, given: Mapping[str, str]) -> Iterator[str]:
    """Why requests without a token may not be taken here: other machines must not be able to send one."""
    if given.get("TEAMS_UNSIGNED_LOCAL", "").lower() not in ("", "yes", "no"):
        yield "is not yes or no. It is for the Agents Playground on this machine only."
    if not _unsigned(given):
        return
    if not on_this_machine(file.http.host):
        yield (
            f"lets anyone who reaches {file.http.host}:{file.http.port} be anyone, so it goes with an http.host "
            "of this machine only, such as 127.0.0.1. Unset it, or change http.host."
        )
    served = [install.name for install in file.installs if install.platform == "slack" and not install.app_token]
    if served:
        yield (
            f"lets anyone who reaches this listener be anyone, and {served[0]} has Slack's requests sent to it from "
            "outside. Unset it, or try Teams with another app.yaml (--config)."
        )
    if not given.get("TEAMS_SERVICE_URLS"):
        yield "does nothing without TEAMS_SERVICE_URLS; expected the client's address there: http://localhost:56150/."
