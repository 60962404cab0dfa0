"""What Pacer says, as data.

A handler returns a Reply and knows nothing of Block Kit or Adaptive Cards; each platform's renderer matches every
kind in `Part` and ends in `assert_never`, so a new kind cannot be forgotten on one of them. All strings are plain
text: escaping, shortening and the platforms' limits belong to the renderers alone.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec


class Text(msgspec.Struct, frozen=True, tag="text"):
    """A paragraph. `strong` is a headline, `quiet` is small print; line breaks are kept."""

    text: str
    style: Literal["plain", "strong", "quiet"] = "plain"


class Fact(msgspec.Struct, frozen=True):
    """One label with its value."""

    label: str
    value: str


class Facts(msgspec.Struct, frozen=True, tag="facts"):
    """Labels beside values, read top to bottom."""

    rows: tuple[Fact, ...]


class Table(msgspec.Struct, frozen=True, tag="table"):
    """Rows under column names; `numeric` holds the indexes of right-aligned columns."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: tuple[int, ...] = ()


class ChartRow(msgspec.Struct, frozen=True):
    """One bar, or one point of a trend. The numbers say where to draw, the words what is read beside it.

    `expected` is what should be there by now. None: there is no such figure (yet).
    """

    label: str
    value: float | None
    shown: str = ""
    """`value` in words, e.g. "$40,000"."""
    target: float | None = None
    target_shown: str = ""
    expected: float | None = None
    expected_shown: str = ""


class Chart(msgspec.Struct, frozen=True, tag="chart"):
    """A picture: bars to their targets, or a trend from left to right.

    Each bar is drawn against its own target, so that rows in different units stand side by side; where no row has
    one, all are drawn to one scale. `alt` is a sentence that says all the figures: it is read out, it stands where no
    picture can be shown, and many rows are not all drawn.
    """

    title: str
    kind: Literal["bars", "trend"]
    rows: tuple[ChartRow, ...]
    alt: str
    said_above: bool = False
    """Right above it the reply says its title and figures: a picture in the same message is drawn without its title,
    and its words do not stand there a second time."""


class Document(msgspec.Struct, frozen=True, tag="document"):
    """A file for the person who reads this, and for nobody else: it comes in their one-to-one chat wherever they asked.

    `file` is the id of a row of `files` (storage/files.py) that was kept for that person; `size` is in bytes. `about`
    is a sentence that says what is in it.
    """

    name: str
    file: str
    size: int
    about: str = ""

    @property
    def size_in_words(self) -> str:
        """`740 bytes`, `12 KB`, `1.4 MB`."""
        if self.size < 1000:
            return f"{self.size} bytes"
        if self.size < 999_500:
            return f"{round(self.size / 1000)} KB"
        return f"{self.size / 1_000_000:.1f} MB"


class Button(msgspec.Struct, frozen=True):
    """A button. `token` is an unguessable id; what the button does is kept on our side under it (storage/tokens.py)."""

    label: str
    token: str
    style: Literal["plain", "primary", "danger"] = "plain"
    opens_form: bool = False
    """Pressing it asks for a form. Teams must know before; where it is not said, the form is offered by a button."""


class Buttons(msgspec.Struct, frozen=True, tag="buttons"):
    """Buttons in one row."""

    buttons: tuple[Button, ...]


class Option(msgspec.Struct, frozen=True):
    """One thing to choose. `value` is an index or a short name that only the handler that offered it understands."""

    label: str
    value: str


class Choice(msgspec.Struct, frozen=True, tag="choice"):
    """A question with one answer out of several: buttons while they are few, else a menu."""

    prompt: str
    token: str
    options: tuple[Option, ...]


class TextField(msgspec.Struct, frozen=True, tag="text_field"):
    """A line, or several when `multiline`. `max_length` is in characters."""

    name: str
    label: str
    value: str = ""
    hint: str = ""
    optional: bool = False
    multiline: bool = False
    max_length: int = 2000


class ChoiceField(msgspec.Struct, frozen=True, tag="choice_field"):
    """One of several options; `value` is the one chosen now, empty for none."""

    name: str
    label: str
    options: tuple[Option, ...]
    value: str = ""
    hint: str = ""
    optional: bool = False


class DateField(msgspec.Struct, frozen=True, tag="date_field"):
    """A day, as ISO 8601 (`2026-11-18`)."""

    name: str
    label: str
    value: str = ""
    hint: str = ""
    optional: bool = False


class TimeField(msgspec.Struct, frozen=True, tag="time_field"):
    """A time of day in the person's own zone, as `15:00`."""

    name: str
    label: str
    value: str = ""
    hint: str = ""
    optional: bool = False


Field: TypeAlias = TextField | ChoiceField | DateField | TimeField


class Form(msgspec.Struct, frozen=True):
    """A dialog. `token` is consumed when it is sent; a platform shows `problems` beside the fields of that name."""

    title: str
    token: str
    fields: tuple[Field, ...]
    submit: str = "Save"
    intro: str = ""


Part: TypeAlias = Text | Facts | Table | Chart | Document | Buttons | Choice


class Reply(msgspec.Struct, frozen=True):
    """An answer. `text` is a sentence that says all of it, figures included, for notifications and screen readers.

    `parts` is the same answer laid out; without parts, `text` is what is shown. `private` answers are seen by the
    person alone: ephemeral in a Slack channel, the one-to-one chat in Teams.
    """

    text: str
    parts: tuple[Part, ...] = ()
    private: bool = True
