"""FAULT 13, shortened: twenty kills at random under load. The long run is `make chaos`; see docs/reliability.md."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chaos.run import chaos


@pytest.mark.timeout(240)
@pytest.mark.parametrize(
    ("database", "processes"), [("sqlite", 1), pytest.param("postgres", 4, marks=pytest.mark.postgres)]
)
async def test_killed_at_random_under_load(
    request: pytest.FixtureRequest, tmp_path: Path, database: str, processes: int, capsys: pytest.CaptureFixture[str]
) -> None:
    url: str = request.getfixturevalue(f"{database}_url")
    told = await chaos(
        url, tmp_path, kills=20, processes=processes, people=12, pause=1.0, life=0.3 * (1 + processes), seed=13
    )
    with capsys.disabled():
        print("\n" + told.told(database))
    assert told.wrong == []
    assert told.kills >= 20
    assert told.acknowledged
    assert told.rows["sent"]
