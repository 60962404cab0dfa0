"""What an admin reads of a file that was attached: what is asked, what it would do, and the buttons under it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

import msgspec

from handlers.conversation.buttons import GOOD_FOR, Issuer
from handlers.conversation.reply import (
    Button,
    Buttons,
    Choice,
    ChoiceField,
    Form,
    Option,
    Part,
    Reply,
    Table,
    Text,
)
from handlers.conversation.request import Request
from handlers.imports.apply import Application
from handlers.imports.asked import Asked
from handlers.imports.fields import FIELDS, NEEDED, WANTED
from handlers.imports.headers import KINDS, Question
from handlers.imports.reading import Reading
from handlers.imports.rehearse import Rehearsed
from handlers.imports.telling import SHOWN, counts, left_out, listed, remarks, rows, unused, without_options
from storage.database import Transaction

ISSUER: Final = Issuer("import", forms=frozenset({"columns"}))
WAITS: Final = timedelta(days=7)
"""How long a file that was attached waits to be applied."""
NONE: Final = "-"
_COLUMNS_SHOWN: Final = 20
_OFFERED: Final = 95
"""Columns in a menu; the platforms take 100 lines."""
_ORDERS: Final = {"mdy": "Month first (3/4 is 4 March)", "dmy": "Day first (3/4 is 3 April)"}
_FIELDS_SHOWN: Final = 14


class Kept(msgspec.Struct, frozen=True):
    """A file that waits in the rows (storage/files.py)."""

    file: str
    name: str
    digest: str


def data_of(kept: Kept, asked: Asked, **more: Any) -> dict[str, Any]:
    """What the jobs and the buttons of a file are about."""
    return {**msgspec.to_builtins(kept), "asked": msgspec.to_builtins(asked), **more}


def about(data: dict[str, Any]) -> tuple[Kept, Asked]:
    """The same, read back."""
    return msgspec.convert(data, Kept), msgspec.convert(data["asked"], Asked)


# ---------------------------------------------------------------- questions


def refused(request: Request, tx: Transaction, kept: Kept, asked: Asked, sentence: str) -> Reply:
    """The file cannot be read; where that is for want of knowing what it is, that can be said."""
    said = f"{kept.name}: {without_options(sentence)} Nothing was imported."
    if "--kind" not in sentence:
        return Reply(said)
    return Reply(f"{said} What does it hold?", (Text(said), _kinds(request, tx, kept, asked, KINDS)))


def question(request: Request, tx: Transaction, kept: Kept, asked: Asked, reading: Reading) -> Reply:
    """The first question that is open, with what can be answered as buttons."""
    first = next((one for one in reading.questions if one.about == "kind"), reading.questions[0])
    sentence = without_options(first.sentence)
    head = Text(f"{kept.name}: one thing first", style="strong")
    parts: list[Part] = [head]
    match first.about:
        case "kind":
            parts.append(_kinds(request, tx, kept, asked, first.choices, sentence))
        case "date_order":
            token = ISSUER.token_for(request, tx, "answer", data_of(kept, asked, about="date_order"))
            options = tuple(Option(_ORDERS[one], one) for one in first.choices)
            parts.append(Choice(f"{sentence} Which is it?", token, options))
        case "stages":
            meant = [use.column for use in reading.columns.uses if use.title in first.columns]
            said = [f"{_named(reading, at)}=stage" for at in meant]
            token = ISSUER.token_for(request, tx, "answer", data_of(kept, asked, about="map", said=said[:1]))
            parts.append(Choice(sentence, token, (Option("They are stages of open deals", "0"),)))
        case "grouped":
            meant = [use.column for use in reading.columns.uses if use.title in first.columns]
            said = [f"{_named(reading, meant[0])}={first.field}{down}" for down in (" down", "")]
            token = ISSUER.token_for(request, tx, "answer", data_of(kept, asked, about="map", said=said))
            options = (Option("It holds for the rows below too", "0"), Option("Blank is blank", "1"))
            parts.append(Choice(f"{sentence} Is it a report with groups?", token, options))
        case _:
            parts += _which_column(request, tx, kept, asked, reading, first, sentence)
    buttons = ISSUER.lasting(
        request, tx, [_columns_button(kept, asked, reading), ("Cancel", "cancel", data_of(kept, asked))]
    )
    parts.append(Buttons(tuple(buttons)))
    return Reply(f"{kept.name}: {sentence}", tuple(parts))


def _kinds(
    request: Request, tx: Transaction, kept: Kept, asked: Asked, kinds: Sequence[str], sentence: str = ""
) -> Choice:
    token = ISSUER.token_for(request, tx, "answer", data_of(kept, asked, about="kind"))
    options = tuple(Option(kind.capitalize(), kind) for kind in kinds)
    return Choice(f"{sentence} What does it hold?".strip(), token, options)


def _which_column(
    request: Request, tx: Transaction, kept: Kept, asked: Asked, reading: Reading, first: Question, sentence: str
) -> list[Part]:
    if first.field == "year":
        today = request.basis.now.year
        said = [(str(year), f"={year}=year") for year in (today - 1, today, today + 1)]
    elif first.columns:
        places = [
            (use.title, _named(reading, use.column)) for use in reading.columns.uses if use.title in first.columns
        ]
        said = [(name, f"{name}={first.field}") for _, name in places]
    elif first.choices:
        said = [(title, f"{title}={first.field}") for title in first.choices]
        said.append(("None of them", f"=none={first.field}"))
    else:
        return [
            Text(f"{sentence} Say which column it is with *Choose columns*.".replace("*", "“", 1).replace("*", "”"))
        ]
    token = ISSUER.token_for(request, tx, "answer", data_of(kept, asked, about="map", said=[one for _, one in said]))
    options = tuple(Option(label, str(number)) for number, (label, _) in enumerate(said))
    return [Choice(f"{sentence} Which is it?", token, options)]


def _named(reading: Reading, column: int) -> str:
    """How a column is named so that it is meant alone."""
    titles = reading.titles
    title = titles[column]
    same = [at for at, one in enumerate(titles) if one == title]
    return title if len(same) == 1 else f"{title}#{same.index(column) + 1}"


# ---------------------------------------------------------------- the form for columns


def _columns_button(kept: Kept, asked: Asked, reading: Reading) -> tuple[str, str, dict[str, Any]]:
    titles = [_named(reading, at) if title else "" for at, title in enumerate(reading.titles)]
    used = {use.field: titles[use.column] for use in reading.columns.used if use.column >= 0 and use.span is None}
    return "Choose columns", "columns", data_of(kept, asked, kind=reading.kind, titles=titles[:200], used=used)


def columns_form(data: dict[str, Any], token: str) -> Form:
    """A menu of the file's columns for each thing that such a file says: what it must say, then what it does."""
    kind, used = data["kind"], data["used"]
    options = (Option("(none)", NONE), *(Option(title, title) for title in data["titles"][:_OFFERED] if title))
    meaning = {field.name: field.meaning for field in FIELDS[kind]}
    first = [name for group in (*NEEDED[kind], *WANTED.get(kind, ())) for name in group]
    names = list(dict.fromkeys([*first, *used, *meaning]))[:_FIELDS_SHOWN]
    offered = {option.value for option in options}
    fields = tuple(
        ChoiceField(name, _label(meaning[name]), options, used[name] if used.get(name) in offered else NONE)
        for name in names
    )
    return Form("Which column is what", token, fields, submit="Read it so")


