"""`pacer`: the command line. Slow imports stand inside the commands, so that each starts as fast as it can."""

from __future__ import annotations

import asyncio
import errno
import io
import json
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, NoReturn
from zoneinfo import ZoneInfo

import typer

if TYPE_CHECKING:
    from bot.config import Settings
    from bot.teams.install import TeamsInstall
    from handlers.conversation.company import Company
    from handlers.export.wanted import What
    from storage.database import Database

cli = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Pacer, the sales team's running mate in Slack and Microsoft Teams.",
)
parse_cli = typer.Typer(no_args_is_help=True, help="Show what a text is taken for.")
export_cli = typer.Typer(no_args_is_help=True, help="Write rows to a file.")
manifest_cli = typer.Typer(no_args_is_help=True, help="Make what a platform must be told of this bot.")
cli.add_typer(parse_cli, name="parse")
cli.add_typer(export_cli, name="export")
cli.add_typer(manifest_cli, name="manifest")

Config = Annotated[Path | None, typer.Option("--config", help="Another app.yaml.")]
Now = Annotated[str | None, typer.Option("--now", help="Set the clock, e.g. 2026-11-18T10:00.")]
As = Annotated[str, typer.Option("--as", help="Who you are: a name, e-mail address or role of the demo company.")]


def _say_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"pacer {version('pacer')}")
        raise typer.Exit


@cli.callback()
def about(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_say_version, is_eager=True)
    ] = False,
) -> None:
    """Pacer, the sales team's running mate in Slack and Microsoft Teams."""


def main() -> None:
    """The entry point."""
    cli()


def _fail(sentence: str) -> NoReturn:
    typer.echo(sentence, err=True)
    raise typer.Exit(1)


def _settings(config: Path | None) -> Settings:
    from bot.config import ConfigError, load

    try:
        return load(config, os.environ)
    except ConfigError as error:
        _fail(f"{error}\n\nPlease mend {'it' if len(error.mistakes) == 1 else 'these'}, then try again.")


def _secrets(settings: Settings) -> Iterator[str]:
    yield settings.key
    for workspace in settings.slack:
        yield from (workspace.bot_token, workspace.signing_secret, workspace.app_token)
    yield from (tenant.app_password for tenant in settings.teams)


@contextmanager
def _sentences() -> Iterator[None]:
    """What keeps Pacer from working is said, without a traceback."""
    from storage.database import StorageError
    from storage.migrate import NotReady

    try:
        yield
    except (NotReady, StorageError) as error:
        _fail(str(error))
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            _fail(
                "The port is taken, perhaps by another Pacer: the address is in use. Choose another one in app.yaml, "
                "for example playground: {port: 3979}, or http: {port: 8081} with a platform."
            )
        _fail(f"{error.strerror or error}: {error.filename or ''}".rstrip(": ") + ".")


def _instant(now: str, zone: str) -> datetime:
    try:
        moment = datetime.fromisoformat(now)
    except ValueError:
        _fail(f"“{now}” is no time. Write it like 2026-11-18T10:00.")
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))


# ---------------------------------------------------------------- run


@cli.command()
def run(config: Config = None) -> None:
    """Run the bot: for the installs of app.yaml, or as the playground where there are none."""
    from bot import logs
    from bot.app import application

    settings = _settings(config)
    if not settings.installs and (refusal := settings.playground_refusal()):
        _fail(refusal)
    logs.set_up(settings.logs, secrets=_secrets(settings))
    if settings.teams_unsigned_local:
        _warn_of_unsigned(settings)
    with _sentences():
        app = application(settings)
        asyncio.run(_serve(app.start, app.stop, playground=not settings.installs))


def _warn_of_unsigned(settings: Settings) -> None:
    import structlog

    from bot.teams.doctor import unsigned

    structlog.get_logger("bot.cli").warning(unsigned(settings))


async def _serve(start: Callable[[], Awaitable[str]], stop: Callable[[], Awaitable[None]], *, playground: bool) -> None:
    from bot.process import tune

    done = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, done.set)
    try:
        address = await start()
        tune()
        what = "The playground is open" if playground else "Pacer is listening"
        typer.echo(f"{what} at {address} (Ctrl+C ends it)")
        await done.wait()
    finally:
        await stop()


