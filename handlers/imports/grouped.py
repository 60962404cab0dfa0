"""A report with subtotals: the columns that it is grouped by say their value in the first row of each block only.

Sure is it where lines with totals part the blocks and the column is filled in the first row of each, and nowhere else:
then the value holds down to the next. A leading column that is mostly blank without such lines is asked about.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from handlers.imports.headers import SAID, Columns, Question, Use

_GROUPS: Final = 5
"""So many columns at most is a report grouped by."""
_ASKED: Final = ("owner", "account", "person")


@dataclass(slots=True)
class _Group:
    begins: bool = True
    """The next row is the first of a block."""
    blocks: int = 0
    unnamed: int = 0
    """Blocks whose first row is blank here."""
    within: int = 0
    """Rows in a block that are filled and not its first."""
    blank: int = 0
    filled: int = 0
    parted: int = 0


class Groups:
    """Sees each row of the table (`row`) and each line with totals (`total`), then knows (`settle`)."""

    def __init__(self, columns: Columns, titles: Sequence[str]) -> None:
        self._columns = columns
        named = [at for at, title in enumerate(titles) if title.strip()]
        self._seen = {at: _Group() for at in named[:_GROUPS]}
        self._said = {use.column for use in columns.used if use.down}
        self._answered = {use.column for use in columns.uses if use.reason == SAID}

    def row(self, cells: Sequence[str]) -> None:
        """A row of the table."""
        for at, group in self._seen.items():
            if at < len(cells) and cells[at].strip():
                group.filled += 1
                if group.begins:
                    group.blocks += 1
                else:
                    group.within += 1
            else:
                group.blank += 1
                group.blocks += group.begins
                group.unnamed += group.begins
            group.begins = False

    def total(self, cells: Sequence[str]) -> None:
        """A line with totals: it ends the blocks of the column in which it is named, and of those to the right."""
        label = next((at for at, cell in enumerate(cells) if cell.strip()), 0)
        for at, group in self._seen.items():
            if at >= label:
                group.parted += not group.begins
                group.begins = True

    def settle(self) -> tuple[list[int], list[Question]]:
        """The columns whose value holds for the rows below, and what has to be asked."""
        down, questions = sorted(self._said), []
        for at, group in self._seen.items():
            if not (group.parted and group.blank and group.filled and not group.unnamed and not group.within):
                break
            if at not in self._answered:
                down.append(at)
        for at, group in self._seen.items():
            use = next(use for use in self._columns.uses if use.column == at)
            rows = group.blank + group.filled
            if at in down or at in self._answered or use.field not in _ASKED or group.blank * 2 <= rows or rows < 4:
                continue
            if group.filled:
                questions.append(_asks(use, group.blank, rows))
        return sorted(set(down)), questions

    def note(self, down: Sequence[int]) -> str:
        """What a person should know, a sentence."""
        titles = {use.column: use.title for use in self._columns.uses}
        named = [f"“{titles[at]}”" for at in down]
        if not named:
            return ""
        what = named[0] if len(named) == 1 else f"{', '.join(named[:-1])} and {named[-1]}"
        blank = max(self._seen[at].blank for at in down if at in self._seen)
        stands, its = ("stands", "what it says") if len(named) == 1 else ("stand", "what they say")
        return (
            f"{what} {stands} in the first row of each block only, as in a report with subtotals: {its} was read for "
            f"the {blank:,} rows below too."
        )


def _asks(use: Use, blank: int, rows: int) -> Question:
    return Question(
        "grouped",
        f"“{use.title}” is blank in {blank:,} of {rows:,} rows. If the file is a report with groups, where it holds "
        f'for the rows below too, say --map "{use.title}={use.field} down"; if blank is blank, '
        f'--map "{use.title}={use.field}".',
        (use.title,),
        use.field,
    )


def filled(cells: Sequence[str], held: dict[int, str], down: Sequence[int]) -> list[str]:
    """The row with what holds from above; `held` is what was said last, column by column, and is kept up to date."""
    whole = list(cells)
    for place, at in enumerate(down):
        if at < len(whole) and whole[at].strip():
            held[at] = whole[at]
            for inner in down[place + 1 :]:
                held.pop(inner, None)
        elif at in held:
            whole += [""] * (at + 1 - len(whole))
            whole[at] = held[at]
    return whole
