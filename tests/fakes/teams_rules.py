"""What Teams takes and what it refuses, for the fake Teams and the rendering tests: schema, limits and answers."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema

from tests.fakes.quick_schema import quick
from tests.fakes.teams_drive import problems_of_file

SCHEMAS = Path(__file__).parents[3] / "shared" / "schemas"
SCHEMAS_MISSING = "the published schemas are not beside this checkout (../shared/schemas)"
CARD_SCHEMA = "adaptive-card.1.5.0.json"

ADAPTIVE = "application/vnd.microsoft.card.adaptive"
MESSAGE = "application/vnd.microsoft.activity.message"
SEARCH_RESPONSE = "application/vnd.microsoft.search.searchResponse"
PREVIEWS = {"application/vnd.microsoft.card.thumbnail", "application/vnd.microsoft.card.hero", ADAPTIVE}

SIZE = 28 * 1024
"""Bytes of JSON in one message, card included."""
ACTIONS = 6
TITLE = 64
"""Characters of a dialog's title that are still shown whole on a phone."""
HEIGHTS = {"small", "medium", "large"}

_LINK = re.compile(r"(?<!\\)\[[^\]]*\]\(")
_FUNCTION = re.compile(r"\{\{(DATE|TIME)\(")
_EVERYBODY = re.compile(r"(?<!\w)@(everyone|channel|team)\b", re.IGNORECASE)


@functools.cache
def schema(name: str = CARD_SCHEMA) -> jsonschema.Draft6Validator | None:
    """The validator of one published schema, or None where the folder is not there (SCHEMAS_MISSING)."""
    path = SCHEMAS / name
    return quick(jsonschema.Draft6Validator, json.loads(path.read_text())) if path.exists() else None


def problems_of_message(activity: dict[str, Any]) -> list[str]:
    """What Teams would refuse, cut or misread in an activity that the bot posts."""
    found = []
    if activity.get("type") != "message":
        found.append(f"an activity of type {activity.get('type')!r}")
    size = len(json.dumps(activity, ensure_ascii=False).encode())
    if size > SIZE:
        found.append(f"{size} bytes in one message")
    text, summary, attachments = activity.get("text"), activity.get("summary"), activity.get("attachments") or []
    if not (isinstance(text, str) and text.strip()) and not attachments:
        found.append("a message with neither text nor card")
    if attachments and not any(isinstance(said, str) and said.strip() for said in (text, summary)):
        found.append("a card without a summary: the notification would say nothing")
    if isinstance(text, str) and activity.get("textFormat") != "plain":
        found += _live(text)
    if len(attachments) > 1:
        found.append(f"{len(attachments)} cards in one message")
    found += _mentions(activity)
    for attachment in attachments:
        found += problems_of_attachment(attachment)
    return found


def problems_of_attachment(attachment: Any) -> list[str]:
    """The same for one attachment, which must be an Adaptive Card or a card about a file."""
    if isinstance(attachment, dict) and (of_file := problems_of_file(attachment)) is not None:
        return of_file
    if not isinstance(attachment, dict) or attachment.get("contentType") != ADAPTIVE:
        return [f"an attachment that is no Adaptive Card: {str(attachment)[:80]}"]
    return problems_of_card(attachment.get("content"))


def problems_of_card(card: Any) -> list[str]:
    """The same for an Adaptive Card, wherever it is shown."""
    if not isinstance(card, dict) or card.get("type") != "AdaptiveCard":
        return [f"no Adaptive Card: {str(card)[:80]}"]
    found = []
    if card.get("version") not in ("1.2", "1.3", "1.4", "1.5"):
        found.append(f"version {card.get('version')!r}: Teams shows up to 1.5")
    size = len(json.dumps(card, ensure_ascii=False).encode())
    if size > SIZE:
        found.append(f"a card of {size} bytes")
    if not card.get("body") and not card.get("actions"):
        found.append("an empty card")
    ids = [element["id"] for element in elements(card) if "id" in element]
    if len(ids) != len(set(ids)):
        found.append(f"an id twice: {sorted(ids)}")
    for element in elements(card):
        found += _problems_of_element(element)
    msteams = card.get("msteams")
    if msteams is not None and (not isinstance(msteams, dict) or set(msteams) - {"width", "entities"}):
        found.append(f"msteams that Teams does not know: {msteams}")
    if isinstance(msteams, dict) and msteams.get("entities"):
        found.append("a card that mentions somebody")
    validator = schema()
    if validator is not None:
        found += [f"schema: {_deepest(error)}" for error in validator.iter_errors(without_extensions(card))]
    return found


