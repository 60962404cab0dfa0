"""What a person typed, out of what Slack sends: entities, mentions, links and formatting turned back into words."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.storable import storable

_ANGLED = re.compile(r"<([^<>\n]{1,4000})>")
_ENTITY = re.compile(r"&(amp|lt|gt);")
_ENTITIES = {"amp": "&", "lt": "<", "gt": ">"}
_USER = re.compile(r"<@([UW][A-Z0-9]{1,30})(?:\|[^<>]*)?>")
_STYLED = {
    mark: re.compile(
        rf"(?<![\w{re.escape(mark)}]){re.escape(mark)}(?=\S)([^{re.escape(mark)}\n]+?)(?<=\S){re.escape(mark)}(?!\w)"
    )
    for mark in "*_~`"
}


def unescape(text: str) -> str:
    """`&amp;`, `&lt;` and `&gt;` as the characters they stand for, each once."""
    return _ENTITY.sub(lambda match: _ENTITIES[match[1]], text) if "&" in text else text


def plain(text: str, names: Mapping[str, str] | None = None, bot_user: str = "") -> str:
    """Slack's text as the person typed it.

    `names` gives the names of mentioned people by user id; a mention of `bot_user` (ours) is dropped.
    """
    if "<" in text:
        text = _ANGLED.sub(lambda match: _reference(match[1], names or {}, bot_user), text)
    return storable(unescape(text)).strip()


def unstyled(text: str) -> str:
    """The same without the marks of bold, italic, struck and code; for messages that somebody formatted."""
    for mark, pattern in _STYLED.items():
        if mark in text:
            text = pattern.sub(r"\1", text.replace(mark * 3, "") if mark == "`" else text)
    return text


def mentioned(text: str) -> list[str]:
    """The ids of the people named in a text, in order, each once."""
    return list(dict.fromkeys(_USER.findall(text)))


def _reference(inside: str, names: Mapping[str, str], bot_user: str) -> str:
    target, bar, label = inside.partition("|")
    first = target[:1]
    if first == "@":
        user = target[1:]
        return "" if user == bot_user and bot_user else names.get(user) or label or "somebody"
    if first == "#":
        return f"#{label}" if label else target
    if first == "!":
        if target.startswith("!subteam^"):
            return label or "@group"
        if bar:
            return label
        return f"@{target[1:]}"
    if "://" in target or target.startswith(("mailto:", "tel:")):
        # A link that Slack made of typed words goes back to those words; a named link keeps both.
        bare = re.sub(r"^(?:https?://|mailto:|tel:)", "", target)
        if not bar or label == target:
            return bare if target.startswith(("mailto:", "tel:")) else target
        return label if label.rstrip("/") == bare.rstrip("/") else f"{label} ({target})"
    return f"<{inside}>"
