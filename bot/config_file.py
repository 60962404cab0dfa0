"""Reading a YAML file so that every value knows its place.

Scalars stay the text that was typed: `country: NO` is Norway and not false, and `"60"` is as good a number as `60`.
Each of the settings says itself what it makes of its text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import yaml

TOKEN = re.compile(
    r"(xoxe\.)?xox[a-z]-[\w-]{4,}|xapp-[\w-]{4,}|\b[0-9a-f]{32,}\b|\b[\w.~]{3}\dQ~[\w.~-]{31,}", re.IGNORECASE
)
Key: TypeAlias = tuple[str | int, ...]
LARGEST = 256 * 1024
"""Bytes. Settings are a page or two; anything larger is another file by mistake."""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Line and column as an editor counts them; 0 where the file has no such place."""

    line: int = 0
    column: int = 0


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing that is wrong with the settings: where, which one, and what was expected."""

    file: str
    place: Place
    name: str
    """The setting's dotted name, e.g. `company.currency`; empty where the file as a whole is meant."""
    text: str

    def __str__(self) -> str:
        where = self.file if not self.place.line else f"{self.file}:{self.place.line}:{self.place.column}"
        # A secret that was pasted where a name belongs is not shown either.
        return TOKEN.sub("(token)", f"{where}{' ' if self.name else ''}{self.name}: {self.text}")


@dataclass(slots=True)
class Document:
    """What the file holds: plain data, the place of every key and value, and what was wrong on the way."""

    file: str
    data: dict[str, Any] = field(default_factory=dict)
    values: dict[Key, Place] = field(default_factory=dict)
    keys: dict[Key, Place] = field(default_factory=dict)
    mistakes: list[Mistake] = field(default_factory=list)

    def wrong(self, key: Key, text: str, *, at_key: bool = False) -> None:
        """Note a mistake at the key's own place, or at the nearest one around it that the file has."""
        places = (self.keys, self.values) if at_key else (self.values, self.keys)
        found = next((group[key] for group in places if key in group), None)
        around = key
        while found is None and around:
            around = around[:-1]
            found = self.keys.get(around) or self.values.get(around)
        self.mistakes.append(Mistake(self.file, found or Place(), dotted(key), text))


def dotted(key: Key) -> str:
    """A setting's name as people write it: `installs[0].bot_token`."""
    name = ""
    for part in key:
        name += f"[{part}]" if isinstance(part, int) else f".{part}" if name else part
    return name


def read(path: Path) -> Document:
    """The file at `path`. Whatever is wrong with it is in the document's mistakes; nothing is raised."""
    document = Document(str(path))
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except FileNotFoundError:
        document.wrong(
            (), "there is no such file. Take the app.yaml that Pacer comes with, or name yours with --config."
        )
        return document
    except IsADirectoryError:
        document.wrong((), "is a folder; expected a file such as app.yaml.")
        return document
    except OSError as error:
        document.wrong((), f"cannot be read ({error.strerror}). See that the user who runs Pacer may read it.")
        return document
    if len(content) > LARGEST:
        document.wrong((), f"is larger than {LARGEST // 1024} KB; expected a page or two of settings.")
        return document
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        column = len(before.rsplit(b"\n", 1)[-1].decode("utf-8", "replace")) + 1
        place = Place(before.count(b"\n") + 1, column)
        text = "is not UTF-8 text. Save it again with the encoding UTF-8."
        document.mistakes.append(Mistake(document.file, place, "", text))
        return document
    _compose(document, text)
    return document


def _compose(document: Document, text: str) -> None:
    try:
        root = yaml.compose(text, yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        quote = error.context_mark and "quoted" in (error.context or "")
        place = _place(error.context_mark if quote else mark) if mark else Place()
        document.mistakes.append(Mistake(document.file, place, "", _plainly(error)))
        return
    except yaml.reader.ReaderError as error:
        before = text[: error.position]
        place = Place(before.count("\n") + 1, error.position - (before.rfind("\n") + 1) + 1)
        problem = "a control character that no text editor shows; delete it."
        document.mistakes.append(Mistake(document.file, place, "", problem))
        return
    except RecursionError:
        document.wrong((), "is nested too deeply to be settings.")
        return
    if root is None:
        document.wrong((), "is empty. Take the app.yaml that Pacer comes with and change it in place.")
        return
    data = _walk(document, root, (), set())
    if isinstance(data, dict):
        document.data = data
    elif not document.mistakes:
        document.wrong((), "holds no settings; expected lines such as `company:` with its settings indented below.")


def _walk(document: Document, node: yaml.Node, key: Key, seen: set[int]) -> Any:
    document.values[key] = _place(node.start_mark)
    if id(node) in seen:
        document.wrong(key, "repeats another part by an alias (*); write it out.")
        return None
    seen.add(id(node))
    if not node.tag.startswith("tag:yaml.org,2002:") or node.tag.startswith("tag:yaml.org,2002:python"):
        document.wrong(key, "begins with a tag (!), which has no meaning here; expected a plain value.")
        return None
    if isinstance(node, yaml.MappingNode):
        return _walk_mapping(document, node, key, seen)
    if isinstance(node, yaml.SequenceNode):
        return [_walk(document, item, (*key, index), seen) for index, item in enumerate(node.value)]
    empty = isinstance(node, yaml.ScalarNode) and node.style is None and node.value in {"", "~", "null", "Null", "NULL"}
    return None if empty else node.value


def _walk_mapping(document: Document, node: yaml.MappingNode, key: Key, seen: set[int]) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for name_node, value_node in node.value:
        if not isinstance(name_node, yaml.ScalarNode):
            document.values[(*key, "?")] = _place(name_node.start_mark)
            document.wrong((*key, "?"), "a setting's name is one word; a list or a group cannot be one.")
            continue
        name: str = name_node.value
        here = (*key, name)
        if name in data:
            first = document.keys[here].line
            place = _place(name_node.start_mark)
            text = f"stands twice, first in line {first}. Keep one of the two."
            document.mistakes.append(Mistake(document.file, place, dotted(here), text))
            continue
        document.keys[here] = _place(name_node.start_mark)
        data[name] = _walk(document, value_node, here, seen)
    return data


def _place(mark: Any) -> Place:
    return Place(mark.line + 1, mark.column + 1)


_UNINDENTED = (
    "this line does not fit those above it: is it indented like its neighbours, with `name: value`, and are texts "
    "with a quote (') in them inside double quotes?"
)
_COLON = (
    "a colon too many: put a value that has a colon inside quotes, and see that this line and the one above it are "
    "indented as they should be."
)
_IN_PLAIN_WORDS = (
    (r"found character '\t'", "a tab stands where YAML wants spaces. Indent with spaces."),
    ("that cannot start any token", "a value cannot begin with this character unless it is inside quotes."),
    ("mapping values are not allowed", _COLON),
    ("could not find expected ':'", "a name without its colon; expected `name: value`."),
    ("found unexpected end of stream", "the quote that opens here is never closed."),
    ("found another document", "a line `---` begins a second document; Pacer's settings are one."),
    ("expected ',' or ']'", "a list that opens with [ is not closed with ]."),
    ("expected ',' or '}'", "a group that opens with { is not closed with }."),
    ("expected the node content", "a bracket that closes nothing."),
    ("undefined alias", "a value cannot begin with * unless it is inside quotes."),
    ("expected <block end>", _UNINDENTED),
)  # fmt: skip


def _plainly(error: yaml.MarkedYAMLError) -> str:
    problem = f"{error.context or ''} {error.problem or ''}"
    return next((words for sign, words in _IN_PLAIN_WORDS if sign in problem), _UNINDENTED)
