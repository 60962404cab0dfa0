"""Before a win goes out its teller sees how it reads and says who hears of it, which is kept for the next time."""

from __future__ import annotations

from typing import Any, Final

from handlers.conversation import meanwhile
from handlers.conversation.access import Denied, WinOf, may
from handlers.conversation.buttons import Issuer
from handlers.conversation.errors import NotAllowed
from handlers.conversation.reply import Buttons, ChoiceField, Form, Option, Part, Reply, Text, TextField
from handlers.conversation.request import Message, Outcome, Request
from handlers.conversation.wording import listed
from handlers.figures import roster as rosters
from handlers.figures.chain import above
from handlers.figures.deal_words import title
from handlers.figures.stages import WON
from handlers.wins import announce, card
from handlers.wins.errors import WonNoMore
from handlers.wins.helpers import helpers_in
from storage import deals, people, wins
from storage.database import Transaction
from storage.deals import Named
from storage.wins import VISIBILITIES, Visibility, Win

NAME: Final = "win"
ISSUER: Final = Issuer(NAME, frozenset(("edit",)))
_WHO: Final = {
    "public": "Everybody in its channels",
    "private": "Only the manager and who helped",
    "none": "Nobody",
}


def ask(request: Request, tx: Transaction, named: Named) -> Message:
    """What would go out, to the person who told of it."""
    wins.set_(tx, named.deal.id, state="asked", asked=request.actor.person)
    return _to_teller(request, named, shown(request, tx, named))


def kept(request: Request, tx: Transaction, named: Named) -> Message:
    """It stays private as the last one did, and can go out all the same."""
    return _to_teller(request, named, _kept(request, tx, named, "Kept private, as you chose"))


def _to_teller(request: Request, named: Named, reply: Reply) -> Message:
    key = f"win:{named.deal.id}:asked:{request.incoming.install}:{request.incoming.key}"
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
    return _line(request, tx, named, sentence, ("Announce", "announce"), ("Edit", "edit"))


def _line(request: Request, tx: Transaction, named: Named, sentence: str, *wanted: tuple[str, str]) -> Reply:
    pressable = ISSUER.lasting(request, tx, [(label, what, {"deal": named.deal.id}) for label, what in wanted])
    return Reply(sentence, (Text(sentence), Buttons(tuple(pressable))))


def _row(tx: Transaction, named: Named) -> Win:
    row = wins.get(tx, named.deal.id)
    assert row is not None
    return row


def _standing(request: Request, tx: Transaction) -> tuple[Named, Win]:
    """The win that a button is about, for who may make it known. Raises WonNoMore, NotAllowed."""
    named, row = deals.get(tx, request.data["deal"]), wins.get(tx, request.data["deal"])
    if named is None or row is None or named.deal.stage != WON:
        raise WonNoMore
    owner = named.deal.owner
    higher = above(tx, owner, request.basis.now.date()) if owner else frozenset()
    verdict = may(request.actor, "make a win known", WinOf(owner, row.asked, higher))
    if isinstance(verdict, Denied):
        raise NotAllowed(reason=verdict.sentence)
    return named, row


def announce_button(request: Request, tx: Transaction) -> Outcome:
    """*Announce*: it goes out, unless it did already."""
    named, row = _standing(request, tx)
    if row.state == "announced":
        sentence = f"{title(named)} was announced already; “Edit” corrects it where it stands."
        return Outcome(reply=_line(request, tx, named, sentence, ("Edit", "edit")))
    _choose(request, tx, named, "public")
    messages = announce.announce(request, tx, named)
    channels = [route.name for route in announce.routes_for(tx, request.company, named.deal)]
    where = f"Announced in {listed(channels)}" if channels else "No channel takes a win of that size and team"
    return Outcome(
        reply=_line(request, tx, named, f"{where}: {title(named)}.", ("Edit", "edit")), messages=tuple(messages)
    )


def private_button(request: Request, tx: Transaction) -> Outcome:
    """*Keep it private*."""
    named, row = _standing(request, tx)
    if row.state == "announced":
        return announce_button(request, tx)
    return _keep(request, tx, named, "private")