def problems_of_dialog(value: Any) -> list[str]:
    """The same for a dialog (taskInfo): title, size and the card in it."""
    if not isinstance(value, dict):
        return [f"no dialog: {str(value)[:80]}"]
    found = []
    title = value.get("title")
    if not isinstance(title, str) or not 0 < len(title) <= TITLE:
        found.append(f"a dialog's title: {title!r}")
    for side in ("height", "width"):
        if not (isinstance(value.get(side), int) or value.get(side) in HEIGHTS):
            found.append(f"a dialog's {side}: {value.get(side)!r}")
    return found + problems_of_attachment(value.get("card"))


def problems_of_invoke(name: str, body: Any) -> list[str]:
    """What the client could not read in the answer to an invoke of that name."""
    if name == "adaptiveCard/action":
        return _problems_of_action(body)
    if name == "application/search":
        return _problems_of_typeahead(body)
    if body in (None, ""):
        return (
            []
            if name in ("task/submit", "composeExtension/submitAction", "fileConsent/invoke")
            else [f"no answer to {name}"]
        )
    if not isinstance(body, dict) or not ({"task", "composeExtension"} & set(body)):
        return [f"an answer to {name} that no client reads: {str(body)[:80]}"]
    if (task := body.get("task")) is not None:
        match task:
            case {"type": "continue", "value": value}:
                return problems_of_dialog(value)
            case {"type": "message", "value": str(text)} if text.strip():
                return []
        return [f"a task that no client reads: {str(task)[:80]}"]
    return _problems_of_results(body["composeExtension"], name)


def _problems_of_action(body: Any) -> list[str]:
    if not isinstance(body, dict) or not isinstance(body.get("statusCode"), int):
        return [f"an answer to adaptiveCard/action without its statusCode: {str(body)[:80]}"]
    match body.get("type"):
        case "application/vnd.microsoft.card.adaptive":
            return problems_of_card(body.get("value"))
        case "application/vnd.microsoft.activity.message":
            return [] if isinstance(body.get("value"), str) and body["value"].strip() else ["an empty sentence"]
        case "application/vnd.microsoft.error":
            said = body.get("value")
            good = isinstance(said, dict) and {"code", "message"} <= set(said) and body["statusCode"] >= 400
            return [] if good else [f"an error that no client reads: {said}"]
        case other:
            return [f"an answer of type {other!r}"]


def _problems_of_typeahead(body: Any) -> list[str]:
    match body:
        case {"statusCode": 200, "type": kind, "value": {"results": list(results)}} if kind == SEARCH_RESPONSE:
            return [f"a result without title or value: {one}" for one in results if not {"title", "value"} <= set(one)]
    return [f"an answer to application/search that no client reads: {str(body)[:80]}"]


def _problems_of_results(extension: Any, name: str) -> list[str]:
    match extension:
        case {"type": "message", "text": str(text)} if text.strip():
            return []
        case {"type": "result", "attachmentLayout": "list" | "grid", "attachments": list(attachments)}:
            found = []
            for attachment in attachments:
                found += problems_of_attachment(attachment)
                preview = attachment.get("preview") or {}
                if name == "composeExtension/query" and preview.get("contentType") not in PREVIEWS:
                    found.append("a search result without its preview")
            return found
    return [f"an extension's answer that no client reads: {str(extension)[:80]}"]


