"""Cells that a spreadsheet takes for text.

A cell that begins with `=`, `+`, `-`, `@`, a tab or a carriage return is a formula to a spreadsheet; an apostrophe
before it makes it text again.
"""

from __future__ import annotations

import unicodedata
from typing import Final

FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n")


def safe(cell: str) -> str:
    """The cell as text to every spreadsheet."""
    # Width folded; what nobody sees (white space, control and format characters) does not hide what follows it.
    first = next((sign for sign in cell if not sign.isspace() and unicodedata.category(sign)[0] != "C"), "")
    risky = cell.startswith(FORMULA_STARTS) or unicodedata.normalize("NFKC", first).startswith(FORMULA_STARTS[:4])
    return f"'{cell}" if risky else cell
