"""`pacer doctor`: what is configured, what is reachable, what is missing and how to get it, in sentences."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, Literal

import aiohttp
import sqlalchemy as sa

from bot.config import ConfigError, Settings, load
from bot.config_model import SECRETS
from bot.logs import redact
from bot.slack.install import SlackInstall
from storage import migrate, tables
from storage.database import Database, open_database

SLACK_WAIT = 10.0
"""Seconds that Slack has for one answer."""
CLOCK_LIMIT = 60.0
"""Seconds that this machine's clock may differ from Slack's. At 300 Slack's requests are refused as too old."""
DISK_LOW = 500 * 1024 * 1024
MARKS = {"ok": "✓", "note": "·", "problem": "✗"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence. A problem keeps Pacer from working; a note is only worth knowing."""

    weight: Literal["ok", "note", "problem"]
    text: str


def _ok(text: str) -> Finding:
    return Finding("ok", text)


def _note(text: str) -> Finding:
    return Finding("note", text)


def _problem(text: str) -> Finding:
    return Finding("problem", text)


def main(config_path: Path | None = None) -> int:
    """Look, print, and say by the exit code whether anything keeps Pacer from working."""
    found: Settings | ConfigError
    try:
        found = load(config_path, os.environ)
    except ConfigError as error:
        found = error
    findings = asyncio.run(examine(found))
    print("\n".join(told(findings, colour=sys.stdout.isatty() and "NO_COLOR" not in os.environ)))
    return 1 if any(finding.weight == "problem" for finding in findings) else 0


def told(findings: Iterable[Finding], *, colour: bool = False) -> Iterator[str]:
    """The findings as lines, problems marked, with a last word on what it comes to."""
    paint = {"ok": "32", "note": "2", "problem": "31"} if colour else {}
    problems = 0
    for finding in findings:
        mark = MARKS[finding.weight]
        problems += finding.weight == "problem"
        yield f"\x1b[{paint[finding.weight]}m{mark}\x1b[0m {finding.text}" if paint else f"{mark} {finding.text}"
    yield ""
    match problems:
        case 0:
            yield "Nothing is missing."
        case 1:
            yield "One thing (✗) keeps Pacer from working."
        case _:
            yield f"{problems} things (✗) keep Pacer from working."


async def examine(settings: Settings | ConfigError, *, scopes: Iterable[str] | None = None) -> list[Finding]:
    """Everything that can be said. Nothing is changed, and nothing is posted anywhere.

    `scopes` are those that the Slack app needs; by default those of the manifest.
    """
    if isinstance(settings, ConfigError):
        return [_problem(str(mistake)) for mistake in settings.mistakes]
    findings = [*_configured(settings), *await asyncio.to_thread(_stored, settings), *_listening(settings)]
    if settings.slack:
        needed = frozenset(_manifest_scopes() if scopes is None else scopes)
        timeout = aiohttp.ClientTimeout(total=SLACK_WAIT)
        async with aiohttp.ClientSession(timeout=timeout, trust_env=True) as session:
            asked = (_slack(session, settings.slack_api_url, install, needed) for install in settings.slack)
            for answers in await asyncio.gather(*asked):
                findings += answers
    return findings


# ---------------------------------------------------------------- what app.yaml says


def _configured(settings: Settings) -> Iterator[Finding]:
    company = settings.company
    order = "month first" if company.date_order == "mdy" else "day first"
    month = datetime(2000, company.fiscal_year_start, 1, tzinfo=UTC).strftime("%B")
    yield _ok(
        f"{settings.path} is in order: {company.name}, amounts in {company.currency}, time zone {company.zone}, dates "
        f"{order}, a fiscal year that begins in {month}."
    )
    if company.admins:
        yield _ok(f"{_count(len(company.admins), 'admin')}: {', '.join(sorted(company.admins))}.")
    else:
        yield _note("No admins are named. Give their e-mail addresses under admins before a platform is connected.")
    if not settings.installs:
        if refusal := settings.playground_refusal():
            yield _problem(refusal)
        else:
            yield _note(
                "No platform is connected, so `pacer run` opens the playground at http://"
                f"{settings.playground.host}:{settings.playground.port}/. docs/slack.md says how to connect Slack."
            )
    for install in settings.slack:
        way = (
            "Socket Mode"
            if install.app_token
            else f"signed requests at {settings.http.host}:{settings.http.port}/slack/events"
        )
        yield _ok(f"Slack install {install.name} ({install.team_id or install.enterprise_id}) is configured, by {way}.")
    if settings.key:
        yield _ok("PACER_KEY is set. Keep a copy away from this machine: without it sealed tokens cannot be opened.")
    else:
        yield _note("PACER_KEY is not set. The playground does without; a platform needs it.")


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


# ---------------------------------------------------------------- the database


def _stored(settings: Settings) -> Iterator[Finding]:
    """What there is to say of the database that `pacer run` would use."""
    return iter(list(_database(settings.database_url if settings.installs else settings.playground.database_url)))


def _database(url: str) -> Iterator[Finding]:
    database = open_database(url)
    where = database.url.render_as_string(hide_password=True)
    try:
        path = migrate.file_of(database)
        if path is not None:
            yield from _disk(path)
        state = migrate.check(database)
        match state.word:
            case "empty":
                yield _note(f"The database {where} holds nothing yet; it is made at the first start.")
                return
            case "current":
                yield _ok(f"The database {where} opens, and its schema is the newest ({state.newest}).")
            case "behind":
                yield _note(
                    f"The database {where} is at version {state.found}, this code at {state.newest}. The next start "
                    "migrates it, and so does `pacer migrate`. Make a backup first (docs/backup.md)."
                )
            case "newer" | "foreign":
                migrate.refuse(state)
        if path is not None:
            wrong = migrate.integrity(database)
            if wrong:
                yield _problem(f"The database file is damaged ({wrong[0]}). The way to restore is in docs/backup.md.")
            else:
                yield _ok("The database file is sound (integrity check).")
        if state.word == "current":
            yield from _outbox(database)
    except migrate.NotReady as error:
        yield _problem(redact(str(error)))
    finally:
        database.close()


def _disk(path: Path) -> Iterator[Finding]:
    folder = path.parent.resolve()
    while not folder.exists():
        folder = folder.parent
    if not os.access(folder, os.W_OK):
        yield _problem(f"The folder {folder} cannot be written to. Give it to the user who runs Pacer.")
    free = shutil.disk_usage(folder).free
    size = f"{free / 1024**3:.1f} GB" if free >= 1024**3 else f"{free // 1024**2} MB"
    if free < DISK_LOW:
        yield _problem(f"Only {size} are free on the disk of {folder}. Free some space: a full disk stores nothing.")
    else:
        yield _ok(f"{size} are free on the disk of {folder}.")


def _outbox(database: Database) -> Iterator[Finding]:
    """Messages whose sending ended badly are the operator's to know."""
    box = tables.outbox.c
    count = sa.select(box.state, sa.func.count()).where(box.state.in_(["unknown", "failed"])).group_by(box.state)
    with database.engine.connect() as connection:
        ended = {str(row[0]): int(row[1]) for row in connection.execute(count)}
    if number := ended.get("unknown"):
        yield _note(
            f"{_count(number, 'message')} may or may not have arrived (unknown); none of them is sent again by itself."
        )
    if number := ended.get("failed"):
        yield _note(f"{_count(number, 'message')} could not be delivered (failed); the outbox says why of each.")


def _listening(settings: Settings) -> Iterator[Finding]:
    """Whether the port that `pacer run` wants is free."""
    place = settings.http if settings.installs else settings.playground
    if settings.slack and not settings.teams and all(install.app_token for install in settings.slack):
        return
    family = socket.AF_INET6 if ":" in place.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((place.host, place.port))
        except OSError as error:
            yield _note(
                f"Port {place.port} on {place.host} is not free ({error.strerror}); perhaps Pacer runs already."
            )


# ---------------------------------------------------------------- Slack


def _manifest_scopes() -> Iterable[str]:
    from bot.slack.manifest import SCOPES

    return SCOPES


async def _slack(
    session: aiohttp.ClientSession, base: str, install: SlackInstall, needed: frozenset[str]
) -> list[Finding]:
    name = install.name
    answer, headers, fault = await _ask(session, base, "auth.test", install.bot_token)
    if fault:
        return [_problem(f"Slack install {name}: {fault}")]
    if not answer.get("ok"):
        return [_problem(f"Slack install {name}: {_refusal(str(answer.get('error')), 'bot_token')}")]
    findings = []
    team, enterprise = str(answer.get("team_id") or ""), str(answer.get("enterprise_id") or "")
    if install.team_id and team != install.team_id:
        findings.append(
            _problem(
                f"Slack install {name}: the bot token belongs to the workspace {team}, but app.yaml says "
                f"{install.team_id}. Correct one of the two."
            )
        )
    elif install.enterprise_id and enterprise != install.enterprise_id:
        findings.append(
            _problem(
                f"Slack install {name}: the bot token belongs to the enterprise {enterprise or 'none'}, but "
                f"app.yaml says {install.enterprise_id}. Correct one of the two."
            )
        )
    else:
        findings.append(
            _ok(f"Slack install {name}: Slack answers, as {answer.get('user')} in {answer.get('team') or enterprise}.")
        )
    findings += _scopes(name, headers, needed)
    findings += _clock(headers)
    if install.app_token:
        opened, _, fault = await _ask(session, base, "apps.connections.open", install.app_token)
        if fault:
            findings.append(_problem(f"Slack install {name}: {fault}"))
        elif not opened.get("ok"):
            findings.append(_problem(f"Slack install {name}: {_refusal(str(opened.get('error')), 'app_token')}"))
        else:
            findings.append(_ok(f"Slack install {name}: the app token opens Socket Mode."))
    return findings


def _scopes(name: str, headers: Mapping[str, str], needed: frozenset[str]) -> Iterator[Finding]:
    if "x-oauth-scopes" not in headers:
        return
    granted = {scope.strip() for scope in headers["x-oauth-scopes"].split(",")} - {""}
    if missing := sorted(needed - granted):
        yield _problem(
            f"Slack install {name}: the app is not granted {' and '.join(missing)}. "
            "Put `pacer manifest slack` into the app's page App Manifest, then install the app to the workspace again."
        )
    else:
        yield _ok(f"Slack install {name}: every scope that Pacer uses is granted.")
    if more := sorted(granted - needed) if needed else []:
        yield _note(f"Slack install {name}: the app has more scopes than Pacer uses ({', '.join(more)}); they may go.")


def _clock(headers: Mapping[str, str]) -> Iterator[Finding]:
    try:
        theirs = parsedate_to_datetime(headers.get("date", ""))
    except (TypeError, ValueError):
        return
    if theirs.tzinfo is None:
        return
    apart = (datetime.now(UTC) - theirs).total_seconds()
    if abs(apart) > CLOCK_LIMIT:
        yield _problem(
            f"This machine's clock is {abs(apart):.0f} seconds {'ahead of' if apart > 0 else 'behind'} Slack's. "
            "Set it by NTP: requests that differ by 300 are refused as too old."
        )


async def _ask(
    session: aiohttp.ClientSession, base: str, method: str, token: str
) -> tuple[dict[str, Any], Mapping[str, str], str]:
    """Slack's answer and its headers, or a sentence why there is none."""
    host = base.split("//", 1)[-1].split("/", 1)[0]
    try:
        async with session.post(base + method, headers={"Authorization": f"Bearer {token}"}) as response:
            if response.status == 429:
                return (
                    {},
                    {},
                    f"Slack asks to wait {response.headers.get('Retry-After', 'some')} seconds; try again then.",
                )
            answer = await response.json(content_type=None)
            if not isinstance(answer, dict):
                return (
                    {},
                    {},
                    f"{host} answers with something that is not Slack's ({response.status}). Is SLACK_API_URL right?",
                )
            return answer, {key.lower(): value for key, value in response.headers.items()}, ""
    except TimeoutError:
        return (
            {},
            {},
            f"{host} did not answer within {SLACK_WAIT:.0f} seconds. Outgoing HTTPS to slack.com must be allowed.",
        )
    except (aiohttp.ClientError, OSError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        return {}, {}, f"{host} cannot be reached ({reason}). Outgoing HTTPS to slack.com must be allowed."
    except ValueError:
        return {}, {}, f"{host} answers with something that is not Slack's. Is SLACK_API_URL right?"


def _refusal(code: str, which: str) -> str:
    """Slack's error code as a sentence with a way on."""
    secret = SECRETS[which]
    again = f"Find the current one {secret.found}."
    match code:
        case "invalid_auth" | "not_authed":
            return f"Slack does not know this {which} ({code}). {again}"
        case "account_inactive" | "token_revoked" | "token_expired":
            gone = f"the {which} is no longer valid ({code}): the app was removed, or its token renewed."
            return f"{gone} Install the app again. {again}"
        case "missing_scope" | "not_allowed_token_type":
            return f"this is not the right kind of token for {which} ({code}); {secret.looks}. {again}"
    return f"Slack refused the {which}: {code}. {again}"
