"""`/meeting feed https://…` and `/meeting feeds`: calendars that are read from an address, their state, removing one.

The address opens the calendar to whoever knows it: it is sealed at once, and no answer holds it.
"""

from __future__ import annotations

import re
from datetime import timedelta
from ipaddress import IPv6Address, ip_address
from typing import Final
from urllib.parse import urlsplit

import msgspec

from handlers.conversation.errors import UserError
from handlers.conversation.reply import Buttons, Part, Reply, Text
from handlers.conversation.request import Outcome, Request
from handlers.conversation.wording import plural
from handlers.meetings import rows
from handlers.meetings.buttons import ISSUER
from handlers.meetings.ics_feed import state_of
from handlers.meetings.ics_file import named_guests
from handlers.meetings.ics_said import remarks
from handlers.meetings.ics_take import called_off
from handlers.meetings.model import next_one
from storage import feeds, meetings
from storage.database import Transaction
from storage.feeds import Feed

_FEED: Final = re.compile(r"(?:(?:add|my|the)\s+)?(?:calendar|ics|ical)?\s*feeds?\b[:\s]*(?P<rest>.*)", re.I | re.S)
_ADDRESS: Final = re.compile(r"<?(?P<address>[a-z][a-z0-9+.-]*://[^\s<>|]+)(?:\|[^>]*)?>?", re.I)
_MOST: Final = 5
_LONGEST: Final = 1_500
_GOOD_FOR: Final = timedelta(days=14)
HOW: Final = (
    "Give me a calendar by its secret address: “/meeting feed https://…”, with the address in iCal format that ends in "
    ".ics. I read it every quarter of an hour. Whoever knows the address can read the calendar, so I keep it sealed "
    "and never show it."
)


class NotAnAddress(UserError):
    """I see no address there. A calendar's address begins with https:// and mostly ends in .ics."""


class NotSecure(UserError):
    """That address begins with {scheme}://, and I read only https:// ones: the address is the key to the calendar."""


class AddressTooLong(UserError):
    """That address is longer than {most:,} characters, so it is hardly a calendar's."""


class PrivateAddress(UserError):
    """{host} is an address inside a private network, and I read none of those. Give me one that is on the internet."""


class TooManyFeeds(UserError):
    """You have {most} calendars here, and that is as many as I read for one person. Remove one first."""


class FeedGone(UserError):
    """That calendar is not among yours any more. Type “/meeting feeds” to see those that are."""


def said(request: Request, tx: Transaction) -> Outcome | None:
    """`feed https://… with East`, `feeds`; None where the words are nothing of this kind."""
    match = _FEED.fullmatch(request.text.strip())
    found = _ADDRESS.search(request.text)
    if match is None and not (found and len(request.text.split()) == 1):
        return None
    if found is not None:
        return add(request, tx, found["address"], request.text[found.end() :])
    rest = match["rest"].strip() if match is not None else ""
    if rest.casefold() in ("", "list", "show", "status"):
        return show(request, tx)
    if re.match(r"(?i)(?:remove|delete|stop|forget)\b", rest):
        return show(request, tx)
    if re.match(r"(?i)\S+\.\S+", rest):
        raise NotAnAddress
    return None


def recognises(text: str) -> bool:
    """Words without the command's name that are surely meant so."""
    return _ADDRESS.search(text) is not None and _FEED.fullmatch(text) is not None