@cli.command()
def migrate(config: Config = None) -> None:
    """Bring the database's schema up to this version."""
    from storage.database import open_database
    from storage.migrate import migrate as bring_up

    settings = _settings(config)
    with _sentences():
        database = open_database(_database_url(settings))
        typer.echo(str(bring_up(database)))
        database.close()


@cli.command()
def doctor(config: Config = None) -> None:
    """Say what is configured, what is reachable, what is missing and how to get it."""
    from bot.doctor import main as examine

    raise typer.Exit(examine(config))


def _database_url(settings: Settings) -> str:
    return settings.database_url if settings.installs else settings.playground.database_url


# ---------------------------------------------------------------- talk


@cli.command()
def say(
    text: Annotated[str, typer.Argument(help="What you would type in a direct message.")] = "",
    who: As = "rep",
    file: Annotated[
        list[Path] | None,
        typer.Option("--file", help="A file to attach; may be given more than once.", exists=True, dir_okay=False),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the Reply as data.")] = False,
    now: Now = None,
    config: Config = None,
) -> None:
    """One turn in the playground, and its plain text."""
    from bot.playground.terminal import say_once

    if not text.strip() and not file:
        _fail("Give words, or a file with --file, as in: pacer say --as admin --file deals.csv “import”")
    settings = _playground_settings(config)
    moment = _instant(now, settings.company.zone) if now else None
    with _sentences():
        said = asyncio.run(say_once(settings, who, text, moment, tuple(file or ())))
    if isinstance(said, str):
        _fail(said)
    for reply in said:
        typer.echo(json.dumps(reply, ensure_ascii=False) if as_json else reply["text"])


@cli.command()
def chat(who: As = "rep", now: Now = None, config: Config = None) -> None:
    """The playground in a terminal: type, and press buttons by their number."""
    from bot.playground.terminal import converse

    settings = _playground_settings(config)
    moment = _instant(now, settings.company.zone) if now else None
    with _sentences():
        refusal = asyncio.run(converse(settings, who, moment))
    if refusal:
        _fail(refusal)


def _playground_settings(config: Path | None) -> Settings:
    import logging

    from bot import logs

    settings = _settings(config)
    if refusal := settings.playground_refusal():
        _fail(refusal)
    logs.set_up(settings.logs, level=logging.ERROR)
    return settings


# ---------------------------------------------------------------- parse


@parse_cli.command("log")
def parse_log(
    text: Annotated[str, typer.Argument(help="The line, or - for one line of standard input after the other.")],
    now: Now = None,
    tz: Annotated[str, typer.Option("--tz", help="IANA zone of the person.")] = "UTC",
    accounts: Annotated[Path | None, typer.Option(help="A file with an account's name a line.")] = None,
    date_order: Annotated[str, typer.Option(help="mdy or dmy.")] = "mdy",
    config: Config = None,
) -> None:
    """Show what a line of `/log` is taken for, as JSON."""
    from handlers.language.names import NameIndex
    from handlers.log.parse import Vocabulary, parse

    try:
        zone = ZoneInfo(tz)
    except (KeyError, ValueError, OSError):
        _fail(f"“{tz}” is no time zone. Write it like Europe/Berlin.")
    if date_order not in ("mdy", "dmy"):
        _fail("--date-order is mdy or dmy.")
    extra: dict[str, tuple[str, ...]] = {}
    currency = "USD"
    if (company := _company_here() if config is None else _settings(config).company) is not None:
        extra, currency = company.kinds, company.currency
    names = NameIndex()
    if accounts is not None:
        try:
            names = NameIndex(line.strip() for line in accounts.read_text("utf-8").splitlines() if line.strip())
        except (OSError, UnicodeDecodeError) as error:
            _fail(f"{accounts} cannot be read as text: {getattr(error, 'strerror', None) or 'it is not UTF-8'}.")
    vocabulary = Vocabulary.build(extra)
    moment = _instant(now, tz).astimezone(zone) if now else datetime.now(zone)
    for line in _lines(text):
        read = parse(
            line,
            now=moment,
            names=names,
            vocabulary=vocabulary,
            date_order="dmy" if date_order == "dmy" else "mdy",
            currency=currency,
        )
        typer.echo(json.dumps(read.as_data(), ensure_ascii=False))


@parse_cli.command("ask")
def parse_ask(
    text: Annotated[str, typer.Argument(help="The question, or - for one line of standard input after the other.")],
    now: Now = None,
    tz: Annotated[str, typer.Option("--tz", help="IANA zone of the person.")] = "UTC",
    who: Annotated[str | None, typer.Option("--as", help="Who asks: a name of the --org.")] = None,
    fiscal_start: Annotated[str, typer.Option("--fiscal-start", help="Month the fiscal year begins in.")] = "1",
    org: Annotated[Path | None, typer.Option("--org", help="CSV: kind,name,leader,parent.")] = None,
    date_order: Annotated[str, typer.Option(help="mdy or dmy.")] = "mdy",
) -> None:
    """Show what a question about the numbers is taken for, as JSON."""
    from bot.parse_ask import NotAsked, answers, asker_in, month_number, org_of

    try:
        zone = ZoneInfo(tz)
    except (KeyError, ValueError, OSError):
        _fail(f"“{tz}” is no time zone. Write it like Europe/Berlin.")
    if date_order not in ("mdy", "dmy"):
        _fail("--date-order is mdy or dmy.")
    moment = _instant(now, tz).astimezone(zone) if now else datetime.now(zone)
    try:
        index, month = org_of(org), month_number(fiscal_start)
        asker = asker_in(index, who)
    except NotAsked as error:
        _fail(str(error))
    order: Literal["mdy", "dmy"] = "dmy" if date_order == "dmy" else "mdy"
    said = answers(_lines(text), org=index, asker=asker, today=moment.date(), fiscal_start=month, date_order=order)
    for line in said:
        typer.echo(line)


def _company_here() -> Company | None:
    """That of ./app.yaml, where there is one; a line can be read beside one that is not in order yet, too."""
    from bot.config import ConfigError, load

    if not Path("app.yaml").is_file():
        return None
    try:
        return load(None, os.environ).company
    except ConfigError:
        typer.echo("app.yaml has mistakes (`pacer doctor` lists them), so its kinds are not used here.", err=True)
        return None


def _lines(text: str) -> Iterator[str]:
    if text != "-":
        yield text
        return
    for line in sys.stdin.buffer:
        yield line.decode("utf-8", "replace").rstrip("\r\n")


# ---------------------------------------------------------------- import


@cli.command("import")
def import_file(
    path: Annotated[str | None, typer.Argument(help="A CSV, XLSX or YAML file; with --undo an import's id.")] = None,
    kind: Annotated[
        str | None, typer.Option("--kind", help="people, accounts, targets, deals, revenue or cost.")
    ] = None,
    mapping: Annotated[
        list[str] | None, typer.Option("--map", help='What a column is: "Column=field", or "Column=-" for nothing.')
    ] = None,
    date_order: Annotated[str | None, typer.Option("--date-order", help="How 3/4/2026 is read: mdy or dmy.")] = None,
    sheet: Annotated[str | None, typer.Option("--sheet", help="Of an XLSX file, where it has several.")] = None,
    source: Annotated[str, typer.Option("--source", help="The system whose ids the file holds.")] = "import",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the difference, and write nothing.")] = False,
    all_or_nothing: Annotated[
        bool, typer.Option("--all-or-nothing", help="Write nothing if a row must be left out.")
    ] = False,
    errors: Annotated[Path | None, typer.Option("--errors", help="A CSV for rows that are left out.")] = None,
    undo: Annotated[bool, typer.Option("--undo", help="Roll the last import back, or the one of that id.")] = False,
    config: Config = None,
) -> None:
    """People, accounts, targets, deals, revenue or cost from a table, a commission plan from YAML. The same file again
    changes nothing."""
    from bot.importing import Options, Stopped, roll_back
    from bot.importing import run as bring_in
    from bot.importing_plan import PlanRefused
    from bot.importing_plan import run as bring_in_plan
    from handlers.imports.plan_apply import is_plan_file
    from handlers.imports.text import Refused
    from storage.database import open_database
    from storage.migrate import migrate as bring_up

    if path is None and not undo:
        _fail("Say which file, for example: pacer import deals.csv --dry-run")
    settings = _settings(config)
    with _sentences():
        database = open_database(_database_url(settings))
        try:
            bring_up(database)
            if undo:
                roll_back(database, settings.company, path, typer.echo)
            elif path is not None and is_plan_file(path):
                bring_in_plan(database, settings.company, Path(path), typer.echo, dry_run=dry_run)
            else:
                assert path is not None
                options = Options(
                    path=Path(path),
                    kind=kind,
                    mapping=mapping or (),
                    date_order=date_order,
                    sheet=sheet,
                    source=source,
                    dry_run=dry_run,
                    all_or_nothing=all_or_nothing,
                    errors=errors,
                )
                bring_in(database, settings.company, options, typer.echo)
        except (Refused, Stopped, PlanRefused) as error:
            _fail(str(error))
        finally:
            database.close()


# ---------------------------------------------------------------- export


Whose = Annotated[str, typer.Argument(help='Whose and when, as you would say it: "East last quarter".')]
Viewer = Annotated[str | None, typer.Option("--as", help="E-mail: what that person may see. Else all of it.")]
Kind = Annotated[str, typer.Option("--format", help="csv or xlsx; else what the file's name ends in.")]
Out = Annotated[Path | None, typer.Option("--out", "-o", help="The file; standard output by default, for one CSV.")]


@export_cli.command("figures")
def export_figures(
    whose: Whose = "", who: Viewer = None, kind: Kind = "", to: Out = None, now: Now = None, config: Config = None
) -> None:
    """Target, won, pace, gap and forecast: a row a unit and person, and a row a person and month."""
    _export_seen("figures", whose, who, kind, to, now, config)


@export_cli.command("deals")
def export_deals(
    whose: Whose = "", who: Viewer = None, kind: Kind = "", to: Out = None, now: Now = None, config: Config = None
) -> None:
    """The deals behind the figures, with their shares."""
    _export_seen("deals", whose, who, kind, to, now, config)


@export_cli.command("leaderboard")
def export_leaderboard(
    whose: Whose = "", who: Viewer = None, kind: Kind = "", to: Out = None, now: Now = None, config: Config = None
) -> None:
    """Ranks, with the amounts where they may be seen."""
    _export_seen("leaderboard", whose, who, kind, to, now, config)


def _export_seen(
    what: What, whose: str, who: str | None, kind: str, to: Path | None, now: str | None, config: Path | None
) -> None:
    from bot import exporting
    from bot.reception import utc_now
    from storage.database import open_database
    from storage.migrate import migrate as bring_up

    kind = kind or (to.suffix.lower().lstrip(".") if to else "csv")
    if kind not in ("csv", "xlsx"):
        _fail("--format is csv or xlsx.")
    settings = _settings(config)
    moment = _instant(now, settings.company.zone) if now else utc_now()
    with _sentences():
        database = open_database(_database_url(settings))
        try:
            bring_up(database)
            exporting.run(
                database,
                settings.company,
                what=what,
                words=whose,
                email=who,
                format="xlsx" if kind == "xlsx" else "csv",
                to=to,
                out=sys.stdout,
                say=lambda sentence: typer.echo(sentence, err=True),
                now=moment,
            )
        except exporting.NotExported as error:
            _fail(str(error))
        finally:
            database.close()


@export_cli.command("activities")
def export_activities(
    whose: Whose = "",
    to: Annotated[Path | None, typer.Option("--to", "--out", "-o", help="A file; standard output by default.")] = None,
    style: Annotated[
        str, typer.Option("--as", help="Column names: pacer, salesforce or hubspot. Or an e-mail, as with the others.")
    ] = "pacer",
    kind: Kind = "",
    since: Annotated[str | None, typer.Option(help="From this day on, e.g. 2026-10-01.")] = None,
    until: Annotated[str | None, typer.Option(help="Up to this day.")] = None,
    config: Config = None,
) -> None:
    """All activities that stand, as CSV that no spreadsheet takes for formulas; or those that somebody may see."""
    if "@" in style or whose or kind == "xlsx" or (to is not None and to.suffix.lower() == ".xlsx"):
        if since or until:
            _fail('Say the days in words here, for example: pacer export activities "October 2026"')
        if "@" not in style and style != "pacer":
            _fail(f"--as {style} is a CSV of all activities: leave out the words, and --format.")
        _export_seen("activities", whose, style if "@" in style else None, kind, to, None, config)
        return
    from handlers.log.export import STYLES
    from storage.database import open_database
    from storage.migrate import migrate as bring_up

    if style not in STYLES:
        _fail(f"--as is one of {', '.join(STYLES)}.")
    settings = _settings(config)
    first, last = _day(since), _day(until)
    with _sentences():
        database = open_database(_database_url(settings))
        try:
            bring_up(database)
            number = _export(database, to, style, first, last)
        finally:
            database.close()
    typer.echo(f"{number:,} activities" + (f" are in {to}." if to else "."), err=True)


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        _fail(f"“{text}” is no date. Write it like 2026-10-01.")


def _export(database: Database, to: Path | None, style: str, first: date | None, last: date | None) -> int:
    from bot.exporting import whole
    from handlers.log.export import write
    from storage import activities
    from storage.database import Transaction

    with database.engine.connect() as connection:
        rows = activities.export(Transaction(connection), first, last)
        if to is None:
            return write(rows, style, sys.stdout)
        with whole(to) as file:
            text = io.TextIOWrapper(file, "utf-8", newline="")
            number = write(rows, style, text)
            text.flush()
            text.detach()
        return number


# ---------------------------------------------------------------- deliveries


@cli.command()
def deliveries(
    person: Annotated[
        str | None,
        typer.Option("--person", help="Whose: a name or e-mail address. Without it: how many in each state."),
    ] = None,
    days: Annotated[int, typer.Option("--days", min=1, max=400, help="How many days back.")] = 14,
    config: Config = None,
) -> None:
    """Say what was to be said unasked to somebody, when, and what became of it."""
    from bot.deliveries import NobodyMeant, report
    from bot.reception import utc_now
    from storage.database import open_database
    from storage.migrate import migrate

    settings = _settings(config)
    with _sentences():
        database = open_database(_database_url(settings))
        try:
            migrate(database)
            for line in report(database, settings.company, person=person, days=days, now=utc_now()):
                typer.echo(line)
        except NobodyMeant as mistake:
            _fail(str(mistake))
        finally:
            database.close()


# ---------------------------------------------------------------- manifest


@manifest_cli.command("slack")
def manifest_slack(
    url: Annotated[
        str | None, typer.Option("--url", help="Where Slack reaches this bot, e.g. https://pacer.example.com.")
    ] = None,
    config: Config = None,
) -> None:
    """The Slack app's manifest, made from the commands and app.yaml."""
    from bot.slack.manifest import EXAMPLE_URL, manifest
    from bot.slack.receive import PATH
    from handlers import COMMANDS

    settings = _settings(config)
    address = EXAMPLE_URL if url is None else url.rstrip("/").removesuffix(PATH) + PATH
    data: dict[str, Any] = manifest(COMMANDS, settings.company, settings.slack, address)
    typer.echo(json.dumps(data, indent=2, ensure_ascii=False))


@manifest_cli.command("teams")
def manifest_teams(
    name: Annotated[
        str | None, typer.Option("--install", help="Which Teams install of app.yaml, where there are several.")
    ] = None,
    to: Annotated[Path, typer.Option("--out", help="The package to write.")] = Path("pacer-teams.zip"),
    as_json: Annotated[bool, typer.Option("--json", help="Print the manifest, and write no package.")] = False,
    config: Config = None,
) -> None:
    """The Teams app's package, made from the commands and app.yaml: what an admin uploads."""
    from importlib.metadata import version

    from bot.teams.manifest import manifest, package
    from handlers import COMMANDS

    settings = _settings(config)
    install = _teams_install(settings, name)
    data = manifest(COMMANDS, settings.company, install, version("pacer"))
    if as_json:
        typer.echo(json.dumps(data, indent=2, ensure_ascii=False))
        return
    with _sentences():
        to.write_bytes(package(data))
    typer.echo(f"{to} holds the app of {install.name}, version {data['version']}. docs/teams.md says where to put it.")


def _teams_install(settings: Settings, name: str | None) -> TeamsInstall:
    listed = {install.name: install for install in settings.teams}
    if not listed:
        _fail(
            f"{settings.path} lists no Teams install, and the package needs the bot's app id. docs/teams.md says how "
            "to register the bot and what to write under installs."
        )
    if name is None and len(listed) > 1:
        _fail(f"There are several Teams installs. Choose one with --install: {', '.join(listed)}.")
    if name is not None and name not in listed:
        _fail(f"“{name}” is no Teams install of {settings.path}. It lists {', '.join(listed)}.")
    return listed[name or next(iter(listed))]
