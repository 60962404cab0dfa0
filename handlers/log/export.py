"""Activities as CSV: our own columns, or the column names of a Salesforce task or a HubSpot engagement.

No cell is a formula to a spreadsheet (handlers/language/formulas.py).
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, time
from typing import TextIO
from zoneinfo import ZoneInfo

from handlers.figures.activity_words import OUTCOME_WORDS, kind_words
from handlers.language.formulas import safe
from handlers.numbers.money import from_minor
from storage.activities import Activity, Exported

Columns = Mapping[str, Callable[[Exported], str]]


def write(rows: Iterable[Exported], style: str, to: TextIO) -> int:
    """Write a header and a line for each activity; how many. `style` is a key of STYLES."""
    columns = STYLES[style]
    writer = csv.writer(to)
    writer.writerow(columns)
    number = 0
    for row in rows:
        writer.writerow([safe(cell(row)) for cell in columns.values()])
        number += 1
    return number


def _instant(activity: Activity) -> datetime:
    """When it was, as an instant: a day without a time counts from its noon, which no zone moves to another day."""
    local = datetime.combine(activity.day, activity.time or time(12), tzinfo=ZoneInfo(activity.zone))
    try:
        return local.astimezone(UTC)
    except OverflowError:  # the calendar's first or last day
        return local.replace(tzinfo=UTC)


def _amount(activity: Activity) -> str:
    if activity.amount_minor is None or activity.currency is None:
        return ""
    return str(from_minor(activity.amount_minor, activity.currency))


def _account(activity: Activity) -> str:
    return activity.account_name or activity.account_text or ""


def _subject(activity: Activity) -> str:
    words = kind_words(activity.kind, activity.count).capitalize()
    return f"{words}: {_account(activity)}" if _account(activity) else words


def _body(activity: Activity) -> str:
    lines = [activity.note or "", f"Next: {activity.next_text}" if activity.next_text else ""]
    return "\n".join(line for line in lines if line)


def _number(value: int | None) -> str:
    return "" if value is None else str(value)


_OWN: Columns = {
    "id": lambda row: row.activity.entry,
    "person": lambda row: row.person_name,
    "email": lambda row: row.person_email,
    "kind": lambda row: row.activity.kind,
    "count": lambda row: str(row.activity.count),
    "account": lambda row: row.activity.account_name or "",
    "account_as_typed": lambda row: row.activity.account_text or "",
    "contacts": lambda row: "; ".join(row.activity.contacts),
    "date": lambda row: row.activity.day.isoformat(),
    "time": lambda row: f"{row.activity.time:%H:%M}" if row.activity.time else "",
    "zone": lambda row: row.activity.zone,
    "planned": lambda row: "yes" if row.activity.planned else "no",
    "minutes": lambda row: _number(row.activity.minutes),
    "amount": lambda row: _amount(row.activity),
    "currency": lambda row: row.activity.currency or "",
    "outcome": lambda row: row.activity.outcome or "",
    "tags": lambda row: " ".join(row.activity.tags),
    "note": lambda row: row.activity.note or "",
    "next_step": lambda row: row.activity.next_text or "",
    "next_date": lambda row: row.activity.next_day.isoformat() if row.activity.next_day else "",
    "version": lambda row: str(row.activity.version),
}

_SALESFORCE_TYPES = {"call": "Call", "email": "Email", "meeting": "Meeting", "visit": "Meeting", "demo": "Meeting"}

_SALESFORCE: Columns = {
    "Subject": lambda row: _subject(row.activity),
    "ActivityDate": lambda row: row.activity.day.isoformat(),
    "Status": lambda row: "Not Started" if row.activity.planned else "Completed",
    "Priority": lambda row: "Normal",
    "Type": lambda row: _SALESFORCE_TYPES.get(row.activity.kind, "Other"),
    "TaskSubtype": lambda row: {"call": "Call", "email": "Email"}.get(row.activity.kind, "Task"),
    "Description": lambda row: _body(row.activity),
    "CallDurationInSeconds": lambda row: _number(
        row.activity.minutes * 60 if row.activity.minutes is not None and row.activity.kind == "call" else None
    ),
    "CallDisposition": lambda row: OUTCOME_WORDS.get(row.activity.outcome or "", ""),
    "What.Name": lambda row: _account(row.activity),
    "Who.Name": lambda row: row.activity.contacts[0] if row.activity.contacts else "",
    "Owner.Email": lambda row: row.person_email,
}

_HUBSPOT_TYPES = {"call": "CALL", "email": "EMAIL", "meeting": "MEETING", "visit": "MEETING", "demo": "MEETING"}

_HUBSPOT: Columns = {
    "hs_engagement_type": lambda row: _HUBSPOT_TYPES.get(row.activity.kind, "NOTE"),
    "hs_timestamp": lambda row: _instant(row.activity).isoformat(timespec="seconds").replace("+00:00", "Z"),
    "hs_engagement_title": lambda row: _subject(row.activity),
    "hs_engagement_body": lambda row: _body(row.activity),
    "hs_call_duration": lambda row: _number(
        row.activity.minutes * 60_000 if row.activity.minutes is not None and row.activity.kind == "call" else None
    ),
    "hs_call_outcome": lambda row: OUTCOME_WORDS.get(row.activity.outcome or "", ""),
    "company_name": lambda row: _account(row.activity),
    "contact_names": lambda row: "; ".join(row.activity.contacts),
    "hubspot_owner_email": lambda row: row.person_email,
}

STYLES: Mapping[str, Columns] = {"pacer": _OWN, "salesforce": _SALESFORCE, "hubspot": _HUBSPOT}