def add(request: Request, tx: Transaction, address: str, words: str) -> Outcome:
    """A further one; it is read at once."""
    assert request.vault is not None
    if len(address) > _LONGEST:
        raise AddressTooLong(most=_LONGEST)
    try:
        split = urlsplit(address)
        host, _ = split.hostname or "", split.port
    except ValueError as error:
        raise NotAnAddress from error
    scheme = split.scheme.lower()
    if scheme in ("webcal", "webcals"):
        address = f"https{address[len(split.scheme) :]}"
    elif scheme != "https":
        raise NotSecure(scheme=scheme)
    if "." not in host and ":" not in host:
        raise NotAnAddress
    if _is_private(host):
        raise PrivateAddress(host=host)
    invited = named_guests(request, tx, words)
    mine = feeds.of_person(tx, request.actor.person)
    mark = request.vault.mark(address)
    if any(one.mark == mark for one in mine):
        return Outcome(reply=Reply(f"I read that calendar at {host} already. “/meeting feeds” shows how it is."))
    if len(mine) >= _MOST:
        raise TooManyFeeds(most=_MOST)
    feeds.add(
        tx,
        person=request.actor.person,
        address=request.vault.seal(address),
        mark=mark,
        host=host[:200],
        persons=invited.persons,
        units=invited.units,
        now=request.now,
    )
    text = (
        f"I read your calendar at {host} now and every quarter of an hour, and tell you in a moment what I found. Its "
        "address is sealed; “/meeting feeds” shows how it is, with a button to remove it."
    )
    if not request.incoming.inline and request.incoming.place == "direct":
        text += " Delete your message here if others see this screen: it holds the address."
    return Outcome(reply=Reply(text))


def _is_private(host: str) -> bool:
    """Whether it is itself such an address; what a name leads to is known only when it is read."""
    try:
        address = ip_address(host)
    except ValueError:
        return False
    inside = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return not (inside or address).is_global


def show(request: Request, tx: Transaction) -> Outcome:
    """Theirs, each with its last state and its problem."""
    mine = feeds.of_person(tx, request.actor.person)
    if not mine:
        return Outcome(reply=Reply(f"You have given me no calendar. {HOW}"))
    head = f"{plural(len(mine), 'calendar')} of yours {'is' if len(mine) == 1 else 'are'} read."
    parts: list[Part] = [Text(head, style="strong")]
    said = [head]
    listing = msgspec.structs.replace(request, listing=True)
    for one in mine:
        ago = request.now - one.read_at if one.read_at is not None else None
        line = f"{_called(one)}: {state_of(one, ago)}".rstrip(".") + "."
        said.append(line)
        parts.append(Text(line))
        if one.report and not one.problem:
            parts += [Text(remark, style="quiet") for remark in remarks(one.report)]
        buttons = ISSUER.lasting(
            listing, tx, [("Read it now", "read feed", {"feed": one.id}), ("Remove", "remove feed", {"feed": one.id})]
        )
        parts.append(Buttons(tuple(buttons)))
    return Outcome(reply=Reply(" ".join(said), tuple(parts)))


def read_button(request: Request, tx: Transaction) -> Outcome:
    """*Read it now*."""
    one = _mine(request, tx)
    # Whole, even where it says that nothing has changed.
    feeds.note(tx, one.id, look_at=request.now, digest="", etag="", modified="")
    return Outcome(reply=Reply(f"I read {_called(one)} now. “/meeting feeds” shows in a moment how it is."))


def remove_button(request: Request, tx: Transaction) -> Outcome:
    """*Remove*: it is read no more, and what it gave takes its reminders with it."""
    one = _mine(request, tx)
    feeds.remove(tx, one.id, request.now)
    feeds.forget_contents(tx, one.id, request.now)
    gone = 0
    for meeting in rows.models(tx, meetings.of_feed(tx, one.id)):
        if next_one(meeting, request.now) is None:
            continue
        called_off(tx, request.company, meeting, request.actor.person, request.now)
        gone += 1
    text = f"{_called(one)} is removed, and its address forgotten."
    if gone:
        text += f" {plural(gone, 'meeting')} that it gave {'goes' if gone == 1 else 'go'} with it, reminders too."
    return Outcome(reply=Reply(text))


def _mine(request: Request, tx: Transaction) -> Feed:
    one = feeds.get(tx, str(request.data["feed"]))
    if one is None or one.person != request.actor.person:
        raise FeedGone
    return one


def _called(one: Feed) -> str:
    return f"“{one.name}” at {one.host}" if one.name else f"The calendar at {one.host}"


ACTIONS: Final = {"read feed": read_button, "remove feed": remove_button}