def _label(meaning: str) -> str:
    return meaning[0].upper() + meaning[1:]


def mapped(asked: Asked, data: dict[str, Any], values: dict[str, str]) -> tuple[Asked, dict[str, str]]:
    """How the file is read after the form; and what is wrong with it, by field."""
    used: dict[str, str] = data["used"]
    chosen = {name: title for name, title in values.items() if title and title != NONE}
    wrong = {}
    for name, title in chosen.items():
        if twin := next((other for other in chosen if other != name and chosen[other] == title), None):
            wrong[name] = f"“{title}” is chosen for {twin.replace('_', ' ')} too."
    changed = {name for name, title in values.items() if (title or NONE) != used.get(name, NONE)}
    said = [f"{chosen[name]}={name}" for name in changed if name in chosen]
    gone = {used[name] for name in changed if name in used} - set(chosen.values())
    said += [f"{title}=-" for title in sorted(gone)]
    titles = {line.rpartition("=")[0] for line in said}
    stands = [
        line for line in asked.mapping if not {line.rpartition("=")[0], line.rpartition("=")[2]} & (titles | changed)
    ]
    return msgspec.structs.replace(asked, kind=data["kind"], mapping=(*stands, *said)), wrong


# ---------------------------------------------------------------- what it would do


def preview(
    request: Request,
    tx: Transaction,
    kept: Kept,
    asked: Asked,
    reading: Reading,
    done: Rehearsed,
    before: Sequence[str] = (),
) -> Reply:
    """What the file was taken for, and the difference that it would make."""
    trial = done.application
    would = counts(trial, would=True)
    head = f"{kept.name}: {reading.kind}, {rows(reading.expected)}"
    why = without_options(reading.columns.why)
    read_as = f"Read as {reading.described}, header in row {reading.header_row}."
    used = [
        (use.title if use.column >= 0 else f"(always {use.constant})", use.field.replace("_", " "))
        for use in reading.columns.used
    ]
    parts: list[Part] = [Text(head, style="strong"), Text(f"{why} {read_as}".strip(), style="quiet")]
    parts.append(Table(("Column", "Read as"), tuple(used[:_COLUMNS_SHOWN])))
    more = [f"and {len(used) - _COLUMNS_SHOWN} further columns"] if len(used) > _COLUMNS_SHOWN else []
    if others := unused(reading):
        shown = ", ".join(others[:_COLUMNS_SHOWN])
        more.append(f"not used: {shown}{' and so on' if len(others) > _COLUMNS_SHOWN else ''}")
    if more:
        parts.append(Text(f"{_label('; '.join(more))}.", style="quiet"))
    parts.append(Text(would, style="strong"))
    parts += said(trial, done.changes)
    parts += [Text(sentence) for sentence in before]
    nothing = not (trial.tally.made or trial.tally.changed or trial.tally.notes)
    wanted = [_columns_button(kept, asked, reading), ("Cancel", "cancel", data_of(kept, asked))]
    if nothing:
        parts.append(Text("It would change nothing, so there is nothing to apply."))
        parts.append(Buttons(tuple(ISSUER.lasting(request, tx, wanted))))
    else:
        apply, *others_ = ISSUER.once_and_lasting(
            request, tx, ("Apply", "apply", data_of(kept, asked)), GOOD_FOR, wanted
        )
        primary = msgspec.structs.replace(apply, style="primary")
        parts.append(Buttons((primary, *others_)))
    return Reply(f"{head}. {would} Nothing is written yet.", tuple(parts))


def said(done: Application, changed: Sequence[str] = ()) -> list[Part]:
    """What was noticed, what is changed, what is left out."""
    parts: list[Part] = []
    if changed:
        parts.append(Text("The first changes:\n" + listed(changed)))
    if noticed := [text for one in remarks(done) if (text := without_options(one))]:
        parts.append(Text("Noticed:\n" + listed(noticed)))
    if lines := left_out(done):
        rest = f"\n… and {done.left_out - SHOWN:,} more." if done.left_out > SHOWN and len(lines) == SHOWN else ""
        parts.append(Text("Left out:\n" + listed(lines) + rest))
    return parts


def roll_back_button(request: Request, tx: Transaction, identifier: str) -> Button:
    """It asks before it does anything."""
    (button,) = ISSUER.lasting(request, tx, [("Roll back", "roll back", {"import": identifier})])
    return button
