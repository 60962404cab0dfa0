"""`pacer parse`: what a text is taken for, as JSON."""

from __future__ import annotations

import json
import os
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal
from zoneinfo import ZoneInfo

import typer

from bot.command_line.common import Config, Now, fail, instant, lines_of, settings_of

if TYPE_CHECKING:
    from handlers.conversation.company import Company

cli = typer.Typer(no_args_is_help=True, help="Show what a text is taken for.")


@cli.command("log")
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

    zone, order = _zone(tz), _order(date_order)
    extra: dict[str, tuple[str, ...]] = {}
    currency = "USD"
    if (company := _company_here() if config is None else settings_of(config).company) is not None:
        extra, currency = company.kinds, company.currency
    names = NameIndex()
    if accounts is not None:
        try:
            names = NameIndex(line.strip() for line in accounts.read_text("utf-8").splitlines() if line.strip())
        except (OSError, UnicodeDecodeError) as error:
            fail(f"{accounts} cannot be read as text: {getattr(error, 'strerror', None) or 'it is not UTF-8'}.")
    vocabulary = Vocabulary.build(extra)
    moment = instant(now, tz).astimezone(zone) if now else datetime.now(zone)
    for line in lines_of(text):
        read = parse(
            line,
            now=moment,
            names=names,
            vocabulary=vocabulary,
            date_order=order,
            currency=currency,
        )
        typer.echo(json.dumps(read.as_data(), ensure_ascii=False))


@cli.command("ask")
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

    zone, order = _zone(tz), _order(date_order)
    moment = instant(now, tz).astimezone(zone) if now else datetime.now(zone)
    try:
        index, month = org_of(org), month_number(fiscal_start)
        asker = asker_in(index, who)
    except NotAsked as error:
        fail(str(error))
    said = answers(lines_of(text), org=index, asker=asker, today=moment.date(), fiscal_start=month, date_order=order)
    for line in said:
        typer.echo(line)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        fail(f"“{name}” is no time zone. Write it like Europe/Berlin.")


def _order(given: str) -> Literal["mdy", "dmy"]:
    if given not in ("mdy", "dmy"):
        fail("--date-order is mdy or dmy.")
    return "dmy" if given == "dmy" else "mdy"


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
