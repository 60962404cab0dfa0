"""The form below *Edit*: how a win went, who helped, who hears of it. It changes what its sender changed."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from handlers.conversation import meanwhile
from handlers.conversation.reply import ChoiceField, Form, Option, TextField
from handlers.conversation.request import Outcome, Request
from handlers.conversation.wording import listed
from handlers.figures import roster as rosters
from handlers.figures.deal_words import title
from handlers.wins import announce, card, preview
from handlers.wins.helpers import helpers_in
from storage import wins
from storage.database import Transaction
from storage.deals import Named
from storage.wins import VISIBILITIES, Win

_WHO: Final = {
    "public": "Everybody in its channels",
    "private": "Only the manager and who helped",
    "none": "Nobody",
}


def edit_button(request: Request, tx: Transaction) -> Outcome:
    """*Edit*: who helped, the story, who hears of it."""
    named, row = preview.standing(request, tx)
    now = _values(tx, named, row)
    fields: list[Any] = [
        TextField("story", "How it went", now["story"], optional=True, multiline=True, max_length=card.LONGEST_STORY),
        TextField("helpers", "Who helped", now["helpers"], hint="Robin Lee, Alex Kim", optional=True, max_length=300),
    ]
    if row.state != "announced":
        options = tuple(Option(_WHO[one], one) for one in VISIBILITIES)
        hint = "Kept for the next time" if request.actor.person == named.deal.owner else ""
        fields.append(ChoiceField("who", "Who hears of it", options, now["who"], hint=hint))
    token = preview.ISSUER.token_for(request, tx, "edited", {"deal": named.deal.id})
    intro = "Amount, account and day are the deal's: say “/deal” and what is right, and the announcement follows."
    return Outcome(form=Form("A win", token, tuple(fields), intro=intro))


def _values(tx: Transaction, named: Named, row: Win) -> dict[str, str]:
    """What the form shows."""
    chosen = row.visibility or (wins.choice(tx, named.deal.owner) if named.deal.owner else None) or "public"
    helpers = ", ".join(name for _, name in wins.helpers(tx, named.deal.id))
    return {"story": row.story, "helpers": helpers, "who": chosen}


def edited(request: Request, tx: Transaction) -> Outcome:
    """The form was sent: what is announced already is edited there, else what would go out is shown anew."""
    named, row = preview.standing(request, tx)
    merged = meanwhile.merged(request, tx, _values(tx, named, row))
    if merged.problems:
        return Outcome(problems=merged.problems)
    values = merged.values
    helped = wins.helpers(tx, named.deal.id)
    found: list[str] | str = [one for one, _ in helped]
    if "helpers" in merged.changed:
        found = helpers_in(rosters.load(tx), values.get("helpers", ""), helped)
    if isinstance(found, str):
        return Outcome(problems={"helpers": found})
    story = " ".join(values.get("story", "").split())
    if len(story) > card.LONGEST_STORY:
        return Outcome(problems={"story": f"Please keep it under {card.LONGEST_STORY} characters."})
    if "story" in merged.changed:
        wins.set_(tx, named.deal.id, story=story, story_by=_author(request, named, row) if story else None)
    wins.help_by(tx, named.deal.id, [one for one in found if one != named.deal.owner])
    if row.state == "announced":
        return _too_late(request, tx, named, merged)
    who = values.get("who", "")
    if "who" in merged.changed or row.state not in preview.DECIDED:
        if who in ("private", "none"):
            return preview.keep(request, tx, named, "private" if who == "private" else "none")
        if "who" in merged.changed:
            wins.set_(tx, named.deal.id, state="asked", visibility="public", asked=request.actor.person)
    return preview.as_decided(request, tx, named)


def _too_late(request: Request, tx: Transaction, named: Named, merged: meanwhile.Merged) -> Outcome:
    """It is announced: the rest is corrected where it stands, and who hears of it holds for the next one alone."""
    corrected = preview.where_it_stands(request, tx, named)
    chosen = next((one for one in VISIBILITIES if one == merged.values.get("who")), None)
    if chosen is None or "who" not in merged.changed:
        return corrected
    own = request.actor.person == named.deal.owner
    if own:
        wins.choose(tx, request.actor.person, chosen, at=request.now)
    if chosen == "public":
        return corrected
    channels = [route.name for route in announce.routes_for(tx, request.company, named.deal)]
    where = f" in {listed(channels)}" if channels else ""
    sentence = f"{title(named)} was announced{where} while the form was open, and stands there."
    if own:
        kept = "is kept private" if chosen == "private" else "is told to nobody"
        sentence += f" Your choice holds from your next win on: that one {kept}."
    if corrected.messages:
        sentence += " What else you changed is corrected there."
    return msgspec.structs.replace(corrected, reply=preview.line(request, tx, named, sentence, ("Edit", "edit")))


def _author(request: Request, named: Named, row: Win) -> str | None:
    """Whose words a changed story is: who mends another's does not take it from them, but its owner may."""
    own = request.actor.person == named.deal.owner
    return request.actor.person if own or row.story_by is None else row.story_by
