"""A meeting is changed by its form, or in words: how early it is reminded of, who is invited."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, Final

from handlers.conversation.reply import Buttons, Reply, Text
from handlers.conversation.request import Outcome, Request
from handlers.language.durations import duration_at
from handlers.meetings import form, record, snapshot, who
from handlers.meetings.buttons import ISSUER
from handlers.meetings.errors import CannotMove
from handlers.meetings.invite import Guests, guests
from handlers.meetings.making import UNDO_FOR
from handlers.meetings.model import MINUTES, Kind, Meeting, instant_of, next_one, on_the_wall
from handlers.meetings.moving import changeable
from handlers.meetings.pick import Picked, pick, pressed
from handlers.meetings.recurrence import NthDay, Recurrence
from handlers.meetings.say import View, reminded
from handlers.meetings.shape import LONGEST_LEAD, Problem, shape
from handlers.meetings.snapshot import ChangedSince
from handlers.meetings.words import ONE_TO_ONE, Said
from storage.database import Transaction

_REMIND: Final = re.compile(
    r"(?:remind(?:er)?(?:\s+(?:me|us|everybody|everyone|them))?)(?:\s+(?:of|about|for))?\s+(?P<rest>.+?)"
    r"(?:\s+(?:before(?:hand)?|ahead|earlier))?",
    re.I | re.S,
)
_NEVER: Final = re.compile(
    r"(?:no\s+reminders?\s+(?:for|of)|do(?:n't| not)\s+remind\s+(?:me|us)\s+of)\s+(?P<which>.+)", re.I
)
_INVITE: Final = re.compile(r"(?:invite|add)\s+(?P<names>.+)\s+to\s+(?!(?:the\s+)?agenda)(?P<which>.+)", re.I | re.S)
_REMOVE: Final = re.compile(r"(?:uninvite|remove|take)\s+(?P<names>.+)\s+(?:from|off)\s+(?P<which>.+)", re.I | re.S)
_NAMES: Final = re.compile(r"\s*,\s*(?:and\s+)?|\s+and\s+|\s*&\s*", re.I)


def edit_button(request: Request, tx: Transaction) -> Outcome:
    """*Change*: the form as the meeting stands."""
    meeting = changeable(request, tx, pressed(request, tx).meeting)
    view, asked = View.of(request, tx, [meeting]), who.invited(tx, meeting.id)
    names = [view.names.get(one, "") for one in (*asked.persons, *asked.units)]
    return Outcome(form=form.filled(request, tx, meeting, [name for name in names if name]))


def edited(request: Request, tx: Transaction) -> Outcome:
    """The form was sent."""
    meeting = changeable(request, tx, pressed(request, tx).meeting)
    if meeting.version != request.data["version"]:
        raise ChangedSince
    said = form.read_values(request, meeting.recurrence)
    if isinstance(said, dict):
        return Outcome(problems=said)
    asked = who.invited(tx, meeting.id)
    found = guests(request, tx, said.names, known=Guests(asked.persons, asked.units))
    if isinstance(found, str):
        return Outcome(problems={"with": found})
    if not found:
        return Outcome(problems={"with": "Write the name of a person or a unit."})
    alone = len(found.persons) == 1 and not found.units
    if said.one_to_one and not alone:
        return Outcome(problems={"with": "A one-to-one is with one person. Change the title for more people."})
    one_to_one = alone and (said.one_to_one or not said.title)
    wanted = _timed(request, meeting, said)
    if isinstance(wanted, Problem):
        return Outcome(problems={wanted.field: wanted.sentence})
    kind: Kind = "one_to_one" if one_to_one else "sales"
    wanted = replace(
        wanted,
        title=ONE_TO_ONE if one_to_one else said.title or meeting.title,
        kind=kind,
        minutes=said.minutes or MINUTES[kind],
        lead=meeting.lead if said.lead is None else said.lead,
    )
    return Outcome(reply=_changed(request, tx, meeting, wanted, found))


def _timed(request: Request, meeting: Meeting, said: Said) -> Meeting | Problem:
    """The meeting at the time that the form says; as it was, where that is what the form showed."""
    one = next_one(meeting, request.now)
    zone = request.basis.zone
    here = one.start.astimezone(zone).replace(tzinfo=None) if one else None
    same_rule = said.rule == _bare(meeting.recurrence) and said.until == (
        meeting.recurrence.until if meeting.recurrence else None
    )
    if said.rule is meeting.recurrence and said.rule is not None:
        same_rule = True
    if here is not None and (said.day, said.at) == (here.date(), here.time()) and same_rule:
        return meeting
    shaped = shape(request, said)
    if isinstance(shaped, Problem):
        return shaped
    local = on_the_wall(instant_of(shaped.start, zone.key), meeting.zone)
    rule = shaped.rule
    apart = (local.date() - shaped.start.date()).days
    if rule is not None and apart:
        # On the meeting's own wall it is the day before or after.
        days = (NthDay((each.weekday + apart) % 7, each.nth) for each in rule.weekdays)
        rule = replace(rule, weekdays=tuple(sorted(days)))
    return replace(meeting, start=local, recurrence=rule, changes=(), sequence=meeting.sequence + 1)


def _bare(rule: Recurrence | None) -> Recurrence | None:
    """Without its end, as the form's own choice of how it repeats is."""
    return None if rule is None else replace(rule, until=None, count=None)


