"""`pacer parse ask`: what a question about the numbers is taken for, without a database."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

from handlers.ask.org import Member, Org, OrgError
from handlers.ask.read import read
from handlers.language.dates import MONTHS, DateOrder
from handlers.numbers.periods import FiscalCalendar


class NotAsked(ValueError):
    """An option cannot be used; the message is the sentence for the person at the terminal."""


def org_of(file: Path | None) -> Org:
    """The org of a CSV file; an empty one where there is none. NotAsked says why a file is no such list."""
    if file is None:
        return Org((), ())
    try:
        return Org.from_csv(file.read_text("utf-8"))
    except OrgError as error:
        raise NotAsked(f"{file}: {error}") from error
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is not UTF-8"
        raise NotAsked(f"{file} cannot be read as text: {why}.") from error


def asker_in(org: Org, name: str | None) -> Member | None:
    """Who asks; None where nobody is named. NotAsked for a name that the org does not have, or has twice."""
    if not name:
        return None
    person = org.find(name)
    if person is None and org.members:
        raise NotAsked(f"“{name}” is not one person of that --org. Write a name as it stands there.")
    return person


def month_number(text: str) -> int:
    """`2`, `Feb`, `February` -> 2. NotAsked for anything else."""
    word = text.strip().lower()
    number = int(word) if word.isdecimal() else MONTHS.get(word, 0)
    if not 1 <= number <= 12:
        raise NotAsked(f"“{text}” is no month. Write --fiscal-start 2, or February.")
    return number


def answers(
    lines: Iterable[str],
    *,
    org: Org,
    asker: Member | None,
    today: date,
    fiscal_start: int,
    date_order: DateOrder = "mdy",
    measures: Iterable[str] = (),
) -> Iterator[str]:
    """A JSON object for every line."""
    fiscal, known = FiscalCalendar(fiscal_start), tuple(measures)
    for line in lines:
        question = read(line, asker=asker, org=org, today=today, fiscal=fiscal, measures=known, date_order=date_order)
        yield json.dumps(question.as_data(), ensure_ascii=False)
