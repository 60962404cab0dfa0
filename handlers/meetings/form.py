"""The form of a meeting: a new one, or one that is to be changed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, time, timedelta
from typing import Final

from handlers.conversation.reply import ChoiceField, DateField, Field, Form, Option, TextField, TimeField
from handlers.conversation.request import Request
from handlers.conversation.wording import Days, length
from handlers.language.durations import read_minutes
from handlers.meetings import repeats, shape
from handlers.meetings.buttons import ISSUER
from handlers.meetings.model import LEAD, Meeting, instant_of, next_one
from handlers.meetings.recurrence import NthDay, Often, Recurrence
from handlers.meetings.words import ONE_TO_ONE, Said
from storage.database import Transaction

_REPEATS: Final = {
    "once": ("Does not repeat", None),
    "weekly": ("Every week", Recurrence(often=Often.WEEKLY)),
    "biweekly": ("Every 2 weeks", Recurrence(often=Often.WEEKLY, every=2)),
    "working": ("Every working day", Recurrence(often=Often.WEEKLY, weekdays=tuple(NthDay(one) for one in range(5)))),
    "monthly": ("Every month on that weekday", Recurrence(often=Often.MONTHLY)),
    "date": ("Every month on that date", Recurrence(often=Often.MONTHLY)),
}
KEPT: Final = "kept"
"""The choice that leaves a rule as it is which the form has no words for."""
_LEADS: Final = (0, 5, 10, 15, 30, 60, 120, 1440)
_SPLIT: Final = re.compile(r"\s*[,;\n]\s*|\s+and\s+", re.I)


def new(request: Request, tx: Transaction, said: Said) -> Form:
    """A new meeting, with what was said already."""
    token = ISSUER.token_for(request, tx, "form", {})
    day = said.day or request.basis.now.date() + timedelta(days=1)
    if said.rule is not None and said.day is None:
        found = shape.first_day(
            said.rule, request.basis.now.date(), said.at or time(0), request.basis.now.replace(tzinfo=None)
        )
        day = found or day
    title = said.title or (ONE_TO_ONE if said.one_to_one else "")
    return Form(
        title="New meeting",
        token=token,
        fields=_fields(
            title=title,
            names=", ".join(said.names),
            day=day,
            at=said.at,
            minutes=said.minutes,
            choice=_choice(said.rule),
            kept="",
            until=said.until,
            lead=LEAD if said.lead is None else said.lead,
        ),
        submit="Set up",
    )


def filled(request: Request, tx: Transaction, meeting: Meeting, names: Sequence[str]) -> Form:
    """A meeting as it stands; of a series, from its next time on."""
    one = next_one(meeting, request.now)
    start = one.start if one is not None else instant_of(meeting.start, meeting.zone)
    here = start.astimezone(request.basis.zone)
    rule = meeting.recurrence
    choice = _choice(rule) if rule is None or rule.count is None else KEPT
    kept = repeats.words(rule, meeting.start.date(), Days.of(request.basis)) if rule and choice == KEPT else ""
    return Form(
        title="Change a meeting",
        token=ISSUER.token_for(request, tx, "edited", {"meeting": meeting.id, "version": meeting.version}),
        fields=_fields(
            title=meeting.title,
            names=", ".join(names),
            day=here.date(),
            at=here.time().replace(tzinfo=None),
            minutes=meeting.minutes,
            choice=choice,
            kept=kept,
            until=rule.until if rule else None,
            lead=meeting.lead,
        ),
        intro="Of a series this changes every time from the next one on." if rule else "",
    )


def _fields(
    *, title: str, names: str, day: date, at: time | None, minutes: int | None, choice: str, kept: str,
    until: date | None, lead: int,
) -> tuple[Field, ...]:  # fmt: skip
    options = [Option(label, value) for value, (label, _) in _REPEATS.items()]
    if kept:
        options.append(Option(f"As it is: {kept}"[:75], KEPT))
    leads = sorted({*_LEADS, lead})
    return (
        TextField("title", "Title", title, hint="Empty for a one-to-one", optional=True, max_length=150),
        TextField("with", "With", names, hint="People and units: Dana, East", max_length=600),
        DateField("day", "Day", day.isoformat()),
        TimeField("at", "Time", f"{at:%H:%M}" if at is not None else "", hint="On your own clock"),
        TextField("minutes", "Length", length(minutes) if minutes else "", hint="30 min", optional=True, max_length=20),
        ChoiceField("repeats", "Repeats", tuple(options), choice),
        DateField("until", "Until", until.isoformat() if until else "", hint="Of one that repeats", optional=True),
        ChoiceField(
            "lead", "Reminder", tuple(Option(shape.lead_words(one).capitalize(), str(one)) for one in leads), str(lead)
        ),
    )


def _choice(rule: Recurrence | None) -> str:
    if rule is None:
        return "once"
    days = tuple(one.weekday for one in rule.weekdays)
    if rule.often is Often.WEEKLY and not rule.months:
        if rule.every == 1 and days == tuple(range(5)):
            return "working"
        if len(days) < 2 and rule.every < 3:
            return "weekly" if rule.every == 1 else "biweekly"
    if rule.often is Often.MONTHLY and rule.every == 1 and not (rule.places or rule.months):
        if len(rule.weekdays) == 1 and not rule.month_days:
            return "monthly"
        if not rule.weekdays and len(rule.month_days) < 2:
            return "date"
    return KEPT


def read_values(request: Request, keep: Recurrence | None = None) -> Said | dict[str, str]:
    """What the form says, as if it had been said in words, or field -> what is wrong with it. `keep`: the rule that
    stays where it is to be as it is."""
    values = {name: " ".join(value.split()) for name, value in request.values.items()}
    problems: dict[str, str] = {}
    said = Said(text="", title=values.get("title", ""))
    said.one_to_one = said.title.casefold() == ONE_TO_ONE.casefold()
    said.title = "" if said.one_to_one else said.title
    said.names = [one.strip(" @.") for one in _SPLIT.split(values.get("with", "")) if one.strip(" @.")]
    said.day = _date(values, "day", problems)
    said.until = _date(values, "until", problems)
    if said.day is None and "day" not in problems:
        problems["day"] = "Choose a day."
    try:
        said.at = time.fromisoformat(values.get("at", "").zfill(5)).replace(second=0, microsecond=0)
    except ValueError:
        problems["at"] = "Write a time like 15:00."
    if written := values.get("minutes", ""):
        said.minutes = read_minutes(written)
        if said.minutes is None:
            problems["minutes"] = f"I cannot read “{written}” as a length. Write it like 30 min or 1h15."
    lead = values.get("lead", "")
    if not lead.isascii() or not lead.isdecimal() or int(lead) > shape.LONGEST_LEAD:
        problems["lead"] = "Choose one."
    else:
        said.lead = int(lead)
    chosen = values.get("repeats", "") or "once"
    if chosen == KEPT and keep is not None:
        said.rule = keep
    elif chosen not in _REPEATS:
        problems["repeats"] = "Choose one."
    else:
        said.rule = _definite(chosen, said.day)
    if said.until is not None and said.rule is None and not problems:
        problems["until"] = "An end day is for a meeting that repeats. Choose how it repeats, or leave it empty."
    return problems or said


def _definite(chosen: str, day: date | None) -> Recurrence | None:
    rule = _REPEATS[chosen][1]
    if rule is None or day is None:
        return rule
    if chosen == "date":
        return Recurrence(often=Often.MONTHLY, month_days=(day.day,))
    return rule if rule.weekdays else repeats.on_day_of(rule, day)


def _date(values: dict[str, str], name: str, problems: dict[str, str]) -> date | None:
    if not (written := values.get(name, "")):
        return None
    try:
        return date.fromisoformat(written)
    except ValueError:
        problems[name] = f"“{written}” is no date. Write it like 2026-12-15."
        return None
