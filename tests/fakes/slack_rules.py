"""What Slack takes and what it refuses, for the fake Slack and the rendering tests: schema, SDK models and limits."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

from tests.fakes.quick_schema import quick

SCHEMAS = Path(__file__).parents[3] / "shared" / "schemas"
SCHEMAS_MISSING = "the published schemas are not beside this checkout (../shared/schemas)"

BLOCKS_IN_MESSAGE, BLOCKS_IN_VIEW = 50, 100
TEXT_LIMITS = {"section": 3000, "header": 150, "context": 2000}
MESSAGE_CHARACTERS = 12_000


@functools.cache
def schema(name: str) -> jsonschema.Draft7Validator | None:
    """The validator of one published schema, or None where the folder is not there."""
    found = sorted(SCHEMAS.glob(name))
    return quick(jsonschema.Draft7Validator, json.loads(found[-1].read_text())) if found else None


def problems_of_message(message: dict[str, Any]) -> list[str]:
    """What Slack would refuse, cut or misread in a message's text and blocks."""
    found = []
    text, blocks = message.get("text"), message.get("blocks")
    if not isinstance(text, str) or not text.strip():
        found.append("a message without its text")
    else:
        if len(text) > 4000:
            found.append(f"text of {len(text)} characters")
        if "<!" in text or "<@" in text or "<http" in text:
            found.append(f"live markup in the text: {text[:80]}")
        if any(word in text for word in ("@everyone", "@here", "@channel")):
            found.append(f"a mention of everybody in the text: {text[:80]}")
    if not blocks:
        return [*found, "a message without blocks"]
    found += problems_of_blocks(blocks, BLOCKS_IN_MESSAGE)
    if sum(block["type"] == "table" for block in blocks) > 1:
        found.append("two tables in one message")
    characters = sum(len(string) for string in _texts(blocks))
    if characters > MESSAGE_CHARACTERS:
        found.append(f"{characters} characters in one message")
    return found + _against("slack-types-*.SlackBlocks.schema.json", blocks)


def problems_of_view(view: dict[str, Any]) -> list[str]:
    """The same for a modal or a Home tab."""
    found = problems_of_blocks(view.get("blocks", []), BLOCKS_IN_VIEW)
    if any(block["type"] == "table" for block in view.get("blocks", [])):
        found.append("a table in a view")
    if len(view.get("private_metadata", "")) > 3000:
        found.append("private_metadata too long")
    try:
        View(**view).validate_json()
    except Exception as error:
        found.append(f"slack_sdk: {error}")
    kind = "SlackModal" if view.get("type") == "modal" else "SlackHome"
    return found + _against(f"slack-types-*.{kind}.schema.json", view)


def problems_of_blocks(blocks: list[dict[str, Any]], limit: int) -> list[str]:
    """Limits that the schema does not know, and what slack_sdk's own models say."""
    found = []
    if len(blocks) > limit:
        found.append(f"{len(blocks)} blocks")
    ids = [block["block_id"] for block in blocks if "block_id" in block]
    if len(ids) != len(set(ids)):
        found.append("a block_id twice")
    for block in blocks:
        try:
            parsed = Block.parse(block)
            if parsed is None:
                found.append(f"slack_sdk knows no {block.get('type')}")
                continue
            parsed.validate_json()
        except Exception as error:
            found.append(f"slack_sdk: {error}")
            continue
        found += _problems_of_block(block)
    return found


def _problems_of_block(block: dict[str, Any]) -> Iterator[str] | list[str]:
    found = []
    kind, elements = block["type"], block.get("elements", [])
    limit = TEXT_LIMITS.get(kind)
    for holder in (block, *elements):
        text = holder.get("text") if isinstance(holder, dict) else None
        if isinstance(holder, dict) and holder.get("type") in ("plain_text", "mrkdwn"):
            text = holder
        if isinstance(text, dict) and limit and not 0 < len(text["text"]) <= limit:
            found.append(f"{kind} with {len(text['text'])} characters")
    if kind == "actions":
        ids = [element["action_id"] for element in elements]
        if len(ids) != len(set(ids)):
            found.append("an action_id twice in one block")
        if not 0 < len(elements) <= 25:
            found.append(f"{len(elements)} elements in one block")
    if kind == "rich_text" and not all(text["text"] for part in elements for text in part["elements"]):
        found.append("an empty text in rich_text")
    if kind == "table":
        if not 1 <= len(block["rows"]) <= 100 or any(not 1 <= len(row) <= 20 for row in block["rows"]):
            found.append("a table over 100 rows or 20 columns")
        if any(not cell["text"] for row in block["rows"] for cell in row):
            found.append("an empty cell")
    for element in (*elements, block.get("element", {})):
        found += _problems_of_element(element)
    return found


def _problems_of_element(element: dict[str, Any]) -> list[str]:
    found = []
    if element.get("type") == "button" and not 0 < len(element["text"]["text"]) <= 75:
        found.append("a button's label over 75 characters, or none")
    for option in element.get("options", []):
        if not 0 < len(option["text"]["text"]) <= 75 or not 0 < len(option["value"]) <= 150:
            found.append(f"an option that Slack refuses: {option}")
    if len(element.get("options", [])) > 100:
        found.append("more than 100 options")
    initial = element.get("initial_option")
    if initial is not None and initial not in element["options"]:
        found.append("an initial option that is none of the options")
    if element.get("type") == "plain_text_input" and element.get("max_length", 1) > 3000:
        found.append("max_length over 3000")
    if len(element.get("initial_value", "")) > element.get("max_length", 3000):
        found.append("an initial value over max_length")
    if len(element.get("action_id", "")) > 255 or len(element.get("value", "") or "") > 2000:
        found.append("an action_id over 255 or a value over 2000 characters")
    return found


def _against(name: str, value: Any) -> list[str]:
    validator = schema(name)
    if validator is None:
        return []
    return [f"schema: {_deepest(error)}" for error in validator.iter_errors(value)]


def _deepest(error: jsonschema.ValidationError) -> str:
    return f"{list(error.path)} {jsonschema.exceptions.best_match([error]).message[:200]}"


def _texts(value: Any) -> Iterator[str]:
    """All strings under a `text`, however deep."""
    if isinstance(value, dict):
        for key, held in value.items():
            if key == "text" and isinstance(held, str):
                yield held
            elif key not in ("options", "column_settings"):
                yield from _texts(held)
    elif isinstance(value, list):
        for held in value:
            yield from _texts(held)


def shown(blocks: list[dict[str, Any]]) -> str:
    """What a person reads in blocks, a line a block."""
    return "\n".join(
        "".join(_texts(block)) if block["type"] == "rich_text" else " ".join(_texts(block)) for block in blocks
    )
