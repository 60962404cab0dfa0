"""docs/parity.md says what the platforms declare, and what they declare is so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot import parity
from bot.slack import render as slack_render
from bot.slack import ways as slack
from bot.teams import render as teams_render
from bot.teams import ways as teams
from handlers.conversation.reply import (
    Button,
    Buttons,
    Chart,
    ChartRow,
    Choice,
    ChoiceField,
    DateField,
    Document,
    Fact,
    Facts,
    Field,
    Form,
    Option,
    Part,
    Reply,
    Table,
    Text,
    TextField,
    TimeField,
)

ROOT = Path(__file__).parent.parent
PLATFORMS = {"slack": slack, "teams": teams}

OPTIONS = (Option("Acme Corporation", "0"), Option("Acme Labs", "1"))
PARTS: tuple[Part, ...] = (
    Text("A paragraph"),
    Facts((Fact("Account", "Acme"),)),
    Table(("Rep", "Won"), (("Dana", "$40,000"),), numeric=(1,)),
    Chart(
        "Won so far", "bars", (ChartRow("Dana", 40_000.0, "$40,000", 80_000.0, "$80,000"),), "Dana: $40,000 of $80,000."
    ),
    Document("deals.csv", "f1", 1200, "12 deals."),
    Buttons((Button("Undo", "t1"),)),
    Choice("Which Acme?", "t2", OPTIONS),
)
FIELDS: tuple[Field, ...] = (
    TextField("note", "Note"),
    ChoiceField("kind", "What was it?", OPTIONS),
    DateField("day", "Day"),
    TimeField("time", "Time"),
)
SAMPLES: dict[type, Any] = {type(sample): sample for sample in (*PARTS, *FIELDS)}
SAMPLES[Form] = Form("A form", "t3", FIELDS)


def drawn(platform: str, kind: type) -> Any:
    """What a platform makes of a sample of that kind."""
    sample = SAMPLES[kind]
    if kind is not Form and sample in FIELDS:
        sample = Form("A form", "t3", (sample,))
    if isinstance(sample, Form):
        return slack_render.modal(sample) if platform == "slack" else teams_render.dialog(sample)
    reply = Reply("A sentence", (sample,))
    pictures = {sample: b"PNG"} if kind is Chart else {}
    return slack_render.message(reply) if platform == "slack" else teams_render.message(reply, pictures)


def types(made: Any) -> Iterator[str]:
    """Every `type` in what was made."""
    match made:
        case dict():
            if isinstance(made.get("type"), str):
                yield made["type"]
            for value in made.values():
                yield from types(value)
        case list():
            for value in made:
                yield from types(value)


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("kind", parity.KINDS, ids=lambda kind: kind.__name__)
def test_each_kind_is_shown_as_declared(platform: str, kind: type) -> None:
    shown = PLATFORMS[platform].SHOWS[kind]
    assert shown.element in set(types(drawn(platform, kind)))


@pytest.mark.parametrize("platform", PLATFORMS)
def test_nothing_is_left_out_and_nothing_made_up(platform: str) -> None:
    assert set(PLATFORMS[platform].SHOWS) == set(parity.KINDS)
    assert set(PLATFORMS[platform].DOES) == set(parity.DOES)


@pytest.mark.parametrize("platform", PLATFORMS)
def test_each_way_has_its_test(platform: str) -> None:
    files = [ROOT / f"tests/test_{platform}_{part}.py" for part in ("end_to_end", "send")]
    files += [ROOT / "tests/test_documents_end_to_end.py", ROOT / "tests/test_files_in.py"]
    there = {name for file in files for name in re.findall(r"^async def (test_\w+)", file.read_text("utf-8"), re.M)}
    assert {way.test for way in PLATFORMS[platform].DOES.values()} <= there


def test_the_page_is_made_of_it() -> None:
    written = (ROOT / "docs/parity.md").read_text("utf-8")
    assert written == parity.declared(), "run: python -m bot.parity docs/parity.md"
