"""Before a win goes out its teller sees how it reads and says who hears of it, which is kept for the next time."""

from __future__ import annotations

from typing import Final

from handlers.conversation.access import Allowed, Denied, WinOf, may
from handlers.conversation.buttons import Issuer
from handlers.conversation.errors import NotAllowed
from handlers.conversation.reply import Buttons, Part, Reply, Text
from handlers.conversation.request import Message, Outcome, Request
from handlers.conversation.wording import listed
from handlers.figures.chain import above
from handlers.figures.deal_words import title
from handlers.figures.stages import WON
from handlers.wins import announce, card
from handlers.wins.errors import WonNoMore
from storage import deals, people, wins
from storage.database import Transaction
from storage.deals import Named
from storage.wins import Visibility, Win

NAME: Final = "win"
ISSUER: Final = Issuer(NAME, frozenset(("edit",)))
DECIDED: Final = ("held", "kept")
"""States in which who hears of it was said for this win: an import, a reversal, another one's `/win` change nothing."""
_SO_FAR: Final = {
    "public": "It is not announced so far.",
    "private": "It is kept private so far.",
    "none": "Nobody is told of it so far.",
}


def ask(request: Request, tx: Transaction, named: Named) -> Message:
    """What would go out, to the person who told of it. What was decided already stays so until they press."""
    row = _row(tx, named)
    if row.state == "asked" and row.asked is None:
        wins.set_(tx, named.deal.id, asked=request.actor.person)
        row = _row(tx, named)
    if may_press(request, tx, named, row):
        return to_teller(request, named, shown(request, tx, named))
    sentence = f"Who hears of {title(named)} is for {_whose(tx, named, row)} to say. Nothing goes out now."
    return to_teller(request, named, Reply(sentence))


def kept(request: Request, tx: Transaction, named: Named) -> Message:
    """It stays private as the owner's last one did; they can let it go out all the same."""
    if request.actor.person == named.deal.owner:
        return to_teller(request, named, _kept(request, tx, named, "Kept private, as you chose"))
    chosen = (
        f"{title(named)} is kept private, as {named.owner or 'its owner'} chose, and is in the numbers all the same."
    )
    return to_teller(request, named, Reply(chosen))


def to_teller(request: Request, named: Named, reply: Reply, what: str = "asked") -> Message:
    """To who acts, beside the answer."""
    key = f"win:{named.deal.id}:{what}:{request.incoming.install}:{request.incoming.key}"
    return Message(request.actor.person, reply, announce.TOPIC, key, request.now + announce.WORTH)


def shown(request: Request, tx: Transaction, named: Named) -> Reply:
    """The announcement as it would stand, and what can be done with it."""
    row = _row(tx, named)
    channels = [route.name for route in announce.routes_for(tx, request.company, named.deal)]
    if not channels:
        where = "No channel takes a win of that size and team, so only you see this. The manager and who helped can."
        wanted = [("Tell them", "private"), ("Edit", "edit"), ("Not now", "hold")]
    else:
        where = f"Shall I announce it in {listed(channels)}? This is how it reads there; nothing is out yet."
        where = f"{_SO_FAR[row.visibility or 'none']} {where}" if row.state in DECIDED else where
        wanted = [("Announce", "announce"), ("Edit", "edit"), ("Keep it private", "private"), ("Not now", "hold")]
    out = card.announcement(tx, request.company, named, row)
    pressable = ISSUER.lasting(request, tx, [(label, what, {"deal": named.deal.id}) for label, what in wanted])
    parts: list[Part] = [Text(where), *out.parts, Buttons(tuple(pressable))]
    return Reply(text=f"{where} {out.text}", parts=tuple(parts))


def _kept(request: Request, tx: Transaction, named: Named, lead: str) -> Reply:
    managers = people.managers_of(tx, named.deal.owner, request.basis.now.date()) if named.deal.owner else []
    told = [one.name for one in (people.person(tx, one) for one in managers) if one is not None]
    told += [name for _, name in wins.helpers(tx, named.deal.id)]
    readers = f": {listed(list(dict.fromkeys(told)))} can read it" if told else ""
    sentence = f"{lead}{readers}. {title(named)} is in the numbers all the same."
    return line(request, tx, named, sentence, ("Announce", "announce"), ("Edit", "edit"))


def line(request: Request, tx: Transaction, named: Named, sentence: str, *wanted: tuple[str, str]) -> Reply:
    """A sentence, and what can be done with the win: labels and actions."""
    pressable = ISSUER.lasting(request, tx, [(label, what, {"deal": named.deal.id}) for label, what in wanted])
    return Reply(sentence, (Text(sentence), Buttons(tuple(pressable))))


def _row(tx: Transaction, named: Named) -> Win:
    row = wins.get(tx, named.deal.id)
    assert row is not None
    return row


def may_press(request: Request, tx: Transaction, named: Named, row: Win) -> bool:
    """Whether the actor may say who hears of it."""
    return not isinstance(_verdict(request, tx, named, row), Denied)


