"""`/kudos`: thanks with a reason and one of the company's values.

parse.py reads the line, flow.py asks for what is missing, form.py takes it all at once, give.py keeps it and tells
those concerned, told.py is what who is thanked reads, listing.py shows what was.
"""

from __future__ import annotations

import re
from typing import Final

from handlers.conversation import questions
from handlers.conversation.command import Command, Shortcut
from handlers.conversation.company import Company
from handlers.conversation.request import Basis, Outcome, Request
from handlers.conversation.route import plain
from handlers.figures import roster as rosters
from handlers.kudos import flow, form, give, listing, parse
from handlers.kudos.buttons import NAME
from storage.database import Transaction

_LIST: Final = frozenset(("list", "mine", "my kudos", "all", "history", "received", "given"))
_OF: Final = re.compile(r"\A(?:list|of|list of)\s+(?!list\b)(?P<who>[^#]{2,60})\Z", re.I)
_THANKS: Final = re.compile(
    r"\A(?P<private>private(?:ly)?:?\s+)?(?:(?:(?:give |send |big |huge |many |lots of )*"
    r"(?:kudos|props|thanks|shout-?\s?outs?)|hats off)\s+"
    r"(?:go(?:es)? |going )?to\s+(?P<rest>(?!(?:you|u|me)\b).+?\s(?:for\b|#|because\b).+)"
    r"|(?:please )?thank\s+(?P<whom>(?!(?:you|u|god|goodness|heavens?)\b).+?\sfor\b.+))\Z",
    re.I | re.S,
)
"""A plain sentence that surely thanks somebody: `thanks to Dana for the demo`, `thank Sam for staying late`."""
_NAMED: Final = re.compile(
    r"\A(?P<private>private(?:ly)?:?\s+)?(?:many |big |huge )?(?:thanks|thank you|thx)(?: so much| a lot)?,?\s+"
    r"(?P<rest>(?P<who>(?!(?:to|for|you|u)\b)[^#]{2,160}?),?\s+(?:for\b|because\b|#).+)\Z",
    re.I | re.S,
)
"""The same without “to”: whether these are names is seen in the rows."""
_WHO_THANKED: Final = (
    "who thanked me", "who has thanked me", "who thanks me", "did anybody thank me", "did anyone thank me",
    "what was i thanked for", "what have i been thanked for", "who gave me kudos", "my thanks",
)  # fmt: skip


def prepare(text: str, basis: Basis, company: Company) -> str | None:
    """What a plain sentence of thanks says behind its first words; None where it is none."""
    match = _THANKS.match(text.strip())
    return f"{match['private'] or ''}{match['rest'] or match['whom']}" if match else None


def _by_name(text: str) -> str | None:
    """What “thanks Theo for …” says behind its first words; None for other words."""
    match = _NAMED.match(text.strip())
    return f"{match['private'] or ''}{match['rest']}" if match else None


def recognises(request: Request, tx: Transaction) -> bool:
    """`thanks Theo for the intro`, where Theo is somebody: `thanks a lot for the intro` thanks Pacer."""
    match = _NAMED.match(request.text.strip())
    if match is None:
        return False
    roster, names = rosters.load(tx), parse.pieces(match["who"])
    return bool(names) and all(roster.people_called(one) for one in names)


def handle(request: Request, tx: Transaction) -> Outcome:
    """`/kudos`, `/kudos list`, `/kudos list Sam`, `/kudos undo`, or whom and for what."""
    word = plain(request.text)
    if not word:
        return form.empty(request, tx)
    if word in _LIST:
        return listing.mine(request, tx)
    if word == "undo":
        return undo(request, tx)
    of = _OF.match(request.text.strip())
    if of is not None:
        return listing.theirs(request, tx, of["who"].strip(" @"))
    said = request.prepared if isinstance(request.prepared, str) else _by_name(request.text)
    return flow.begin(request, tx, said or request.text)


def undo(request: Request, tx: Transaction) -> Outcome:
    """`undo`: the question that is open here is dropped, else my latest is taken back."""
    dropped = questions.drop(request, tx, NAME, give.latest_at(request, tx))
    return Outcome(reply=dropped) if dropped is not None else give.undo_said(request, tx)


COMMAND: Final = Command(
    name=NAME,
    summary="Thank colleagues for something, in the name of one of our values",
    usage="[whom, and for what, with #value] | list",
    examples=("/kudos Sam for the demo rescue #customer-first", "/kudos", "/kudos list"),
    explain=(
        "“/kudos @sam and @dana for the demo rescue #customer-first”: a reason and one of our values belong to it, and "
        "I ask for what is missing. I tell who is thanked, and post it where your company wants it; with “private” "
        "only they and you see it. “/kudos” alone opens a form, “Thank for this” in a message's menu takes its "
        "words as the reason. There is a number of people that you can thank in a month; “/kudos list” shows it, and "
        "what you received and gave; “undo” takes the latest back."
    ),
    fresh="/kudos list",
    handle=handle,
    prepare=prepare,
    understands=lambda read: isinstance(read, str),
    asked_first=True,
    recognises=recognises,
    answer=flow.answered_in_words,
    free_answers="words",
    answers_first=flow.reads_as_a_reason,
    # “Thanks to Max for the push” may be what went well; with a value it is kudos.
    among_answers=lambda text, kind: kind == "words" or "#" in text,
    latest=give.latest_at,
    undo=undo,
    aliases=("props", "shoutout", "shout-out"),
    shorthands=dict.fromkeys(("my kudos", "kudos list", "show my kudos", *_WHO_THANKED), "list"),
    shortcut=Shortcut(label="Thank for this", summary="Give kudos for this message", handle=form.from_message),
    actions={
        "new": form.empty,
        "form": form.sent,
        "answer": flow.answered,
        "undo": give.undo_button,
    },
)
