"""`/checkin`: one's own, the team's, or a report's.

own.py begins and shows one's own, asking.py asks one question at a time, form.py all at once, given.py hands it over;
card.py is what the manager reads, answers.py what they do with it; prompts.py, whom.py and told.py speak unasked.
talk_command.py is the one-to-one, which `/checkin NAME` opens too: talk.py shows it, talk_add.py, talk_notes.py and
talk_actions.py are what is done with it.
"""

from __future__ import annotations

import re
from typing import Final

from handlers.checkins import (
    answers,
    asking,
    astray,
    form,
    given,
    own,
    sheet,
    start,
    taking_part,
    talk_command,
    team,
    whom,
)
from handlers.checkins.buttons import NAME
from handlers.checkins.errors import ItsSchedule, NobodyCalled, NoTeam
from handlers.conversation.access import CheckinOf
from handlers.conversation.command import Command
from handlers.conversation.errors import UserError, given_back
from handlers.conversation.one_to_one import between
from handlers.conversation.reply import Reply, Text
from handlers.conversation.request import Outcome, Request
from handlers.conversation.route import plain
from handlers.figures import roster as rosters
from handlers.figures.roster import several, unknown
from storage.database import Transaction
from storage.people import Person

_OWN: Final = frozenset(("mine", "my own", "own", "start", "now", "me", "myself", "begin", "go on"))
_LIST: Final = frozenset(("list", "history", "older", "all", "share"))
_TEAM: Final = frozenset(("team", "my team", "reports", "my reports", "who"))
_WHOM_ASKED: Final = tuple(
    f"{who} should i {how}{when}"
    for who in ("who", "whom")
    for how in ("see", "talk to", "talk with", "speak to", "speak with", "meet", "check in with")
    for when in ("", " this week", " today", " first", " next")
)
_WHOM: Final = frozenset(("whom", "whom to see", "who to see", "prompt"))
_OF: Final = re.compile(r"(?P<how>ask for|ask|read|for|of|from)\s+(?P<name>.+)|(?P<whose>.+)['’]s?", re.I)
"""A report's last check-in, or that one is asked for; a name alone is the one-to-one with them."""
_TALK: Final = re.compile(r"(?:one[\s-](?:to|on)[\s-]one|1[:-]1|1[\s-]?on[\s-]?1|agenda|notes?)\b", re.I)


def handle(request: Request, tx: Transaction) -> Outcome:
    """`checkin`, `checkin list`, `checkin team`, `checkin whom`, `checkin NAME`, `checkin of NAME`, `checkin ask NAME`,
    `checkin 1:1`."""
    if isinstance(request.prepared, taking_part.Asks):
        return taking_part.answer(request, tx, request.prepared)
    word = plain(request.text)
    if not word:
        return team.show(request, tx) if request.actor.reports else own.now(request, tx)
    if word in _OWN:
        return own.now(request, tx)
    if word in _LIST:
        return own.listing(request, tx)
    if word in _TEAM:
        return team.show(request, tx)
    if word in _WHOM:
        return _whom(request, tx)
    if _TALK.match(request.text.strip()):
        return talk_command.said(request, tx, request.text)
    return _about(request, tx, request.text.strip())


def _whom(request: Request, tx: Transaction) -> Outcome:
    if not request.actor.reports:
        raise NoTeam
    reply = whom.words(request, tx)
    return Outcome(reply=reply or Reply("Nobody of your team needs a word more than the others this week."))


def _about(request: Request, tx: Transaction, words: str) -> Outcome:
    if words.lower().startswith(("every ", "each ", "on ", "at ")):
        raise ItsSchedule(words=words)
    of = _OF.fullmatch(words)
    if of is None:
        return _with(request, tx, words)
    name = (of["name"] or of["whose"]).lstrip("@").strip()
    asks = (of["how"] or "").lower().startswith("ask")
    who = _called(request, tx, name)
    if who.id == request.actor.person:
        return own.listing(request, tx)
    shown = start.show(request, tx, who)
    if not asks:
        return Outcome(reply=shown)
    reply = start.asked(request, tx, who)
    return Outcome(reply=Reply(reply.text, (Text(reply.text),)))


