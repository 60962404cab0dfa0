"""A Reply as Block Kit: escaped, shortened to Slack's limits, and nothing else.

Everything that people wrote stands in plain_text, raw_text or rich_text text elements, which Slack shows as they are:
no markup, no mention and no link can come out of them. Only a message's top-level `text` (notifications and screen
readers) is read as markup by Slack, and is escaped.

Plain dicts rather than slack_sdk's models: for the reply to `/log call Acme` the models took 970 µs where this took 11
(`python -m tests.fakes.slack_speed`), and this runs before every acknowledgement. The tests hold every output to
those models and to the published schema instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias, assert_never

from bot.shorten import SHORTENED, clean, sendable
from handlers.conversation.reply import (
    Button,
    Buttons,
    Chart,
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

Block: TypeAlias = dict[str, Any]

BLOCKS_IN_MESSAGE = 50
BLOCKS_IN_VIEW = 100
SECTION_TEXT = 3000
CONTEXT_TEXT = 2000
BUTTON_TEXT = 75
OPTION_TEXT = 75
OPTION_VALUE = 150
OPTIONS_IN_MENU = 100
OPTIONS_AS_BUTTONS = 5
BUTTONS_IN_ROW = 5
MODAL_TITLE = 24
ALT_TEXT = 2000
MODAL_BLOCKS_TEXT = 2000
"""Labels and hints of a form."""
FIELD_VALUE = 3000
PLACEHOLDER = 150
ROWS_IN_TABLE = 100
COLUMNS_IN_TABLE = 20
CELL = 500
FALLBACK = 3500
"""Slack advises at most 4,000 characters of top-level text; escaping may lengthen it."""
MESSAGE_SIZE = 9000
"""Slack refuses blocks of about 13,000 characters together (msg_blocks_too_long) and counts their frames too."""
HOME_SIZE = 60_000
"""A view may hold 250 KB."""
FRAME = 40
"""What one block, cell or option is reckoned to cost besides its own characters."""

LEFT_OUT = "The rest was left out: this is as much as Slack shows at once."
TOO_MANY_OPTIONS = "Only the first {shown} of {all} are shown; type a name to reach the others."

_BOLD = {"bold": True}
_ACTION_SEPARATOR = "|"


def message(reply: Reply) -> dict[str, Any]:
    """`text` and `blocks` for chat.postMessage, chat.update, a response_url or a slash command's acknowledgement."""
    return {"text": fallback(reply.text), "blocks": _blocks(reply, BLOCKS_IN_MESSAGE, MESSAGE_SIZE, True)}


def picture_message(reply: Reply, files: Mapping[Chart, str]) -> dict[str, Any]:
    """The message that follows with the pictures: `files` holds the id of each chart's uploaded file."""
    blocks = [
        {"type": "image", "slack_file": {"id": file}, "alt_text": clean(chart.alt, ALT_TEXT)}
        for chart, file in files.items()
    ]
    return {"text": fallback(reply.text), "blocks": blocks}


def home(reply: Reply) -> dict[str, Any]:
    """The view for views.publish."""
    return {"type": "home", "blocks": _blocks(reply, BLOCKS_IN_VIEW, HOME_SIZE, False)}


def modal(form: Form) -> dict[str, Any]:
    """The view for views.open. Its metadata holds nothing but the form's token."""
    blocks: list[Block] = [_section(form.intro)] if form.intro.strip() else []
    # 100 blocks a modal; a form has a handful of fields, so nothing is cut silently here in practice.
    blocks.extend(_field(field) for field in form.fields[: BLOCKS_IN_VIEW - len(blocks)])
    return {
        "type": "modal",
        "callback_id": "form",
        "private_metadata": form.token,
        "title": _plain(form.title, MODAL_TITLE),
        "submit": _plain(form.submit, MODAL_TITLE),
        "close": _plain("Cancel", MODAL_TITLE),
        "blocks": blocks,
    }


def notice(title: str, sentence: str) -> dict[str, Any]:
    """A modal that only says something, with a button to close it."""
    return {
        "type": "modal",
        "title": _plain(title, MODAL_TITLE),
        "close": _plain("Close", MODAL_TITLE),
        "blocks": [_section(sentence)],
    }


def errors(problems: Mapping[str, str], view_blocks: Iterable[str]) -> dict[str, str]:
    """Sentences beside the fields of an open form.

    `view_blocks` are the ids of the blocks that the form really has: Slack drops the whole answer when an id is not
    among them, so a problem without a field of its own stands beside the first.
    """
    known = list(view_blocks)
    shown: dict[str, str] = {}
    for name, sentence in problems.items():
        field = name if name in known else known[0]
        said = f"{shown[field]} {sentence}" if field in shown else sentence
        shown[field] = clean(said, MODAL_BLOCKS_TEXT)
    return shown


def pressed(action_id: str) -> str:
    """The token in the action_id that `message` gave to a button or menu."""
    return action_id.partition(_ACTION_SEPARATOR)[0]


