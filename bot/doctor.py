"""`pacer doctor`: what is configured, what is reachable, what is missing and how to get it, in sentences."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from bot.config import ConfigError, Settings, load
from bot.fetching import CannotRead
from bot.findings import Finding, count, note, ok, problem, warning
from bot.logs import redact
from bot.slack import doctor as slack
from bot.teams import doctor as teams
from bot.watched import Watched
from bot.watching import read
from handlers.conversation.company import Company
from handlers.conversation.wording import listed
from handlers.figures.stages import LOST, WON
from storage import migrate, tables, units
from storage.database import Database, Transaction, open_database

DISK_LOW = 500 * 1024 * 1024
MARKS = {"ok": "✓", "note": "·", "warning": "!", "problem": "✗"}
COLOURS = {"ok": "32", "note": "2", "warning": "33", "problem": "31"}


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
    paint = COLOURS if colour else {}
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
        return [problem(str(mistake)) for mistake in settings.mistakes]
    findings = [*_configured(settings), *await asyncio.to_thread(_stored, settings), *_listening(settings)]
    findings += [await _watched(one) for one in settings.imports]
    if settings.slack:
        findings += await slack.reached(settings, frozenset(_manifest_scopes() if scopes is None else scopes))
    if settings.teams:
        findings += await teams.reached(settings)
    return findings


# ---------------------------------------------------------------- what app.yaml says


def _configured(settings: Settings) -> Iterator[Finding]:
    company = settings.company
    order = "month first" if company.date_order == "mdy" else "day first"
    month = datetime(2000, company.fiscal_year_start, 1, tzinfo=UTC).strftime("%B")
    yield ok(
        f"{settings.path} is in order: {company.name}, amounts in {company.currency}, time zone {company.zone}, dates "
        f"{order}, a fiscal year that begins in {month}."
    )
    if company.admins:
        yield ok(f"{count(len(company.admins), 'admin')}: {', '.join(sorted(company.admins))}.")
    else:
        yield note("No admins are named. Give their e-mail addresses under admins before a platform is connected.")
    if not settings.installs:
        if refusal := settings.playground_refusal():
            yield problem(refusal)
        else:
            yield note(
                "No platform is connected, so `pacer run` opens the playground at http://"
                f"{settings.playground.host}:{settings.playground.port}/. docs/slack.md and docs/teams.md say how to "
                "connect Slack and Teams."
            )
    yield from slack.configured(settings)
    yield from teams.configured(settings)
    if settings.installs and settings.stray_credentials:
        yield note(
            f"The environment holds {' and '.join(settings.stray_credentials)}, and no install uses it. "
            f"List the workspace or tenant under installs in {settings.path}, or unset it."
        )
    if settings.key:
        yield ok("PACER_KEY is set. Keep a copy away from this machine: without it sealed tokens cannot be opened.")
    else:
        yield note("PACER_KEY is not set. The playground does without; a platform needs it.")


async def _watched(one: Watched) -> Finding:
    """Whether a scheduled import's file or address can be read."""
    where = one.url or str(one.path)
    try:
        found = await read(one)
    except CannotRead as error:
        return warning(f"The scheduled import “{one.name}” ({where}) cannot be read: {error}")
    size = sum(len(content) for _, content in found)
    return ok(
        f"The scheduled import “{one.name}” can be read: {count(len(found), 'file')}, {size:,} bytes, at {where}."
    )


# ---------------------------------------------------------------- the database


def _stored(settings: Settings) -> Iterator[Finding]:
    """What there is to say of the database that `pacer run` would use."""
    url = settings.database_url if settings.installs else settings.playground.database_url
    return iter(list(_database(url, settings.company)))


def _database(url: str, company: Company) -> Iterator[Finding]:
    database = open_database(url)
    where = database.url.render_as_string(hide_password=True)
    try:
        path = migrate.file_of(database)
        if path is not None:
            yield from _disk(path)
        state = migrate.check(database)
        match state.word:
            case "empty":
                yield note(f"The database {where} holds nothing yet; it is made at the first start.")
                return
            case "current":
                yield ok(f"The database {where} opens, and its schema is the newest ({state.newest}).")
            case "behind":
                yield note(
                    f"The database {where} is at version {state.found}, this code at {state.newest}. The next start "
                    "migrates it, and so does `pacer migrate`. Make a backup first (docs/backup.md)."
                )
            case "newer" | "foreign" | "unreleased":
                migrate.refuse(state)
        if path is not None:
            wrong = migrate.integrity(database)
            if wrong:
                yield problem(f"The database file is damaged ({wrong[0]}). The way to restore is in docs/backup.md.")
            else:
                yield ok("The database file is sound (integrity check).")
        if state.word == "current":
            yield from _outbox(database)
            yield from _stages(database, company)
            yield from _teams_named(database, company)
            yield from _channels(database, company)
    except migrate.NotReady as error:
        yield problem(redact(str(error)))
    finally:
        database.close()


