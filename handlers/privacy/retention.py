"""What the settings' `retention` takes away: the housekeeping asks every hour, and a bite of each kind goes."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from handlers.conversation.company import Company
from handlers.conversation.request import Message
from handlers.numbers.periods import day_in
from handlers.privacy.job import wanted
from storage import jobs, retention
from storage.database import Transaction


def due(tx: Transaction, company: Company, now: datetime) -> list[Message]:
    """Take away what is over its time; nobody is told, since nobody asked."""
    kept = company.retention
    retention.messages(tx, now - timedelta(days=kept.message_days))
    today = day_in(company.zone, now)
    if kept.checkin_months:
        retention.check_ins(tx, months_before(today, kept.checkin_months))
    if kept.note_months:
        retention.notes(tx, _midnight(company, months_before(today, kept.note_months)))
    if kept.leaver_months:
        for person in retention.leavers(tx, _midnight(company, months_before(today, kept.leaver_months))):
            one = wanted(person, f"{today:%Y-%m}")
            # The clock's next look claims it.
            jobs.put(tx, kind=one.kind, key=one.key, person=None, data={"given": one.data, "place": None}, at=now)
    return []


def months_before(day: date, months: int) -> date:
    """The same day so many months earlier, or the last one of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    following = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    return min(date(year, month + 1, 1) + timedelta(days=day.day - 1), following - timedelta(days=1))


def _midnight(company: Company, day: date) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(company.zone)).astimezone(UTC)