def fallback(text: str) -> str:
    """Text for a place where Slack reads markup: shown as typed, notifying nobody."""
    text = clean(text, FALLBACK)
    if "&" in text or "<" in text or ">" in text:
        text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    if "@" in text:
        # Old clients link @everyone, @here and @channel by themselves; a word joiner, which nobody sees, prevents it.
        for word in ("everyone", "here", "channel"):
            text = text.replace(f"@{word}", f"@\u2060{word}")
    return text


def _blocks(reply: Reply, limit: int, room: int, tables: bool) -> list[Block]:
    """The parts as blocks, at most `limit` and at most `room` in size; what does not fit is left out with a word.

    `tables` tells whether the surface takes a table block (messages do, Home does not; one a message).
    """
    blocks: list[Block] = []
    for part in reply.parts or (Text(reply.text),):
        made, cost = _part(part, tables)
        if tables and made and made[-1]["type"] == "table":
            tables = False
        # One block is kept for the sentence that something was left out.
        if cost > room or len(blocks) + len(made) > limit - 1:
            blocks.append(_context(LEFT_OUT))
            return blocks
        room -= cost
        blocks.extend(made)
    return blocks or [_section(reply.text)]


def _part(part: Part, tables: bool) -> tuple[list[Block], int]:
    """One part as blocks, and what they cost of the room."""
    match part:
        case Text(text=text, style=style):
            if not text.strip():
                return [], 0
            if style == "strong":
                text = clean(text, SECTION_TEXT)
                return [_rich([{"type": "text", "text": text, "style": _BOLD}])], len(text) + FRAME
            if style == "quiet":
                return [_context(text)], min(len(text), SECTION_TEXT) + FRAME
            return [_section(text)], min(len(text), SECTION_TEXT) + FRAME
        case Facts(rows=rows):
            return _facts(rows)
        case Table():
            return _table(part) if tables else _text_table(part)
        case Chart():
            return _chart(part)
        case Document():
            return _document(part)
        case Buttons(buttons=buttons):
            return _rows([_button(button) for button in buttons])
        case Choice():
            return _choice(part)
        case _:
            assert_never(part)


def _chart(chart: Chart) -> tuple[list[Block], int]:
    """In words. The picture is a file, which has to be uploaded and cannot be carried by what one person alone sees:
    it follows in a message of its own, and where it does not, nothing is missing."""
    if chart.said_above:
        return [], 0
    title, alt = clean(chart.title, CELL), clean(chart.alt, CONTEXT_TEXT)
    elements: list[Block] = [{"type": "text", "text": title, "style": _BOLD}, {"type": "text", "text": f"\n{alt}"}]
    return [_rich(elements)], len(title) + len(alt) + FRAME


def _document(part: Document) -> tuple[list[Block], int]:
    """Its name and size. The file itself has to be uploaded: it follows in the one-to-one chat."""
    name, size = clean(part.name, CELL), f", {part.size_in_words}"
    return [_rich([{"type": "text", "text": name, "style": _BOLD}, {"type": "text", "text": size}])], len(name) + FRAME


def _facts(rows: tuple[Fact, ...]) -> tuple[list[Block], int]:
    elements: list[Block] = []
    room = SECTION_TEXT
    for number, row in enumerate(rows):
        label, value = clean(row.label, BUTTON_TEXT), clean(row.value, SECTION_TEXT)
        if len(label) + len(value) + FRAME > room:
            value = value[: max(room - len(label) - FRAME, 0)] + SHORTENED
        room -= len(label) + len(value) + FRAME
        elements.append({"type": "text", "text": f"{label}  " if number == 0 else f"\n{label}  ", "style": _BOLD})
        elements.append({"type": "text", "text": value})
        if room < 0:
            break
    return ([_rich(elements)], SECTION_TEXT - room + FRAME) if elements else ([], 0)


def _table(table: Table) -> tuple[list[Block], int]:
    columns = table.columns[:COLUMNS_IN_TABLE]
    if not columns:
        return [], 0
    lines = [[{"type": "raw_text", "text": clean(name, CELL)} for name in columns]]
    cost = sum(len(cell["text"]) + FRAME // 2 for cell in lines[0])
    for row in table.rows[: ROWS_IN_TABLE - 1]:
        line = [
            {"type": "raw_text", "text": clean(row[at] if at < len(row) else "", CELL)} for at in range(len(columns))
        ]
        weight = sum(len(cell["text"]) + FRAME // 2 for cell in line)
        if cost + weight > MESSAGE_SIZE * 3 // 4:
            break
        cost += weight
        lines.append(line)
    block = {
        "type": "table",
        "column_settings": [
            {"align": "right" if at in table.numeric else "left", "is_wrapped": True} for at in range(len(columns))
        ],
        "rows": lines,
    }
    left_out = len(table.rows) - len(lines) + 1
    # A table stands last among the blocks made of its part, so the word about its rest comes before it.
    before = [_context(f"The first {len(lines) - 1} of {len(table.rows)} rows.")] if left_out else []
    return [*before, block], cost + FRAME * (1 + len(before))


def _text_table(table: Table) -> tuple[list[Block], int]:
    """Columns of letters of one width, where no table block is taken."""
    lines = [[clean(cell, 40).replace("\n", " ") for cell in line] for line in (table.columns, *table.rows)]
    widths = [max((len(line[at]) for line in lines if at < len(line)), default=0) for at in range(len(table.columns))]
    shown: list[str] = []
    room = SECTION_TEXT
    for line in lines:
        drawn = "  ".join(
            cell.rjust(width) if at in table.numeric else cell.ljust(width)
            for at, (cell, width) in enumerate(zip(line, widths, strict=False))
        ).rstrip()
        room -= len(drawn) + 1
        if room < 0:
            break
        shown.append(drawn)
    if not shown:
        return [], 0
    element = {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "\n".join(shown)}]}
    blocks: list[Block] = [{"type": "rich_text", "elements": [element]}]
    if len(shown) < len(lines):
        blocks.append(_context(f"The first {len(shown) - 1} of {len(table.rows)} rows."))
    return blocks, SECTION_TEXT - room + FRAME * 2


