"""`settings`: everything that decides what comes unasked, with buttons to change it."""

from __future__ import annotations

from typing import Final

from handlers.conversation.buttons import Wanted
from handlers.conversation.reply import Buttons, Choice, Fact, Facts, Option, Part, Reply, Text
from handlers.conversation.request import Outcome, Request
from handlers.conversation.wording import Days, listed, plural
from handlers.reach.gate import DIGEST, EVERYTHING
from handlers.settings import seen, snooze, standing
from handlers.settings.buttons import issuer
from handlers.settings.standing import Comes, Mine
from handlers.settings.topics import Topics
from storage import people, reach, units
from storage.database import Transaction

_MORE: Final = "In words too: “snooze nudges until Monday”, “I'm on leave 21 Dec – 2 Jan”, “quiet hours 19:00 to 7:30”."


def show(topics: Topics, request: Request, tx: Transaction) -> Reply:
    """The whole of it, for the person who asks."""
    mine = standing.load(request, tx, topics)
    rows = tuple(Fact(one.topic.title, f"{one.when}, {state(request, one)}") for one in mine.comes)
    rows = rows or (Fact("Nothing", "there is nothing that I say unasked to you"),)
    around = (
        Fact("Quiet hours", mine.quiet),
        Fact("Messages a day", a_day(mine)),
        Fact("Time zone", zone(request, tx, mine)),
        Fact("Leave ahead", leave(request, mine)),
        *seen.facts(request, tx),
    )
    lead = "This is what I say to you unasked."
    parts: list[Part] = [Text(lead, style="strong")]
    paused = _paused(request, mine)
    if paused:
        parts.append(Text(paused))
    wanted: list[Wanted] = [("Change", "change", {}), ("Add leave", "add leave", {})]
    wanted.append(("What others see", "what others see", {}))
    if mine.all_muted:
        wanted.append(("Speak again", "on", {"topics": [EVERYTHING]}))
    parts += [Facts(rows), Facts(around), Buttons(tuple(issuer.lasting(request, tx, wanted)))]
    if mine.comes:
        parts += [snooze.choice(request, tx, [EVERYTHING], "Snooze everything"), _switch(request, tx, mine)]
    parts.append(Text(_MORE, style="quiet"))
    said = ". ".join(f"{row.label}: {row.value}" for row in (*rows, *around))
    return Reply(f"{lead} {f'{paused} ' if paused else ''}{said}. {_MORE}", tuple(parts))


def show_button(topics: Topics, request: Request, tx: Transaction) -> Outcome:
    """*Settings*."""
    return Outcome(reply=show(topics, request, tx), replace=False)


def state(request: Request, one: Comes) -> str:
    """`on`, `off`, `snoozed until Mon 23 Nov`; what nobody scheduled is off for all."""
    if one.muted:
        return f"snoozed until {snooze.said_end(request, one.until)}" if one.until else "off"
    return "on" if one.topic.audience is None or one.rule else "off for everybody"


def a_day(mine: Mine) -> str:
    """`1, and the rest in one digest at 4:00 pm`."""
    return f"{mine.cap}, and the rest in one digest at {mine.days.clock(DIGEST)}"


def zone(request: Request, tx: Transaction, mine: Mine) -> str:
    """The zone, and where it comes from."""
    name = request.basis.zone.key
    if mine.own_zone:
        return f"{name} (set in Pacer)"
    if mine.circumstances.place.zone:
        return f"{name} (from your chat profile)"
    return f"{name} (the company's)"


def leave(request: Request, mine: Mine) -> str:
    """All that has not ended."""
    days = Days.of(request.basis)
    return listed([days.span(one.first, one.last) if one.first != one.last else days.on(one.first)
                   for one in mine.leave]) or "none"  # fmt: skip


def _paused(request: Request, mine: Mine) -> str:
    if not mine.all_muted:
        return ""
    until = mine.circumstances.muted[EVERYTHING]
    return f"Everything is snoozed until {snooze.said_end(request, until)}." if until else "Everything is turned off."


def _switch(request: Request, tx: Transaction, mine: Mine) -> Choice:
    token = issuer.lasting(request, tx, [("", "switch", {})])[0].token
    options = tuple(
        Option(f"{one.topic.title}: {'turn on' if one.muted else 'turn off'}", one.topic.name) for one in mine.comes
    )
    return Choice("Turn a topic off or on", token, options)


def schedules(topics: Topics, request: Request, tx: Transaction) -> Reply:
    """`settings schedules`: every topic's, with who set it."""
    names = {unit.id: unit.name for unit in units.everything(tx)}
    days = Days.of(request.basis)
    latest = {(one.topic, one.unit): one for one in reach.scheduled(tx, [one.name for one in topics.all])}
    rows = []
    for topic in topics.all:
        for unit in (None, *sorted(names, key=lambda unit: names[unit])):
            one = latest.get((topic.name, unit))
            if one is None:
                continue
            who = people.person(tx, one.set_by) if one.set_by else None
            since = days.on(one.since.astimezone(request.basis.zone).date())
            by = f"set by {who.name if who else 'somebody'} on {since}" if one.set_by else "as it comes with Pacer"
            whom = names[unit] if unit else "Everybody"
            rows.append(
                Fact(f"{topic.title} ({whom})", f"{standing.on_the_clock(standing.in_words(one) or 'off', days)}, {by}")
            )
    if not rows:
        return Reply("Nothing is scheduled yet.")
    lead = f"{plural(len(rows), 'schedule')}, each in everybody's own zone."
    more = "Who leads a unit changes its: “weekly nudge every Tuesday at 10:00 for East”. Admins change everybody's."
    said = ". ".join(f"{row.label}: {row.value}" for row in rows)
    return Reply(f"{lead} {said}. {more}", (Text(lead, style="strong"), Facts(tuple(rows)), Text(more, style="quiet")))
