"""`pacer import plan.yaml`: a commission plan is read, all that is wrong with it told at once, shown and kept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from handlers.conversation.company import Company
from handlers.conversation.wording import plural
from handlers.imports import plan_preview
from handlers.imports.plan_apply import all_problems, import_plan, standing
from handlers.imports.plan_file import Plan, read_plan
from handlers.imports.plan_yaml import LARGEST
from handlers.numbers.periods import day_in
from storage.database import Database, Transaction

Say = Callable[[str], None]


class PlanRefused(Exception):
    """Nothing was written; its text says every mistake with its line."""


class _NotKept(Exception):
    """Ends a dry run's transaction, so that it is rolled back."""


def run(
    database: Database, company: Company, path: Path, say: Say, *, dry_run: bool, now: datetime | None = None
) -> None:
    """The whole command for a YAML file. Raises PlanRefused with all mistakes; then nothing was written."""
    now = now or datetime.now(UTC)
    with path.open("rb") as file:
        content = file.read(LARGEST + 1)
    read = read_plan(content, path.name)
    problems = database.submit(lambda tx: all_problems(tx, read)).result()
    if problems or not isinstance(read, Plan):
        lines = "\n".join(f"  {problem}" for problem in problems)
        raise PlanRefused(f"{path.name} has {plural(len(problems), 'mistake')}, so nothing was imported:\n{lines}")
    said: list[str] = []

    def work(tx: Transaction) -> str | None:
        before = standing(tx, read)
        made = import_plan(tx, read, content, by=None, at=now)
        said[:] = [
            plan_preview.headline(before, read.plan),
            *(f"  {line}" for line in plan_preview.told(before, read.plan, company)),
            *plan_preview.covered(tx, company, read.plan, day_in(company.zone, now)),
        ]
        if dry_run:
            raise _NotKept
        return made

    try:
        made = database.submit(work).result()
    except _NotKept:
        said.append("Nothing was written: this was a dry run.")
        made = None
    for line in said:
        say(line)
    if made is not None:
        say(f"Roll it back with: pacer import --undo {made}")