def _choice(choice: Choice) -> tuple[list[Block], int]:
    blocks: list[Block] = [_section(choice.prompt)] if choice.prompt.strip() else []
    cost = min(len(choice.prompt), SECTION_TEXT) + FRAME
    if len(choice.options) <= OPTIONS_AS_BUTTONS:
        # Within a message action_ids differ, so the option's number stands behind the token that they share.
        row, more = _rows(
            [
                _button(Button(option.label, f"{choice.token}{_ACTION_SEPARATOR}{number}"), option.value)
                for number, option in enumerate(choice.options)
            ]
        )
        return blocks + row, cost + more
    options, word = _options(choice.options)
    menu = {
        "type": "static_select",
        "action_id": choice.token,
        "placeholder": _plain("Choose", PLACEHOLDER),
        "options": options,
    }
    blocks.append({"type": "actions", "elements": [menu]})
    if word:
        blocks.append(_context(word))
    # A menu's options are not part of the text that Slack counts against a message.
    return blocks, cost + FRAME * 2


def _options(options: tuple[Option, ...]) -> tuple[list[Block], str]:
    shown = [
        {"text": _plain(option.label, OPTION_TEXT), "value": option.value[:OPTION_VALUE]}
        for option in options[:OPTIONS_IN_MENU]
    ]
    word = TOO_MANY_OPTIONS.format(shown=len(shown), all=len(options)) if len(options) > len(shown) else ""
    return shown, word


def _rows(buttons: list[Block]) -> tuple[list[Block], int]:
    rows: list[Block] = [
        {"type": "actions", "elements": buttons[start : start + BUTTONS_IN_ROW]}
        for start in range(0, len(buttons), BUTTONS_IN_ROW)
    ]
    return rows, FRAME * (len(rows) + len(buttons))


def _button(button: Button, value: str = "") -> Block:
    made: Block = {"type": "button", "action_id": button.token, "text": _plain(button.label, BUTTON_TEXT)}
    if value:
        made["value"] = value
    if button.style != "plain":
        made["style"] = button.style
    return made


def _field(field: Field) -> Block:
    element: Block
    hint = field.hint
    match field:
        case TextField():
            longest = min(field.max_length, FIELD_VALUE)
            element = {
                "type": "plain_text_input",
                "action_id": "value",
                "multiline": field.multiline,
                "max_length": longest,
            }
            if field.value:
                element["initial_value"] = sendable(field.value)[:longest]
        case ChoiceField():
            options, word = _options(field.options)
            hint = f"{hint} {word}".strip()
            element = {"type": "static_select", "action_id": "value", "options": options}
            chosen = next((made for made in options if field.value and made["value"] == field.value), None)
            if chosen is None and field.value:
                # The one chosen now lies beyond the first hundred: it takes the place of the last of them.
                beyond = next((option for option in field.options if option.value == field.value), None)
                if beyond is not None:
                    chosen = {"text": _plain(beyond.label, OPTION_TEXT), "value": beyond.value[:OPTION_VALUE]}
                    options[-1] = chosen
            if chosen is not None:
                element["initial_option"] = chosen
        case DateField():
            element = {"type": "datepicker", "action_id": "value"}
            if field.value:
                element["initial_date"] = field.value
        case TimeField():
            element = {"type": "timepicker", "action_id": "value"}
            if field.value:
                element["initial_time"] = field.value
        case _:
            assert_never(field)
    block: Block = {
        "type": "input",
        "block_id": field.name,
        "label": _plain(field.label, MODAL_BLOCKS_TEXT),
        "optional": field.optional,
        "element": element,
    }
    if hint:
        block["hint"] = _plain(hint, MODAL_BLOCKS_TEXT)
    return block


def _section(text: str) -> Block:
    return {"type": "section", "text": _plain(text, SECTION_TEXT)}


def _context(text: str) -> Block:
    return {"type": "context", "elements": [_plain(text, CONTEXT_TEXT)]}


def _rich(elements: list[Block]) -> Block:
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": elements}]}


def _plain(text: str, limit: int) -> Block:
    # `emoji` off: `:tada:` in a note stays what was typed.
    return {"type": "plain_text", "text": clean(text, limit), "emoji": False}