def _disk(path: Path) -> Iterator[Finding]:
    folder = path.parent.resolve()
    while not folder.exists():
        folder = folder.parent
    if not os.access(folder, os.W_OK):
        yield problem(f"The folder {folder} cannot be written to. Give it to the user who runs Pacer.")
    free = shutil.disk_usage(folder).free
    size = f"{free / 1024**3:.1f} GB" if free >= 1024**3 else f"{free // 1024**2} MB"
    if free < DISK_LOW:
        yield problem(f"Only {size} are free on the disk of {folder}. Free some space: a full disk stores nothing.")
    else:
        yield ok(f"{size} are free on the disk of {folder}.")


def _outbox(database: Database) -> Iterator[Finding]:
    """Messages whose sending ended badly are the operator's to know."""
    box = tables.outbox.c
    counted = sa.select(box.state, sa.func.count()).where(box.state.in_(["unknown", "failed"])).group_by(box.state)
    with database.engine.connect() as connection:
        ended = {str(row[0]): int(row[1]) for row in connection.execute(counted)}
    if number := ended.get("unknown"):
        yield note(
            f"{count(number, 'message')} may or may not have arrived (unknown); none of them is sent again by itself."
        )
    if number := ended.get("failed"):
        yield note(f"{count(number, 'message')} could not be delivered (failed); the outbox says why of each.")


def _stages(database: Database, company: Company) -> Iterator[Finding]:
    """Deals in a stage that was taken out of the settings: they are in no list, forecast or coverage."""
    deals = tables.deals.c
    known = (*company.stages, WON, LOST)
    lost = sa.select(deals.stage, sa.func.count()).where(deals.stage.not_in(known), deals.voided_at.is_(None))
    with database.engine.connect() as connection:
        found = connection.execute(lost.group_by(deals.stage).order_by(deals.stage)).all()
    for stage, number in found:
        yield warning(
            f"{count(number, 'deal')} {'is' if number == 1 else 'are'} in the stage “{stage}”, which stages in "
            "app.yaml does not have: in no list, forecast or coverage. Put the stage back, or move them with "
            "`pacer import` or `/deal` to one that is there."
        )


def _teams_named(database: Database, company: Company) -> Iterator[Finding]:
    """Teams that the settings name and nobody is in: nothing is announced there, those questions are never asked."""
    with database.engine.connect() as connection:
        known = {one.name.casefold(): one.name for one in units.everything(Transaction(connection))}
    routed = [(one.team, f"wins of “{one.team}” go to {one.name} (wins.routes)") for one in company.wins.routes]
    asked = [(name, f"“{name}” has questions of its own (checkins)") for name in company.checkins if name != "everyone"]
    there = f"It has {listed([f'“{name}”' for name in known.values()])}." if 0 < len(known) <= 12 else ""
    for name, where in (*routed, *asked):
        if name and name.casefold() not in known:
            none = there or "`pacer import` brings the units of people in, and `people` in chat changes them."
            yield warning(f"app.yaml says that {where}, and the company has no unit of that name. {none}")


def _channels(database: Database, company: Company) -> Iterator[Finding]:
    """Channels that wins and kudos go to, of an install that was removed: nothing arrives there."""
    where = [(one.install, f"wins go to {one.name}") for one in company.wins.routes]
    where += [(company.kudos.install, "kudos are posted to a channel")] if company.kudos.conversation else []
    box = tables.installs.c
    with database.engine.connect() as connection:
        gone = set(connection.execute(sa.select(box.name).where(box.removed_at.is_not(None))).scalars())
    for install, what in where:
        if install in gone:
            yield warning(
                f"app.yaml says that {what} of {install}, where Pacer was uninstalled: nothing is posted there. "
                "Install it again and put its new token in, or name another channel."
            )


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
            yield note(f"Port {place.port} on {place.host} is not free ({error.strerror}); perhaps Pacer runs already.")


def _manifest_scopes() -> Iterable[str]:
    from bot.slack.manifest import SCOPES

    return SCOPES