def _problems_of_element(element: dict[str, Any]) -> Iterator[str]:
    kind = str(element.get("type", ""))
    for actions in (element.get("actions"), element.get("inlineAction") and [element["inlineAction"]]):
        if actions and len(actions) > ACTIONS:
            yield f"{len(actions)} actions in one set"
    if kind.startswith("Action.") and not str(element.get("title", "")).strip():
        yield "an action without its title"
    if kind in ("Action.Execute", "Action.Submit"):
        yield from _problems_of_data(kind, element)
    if kind == "TextBlock":
        if not str(element.get("text", "")).strip():
            yield "an empty TextBlock"
        yield from _live(str(element.get("text", "")))
    if kind == "FactSet":
        for fact in element.get("facts", []):
            yield from _live(f"{fact.get('title')} {fact.get('value')}")
    if kind.startswith("Input."):
        if not element.get("id") or not str(element.get("label", "") or element.get("placeholder", "")).strip():
            yield f"an {kind} without its id, or without a label"
        if element.get("isRequired") and not element.get("errorMessage"):
            yield f"{element.get('id')} is required and has no errorMessage"
        if len(str(element.get("value", ""))) > element.get("maxLength", 100_000):
            yield f"{element.get('id')} holds more than its maxLength"
    if kind == "Input.ChoiceSet":
        values = [choice.get("value") for choice in element.get("choices", [])]
        if len(values) != len(set(values)):
            yield "two choices with one value"
        if element.get("value") and element["value"] not in values and "choices.data" not in element:
            yield f"{element.get('id')} holds what is none of its choices"


def _problems_of_data(kind: str, action: dict[str, Any]) -> Iterator[str]:
    data = action.get("data", {})
    if not isinstance(data, dict):
        yield "an action's data that inputs cannot be merged into"
        return
    msteams = data.get("msteams")
    if msteams is not None and (kind != "Action.Submit" or msteams != {"type": "task/fetch"}):
        yield f"an {kind} with msteams {msteams}"


def _live(text: str) -> Iterator[str]:
    if _LINK.search(text) or _FUNCTION.search(text) or "<at>" in text:
        yield f"live markup: {text[:80]}"
    if _EVERYBODY.search(text):
        yield f"a mention of everybody: {text[:80]}"


def _mentions(activity: dict[str, Any]) -> Iterator[str]:
    if any(entity.get("type") == "mention" for entity in activity.get("entities") or []):
        yield "a message that mentions somebody"


def elements(value: Any) -> Iterator[dict[str, Any]]:
    """All elements and actions of a card, however deep, the card itself first; without what actions carry as data."""
    if isinstance(value, dict):
        if isinstance(value.get("type"), str):
            yield value
        for key, held in value.items():
            if key not in ("data", "msteams", "choices.data"):
                yield from elements(held)
    elif isinstance(value, list):
        for held in value:
            yield from elements(held)


def without_extensions(value: Any) -> Any:
    """A card without what Teams knows beyond the published schema: `msteams`, charts, a menu's search of its own.

    `filtered`, a menu that is searched by typing, is of 1.5 too by Microsoft's documentation; the schema forgot it.
    """
    if isinstance(value, dict):
        return {
            key: held if key == "data" else without_extensions(held)
            for key, held in value.items()
            if key not in ("msteams", "choices.data") and (key, held) != ("style", "filtered")
        }
    if isinstance(value, list):
        return [without_extensions(held) for held in value if not _is_chart(held)]
    return value


def _is_chart(value: Any) -> bool:
    return isinstance(value, dict) and str(value.get("type", "")).startswith("Chart.")


def _deepest(error: jsonschema.ValidationError) -> str:
    return f"{list(error.path)} {jsonschema.exceptions.best_match([error]).message[:200]}"


def shown(card: Any) -> str:
    """What a person reads in a card, a line for each text, fact, input's label and button."""
    return "\n".join(_lines(card))


def _lines(value: Any) -> Iterator[str]:
    match value:
        case list():
            for held in value:
                yield from _lines(held)
        case {"type": "TextBlock", "text": text}:
            yield re.sub(r"\\([\\`*_{}\[\]()#+.!~>|-])", r"\1", str(text))
        case {"type": "RichTextBlock", "inlines": inlines}:
            yield "".join(run if isinstance(run, str) else str(run.get("text", "")) for run in inlines)
        case {"type": "FactSet", "facts": facts}:
            for fact in facts:
                yield f"{fact['title']} {fact['value']}"
        case {"type": "TableRow", "cells": cells}:
            yield " | ".join(" ".join(_lines(cell.get("items", []))) for cell in cells)
        case {"type": str(kind)} if kind.startswith("Action."):
            yield str(value.get("title", ""))
        case {"type": str(kind)} if kind.startswith("Input."):
            yield str(value.get("label") or value.get("placeholder") or "")
            yield from (str(choice["title"]) for choice in value.get("choices", []))
        case dict():
            for key in ("body", "items", "columns", "rows", "actions"):
                if key in value:
                    yield from _lines(value[key])
