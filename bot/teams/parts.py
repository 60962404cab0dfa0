"""Each kind of part as card elements of at most so many bytes. What does not fit is left out with a word."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Sequence
from typing import TypeVar

from bot.shorten import SHORTENED, clean
from bot.teams.elements import MENU_SIZE, SHORT, Element, Look, as_typed, menu, rich, run, size
from handlers.conversation.reply import Button, Buttons, Chart, Choice, Document, Fact, Facts, Table, Text

Row = TypeVar("Row")

TEXT = 6000
VALUE = 2000
"""Characters of a fact's value."""
CELL = 200
BUTTON = 80
SHORT_BUTTON = 20
"""Characters that are left of a button's words where there are dozens."""
ACTIONS_IN_ROW = 6
"""Teams hides what is beyond behind a menu of its own."""
LETTERS_IN_ROW = 38
"""What a phone of 320 pixels shows side by side. A longer row of buttons is cut, a wider table runs into itself."""
BUTTON_FRAME = 5
CELL_FRAME = 3
"""In letters, as the line above is reckoned."""
OPTIONS_AS_BUTTONS = 5
ROWS_OF_OPTIONS = 3
"""More options than OPTIONS_AS_BUTTONS stay buttons while their words are short: one touch rather than three."""
ROWS_IN_TABLE = 100
LABEL_BESIDE = 18
"""Labels up to this many letters stand beside their values, longer ones above them."""
FIRST_ROWS = "The first {shown} of {all} rows."
FIRST_FACTS = "The first {shown} of {all} entries."
FIRST_BUTTONS = "Only {shown} of {all} buttons fit here."
ALT_TEXT = 1000
VERB = "pacer"

_WORD = 160
"""Bytes kept for the sentence about what was left out."""
_LETTER = 6
"""The most bytes that one character takes in JSON (an escaped control character)."""
_BREAK: Element = {"type": "TextRun", "text": "\n"}
_BLANK: Element = {"type": "TextRun", "text": "\u00a0"}
"""A cell without anything in it would be dropped by clients, and its row move to the left."""


def text(part: Text, room: int) -> list[Element]:
    """A paragraph; nothing for an empty one, or where there is no room for a few words."""
    if not part.text.strip():
        return []
    limit = min(len(part.text), TEXT)
    made = [rich(run(part.text, TEXT, part.style))]
    if limit * _LETTER + _WORD <= room:
        return made
    while size(made) > room:
        limit = limit * 4 // 5
        if limit <= 2 * len(SHORTENED):
            return []
        made = [rich(run(part.text, limit, part.style))]
    return made


def facts(part: Facts, room: int) -> list[Element]:
    """Labels beside values; long labels above them."""
    longest = max((len(row.label) for row in part.rows), default=0)
    if longest > LABEL_BESIDE:
        return _as_many(_above, part.rows, len(part.rows), room, FIRST_FACTS)
    width = f"{min(max(longest * 8 + 6, 62), 134)}px"

    def beside(row: Fact) -> Element:
        return {
            "type": "ColumnSet",
            "spacing": "Small",
            "columns": [
                {"type": "Column", "width": width, "items": [rich(run(row.label, SHORT, "subtle"))]},
                {"type": "Column", "width": "stretch", "items": [rich(run(row.value, VALUE))]},
            ],
        }

    return _as_many(beside, part.rows, len(part.rows), room, FIRST_FACTS)


def _above(row: Fact) -> Element:
    return rich(run(row.label, SHORT, "bold"), _BREAK, run(row.value, VALUE))


def is_wide(part: Table) -> bool:
    """Whether a table wants all the width that Teams has."""
    return len(part.columns) >= 4 and _fits(_words(part))


def table(part: Table, room: int) -> list[Element]:
    """Cells under bold column names, numbers to the right; a paragraph a row where a phone is too narrow for that."""
    if not part.columns:
        return []
    rows = part.rows[:ROWS_IN_TABLE]
    words = _words(part)
    if not _fits(words):
        return _as_many(lambda row: _paragraph(part, row), rows, len(part.rows), room, FIRST_ROWS)
    made: Element = {"type": "Table", "columns": _columns(part, words), "rows": [_row(part, part.columns, "bold")]}
    if size(made) > room:
        return []
    lines = _as_many(lambda row: _row(part, row), rows, len(part.rows), room - size(made), "")
    made["rows"].extend(lines)
    if len(lines) == len(part.rows):
        return [made]
    return [made, _word(FIRST_ROWS, len(lines), len(part.rows))] if lines else []