def _keep(request: Request, tx: Transaction, named: Named, visibility: Visibility) -> Outcome:
    _choose(request, tx, named, visibility)
    wins.set_(tx, named.deal.id, state="kept")
    if visibility == "none":
        sentence = f"Nobody is told of {title(named)}, nor of your next win until you say otherwise."
        # Who was told before reads what is so.
        messages = tuple(announce.correct(request, tx, named))
        reply = _line(request, tx, named, sentence, ("Announce", "announce"), ("Edit", "edit"))
        return Outcome(reply=reply, messages=messages)
    lead = "Kept private, and so is your next one"
    return Outcome(reply=_kept(request, tx, named, lead), messages=tuple(announce.keep_private(request, tx, named)))


def _choose(request: Request, tx: Transaction, named: Named, visibility: Visibility) -> None:
    """For this win; by its owner for the next ones too."""
    wins.set_(tx, named.deal.id, visibility=visibility)
    if request.actor.person == named.deal.owner:
        wins.choose(tx, request.actor.person, visibility, at=request.now)


def hold_button(request: Request, tx: Transaction) -> Outcome:
    """*Not now*: nothing goes out by itself either."""
    named, row = _standing(request, tx)
    if row.state == "announced":
        return announce_button(request, tx)
    wins.set_(tx, named.deal.id, state="held")
    sentence = f"{title(named)} is not announced. It goes out when you press the button, or say “/win” again."
    return Outcome(reply=_line(request, tx, named, sentence, ("Announce", "announce"), ("Edit", "edit")))


def edit_button(request: Request, tx: Transaction) -> Outcome:
    """*Edit*: who helped, the story, who hears of it."""
    named, row = _standing(request, tx)
    now = _values(tx, named, row)
    fields: list[Any] = [
        TextField("story", "How it went", now["story"], optional=True, multiline=True, max_length=card.LONGEST_STORY),
        TextField("helpers", "Who helped", now["helpers"], hint="Sam Lee, Dana Ortiz", optional=True, max_length=300),
    ]
    if row.state != "announced":
        options = tuple(Option(_WHO[one], one) for one in VISIBILITIES)
        fields.append(ChoiceField("who", "Who hears of it", options, now["who"], hint="Kept for the next time"))
    token = ISSUER.token_for(request, tx, "edited", {"deal": named.deal.id})
    intro = "Amount, account and day are the deal's: say “/deal” and what is right, and the announcement follows."
    return Outcome(form=Form("A win", token, tuple(fields), intro=intro))


def _values(tx: Transaction, named: Named, row: Win) -> dict[str, str]:
    """What the form shows."""
    chosen = row.visibility or (wins.choice(tx, named.deal.owner) if named.deal.owner else None) or "public"
    helpers = ", ".join(name for _, name in wins.helpers(tx, named.deal.id))
    return {"story": row.story, "helpers": helpers, "who": chosen}


def edited(request: Request, tx: Transaction) -> Outcome:
    """The form was sent: what is announced already is edited there, else what would go out is shown anew."""
    named, row = _standing(request, tx)
    merged = meanwhile.merged(request, tx, _values(tx, named, row))
    if merged.problems:
        return Outcome(problems=merged.problems)
    values = merged.values
    found = helpers_in(rosters.load(tx), values.get("helpers", ""))
    if isinstance(found, str):
        return Outcome(problems={"helpers": found})
    story = " ".join(values.get("story", "").split())
    if len(story) > card.LONGEST_STORY:
        return Outcome(problems={"story": f"Please keep it under {card.LONGEST_STORY} characters."})
    wins.set_(tx, named.deal.id, story=story)
    wins.help_by(tx, named.deal.id, [one for one in found if one != named.deal.owner])
    if row.state == "announced":
        messages = announce.announce(request, tx, named)
        sentence = f"Corrected where it stands: {title(named)}."
        if not messages:
            sentence = f"It read like that already: {title(named)}."
        return Outcome(reply=_line(request, tx, named, sentence, ("Edit", "edit")), messages=tuple(messages))
    who = values.get("who", "")
    if who in ("private", "none"):
        return _keep(request, tx, named, "private" if who == "private" else "none")
    wins.set_(tx, named.deal.id, state="asked", asked=request.actor.person)
    return Outcome(reply=shown(request, tx, named))
