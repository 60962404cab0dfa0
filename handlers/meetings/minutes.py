"""What came of a meeting: written down, its action lines recognised, shown again."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, Final

import msgspec

from handlers.conversation.reply import Buttons, Form, Part, Reply, Text, TextField
from handlers.conversation.request import Outcome, Request
from handlers.conversation.wording import Days, listed, plural
from handlers.figures import roster as rosters
from handlers.language.dates import Reading
from handlers.meetings import reminders, who
from handlers.meetings.action_lines import ActionLine, action_lines
from handlers.meetings.buttons import ISSUER
from handlers.meetings.errors import NotBegun
from handlers.meetings.making import UNDO_FOR
from handlers.meetings.model import Meeting, Occurrence, last_one, next_one, occurrence_on
from handlers.meetings.pick import Picked, pick, pressed, standing
from handlers.meetings.say import View
from storage import actions, meetings, notices, people
from storage.database import Transaction
from storage.people import Person

_MINUTES: Final = re.compile(
    r"(?:show\s+|write\s+)?(?:the\s+)?(?:minutes|notes|protocol)\b(?:\s+(?:for|of|from))?"
    r"(?P<which>(?:[^:\n]|:(?=\d))*)(?:[:\n](?P<text>.*))?",
    re.I | re.S,
)
BACK: Final = timedelta(days=14)
SHOWN: Final = 3
"""Times of a series whose minutes are shown together."""


def said(request: Request, tx: Transaction) -> Outcome | None:
    """`minutes pipeline review: …`; None where the words are nothing of this kind."""
    match = _MINUTES.fullmatch(request.text.strip())
    if match is None:
        return None
    extra = {"text": (match["text"] or "").strip()}
    picked = pick(request, tx, match["which"], "minutes", extra, past=True)
    return picked if isinstance(picked, Outcome) else go(request, tx, picked)


def go(request: Request, tx: Transaction, picked: Picked) -> Outcome:
    """The meeting is known: its minutes are written, or shown where nothing was said."""
    meeting, text = picked.meeting, str(picked.extra.get("text", ""))
    who.check(request, tx, meeting, "take part in a meeting")
    one = picked.one or last_one(meeting, request.now, within=BACK)
    if not text:
        return _show(request, tx, meeting, one)
    if one is None or one.start > request.now:
        view = View.of(request, tx, [meeting])
        coming = one or next_one(meeting, request.now)
        when = f": it is {view.when(coming, near=False)}" if coming else ""
        sentence = f"{view.title(meeting)} has not taken place yet{when}, so I kept no minutes."
        raise NotBegun(sentence=sentence, text=text)
    return Outcome(reply=_write(request, tx, meeting, one, text))


def _write(request: Request, tx: Transaction, meeting: Meeting, one: Occurrence, text: str) -> Reply:
    author, now = request.actor.person, request.now
    kept = meetings.write_minutes(tx, meeting.id, one.day, author, text, now=now)
    # Whoever is to be asked for them has no need to be.
    meetings.take_back(tx, reminders.MINUTES, meeting.id, reason="the minutes are written", now=now)
    reading = Reading(request.basis.now.replace(tzinfo=None), future=True, order=request.basis.date_order)
    there = who.participants(tx, meeting, one.local.date())
    found = action_lines(text, author=author, reading=reading, whose=_whose(tx, there))
    for line in found:
        _promise(request, tx, meeting, line, kept.id, there)
    _tell_owners(tx, meeting, {line.owner for line in found} - {author}, kept.id, author, request)
    reminders.plan(tx, request.company, meeting, now)
    view = View.of(request, tx, [meeting])
    sentence = f"Kept the minutes of {view.in_title(meeting)}, {view.when(one, near=False)}."
    parts: list[Part] = [Text(sentence)]
    lines = _action_words(request, tx, found)
    if lines:
        parts += [Text(plural(len(lines), "action item"), style="strong"), Text("\n".join(lines))]
    else:
        hint = "No line reads as something to be done. One that does: “- Dana: send the NDA to Acme by Friday”."
        parts.append(Text(hint, style="quiet"))
    undo = ("Undo", "undo minutes", {"minutes": kept.id, "meeting": meeting.id})
    data = {"meeting": meeting.id, "day": one.day.isoformat()}
    parts.append(Buttons(tuple(ISSUER.once_and_lasting(request, tx, undo, UNDO_FOR, [("Minutes", "minutes", data)]))))
    more = f" {plural(len(lines), 'action item')}: {'; '.join(lines)}." if lines else " No action items."
    return Reply(f"{sentence}{more}", tuple(parts))


def _promise(
    request: Request, tx: Transaction, meeting: Meeting, line: ActionLine, kept: str, there: list[str]
) -> None:
    managers = people.managers_of(tx, line.owner, request.basis.now.date())
    others = [one for one in there if one != line.owner]
    about = None
    if meeting.kind == "one_to_one" and len(others) == 1:
        of_other = people.managers_of(tx, others[0], request.basis.now.date())
        about = others[0] if line.owner in of_other else None
    actions.add(
        tx,
        owner=line.owner,
        author=request.actor.person,
        text=line.text,
        due=line.due,
        source="meeting",
        source_id=kept,
        at=request.now,
        about=about,
        # What was said before their manager is no secret to them.
        shared=about is not None or any(one in there for one in managers),
    )


def _whose(tx: Transaction, there: list[str]) -> Callable[[str], str | None]:
    """Whom a name means: of those who take part first, then of everybody."""
    roster = rosters.load(tx)

    def whose(name: str) -> str | None:
        found = [one for one in roster.people_called(name) if not one.left]
        mine = [one for one in found if one.id in there]
        surely: list[Person] = mine or found
        return surely[0].id if len(surely) == 1 else None

    return whose


def _action_words(request: Request, tx: Transaction, found: list[ActionLine]) -> list[str]:
    days = Days.of(request.basis)
    names = {one: person.name for one in {line.owner for line in found} if (person := people.person(tx, one))}
    return [
        f"{names.get(line.owner, 'somebody')}: {line.text}" + (f", by {days.on(line.due)}" if line.due else "")
        for line in found
    ]


def _tell_owners(tx: Transaction, meeting: Meeting, owners: set[str], kept: str, author: str, request: Request) -> None:
    wanted = [
        notices.Wanted(
            topic=reminders.NEWS,
            subject=meeting.id,
            person=owner,
            slot=f"action.{kept}",
            due_at=request.now,
            until=request.now + timedelta(days=3),
            data={"meeting": meeting.id, "what": "action", "by": author, "minutes": kept, "day": None},
        )
        for owner in sorted(owners)
    ]
    notices.plan(tx, wanted, at=request.now)


def _show(request: Request, tx: Transaction, meeting: Meeting, one: Occurrence | None) -> Outcome:
    kept = meetings.minutes_of(tx, meeting.id)
    if not kept:
        if one is None:
            view = View.of(request, tx, [meeting])
            return Outcome(
                reply=Reply(f"There are no minutes of {view.in_title(meeting)}: it has not taken place yet.")
            )
        return Outcome(form=_form(request, tx, meeting, one.day))
    view = View.of(request, tx, [meeting])
    parts: list[Part] = []
    texts = []
    for each in kept[-SHOWN:][::-1]:
        person = people.person(tx, each.author)
        head = f"{view.title(meeting)}, {view.days.on(each.day)}, by {person.name if person else 'somebody'}"
        parts += [Text(head, style="strong"), Text(each.text)]
        promised = [
            f"{action.owner_name}: {action.text}" + (f", by {view.days.on(action.due)}" if action.due else "")
            + (f" ({action.state})" if action.state != "open" else "")
            for action in actions.of_source(tx, "meeting", each.id)
        ]  # fmt: skip
        if promised:
            parts.append(Text(f"Action items: {'; '.join(promised)}.", style="quiet"))
        texts.append(f"{head}: {each.text} {f'Action items: {listed(promised)}.' if promised else ''}".strip())
    if one is not None:
        data = {"meeting": meeting.id, "day": one.day.isoformat()}
        parts.append(Buttons(tuple(ISSUER.lasting(request, tx, [("Write minutes", "write minutes", data)]))))
    return Outcome(reply=Reply(" ".join(texts), tuple(parts)))


def button(request: Request, tx: Transaction) -> Outcome:
    """*Minutes*: what was written."""
    picked = pressed(request, tx)
    who.check(request, tx, picked.meeting, "take part in a meeting")
    return _show(request, tx, picked.meeting, picked.one)


def write_button(request: Request, tx: Transaction) -> Outcome:
    """*Write minutes*: the form."""
    picked = pressed(request, tx)
    who.check(request, tx, picked.meeting, "take part in a meeting")
    return Outcome(form=_form(request, tx, picked.meeting, date.fromisoformat(str(request.data["day"]))))


def _form(request: Request, tx: Transaction, meeting: Meeting, day: date) -> Form:
    token = ISSUER.token_for(request, tx, "minutes written", {"meeting": meeting.id, "day": day.isoformat()})
    open_items = [item for item in meetings.agenda(tx, meeting.id, day) if item.done_at is None]
    text = "\n".join(f"{item.text}: " for item in open_items)[:1500]
    hint = "A line “- Dana: send the NDA by Friday” is an action item"
    return Form("Minutes", token, (TextField("text", "What came of it", text, hint=hint, multiline=True),))


def form_sent(request: Request, tx: Transaction) -> Outcome:
    """They were written in the form."""
    text = request.values.get("text", "").strip()
    if not text:
        return Outcome(problems={"text": "Write what came of it."})
    meeting = standing(tx, str(request.data["meeting"]))
    one = occurrence_on(meeting, date.fromisoformat(str(request.data["day"])))
    return go(msgspec.structs.replace(request, text=text), tx, Picked(meeting, one, "", {"text": text}))


def undo_button(request: Request, tx: Transaction) -> Outcome:
    """*Undo*: they and their action items are gone."""
    kept = str(request.data["minutes"])
    meeting = standing(tx, str(request.data["meeting"]))
    who.check(request, tx, meeting, "take part in a meeting")
    meetings.void_minutes(tx, kept, now=request.now)
    gone = 0
    for action in actions.of_source(tx, "meeting", kept):
        gone += actions.settle(tx, action.id, "dropped", by=request.actor.person, at=request.now)
    also = f" {plural(gone, 'action item').capitalize()} dropped with them." if gone else ""
    return Outcome(reply=Reply(f"Undone: these minutes are not kept.{also}"))


def later_button(request: Request, tx: Transaction) -> Outcome:
    """*Ask me tomorrow*: once more, a day later."""
    picked = pressed(request, tx)
    day = str(request.data["day"])
    until = request.now + timedelta(days=1)
    data: dict[str, Any] = {"meeting": picked.meeting.id, "day": day, "start": str(request.data["start"])}
    again = notices.Wanted(
        topic=reminders.MINUTES,
        subject=picked.meeting.id,
        person=request.actor.person,
        slot=f"{day}.later.{until:%Y%m%d}",
        due_at=until,
        until=until + reminders.WORTH_ASKING,
        data=data,
    )
    notices.plan(tx, [again], at=request.now)
    return Outcome(reply=Reply("I ask again tomorrow at this time."))
