"""`pacer say` and `chat`: the playground in a terminal."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.command_line.common import Config, Demo, Now, fail, instant, sentences, settings_of, with_demo

if TYPE_CHECKING:
    from bot.config import Settings

As = Annotated[str, typer.Option("--as", help="Who you are: a name, e-mail address or role of the demo company.")]


def say(
    text: Annotated[str, typer.Argument(help="What you would type in a direct message.")] = "",
    who: As = "rep",
    file: Annotated[
        list[Path] | None,
        typer.Option("--file", help="A file to attach; may be given more than once.", exists=True, dir_okay=False),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the Reply as data.")] = False,
    now: Now = None,
    demo: Demo = None,
    config: Config = None,
) -> None:
    """One turn in the playground, and its plain text."""
    from bot.playground.terminal import say_once

    if not text.strip() and not file:
        fail("Give words, or a file with --file, as in: pacer say --as admin --file deals.csv “import”")
    settings = _playground_settings(config, demo)
    moment = instant(now, settings.company.zone) if now else None
    with sentences():
        said = asyncio.run(say_once(settings, who, text, moment, tuple(file or ())))
    if isinstance(said, str):
        fail(said)
    for reply in said:
        typer.echo(json.dumps(reply, ensure_ascii=False) if as_json else reply["text"])


def chat(who: As = "rep", now: Now = None, demo: Demo = None, config: Config = None) -> None:
    """The playground in a terminal: type, and press buttons by their number."""
    from bot.playground.terminal import converse

    settings = _playground_settings(config, demo)
    moment = instant(now, settings.company.zone) if now else None
    with sentences():
        refusal = asyncio.run(converse(settings, who, moment))
    if refusal:
        fail(refusal)


def _playground_settings(config: Path | None, demo: str | None) -> Settings:
    import logging

    from bot import logs

    settings = with_demo(settings_of(config), demo)
    if refusal := settings.playground_refusal():
        fail(refusal)
    logs.set_up(settings.logs, level=logging.ERROR)
    return settings