def _verdict(request: Request, tx: Transaction, named: Named, row: Win) -> Allowed | Denied:
    owner = named.deal.owner
    higher = above(tx, owner, request.basis.now.date()) if owner else frozenset()
    return may(request.actor, "make a win known", WinOf(owner, row.asked, higher, decided=row.state in DECIDED))


def _whose(tx: Transaction, named: Named, row: Win) -> str:
    """By name, who may say so."""
    asked = people.person(tx, row.asked) if row.asked else None
    return listed(list(dict.fromkeys(filter(None, (named.owner, asked.name if asked else None)))), "or") or "its owner"


def standing(request: Request, tx: Transaction) -> tuple[Named, Win]:
    """The win that a button is about, for who may make it known. Raises WonNoMore, NotAllowed."""
    named, row = deals.get(tx, request.data["deal"]), wins.get(tx, request.data["deal"])
    if named is None or row is None or named.deal.stage != WON:
        raise WonNoMore
    verdict = _verdict(request, tx, named, row)
    if isinstance(verdict, Allowed):
        return named, row
    if row.state in DECIDED:
        raise NotAllowed(reason=f"Who hears of {title(named)} was decided. {_whose(tx, named, row)} may change it.")
    raise NotAllowed(reason=verdict.sentence)


def announce_button(request: Request, tx: Transaction) -> Outcome:
    """*Announce*: it goes out, unless it did already."""
    named, row = standing(request, tx)
    if row.state == "announced":
        sentence = f"{title(named)} was announced already; “Edit” corrects it where it stands."
        return Outcome(reply=line(request, tx, named, sentence, ("Edit", "edit")))
    _choose(request, tx, named, "public")
    messages = announce.announce(request, tx, named)
    channels = [route.name for route in announce.routes_for(tx, request.company, named.deal)]
    where = f"Announced in {listed(channels)}" if channels else "No channel takes a win of that size and team"
    return Outcome(
        reply=line(request, tx, named, f"{where}: {title(named)}.", ("Edit", "edit")), messages=tuple(messages)
    )


def private_button(request: Request, tx: Transaction) -> Outcome:
    """*Keep it private*."""
    named, row = standing(request, tx)
    if row.state == "announced":
        return announce_button(request, tx)
    return keep(request, tx, named, "private")


def keep(request: Request, tx: Transaction, named: Named, visibility: Visibility) -> Outcome:
    """Private, or told to nobody."""
    _choose(request, tx, named, visibility)
    wins.set_(tx, named.deal.id, state="kept", asked=request.actor.person)
    own = request.actor.person == named.deal.owner
    if visibility == "none":
        more = ", nor of your next win until you say otherwise" if own else ""
        sentence = f"Nobody is told of {title(named)}{more}."
        # Who was told before reads what is so.
        messages = tuple(announce.correct(request, tx, named))
        reply = line(request, tx, named, sentence, ("Announce", "announce"), ("Edit", "edit"))
        return Outcome(reply=reply, messages=messages)
    lead = "Kept private, and so is your next one" if own else "Kept private"
    return Outcome(reply=_kept(request, tx, named, lead), messages=tuple(announce.keep_private(request, tx, named)))


def _choose(request: Request, tx: Transaction, named: Named, visibility: Visibility) -> None:
    """For this win; by its owner for the next ones too."""
    wins.set_(tx, named.deal.id, visibility=visibility)
    if request.actor.person == named.deal.owner:
        wins.choose(tx, request.actor.person, visibility, at=request.now)


def hold_button(request: Request, tx: Transaction) -> Outcome:
    """*Not now*: nothing goes out by itself either."""
    named, row = standing(request, tx)
    if row.state == "announced":
        return announce_button(request, tx)
    # For this win alone, and for when it is lost and won again too.
    wins.set_(tx, named.deal.id, state="held", visibility="none", asked=request.actor.person)
    sentence = f"{title(named)} is not announced. It goes out when you press the button; “/win” shows it again."
    return Outcome(reply=line(request, tx, named, sentence, ("Announce", "announce"), ("Edit", "edit")))


def where_it_stands(request: Request, tx: Transaction, named: Named) -> Outcome:
    """What is announced says something else now."""
    messages = announce.announce(request, tx, named)
    sentence = f"Corrected where it stands: {title(named)}."
    if not messages:
        sentence = f"It read like that already: {title(named)}."
    return Outcome(reply=line(request, tx, named, sentence, ("Edit", "edit")), messages=tuple(messages))


def as_decided(request: Request, tx: Transaction, named: Named) -> Outcome:
    """What is not announced says something else now; who hears of it stays as it was decided, or is asked."""
    row = _row(tx, named)
    messages = tuple(announce.correct(request, tx, named))
    if row.state == "kept" and row.visibility == "private":
        return Outcome(reply=_kept(request, tx, named, "Kept private"), messages=messages)
    return Outcome(reply=shown(request, tx, named), messages=messages)
