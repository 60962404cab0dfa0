"""Everything that is said unasked while the clocks change, with check-ins and wins; the whole year is `make year`."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tests.chaos.year import simulate


async def test_ten_days_in_which_clocks_change(
    database_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """FAULTS 14 to 18: Europe's and Cairo's clocks went back in those days, the American ones on the last but one. With
    that seed somebody is back from leave as the next check-in is asked for, and wins are taken back and restored."""
    found = await simulate(database_url, date(2026, 10, 23), date(2026, 11, 3), tmp_path, seed=14)
    with capsys.disabled():
        print("\n" + found.told(database_url.partition(":")[0]))
    assert found.wrong == []
    assert found.year.said > 100
    assert found.year.starts > 4
    assert found.answers.asked > 15
    assert found.answers.read > 5
    assert found.deals.milestones.posts > 20
    assert found.deals.restored
    assert sum(found.deals.milestones.reached.values()) > 2