def _words(part: Table) -> list[int]:
    """The longest word of each column: clients break lines between words only."""
    longest = [0] * len(part.columns)
    for row in (part.columns, *part.rows[:ROWS_IN_TABLE]):
        for at, cell in enumerate(row[: len(longest)]):
            if len(cell) > longest[at]:
                longest[at] = max(longest[at], *map(len, cell.split() or [""]))
    return longest


def _fits(words: list[int]) -> bool:
    return sum(words) + CELL_FRAME * len(words) <= LETTERS_IN_ROW


def _columns(part: Table, words: list[int]) -> list[Element]:
    """Each column is as wide as its longest word, and what is left goes to those whose cells hold several."""
    wanted = [
        min(max((len(row[at]) for row in part.rows[:ROWS_IN_TABLE] if at < len(row)), default=0), 24) - word
        for at, word in enumerate(words)
    ]
    left = LETTERS_IN_ROW - sum(words) - CELL_FRAME * len(words)
    more = sum(max(want, 0) for want in wanted)
    made = []
    for at, word in enumerate(words):
        column: Element = {"width": word + CELL_FRAME + (left * max(wanted[at], 0) // more if more else 0)}
        if at in part.numeric:
            column["horizontalCellContentAlignment"] = "Right"
        made.append(column)
    return made


def _row(part: Table, row: tuple[str, ...], look: Look = "plain") -> Element:
    cells = [row[at] if at < len(row) else "" for at in range(len(part.columns))]
    return {
        "type": "TableRow",
        "cells": [
            {"type": "TableCell", "items": [rich(run(cell, CELL, look) if cell.strip() else _BLANK)]} for cell in cells
        ],
    }


def _paragraph(part: Table, row: tuple[str, ...]) -> Element:
    pairs = [f"{name}\u00a0{cell}".strip() for name, cell in zip(part.columns, row, strict=False) if cell.strip()]
    if row and row[0].strip():
        # What the row is about says so without its column's name.
        pairs[0] = row[0]
    head, others = pairs[0] if pairs else "", "\u00a0· ".join(pairs[1:])
    return rich(run(head, CELL, "bold"), *([_BREAK, run(others, VALUE)] if others else []))


def chart(part: Chart, room: int, picture: bytes | None, alt_too: bool) -> list[Element]:
    """The picture, in the card itself; its words where there is none, or no room for it.

    A picture as a data URI rather than Teams' own `Chart.*`: none of those can mark what is expected by now, and
    clients on phones were reported not to draw them. Clients on desktops were reported to leave out data URIs in
    channels, not in chats: `alt_too` puts the words below it there.
    """
    said = [] if part.said_above else text(Text(part.alt, "quiet"), room)
    if picture is not None:
        url = f"data:image/png;base64,{b64encode(picture).decode()}"
        image: Element = {"type": "Image", "url": url, "altText": as_typed(part.alt, ALT_TEXT), "size": "Stretch"}
        made = [image, *said] if alt_too else [image]
        if size(made) <= room:
            return made
    if part.said_above:
        return []
    head = text(Text(clean(part.title, SHORT), "strong"), room)
    return [*head, *text(Text(part.alt), room - size(head))]


def buttons(part: Buttons, room: int, quiet_inputs: bool) -> list[Element]:
    """All the buttons, in as many rows as they need. `quiet_inputs`: pressing one asks nothing of the card's menu."""
    made = _rows([_button(button, BUTTON, quiet_inputs) for button in part.buttons])
    return made if size(made) <= room else short_buttons(part, room, quiet_inputs)


def short_buttons(part: Buttons, room: int, quiet_inputs: bool) -> list[Element]:
    """The same with few words on each; what still does not fit is counted."""
    actions = [_button(button, SHORT_BUTTON, quiet_inputs) for button in part.buttons]
    made = _rows(actions)
    if size(made) <= room:
        return made
    while actions and size(made) > room - _WORD:
        actions = actions[: len(actions) * 9 // 10]
        made = _rows(actions)
    return [*made, _word(FIRST_BUTTONS, len(actions), len(part.buttons))] if made else []


def document(part: Document, room: int) -> list[Element]:
    """Its name and size; the file itself is asked about in a message of its own (files_out.py)."""
    made = [rich(run(part.name, SHORT, "bold"), run(f", {part.size_in_words}", SHORT))]
    return made if size(made) <= room else []


def is_menu(part: Choice) -> bool:
    """Whether there are too many options for a button each."""
    letters = sum(len(option.label) + BUTTON_FRAME for option in part.options)
    return len(part.options) > OPTIONS_AS_BUTTONS and letters > ROWS_OF_OPTIONS * LETTERS_IN_ROW


def choice(part: Choice, room: int, alone: bool, quiet_inputs: bool) -> list[Element]:
    """A question with a button an option, or with a menu and one button.

    A menu that is `alone` in its card must be used before its button sends anything; with a second one beside it, the
    client would ask for both.
    """
    if not is_menu(part):
        actions = [
            _execute(option.label, BUTTON, {"token": part.token, "value": option.value}, quiet_inputs)
            for option in part.options
        ]
        rows = _rows(actions)
        return text(Text(part.prompt), room - size(rows)) + rows
    name = f"choice:{part.token}"
    made, word = menu(name, part.prompt, part.options, min(MENU_SIZE, room - 2 * _WORD - SHORT * _LETTER))
    if alone:
        made |= {"isRequired": True, "errorMessage": "Choose one first."}
    said = [rich(run(word, SHORT, "quiet"), spacing="Small")] if word else []
    return [made, *said, *_rows([_execute("Choose", BUTTON, {"token": part.token}, False)])]


def _button(button: Button, limit: int, quiet_inputs: bool) -> Element:
    if button.opens_form:
        data = {"token": button.token, "msteams": {"type": "task/fetch"}}
        made: Element = {"type": "Action.Submit", "title": as_typed(button.label, limit), "data": data}
        if quiet_inputs:
            made["associatedInputs"] = "none"
    else:
        made = _execute(button.label, limit, {"token": button.token}, quiet_inputs)
    if button.style != "plain":
        made["style"] = "positive" if button.style == "primary" else "destructive"
    return made


def _execute(label: str, limit: int, data: Element, quiet_inputs: bool) -> Element:
    made = {"type": "Action.Execute", "verb": VERB, "title": as_typed(label, limit), "data": data}
    if quiet_inputs:
        made["associatedInputs"] = "none"
    return made


def _rows(actions: list[Element]) -> list[Element]:
    """Buttons side by side as far as a phone has room for their words."""
    rows: list[list[Element]] = []
    letters = 0
    for action in actions:
        wide = len(action["title"]) + BUTTON_FRAME
        if not rows or len(rows[-1]) == ACTIONS_IN_ROW or letters + wide > LETTERS_IN_ROW:
            rows.append([])
            letters = 0
        rows[-1].append(action)
        letters += wide
    # Close to the line above: what is done with something stands nearer to it than to the next one.
    return [{"type": "ActionSet", "actions": row, "spacing": "Small"} for row in rows]


def _as_many(make: Callable[[Row], Element], rows: Sequence[Row], number: int, room: int, word: str) -> list[Element]:
    """A row each, as many as fit, and the word about the others of `number`; nothing where not one fits."""
    made = [make(row) for row in rows]
    if len(made) == number and size(made) <= room:
        return made
    fitting: list[Element] = []
    room -= _WORD
    for each in made:
        room -= size(each) + 1
        if room < 0:
            break
        fitting.append(each)
    return [*fitting, _word(word, len(fitting), number)] if fitting and word else fitting


def _word(word: str, shown: int, number: int) -> Element:
    return rich(run(word.format(shown=shown, all=number), SHORT, "quiet"), spacing="Small")
