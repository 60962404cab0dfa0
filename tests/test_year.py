"""Everything that is said unasked while the clocks change, on both databases; the whole year is in `make chaos`."""

from __future__ import annotations

from datetime import date

import pytest

from storage.database import Database
from tests.chaos.year import simulate


async def test_ten_days_in_which_clocks_change(database: Database, capsys: pytest.CaptureFixture[str]) -> None:
    """FAULTS 14 to 18: Europe's and Cairo's clocks went back in those days, the American ones on the last but one."""
    year = await simulate(database, date(2026, 10, 23), date(2026, 11, 3))
    with capsys.disabled():
        print("\n" + year.told(database.engine.name))
    assert year.wrong == []
    assert year.said > 100
    assert year.starts > 4