def _changed(request: Request, tx: Transaction, meeting: Meeting, wanted: Meeting, found: Guests) -> Reply:
    asked = who.invited(tx, meeting.id)
    after = record.bring(
        tx, request.company, wanted, persons=found.persons, units=found.units, by=request.actor.person, now=request.now
    )  # fmt: skip
    view = View.of(request, tx, [after])
    whole = view.whole(after, next_one(after, request.now))
    if after.version == meeting.version:
        return Reply(f"Nothing was changed: {whole}.")
    sentence = f"Changed: {whole}."
    more = reminded(after)
    data: dict[str, Any] = {"meeting": after.id}
    undo = ("Undo", "undo", snapshot.taken(meeting, asked, after))
    further = [("Agenda", "agenda", data), ("Change", "edit", data), ("Add to calendar", "calendar", data)]
    buttons = Buttons(tuple(ISSUER.once_and_lasting(request, tx, undo, UNDO_FOR, further)))
    return Reply(f"{sentence} {more}", (Text(sentence), Text(more, style="quiet"), buttons))


# ---------------------------------------------------------------- in words


def said(request: Request, tx: Transaction) -> Outcome | None:
    """`remind pipeline review 1 hour before`, `invite Omar to pipeline review`; None for words of another kind."""
    text = " ".join(request.text.split())
    if match := _NEVER.fullmatch(text):
        return _pick(request, tx, match["which"], {"lead": 0})
    if match := _REMIND.fullmatch(text):
        return _reminded(request, tx, match["rest"])
    for shape_, key in ((_INVITE, "invite"), (_REMOVE, "remove")):
        if match := shape_.fullmatch(text):
            return _pick(request, tx, match["which"], {key: _NAMES.split(match["names"])})
    return None


def _reminded(request: Request, tx: Transaction, rest: str) -> Outcome | None:
    words = rest.split()
    for at in range(len(words)):
        length = " ".join(words[at:])
        found = duration_at(length, 0)
        if found is not None and found[1] == len(length):
            if found[0] > LONGEST_LEAD:
                raise CannotMove(sentence="I remind at most a week before.", text=request.text)
            return _pick(request, tx, " ".join(words[:at]), {"lead": found[0]})
    return None


def _pick(request: Request, tx: Transaction, which: str, extra: dict[str, Any]) -> Outcome:
    picked = pick(request, tx, which, "change", extra, others=True)
    return picked if isinstance(picked, Outcome) else change(request, tx, picked)


def change(request: Request, tx: Transaction, picked: Picked) -> Outcome:
    """The meeting is known. How early it is reminded of is changed for a calendar's meetings too."""
    meeting, extra = picked.meeting, picked.extra
    asked = who.invited(tx, meeting.id)
    before = Guests(asked.persons, asked.units)
    if "lead" in extra:
        who.check(request, tx, meeting, "change a meeting")
        wanted = replace(meeting, lead=int(extra["lead"]))
        return Outcome(reply=_changed(request, tx, meeting, wanted, before))
    changeable(request, tx, meeting)
    found = guests(request, tx, extra.get("invite") or extra["remove"], known=before)
    if isinstance(found, str):
        raise CannotMove(sentence=found, text=request.text)
    if "invite" in extra:
        after = Guests((*before.persons, *found.persons), (*before.units, *found.units))
        if meeting.kind == "one_to_one" and (len(set(after.persons)) > 1 or after.units):
            title = "Meeting" if meeting.title == ONE_TO_ONE else meeting.title
            return Outcome(reply=_changed(request, tx, meeting, replace(meeting, kind="sales", title=title), after))
    else:
        after = Guests(
            tuple(one for one in before.persons if one not in found.persons),
            tuple(one for one in before.units if one not in found.units),
        )
        if after == before:
            raise CannotMove(sentence="They are not on the list of that meeting by their own name.", text=request.text)
        if not after:
            raise CannotMove(sentence="Nobody would be left. Say “cancel” and its name to end it.", text=request.text)
    return Outcome(reply=_changed(request, tx, meeting, meeting, after))
