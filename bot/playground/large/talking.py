"""What people said to one another in a year: check-ins and what managers answered, one-to-ones, promises, thanks."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final

import msgspec

from bot.playground.large import words
from bot.playground.large.staff import REPS, Rep
from bot.playground.large.year import Year, weekday
from handlers.checkins.questions import DEFAULT, EVERYONE
from handlers.numbers.periods import Length
from handlers.numbers.spans import DAY
from storage import actions, checkins, kudos, one_to_ones
from storage.checkins import Checkin, QuestionSet
from storage.tables import new_id

TAKES_PART: Final = {"eager": 0.97, "quiet": 0.7, "busy": 0.85, "falling": 0.6, "new": 1.0}
"""How often somebody of that mood checks in; most do nine times in ten."""
KUDOS_A_WEEK: Final = 7
FRIDAY: Final = 4


def settle(year: Year) -> None:
    """Week by week."""
    plain: list[dict[str, Any]] = msgspec.to_builtins(year.company.checkins.get(EVERYONE) or DEFAULT)
    asked = checkins.question_set(year.tx, None, plain, at=year.at(REPS[0].zone, year.begin, 9))
    for rep in REPS:
        days = year.days(rep)
        before: tuple[date, int] | None = None
        for friday in (day for day in days if day.weekday() == FRIDAY and day < year.today):
            if year.chance.random() < TAKES_PART.get(rep.mood, 0.9):
                before = _check_in(year, rep, friday, asked, before)
            else:
                _ask(year, rep, friday, asked, None)
        for number, day in enumerate(one for one in days if one.weekday() == 1 and one < year.today):
            if number % 2 == REPS.index(rep) % 2 and not (
                rep.mood == "falling" and year.today - day < timedelta(days=21)
            ):
                _meet(year, rep, day)
        _now(year, rep)
    _thanks(year)


def _fill(year: Year, rep: Rep, text: str) -> str:
    manager = year.people[year.manager(rep, year.today)].name.split()[0]
    return text.format(account=year.account(rep).name, manager=manager)


def _check_in(
    year: Year, rep: Rep, day: date, asked: QuestionSet, before: tuple[date, int] | None
) -> tuple[date, int] | None:
    """One, given that day or late; (its quarter's first day, the commit), for the next one to look back on."""
    chance, quarter = year.chance, year.fiscal.holding(Length.QUARTER, day)
    manager, late = year.people[year.manager(rep, day)].id, chance.random() < 0.12
    given = year.at(rep.zone, day, 15, chance.randint(0, 59)) + (timedelta(days=3, hours=2) if late else timedelta())
    given = min(given, year.now - timedelta(minutes=10))
    missed = _missed(year, rep, quarter.first, before)
    made = _ask(year, rep, day, asked, missed)
    won = sum(amount for won_on, amount, _ in year.won[rep.first] if quarter.first <= won_on <= day)
    hoped = max(rep.yearly / 4 * rep.fortune * chance.uniform(0.9, 1.12), won / 100_000 * 1.03)
    commit = round(hoped / 5) * 500_000
    mood = max(1, min(5, round(chance.gauss({"falling": 2.6, "eager": 4.4, "new": 4.2}.get(rep.mood, 3.8), 0.8))))
    if rep.mood == "falling" and (year.today - day).days < 21:
        mood = min(mood, 2)
    answers: list[tuple[str, str, int | None]] = [
        ("happened", _fill(year, rep, chance.choice(words.HAPPENED)) if missed else "", None),
        ("well", _fill(year, rep, chance.choice(words.WELL.get(rep.mood, words.WELL[""]))), None),
        ("way", _fill(year, rep, chance.choice(words.WAY)), None),
        ("next", _fill(year, rep, chance.choice(words.NEXT)), None),
        ("commit", "", max(commit, won)),
        ("best", "", max(round(hoped * chance.uniform(1.05, 1.3) / 5) * 500_000, commit, won)),
        ("mood", str(mood), mood),
        ("help", chance.choice(words.HELP) if mood <= 2 else "", None),
    ]
    known = {one["name"] for one in asked.questions}
    left_out = {"happened" if not missed else "", "help" if mood > 2 else ""}
    said = [one for one in answers if one[0] in known - left_out]
    checkins.answer_all(year.tx, made.id, said, at=given)
    told = {"submitted_at": given, "late": late, "manager": manager, "told_at": given + timedelta(minutes=6)}
    checkins.change(year.tx, made.id, told)
    if chance.random() < 0.3:
        kind: Any = chance.choice(("comment", "comment", "thanks"))
        some = words.KIND_COMMENTS if mood <= 2 else words.COMMENTS
        text = _fill(year, rep, chance.choice(some)) if kind == "comment" or mood <= 2 else ""
        kind = "comment" if text else kind
        at = given + timedelta(hours=1)
        checkins.remark(year.tx, made.id, author=manager, kind=kind, text=text, at=at)
        checkins.take_untold(year.tx, made.id, at=at)
    return quarter.first, max(commit, won)


def _ask(year: Year, rep: Rep, day: date, asked: QuestionSet, missed: dict[str, Any] | None) -> Checkin:
    """The questions go out, at two in the afternoon."""
    quarter, sent = year.fiscal.holding(Length.QUARTER, day), year.at(rep.zone, day, 14)
    values = {"person": year.people[rep.first].id, "day": day, "question_set": asked.id, "created_at": sent}
    values |= {"asked_at": sent, "due_at": sent + timedelta(days=3), "measure": "bookings", "missed": missed}
    return checkins.begin(year.tx, {**values, "period_first": quarter.first, "period_last": quarter.last})


def _missed(year: Year, rep: Rep, quarter: date, before: tuple[date, int] | None) -> dict[str, Any] | None:
    """The commit of the quarter that is over, where less came of it."""
    if before is None or before[0] == quarter:
        return None
    span = year.fiscal.holding(Length.QUARTER, before[0])
    came = sum(amount for day, amount, _ in year.won[rep.first] if day in span)
    if came >= before[1]:
        return None
    period = year.fiscal.words(span).partition(" (")[0]
    return {"checkin": "", "commit": before[1], "came": came, "measure": "bookings", "period": period,
            "last": span.last.isoformat()}  # fmt: skip


def _meet(year: Year, rep: Rep, day: date) -> None:
    """A one-to-one, and what came of it: something to do, which is done by the next one."""
    chance, me = year.chance, year.people[rep.first].id
    manager = year.people[year.manager(rep, day)].id
    at = year.at(rep.zone, day, 11)
    one_to_ones.met(year.tx, new_id(), manager, me, at=at)
    if chance.random() < 0.5:
        made = _promise(year, rep, day, by=manager, due=weekday(day + timedelta(days=chance.randint(3, 12))))
        # What is older than three weeks is over, one way or the other.
        if year.today - day > timedelta(days=21):
            ended: Any = "done" if chance.random() < 0.85 else "dropped"
            actions.settle(year.tx, made, ended, by=me, at=at + timedelta(days=6))


def _promise(year: Year, rep: Rep, day: date, *, by: str, due: date) -> str:
    me, before = year.people[rep.first].id, year.promised
    owes = year.chance.random() < 0.15
    texts = words.OWED if owes else words.TO_DO
    some = [_fill(year, rep, text) for text in year.chance.sample(texts, len(texts))]
    text = next((one for one in some if (me, one) not in before), some[0])
    before.add((me, text))
    owner = by if owes else me
    at = year.at(rep.zone, day, 11, 30)
    return actions.add(
        year.tx, owner=owner, author=by, text=text, due=due, source="one-to-one", at=at, about=me, shared=True
    )  # fmt: skip


def _now(year: Year, rep: Rep) -> None:
    """What is open today: action items, some overdue; points for the next one-to-one; notes."""
    chance, me = year.chance, year.people[rep.first].id
    manager = year.people[year.manager(rep, year.today)].id
    last = [day for day in year.days(rep) if day < year.today][-1]
    for _ in range({"falling": 3, "quiet": 0}.get(rep.mood, 1)):
        _promise(year, rep, last, by=manager, due=weekday(year.today + timedelta(days=chance.randint(-6, 7))))
    at = year.at(rep.zone, last, 12)
    if chance.random() < 0.4:
        text = _fill(year, rep, chance.choice(words.TO_TALK))
        one_to_ones.add(
            year.tx, manager=manager, person=me, author=chance.choice((me, manager)), kind="point", text=text,
            shared=True, at=at,
        )  # fmt: skip
    if chance.random() < 0.4:
        text, shared = _fill(year, rep, chance.choice(words.NOTES)), chance.random() < 0.4
        item = one_to_ones.add(
            year.tx, manager=manager, person=me, author=manager, kind="note", text=text, shared=shared, at=at
        )  # fmt: skip
        if shared:
            one_to_ones.saw(year.tx, [item.id], at=at + timedelta(hours=2))


def _thanks(year: Year) -> None:
    """A few every week, of reps and managers, mostly within a team."""
    chance = year.chance
    keys = {one.key for one in year.company.values}
    reasons = [one for one in words.THANKS_FOR if one[0] in keys] or [
        (year.company.values[0].key, reason) for _, reason in words.THANKS_FOR
    ]
    day = year.begin
    while day < year.today:
        for _ in range(chance.randint(KUDOS_A_WEEK - 4, KUDOS_A_WEEK + 3)):
            on = day + timedelta(days=chance.randrange(5))
            rep = chance.choice(REPS)
            team = [one for one in REPS if one.team == rep.team and one is not rep]
            whom = chance.sample(team, 2 if chance.random() < 0.12 else 1)
            if on >= year.today or not all(year.works(one, on) for one in (rep, *whom)):
                continue
            by_manager = chance.random() < 0.15
            giver = year.people[year.manager(rep, on) if by_manager else rep.first].id
            value, reason = chance.choice(reasons)
            at = year.at(rep.zone, on, chance.randint(9, 16), chance.choice((5, 20, 35, 50)))
            kudos.give(
                year.tx, giver=giver, to=[year.people[one.first].id for one in whom], reason=_fill(year, rep, reason),
                value=value, private=chance.random() < 0.08, day=on, at=at,
            )  # fmt: skip
        day += 7 * DAY
