"""A Reply as Teams shows it: an Adaptive Card, or plain words where a card would say no more.

People's words are shown as typed and notify nobody: a mention needs an entity beside the text, which is never made, and
no text goes where Markdown is read (elements.py). Plain dicts, for the reason given in bot/slack/render.py; the tests
hold every card to the published schema.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple, assert_never

from bot.shorten import clean
from bot.teams import parts as made_of
from bot.teams.dialog import dialog, notice
from bot.teams.elements import CARD_SIZE, VERSION, Element, attachment, rich, run, size
from handlers.conversation.reply import Buttons, Chart, Choice, Document, Facts, Part, Reply, Table, Text

__all__ = ["card", "dialog", "message", "notice"]

SENTENCE = 1000
"""Characters of the sentence that stands for a card: for screen readers, and in clients that know no cards of 1.5."""
SUMMARY = 300
"""The same in a notification; it counts with the card towards what one message may weigh."""
PLAIN_TEXT = 4000
PICTURES = 13_500
"""Bytes that a card's pictures may have together: in base64 they take a third more, and the words need the rest."""
LEFT_OUT = "The rest was left out: this is as much as Teams shows at once."

_MARKUP = re.compile(r"[<>&*_~`\[\]|#@\\{}]|://|www\.|^\s*(?:[-+]|\d+[.)])\s", re.MULTILINE)
_MARKDOWN = re.compile(r"([\\`*_\[\]<>#~|{}!])")
_WORD = 200
"""Bytes that are kept for the sentence about what was left out."""
_QUESTION = 2000
"""Bytes of a question with its few buttons where room is short."""


class _Around(NamedTuple):
    """What the drawing of one part depends on besides itself."""

    menus: int
    """How many menus its card has."""
    pictures: Mapping[Chart, bytes] = {}
    alone: bool = True
    """Nobody but the person reads it: see parts.chart."""


def message(reply: Reply, pictures: Mapping[Chart, bytes] = {}) -> dict[str, Any]:
    """The activity to post, or to put in another's place. A chart without a picture is said in words.

    A sentence without parts is sent as text. Microsoft documents `plain` as raw text, but no word says that every
    client keeps to it; a sentence with anything that could be markup, a link or a mention goes into a card instead.
    """
    if not reply.parts and not _MARKUP.search(reply.text):
        return {"type": "message", "text": clean(reply.text, PLAIN_TEXT), "textFormat": "plain"}
    return {
        "type": "message",
        "summary": clean(reply.text, SUMMARY),
        "attachments": [attachment(card(reply, pictures))],
    }


def card(reply: Reply, pictures: Mapping[Chart, bytes] = {}) -> dict[str, Any]:
    """The reply as an Adaptive Card of at most CARD_SIZE bytes."""
    parts = reply.parts or (Text(reply.text),)
    sentence = clean(reply.text, SENTENCE)
    made: dict[str, Any] = {
        "type": "AdaptiveCard",
        "version": VERSION,
        "speak": sentence,
        # The one place that clients read as Markdown; backslashes keep it from becoming anything.
        "fallbackText": _MARKDOWN.sub(r"\\\1", sentence),
    }
    if any(isinstance(part, Table) and made_of.is_wide(part) for part in parts):
        made["msteams"] = {"width": "Full"}
    around = _Around(sum(map(_is_menu, parts)), pictures, reply.private)
    bodies = [_part(part, CARD_SIZE, around) for part in parts]
    if not any(bodies):
        # Nothing but blank texts and empty tables: the sentence is all that there is to show.
        parts = (Text(clean(reply.text, PLAIN_TEXT)),)
        bodies = [_part(parts[0], CARD_SIZE, _Around(0))]
    made["body"] = [element for elements in bodies for element in elements]
    if size(made) > CARD_SIZE and pictures:
        # Words come before pictures.
        return card(reply)
    if size(made) > CARD_SIZE:
        made["body"] = []
        made["body"] = _fitted(parts, bodies, CARD_SIZE - size(made) - _WORD, around)
    return made


def _part(part: Part, room: int, around: _Around) -> list[Element]:
    """One part as elements of at most `room` bytes; none where it does not fit at all."""
    match part:
        case Text():
            return made_of.text(part, room)
        case Facts():
            return made_of.facts(part, room)
        case Table():
            return made_of.table(part, room)
        case Chart():
            return made_of.chart(part, room, around.pictures.get(part), alt_too=not around.alone)
        case Document():
            return made_of.document(part, room)
        case Buttons():
            return made_of.buttons(part, room, quiet_inputs=around.menus > 0)
        case Choice():
            return made_of.choice(part, room, alone=around.menus == 1, quiet_inputs=around.menus > 0)
        case _:
            assert_never(part)


def _fitted(parts: tuple[Part, ...], bodies: list[list[Element]], room: int, around: _Around) -> list[Element]:
    """What there is room for. Buttons and choices come first: without them a person is stuck, whereas words that were
    shortened say so."""
    acting = [at for at, part in enumerate(parts) if isinstance(part, Buttons | Choice)]
    choosing = [at for at in acting if _is_menu(parts[at])]
    pressing = [at for at in acting if at not in choosing]
    most = room * 4 // 5 if len(acting) < len(parts) else room
    # Menus give way before buttons do: a shorter menu still has its first options.
    _shrink(parts, bodies, choosing, max(most - _together(bodies, pressing), most // 4), around)
    if _together(bodies, acting) > most:
        for at in pressing:
            bodies[at] = _shortest(parts[at], around)
    if _together(bodies, acting) > room:
        return _from_the_top(parts, bodies, room, around)
    room -= _together(bodies, acting)
    left_out = False
    for at in range(len(parts)):
        if at in acting:
            continue
        if size(bodies[at]) > room:
            bodies[at] = _part(parts[at], room, around)
            left_out = left_out or not bodies[at]
        room -= size(bodies[at])
    return [*(element for elements in bodies for element in elements), *([_left_out()] if left_out else [])]


def _from_the_top(parts: tuple[Part, ...], bodies: list[list[Element]], room: int, around: _Around) -> list[Element]:
    """As many parts as fit, where there are more buttons than that."""
    shown: list[Element] = []
    for part, body in zip(parts, bodies, strict=True):
        if size(body) > room:
            return [*shown, *_part(part, room, around), _left_out()]
        shown += body
        room -= size(body)
    return shown


def _shrink(parts: tuple[Part, ...], bodies: list[list[Element]], which: list[int], room: int, around: _Around) -> None:
    """Make these take at most `room` together, each giving in proportion to what it took."""
    sizes = {at: size(bodies[at]) for at in which}
    together = sum(sizes.values())
    if together > room:
        for at in which:
            bodies[at] = _part(parts[at], room * sizes[at] // together, around)


def _shortest(part: Part, around: _Around) -> list[Element]:
    """Buttons with few words, all of them."""
    if isinstance(part, Buttons):
        return made_of.short_buttons(part, 2 * CARD_SIZE, around.menus > 0)
    return _part(part, _QUESTION, around)


def _together(bodies: list[list[Element]], which: list[int]) -> int:
    return sum(size(bodies[at]) for at in which)


def _left_out() -> Element:
    return rich(run(LEFT_OUT, _WORD, "quiet"))


def _is_menu(part: Part) -> bool:
    return isinstance(part, Choice) and made_of.is_menu(part)
