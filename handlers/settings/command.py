"""`settings`: what Pacer may say unasked, made from the tuple of all topics (handlers/__init__.py)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from handlers.conversation.command import Command
from handlers.conversation.company import Company
from handlers.conversation.request import Basis, Outcome, Request
from handlers.conversation.route import plain
from handlers.reach.gate import EVERYTHING
from handlers.reach.topic import Topic
from handlers.schedules.read import NotASchedule
from handlers.settings import form, leave, schedules, seen, show, snooze, standing
from handlers.settings import why as reasons
from handlers.settings.buttons import NAME
from handlers.settings.errors import NotRead, OffForAll
from handlers.settings.read import Wish, nearly, of_somebody_else, read
from handlers.settings.topics import Topics, one_of, several
from storage.database import Transaction

_LEAVE = ("leave", "back", "cancel leave")
_GOT = ("did i get this", "am i getting this", "do i get this", "did you send me this", "do you send me this")
_WHY = frozenset(("why this", *(f"why {each}{more}" for each in _GOT for more in ("", " message"))))
_MY_LEAVE = ("am i on leave", "when am i on leave", "my leave", "my vacation", "show my leave")


def settings_command(all_of_them: tuple[Topic, ...]) -> Command:
    """The command over these topics."""
    topics = Topics(all_of_them)

    def prepare(text: str, basis: Basis, company: Company) -> Wish | None:
        return read(text, basis, topics)

    def handle(request: Request, tx: Transaction) -> Outcome:
        if not plain(request.text):
            return Outcome(reply=show.show(topics, request, tx))
        if plain(request.text) in _WHY:
            return reasons.of_the_last(topics, request, tx)
        wish = request.prepared if isinstance(request.prepared, Wish) else read(request.text, request.basis, topics)
        if wish is None:
            raise NotRead(text=request.text.strip())
        return _granted(topics, request, tx, wish)

    def recognises(request: Request, tx: Transaction) -> bool:
        wish = read(request.text, request.basis, topics)
        if wish is None:
            return nearly(request.text)
        return bool(wish.who) and leave.known(tx, wish.who)

    with_topics: dict[str, Callable[[Topics, Request, Transaction], Outcome]] = {
        "show": show.show_button,
        "change": form.change_button,
        "changed": form.changed,
        "snooze": snooze.snooze_button,
        "snooze until": snooze.snooze_until_button,
        "off": snooze.off_button,
        "off one": snooze.off_one_button,
        "on": snooze.on_button,
        "switch": snooze.switch_button,
        "which": snooze.which_choice,
        "why": reasons.why,
        "schedule": schedules.confirmed,
    }
    return Command(
        name=NAME,
        summary="See and change what I say to you unasked, when, and your leave",
        usage="[what to change | schedules]",
        examples=(
            "settings",
            "settings schedules",
            "snooze everything until Monday",
            "I'm on leave 21 Dec – 2 Jan",
            "quiet hours 19:00 to 7:30",
        ),
        explain=(
            "“settings” shows what comes to you unasked, with its schedule, your quiet hours, how many messages a "
            "day, your zone, your leave, who hears of your wins, and whether you are on leaderboards. Every message "
            "that comes unasked has a button “Why this?”. In words: “snooze nudges for 2 weeks”, “stop the weekly "
            "nudge”, “turn the weekly nudge on again”, “at most 2 messages a day”, “keep my wins private”, “leave me "
            "off leaderboards”, “sick today”, “back on Monday”, “cancel my leave”. On leave nothing is sent and the "
            "days are out of your pace; your target stays. Managers say it for their people: “Dana is on leave "
            "until Friday”. Who leads a unit changes its schedules, admins everybody's: “weekly nudge every "
            "Tuesday at 10:00 for East”; “settings schedules” lists them."
        ),
        fresh="settings",
        handle=handle,
        prepare=prepare,
        understands=lambda found: isinstance(found, Wish) and found.sure,
        recognises=recognises,
        asked_first=True,
        # “Dana is on leave until Friday” may be what is in the way.
        among_answers=lambda text, kind: kind == "words" or not of_somebody_else(text),
        shorthands={
            **dict.fromkeys(
                ("my settings", "preferences", "my preferences", "notifications", "notification settings", *_MY_LEAVE),
                "",
            ),
            **{said: said for said in _WHY},
        },
        actions={
            **{name: partial(action, topics) for name, action in with_topics.items()},
            "add leave": leave.form_button,
            "leave added": leave.form_sent,
            "what others see": seen.form_button,
            "seen": seen.form_sent,
            "undo leave": leave.undo_button,
            "cancel leave": leave.cancel_choice,
        },
        slash=False,
    )


def _granted(topics: Topics, request: Request, tx: Transaction, wish: Wish) -> Outcome:
    if wish.kind in _LEAVE:
        return leave.wanted(request, tx, wish)
    if wish.kind == "list":
        return Outcome(reply=show.schedules(topics, request, tx))
    if wish.chosen is not None:
        return seen.choose(request, tx, wish.chosen)
    if wish.kind in ("quiet", "cap"):
        return form.said(topics, request, tx, wish)
    if wish.unread:
        raise NotASchedule(text=wish.unread)
    if wish.kind == "schedule" or wish.unit:
        return schedules.wanted(topics, request, tx, wish)
    return _mine(topics, request, tx, wish)


def _mine(topics: Topics, request: Request, tx: Transaction, wish: Wish) -> Outcome:
    """A snooze, off or on, for the person alone; on, where it is off for all, is the schedule's matter."""
    mine = standing.load(request, tx, topics)
    if wish.kind == "on" and one_of(wish.topics):
        one = mine.of(wish.topics[0])
        leads = bool(schedules.led_by(request, tx)) or "admin" in request.actor.roles
        unscheduled = one is not None and one.topic.audience is not None and one.rule is None
        if (one is None and leads) or (unscheduled and not (one and one.muted) and leads):
            return schedules.wanted(topics, request, tx, wish)
        if unscheduled and one is not None and not one.muted:
            raise OffForAll(title=one.topic.title, whom="your team")
    names = snooze.theirs(mine, topics, wish.topics)
    if len(names) > 1 and not several(wish.words):
        return Outcome(reply=snooze.which(request, tx, topics, wish, names))
    if wish.kind == "snooze":
        if wish.until is None:
            return Outcome(reply=snooze.ask(request, tx, topics, names))
        return Outcome(reply=snooze.snoozed(request, tx, topics, names, wish.until))
    if wish.kind == "off":
        return Outcome(reply=snooze.turned_off(request, tx, topics, names))
    if EVERYTHING in names:
        names = [EVERYTHING, *mine.circumstances.muted]
    return Outcome(reply=snooze.turned_on(request, tx, topics, list(dict.fromkeys(names))))
