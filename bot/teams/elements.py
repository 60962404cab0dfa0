"""The few pieces of Adaptive Cards that messages and dialogs are made of.

Whatever people wrote goes into text runs, titles and labels, which no client reads as Markdown; TextBlock and FactSet,
which are Markdown everywhere, are not used at all.
"""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

import msgspec

from bot.shorten import clean
from handlers.conversation.reply import Option

Element: TypeAlias = dict[str, Any]

VERSION = "1.5"
"""The newest that Teams shows on desktop and phones alike."""
CARD_TYPE = "application/vnd.microsoft.card.adaptive"
CARD_SIZE = 25_000
"""Bytes of compact JSON as UTF-8. Microsoft refuses cards of about 28 KB; some writers of JSON put spaces between."""
SHORT = 300
"""Characters of a label or a sentence about a field."""
OPTION = 100
MENU_SIZE = 12_000
"""Bytes that one menu's options may take."""
MANY_OPTIONS = 12
"""Menus with more can be searched by typing."""
FIRST_OPTIONS = "Only the first {shown} of {all} are shown."

Look: TypeAlias = Literal["plain", "strong", "bold", "subtle", "quiet", "problem"]
_LOOKS: dict[Look, Element] = {
    "plain": {},
    "strong": {"size": "Medium", "weight": "Bolder"},
    "bold": {"weight": "Bolder"},
    "subtle": {"isSubtle": True},
    "quiet": {"size": "Small", "isSubtle": True},
    "problem": {"size": "Small", "color": "Attention"},
}
_encoder = msgspec.json.Encoder()


def size(made: Any) -> int:
    """What this takes of a card, in bytes."""
    return len(_encoder.encode(made))


def as_typed(text: str, limit: int) -> str:
    """Cleaned, and without what clients replace even in a text run: `{{DATE(…)}}` and `{{TIME(…)}}`."""
    text = clean(text, limit)
    # A word joiner, which nobody sees, keeps the braces from being a pair.
    return text.replace("{{", "{\u2060{") if "{{" in text else text


def run(text: str, limit: int, look: Look = "plain") -> Element:
    """A piece of text in one look."""
    return {"type": "TextRun", "text": as_typed(text, limit), **_LOOKS[look]}


def rich(*runs: Element, spacing: str = "") -> Element:
    """Runs as one paragraph. `spacing` is the gap above it, by the card's own names (None, Small …)."""
    made: Element = {"type": "RichTextBlock", "inlines": list(runs)}
    if spacing:
        made["spacing"] = spacing
    return made


def menu(name: str, label: str, options: tuple[Option, ...], room: int) -> tuple[Element, str]:
    """A menu of as many options as fit into `room` bytes, and the word about the rest, empty when there is none."""
    shown: list[Element] = []
    for option in options:
        shown.append(choice(option))
        room -= size(shown[-1]) + 1
        if room < 0 and len(shown) > 1:
            shown.pop()
            break
    made = {
        "type": "Input.ChoiceSet",
        "id": name,
        "label": as_typed(label, SHORT),
        "style": "compact" if len(options) <= MANY_OPTIONS else "filtered",
        "placeholder": "Choose",
        "choices": shown,
    }
    return made, FIRST_OPTIONS.format(shown=len(shown), all=len(options)) if len(shown) < len(options) else ""


def choice(option: Option) -> Element:
    """One line of a menu."""
    return {"title": as_typed(option.label, OPTION), "value": option.value}


def attachment(card: Element) -> Element:
    """A card as messages, invoke answers and dialogs carry it."""
    return {"contentType": CARD_TYPE, "content": card}
