"""*Change*: quiet hours, messages a day, the zone, and each topic, in one form."""

from __future__ import annotations

from datetime import time
from typing import Final
from zoneinfo import ZoneInfo

from handlers.conversation.reply import ChoiceField, Field, Form, Option, Reply, TextField, TimeField
from handlers.conversation.request import Outcome, Request
from handlers.reach.gate import QUIET
from handlers.settings import show, snooze, standing
from handlers.settings.buttons import issuer
from handlers.settings.read import Wish
from handlers.settings.standing import Comes, Mine
from handlers.settings.topics import Topics
from storage import notices, reach
from storage.database import Transaction

MOST: Final = 10
"""Messages a day."""
_AS_IS, _ON, _OFF = "as it is", "on", "off"


def change_button(topics: Topics, request: Request, tx: Transaction) -> Outcome:
    """The form, filled as it stands."""
    mine = standing.load(request, tx, topics)
    begin, end = mine.circumstances.quiet or QUIET
    fields: list[Field] = [
        TimeField("quiet_from", "Quiet from", f"{begin:%H:%M}", "The same time twice: no quiet hours."),
        TimeField("quiet_to", "Quiet until", f"{end:%H:%M}"),
        ChoiceField("cap", "Messages a day", tuple(Option(str(n), str(n)) for n in range(1, MOST + 1)), str(mine.cap),
                    "What comes after that is one digest."),
        TextField("zone", "Time zone", mine.own_zone, "Like Europe/Berlin. Empty: as your chat profile says.",
                  optional=True, max_length=60),
    ]  # fmt: skip
    fields += [_field(request, place, one) for place, one in enumerate(mine.comes)]
    data = {"topics": [one.topic.name for one in mine.comes]}
    token = issuer.token_for(request, tx, "changed", data)
    return Outcome(form=Form("Settings", token, tuple(fields)))


def _field(request: Request, place: int, one: Comes) -> ChoiceField:
    options = [Option("On", _ON), Option("Off", _OFF)]
    value = _OFF if one.muted else _ON
    if one.until is not None:
        options.insert(0, Option(f"Snoozed until {snooze.said_end(request, one.until)}", _AS_IS))
        value = _AS_IS
    return ChoiceField(f"topic_{place}", one.topic.title, tuple(options), value, one.when)


def changed(topics: Topics, request: Request, tx: Transaction) -> Outcome:
    """The form was sent."""
    values = {name: value.strip() for name, value in request.values.items()}
    problems: dict[str, str] = {}
    quiet = (_time(values, "quiet_from", problems), _time(values, "quiet_to", problems))
    cap = _cap(values.get("cap", ""))
    if cap is None:
        problems["cap"] = f"A number from 1 to {MOST}."
    zone = values.get("zone", "")
    if zone and (known := zone_named(zone)) is None:
        problems["zone"] = f"I know no time zone “{zone}”. Write it like America/New_York."
    elif zone:
        zone = known or ""
    if problems or cap is None:
        return Outcome(problems=problems)
    mine = standing.load(request, tx, topics)
    keep(request, tx, mine, quiet=quiet, cap=cap)
    if zone != mine.own_zone:
        reach.live_in(tx, request.actor.person, zone)
    for place, name in enumerate(request.data["topics"]):
        _switch(request, tx, mine, str(name), values.get(f"topic_{place}", _AS_IS))
    notices.look_again(tx, request.actor.person, now=request.now)
    return Outcome(reply=_said(topics, request, tx))


def said(topics: Topics, request: Request, tx: Transaction, wish: Wish) -> Outcome:
    """Quiet hours or messages a day, in words."""
    if wish.kind == "cap" and not 1 <= wish.cap <= MOST:
        return Outcome(reply=Reply(f"I take a number of messages a day from 1 to {MOST}. Nothing was changed."))
    mine = standing.load(request, tx, topics)
    keep(request, tx, mine, quiet=wish.quiet, cap=wish.cap or None)
    notices.look_again(tx, request.actor.person, now=request.now)
    mine = standing.load(request, tx, topics)
    if wish.kind == "cap":
        return Outcome(reply=Reply(f"Saved. Unasked messages a day: {show.a_day(mine)}."))
    zone = request.basis.zone.key
    quiet = f"Quiet hours: {mine.quiet}, in {zone}" if mine.quiet != "none" else "No quiet hours"
    more = "What comes up then waits for their end." if mine.quiet != "none" else "Unasked messages may come at night."
    return Outcome(reply=Reply(f"Saved. {quiet}. {more}"))


def keep(
    request: Request, tx: Transaction, mine: Mine, *, quiet: tuple[time, time] | None = None, cap: int | None = None
) -> None:
    """What is given takes the place of what stood."""
    now = mine.circumstances
    quiet = quiet if quiet is not None else now.quiet
    cap = cap if cap is not None else now.cap
    reach.prefer(tx, request.actor.person, quiet=quiet, cap=cap, extra=now.extra, at=request.now)


def _switch(request: Request, tx: Transaction, mine: Mine, name: str, wanted: str) -> None:
    person, one = request.actor.person, mine.of(name)
    if one is None:
        return
    if wanted == _ON and one.muted:
        reach.unmute(tx, person, name, at=request.now)
    elif wanted == _OFF and not (one.muted and one.until is None):
        reach.mute(tx, person, name, until=None, at=request.now)


def _said(topics: Topics, request: Request, tx: Transaction) -> Reply:
    mine = standing.load(request, tx, topics)
    off = [one.topic.title for one in mine.comes if one.muted]
    own = f"Time zone: {mine.own_zone}." if mine.own_zone else "Time zone: as your chat profile says."
    sentence = f"Saved. Quiet hours: {mine.quiet}. Messages a day: {show.a_day(mine)}. {own}"
    return Reply(f"{sentence} {'Off or snoozed: ' + ', '.join(off) if off else 'All topics are on'}.")


def _time(values: dict[str, str], name: str, problems: dict[str, str]) -> time:
    try:
        return time.fromisoformat(values.get(name, "")).replace(tzinfo=None)
    except ValueError:
        problems[name] = "Write it like 19:00."
        return time(0)


def _cap(written: str) -> int | None:
    return int(written) if written.isascii() and written.isdecimal() and 1 <= int(written) <= MOST else None


def zone_named(name: str) -> str | None:
    """The zone of that name; None for none."""
    try:
        return ZoneInfo(name).key
    except (KeyError, ValueError, OSError):
        return None
