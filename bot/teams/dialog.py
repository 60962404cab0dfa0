"""A Form as Teams' dialog (task module): a card with inputs, and what is wrong beside them when it came back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, assert_never

from bot.shorten import clean, sendable
from bot.teams.elements import (
    CARD_SIZE,
    MENU_SIZE,
    SHORT,
    VERSION,
    Element,
    as_typed,
    attachment,
    choice,
    menu,
    rich,
    run,
    size,
)
from handlers.conversation.reply import ChoiceField, DateField, Field, Form, Option, TextField, TimeField

TITLE = 64
SUBMIT = 40
INTRO = 3000
PLACEHOLDER = 60
"""Longer hints stand under their field, where all of them can be read."""
WHOLE = 1_000_000
BEGINNING = "Only the beginning fits here; what you save replaces the whole."
LOOK_AGAIN = "Please look again at: {fields}."
NONE = Option("None", " ")
"""Takes a choice back that need not be made. Clients want a value that is not empty; a space is read as nothing."""


def dialog(form: Form, problems: Mapping[str, str] = {}, values: Mapping[str, str] = {}) -> dict[str, Any]:
    """What task/fetch and task/submit are answered with: title, size and card.

    `problems` and `values` are by field name: what is wrong with what was sent, and what was sent, which stays in the
    fields. A field that was sent empty stays empty.
    """
    # Menus and explanations give way first; what people typed is cut only where a card cannot carry it.
    for share, longest in ((1.0, WHOLE), (0.5, WHOLE), (0.2, WHOLE), (0.0, WHOLE), (0.0, 1500), (0.0, 300)):
        card = _card(form, problems, values, share, longest)
        if size(card) <= CARD_SIZE:
            break
    return _task(form.title, 150 + 78 * len(form.fields) + 20 * len(problems), card)


def notice(title: str, sentence: str) -> dict[str, Any]:
    """A dialog that only says something; it is closed by its own cross."""
    return _task(title, 200, {"type": "AdaptiveCard", "version": VERSION, "body": [rich(run(sentence, INTRO))]})


def _task(title: str, height: int, card: Element) -> dict[str, Any]:
    return {
        "title": clean(title, TITLE),
        "height": min(max(height, 200), 640),
        "width": "medium",
        "card": attachment(card),
    }


def _card(form: Form, problems: Mapping[str, str], values: Mapping[str, str], share: float, longest: int) -> Element:
    names = {field.name for field in form.fields}
    body: list[Element] = []
    if form.intro.strip():
        body.append(rich(run(form.intro, max(int(INTRO * share), SHORT))))
    wrong = [field.label for field in form.fields if field.name in problems]
    if wrong:
        body.append(rich(run(LOOK_AGAIN.format(fields=", ".join(wrong)), SHORT, "problem")))
    body += [rich(run(sentence, SHORT, "problem")) for name, sentence in problems.items() if name not in names]
    menus = sum(isinstance(field, ChoiceField) for field in form.fields)
    room = int(MENU_SIZE * share) // max(menus, 1)
    before: Field | None = None
    length = 0
    for field in form.fields:
        value, problem = values.get(field.name, field.value), problems.get(field.name, "")
        if isinstance(field, TextField) and len(value) > longest:
            value, problem = value[:longest], f"{problem} {BEGINNING}".strip()
        made = _field(field, value, problem, room, int(SHORT * share))
        if isinstance(before, DateField) and isinstance(field, TimeField):
            # A day and its time are short, and belong together.
            day = body[-length:]
            body[-length:] = [_side_by_side(day, made)]
        else:
            body += made
        before, length = field, len(made)
    send: Element = {
        "type": "Action.Submit",
        "title": as_typed(form.submit, SUBMIT),
        "style": "positive",
        "data": {"token": form.token},
    }
    return {"type": "AdaptiveCard", "version": VERSION, "body": body, "actions": [send]}


def _side_by_side(*stacks: list[Element]) -> Element:
    columns = [{"type": "Column", "width": "stretch", "items": items} for items in stacks]
    return {"type": "ColumnSet", "columns": columns}


def _field(field: Field, value: str, problem: str, room: int, explained: int) -> list[Element]:
    made: Element = {"id": field.name, "label": as_typed(field.label, SHORT)}
    hint = field.hint
    match field:
        case TextField():
            made |= {"type": "Input.Text", "maxLength": field.max_length}
            if field.multiline:
                made["isMultiline"] = True
            if 0 < len(hint) <= PLACEHOLDER:
                made["placeholder"], hint = clean(hint, PLACEHOLDER), ""
            value = sendable(value)[: field.max_length]
            needed = "Please fill this in."
        case ChoiceField():
            options = (NONE, *field.options) if field.optional else field.options
            made, word = menu(field.name, field.label, options, room)
            hint = f"{hint} {word}".strip()
            value = _chosen(made, field, value)
            needed = "Please choose one."
        case DateField():
            made["type"] = "Input.Date"
            needed = "Please choose a day."
        case TimeField():
            made["type"] = "Input.Time"
            needed = "Please choose a time."
        case _:
            assert_never(field)
    if value:
        made["value"] = value
    if not field.optional:
        # Said at once by the client itself, without a way to us and back.
        made |= {"isRequired": True, "errorMessage": needed}
    below = [rich(run(problem, SHORT, "problem"), spacing="Small")] if problem else []
    if hint and explained:
        below.append(rich(run(hint, explained, "quiet"), spacing="Small"))
    return [made, *below]


def _chosen(made: Element, field: ChoiceField, value: str) -> str:
    """The value to show as chosen. One whose option found no room takes the place of the last that did."""
    chosen = next((option for option in field.options if value and option.value == value), None)
    if chosen is None:
        return ""
    if all(each["value"] != value for each in made["choices"]):
        made["choices"][-1] = choice(chosen)
    return value
