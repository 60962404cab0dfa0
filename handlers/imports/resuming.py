"""How far an import is, as its job keeps it, and an import that is gone on with by another process.

Deals, accounts, revenue and cost are gone on with behind the last row that was committed. The other kinds are small and
look at their rows together: they begin anew, find what is there already, and only the numbers are put right.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from handlers.imports.apply import Application
from handlers.imports.applying import Tally
from handlers.imports.rows import RowError

_ROWS_KEPT: Final = 300
"""Of rows that could not be applied; of the others only their number."""
_BEHIND_A_ROW: Final = ("deals", "accounts", "revenue", "cost")


def saved(applied: Application, done: Tally) -> dict[str, Any]:
    """How far it is once the piece that came to `done` is committed."""
    tally = applied.tally
    left = [*tally.left_out[:_ROWS_KEPT], *done.left_out[: max(0, _ROWS_KEPT - len(tally.left_out))]]
    number = applied.left_out_before + len(tally.left_out) + len(done.left_out)
    return {
        "import": applied.id,
        "announces": applied.announces,
        "upto": max(applied.upto, applied.done_before),
        "made": tally.made + done.made,
        "changed": tally.changed + done.changed,
        "same": tally.same + done.same,
        "left": [msgspec.to_builtins(error) for error in left],
        "more": number - len(left),
        "notes": dict(tally.notes + done.notes),
        "doubts": [*tally.doubts, *done.doubts][:100],
    }


def restored(cursor: dict[str, Any], applied: Application) -> None:
    """Go on from there."""
    applied.id = cursor["import"]
    applied.announces = cursor["announces"]
    if "upto" not in cursor:
        return
    tally = applied.tally
    tally.made, tally.changed = cursor["made"], cursor["changed"]
    if applied.reading.kind not in _BEHIND_A_ROW:
        tally.same = -tally.made - tally.changed
        return
    applied.done_before = cursor["upto"]
    applied.left_out_before = cursor["more"]
    tally.same = cursor["same"]
    tally.left_out = msgspec.convert(cursor["left"], list[RowError])
    tally.notes.update(cursor["notes"])
    tally.doubts = list(cursor["doubts"])
