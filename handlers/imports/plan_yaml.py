"""A YAML file of a few lines as plain text with places, so that each mistake can be told with its line.

Scalars stay what was typed: `5 %` is no number yet, and `no` is a word.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import yaml

LARGEST = 64 * 1024
"""Bytes; a plan is a page."""
MOST_BRACKETS = 1000
"""`[` and `{` together."""


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """What is wrong, and what was expected. `line` counts from 1; 0 where the file as a whole is meant."""

    line: int
    name: str
    """Which of its lines, e.g. `cap` or `tiers, rate`; empty for the file."""
    text: str

    def __str__(self) -> str:
        where = [f"Line {self.line}"] if self.line else []
        return f"{', '.join([*where, *([self.name] if self.name else [])])}: {self.text}".removeprefix(": ")


def composed(content: bytes) -> yaml.Node | Problem:
    """The file's one document. Nothing is built from it: tags and aliases make no objects."""
    if len(content) > LARGEST:
        return Problem(
            0, "", f"The file is larger than {LARGEST // 1024} KB; expected a page with one commission plan."
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        return Problem(line, "", "This is not UTF-8 text. Save the file again with the encoding UTF-8.")
    if text.count("[") + text.count("{") > MOST_BRACKETS:
        # It takes seconds to find out how deep they are.
        return Problem(0, "", "The file is nested too deeply to be a commission plan.")
    try:
        node = yaml.compose(text, yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        return Problem(mark.line + 1 if mark else 0, "", _plainly(error))
    except yaml.reader.ReaderError as error:
        line = text[: error.position].count("\n") + 1
        return Problem(line, "", "Here stands a control character that no editor shows; delete it.")
    except RecursionError:
        return Problem(0, "", "The file is nested too deeply to be a commission plan.")
    return node if node is not None else Problem(0, "", "The file is empty; expected a commission plan.")


def _plainly(error: yaml.MarkedYAMLError) -> str:
    said = f"{error.context or ''} {error.problem or ''}"
    if "\\t" in said or "tab" in said:
        return "A tab stands here; indent with spaces."
    if "single document" in said:
        return "A second document (---) begins here; expected one plan a file."
    if "alias" in said or "anchor" in said:
        return "An alias (*) or anchor (&) stands here; write the value out."
    if "mapping values" in said:
        return "A colon stands where none can; put the text before it, or all of it, between quotation marks."
    if "could not find expected ':'" in said:
        return "Expected `name: value`; the colon is missing on this line or the one above."
    return "This cannot be read as YAML. See how far the lines around it are indented, and that each is `name: value`."


def line_of(node: yaml.Node) -> int:
    """As an editor counts it."""
    return int(node.start_mark.line) + 1


def entries(node: yaml.MappingNode) -> Iterator[tuple[str, int, yaml.Node]]:
    """Each key as it is compared (case, `_`, `-` and spaces do not matter), its line and its value."""
    for key, value in node.value:
        text = key.value if isinstance(key, yaml.ScalarNode) else ""
        yield " ".join(text.casefold().replace("_", " ").replace("-", " ").split()), line_of(key), value
