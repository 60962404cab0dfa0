"""`/log list`: my week against the expectation, and my last activities with their buttons."""

from __future__ import annotations

import msgspec

from handlers.conversation.reply import Buttons, Part, Reply, Table, Text
from handlers.conversation.request import Outcome, Request
from handlers.conversation.wording import Days, listed
from handlers.figures.activity_words import kind_words, next_line, one_line
from handlers.log import buttons
from handlers.numbers.expectation import Expected, expected
from handlers.numbers.working_days import week_of
from storage import activities
from storage.database import Transaction

LAST = 5
"""Activities in the list: a phone's screen full."""

Said = tuple[str, tuple[Part, ...]]
"""A sentence, and the same laid out."""


def show(request: Request, tx: Transaction) -> Outcome:
    """Week and last ones."""
    request = msgspec.structs.replace(request, listing=True)
    week_sentence, week_parts = week(request, tx)
    recent_sentence, recent_parts = recent(request, tx)
    return Outcome(
        reply=Reply(text=f"{week_sentence} {recent_sentence}", parts=(*week_parts, *recent_parts)), replace=False
    )


def week(request: Request, tx: Transaction) -> Said:
    """This ISO week in the person's zone: done, expected by now, and expected of the whole week, by kind."""
    days = Days.of(request.basis)
    monday, sunday = week_of(days.today)
    done = activities.counts(tx, request.actor.person, monday, sunday)
    asked = _expectations(request)
    kinds = [*asked, *(kind for kind in sorted(done) if kind not in asked)]
    title = f"Your week, {days.span(monday, sunday)}"
    if not kinds:
        sentence = f"{title}: nothing logged yet."
        return sentence, (Text(sentence, style="strong"),)
    rows, sentences = [], []
    for kind in kinds:
        number, expects = done.get(kind, 0), asked.get(kind)
        name = kind_words(kind, 2)[2:]
        if expects is None:
            rows.append((name.capitalize(), str(number), "–", "–"))
            sentences.append(kind_words(kind, number) if number == 1 else f"{number} {name}")
        else:
            rows.append((name.capitalize(), str(number), str(expects.so_far), str(expects.week)))
            sentences.append(f"{number} of {expects.week} {name} ({expects.so_far} expected by now)")
    table = Table(("", "Done", "Expected by now", "For the week"), tuple(rows), numeric=(1, 2, 3))
    return f"{title}: {listed(sentences)}.", (Text(title, style="strong"), table)


def _expectations(request: Request) -> dict[str, Expected]:
    """The sum is the role's that asks most of each kind, for somebody with several roles."""
    company, today = request.company, request.basis.now.date()
    asked: dict[str, int] = {}
    for role in request.actor.roles:
        for kind, number in company.expectations.get(role, {}).items():
            asked[kind] = max(number, asked.get(kind, 0))
    return {
        kind: expected(number, today, company.country, company.subdivision) for kind, number in sorted(asked.items())
    }


def recent(request: Request, tx: Transaction, most: int = LAST) -> Said:
    """The last activities that stand, the latest first, each with *Edit* and *Remove*."""
    days = Days.of(request.basis)
    last = activities.latest(tx, request.actor.person, most)
    if not last:
        sentence = "You have logged nothing yet. “/log call Acme” would log a call."
        return sentence, (Text(sentence),)
    parts: list[Part] = [Text("Your last ones", style="strong")]
    lines = []
    for activity in last:
        line = f"{'Planned: ' if activity.planned else ''}{one_line(activity, days)}"
        following = next_line(activity, days)
        shown = line[0].upper() + line[1:]
        parts.append(Text(f"{shown}\nNext: {following}" if following else shown))
        lines.append(line)
        wanted: list[buttons.Wanted] = [
            ("Edit", "edit", {"entry": activity.entry}),
            ("Remove", "remove", {"entry": activity.entry}),
        ]
        if activity.planned:
            wanted.insert(0, ("It happened", "confirm", {"entry": activity.entry}))
        parts.append(Buttons(tuple(buttons.lasting(request, tx, wanted))))
    return f"Your last ones: {'; '.join(lines)}.", tuple(parts)