def _with(request: Request, tx: Transaction, words: str) -> Outcome:
    """`checkin Sam`: the one-to-one of a manager and their report, whoever of the two says it; behind a colon, a point
    of its agenda."""
    name, _, point = words.partition(":")
    name = name.removeprefix("with ").strip().lstrip("@").strip()
    if talk_command.former(request, tx, name) is not None:
        return talk_command.said(request, tx, words)
    try:
        who = _called(request, tx, name)
        if who.id == request.actor.person:
            listing = own.listing(request, tx).reply
            return Outcome(reply=given_back(listing, point.strip()) if listing is not None else None)
        if between(tx, request.actor.person, who.id, request.basis.now.date()) is None:
            # Nobody but a manager learns whether there is any.
            sheet.check(request, "see a check-in", CheckinOf(who.id))
    except UserError as mistake:
        mistake.words = point.strip()
        raise
    return talk_command.said(request, tx, words)


def _called(request: Request, tx: Transaction, name: str) -> Person:
    """Who is meant. Raises NobodyCalled."""
    roster = rosters.load(tx)
    found = [one for one in roster.people_called(name) if not one.left]
    if len(found) != 1:
        names = [one.name for one in roster.people if not one.left]
        sentence = several(name, found) if found else unknown(name, names, "person")
        raise NobodyCalled(sentence=f"{sentence} “checkin” alone begins your own.")
    return found[0]


COMMAND: Final = Command(
    name=NAME,
    summary="Say once a week how it goes; managers read it beside the facts and answer",
    usage="[list | team | whom | a name | of a name | 1:1]",
    examples=("/checkin", "/checkin list", "/checkin team", "/checkin Sam", "/checkin of Sam"),
    explain=(
        "“/checkin” asks a few questions, one at a time in our chat or as a form: what went well, what is in the way, "
        "what comes next, your commit and best case, how you are. Answers can be changed later, and late ones count. "
        "Only you and your manager read it; no admin does, or sees who takes part. After a change of manager the new "
        "one reads older ones only if you share them: “/checkin list”. For managers: “/checkin team” shows who has "
        "checked in, “/checkin whom” whom to see this week and why, “/checkin of Sam” a report's last one beside the "
        "facts, “/checkin ask Sam” asks for one. “/checkin Sam”, and “/checkin 1:1” for who reports to somebody, is "
        "your one-to-one: the agenda of you two, with notes and action items."
    ),
    fresh="/checkin",
    handle=handle,
    prepare=taking_part.prepare,
    understands=lambda read: isinstance(read, taking_part.Asks),
    asked_first=True,
    answer=asking.answered_in_words,
    free_answers="story",
    answers_first=asking.reads_as_a_sentence,
    home=own.home,
    aliases=("check-in", "check in", "checkins", "check-ins"),
    shorthands={
        **dict.fromkeys(("my check-in", "my checkin", "start my check-in", "begin my check-in"), "mine"),
        **dict.fromkeys(("my check-ins", "my checkins", "my older check-ins"), "list"),
        **dict.fromkeys(("team check-ins", "team checkins", "who has checked in", "who has not checked in"), "team"),
        **dict.fromkeys(("whom to see", "who to see", *_WHOM_ASKED), "whom"),
    },
    actions={
        "here": asking.here,
        "rate": asking.rated,
        "skip": asking.skipped,
        "form": form.button,
        "sent": form.sent,
        "later": given.later,
        "not this time": given.not_this_time,
        "take back": given.take_back,
        "hand on": astray.hand_on,
        "keep": given.keep,
        "mine": own.opened,
        "share": own.share,
        "unshare": own.unshare,
        "read": answers.read,
        "comment": answers.comment_form,
        "commented": answers.commented,
        "thank": answers.thank,
        "flag": answers.flag_form,
        "flagged": answers.flagged,
        "unflag": answers.unflag,
        "make action": answers.action_form,
        "action made": answers.action_made,
        "start": start.button,
        "ask": start.ask,
    },
)
