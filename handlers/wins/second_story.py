"""How a win went, told by another than whose story stands there: that one stays, and theirs may stand beside it."""

from __future__ import annotations

from collections.abc import Sequence

from handlers.conversation.reply import Buttons, Reply, Text
from handlers.conversation.request import Message, Outcome, Request
from handlers.conversation.wording import listed
from handlers.figures.deal_words import title
from handlers.wins import preview
from handlers.wins.card import LONGEST_STORY
from storage import people, wins
from storage.database import Transaction
from storage.deals import Named
from storage.wins import Win


def offered(request: Request, tx: Transaction, named: Named, row: Win, words: str) -> list[Message]:
    """To who told it: whether theirs is added; or, where that is not theirs to say, their words back."""
    if not preview.may_press(request, tx, named, row):
        return back(request, tx, named, words, ())
    lead = f"{title(named)} has its story already, and it stays: “{row.story}”"
    sentence = f"{lead} Shall yours stand behind it: “{words}”?"
    data = {"deal": named.deal.id, "words": words}
    pressable = preview.ISSUER.lasting(request, tx, [("Add mine", "add words", data)])
    reply = Reply(sentence, (Text(sentence), Buttons(tuple(pressable))))
    return [preview.to_teller(request, named, reply, "words")]


def back(request: Request, tx: Transaction, named: Named, words: str, helpers: Sequence[str]) -> list[Message]:
    """To who told it: nothing of it is kept, since it is others' to say."""
    names = [one.name for one in (people.person(tx, each) for each in helpers) if one is not None]
    said = " ".join(filter(None, (words, f"with {listed(names)}" if names else "")))
    if not said:
        return []
    sentence = f"How {title(named)} is told, and to whom, is others' to say, so I kept nothing of: “{said}”"
    return [preview.to_teller(request, named, Reply(sentence), "words")]


def add_button(request: Request, tx: Transaction) -> Outcome:
    """*Add mine*: behind the story that stands, with who said it."""
    named, row = preview.standing(request, tx)
    line = f"{request.actor.name}: {request.data['words']}"
    if line not in row.story:
        story = f"{row.story} · {line}" if row.story else line
        if len(story) > LONGEST_STORY:
            sentence = (
                f"Together they are {len(story)} characters, and {LONGEST_STORY} fit. “Edit” lets you shorten them."
            )
            return Outcome(reply=Reply(f"{sentence} Yours: “{request.data['words']}”"), replace=False)
        wins.set_(tx, named.deal.id, story=story, story_by=row.story_by or request.actor.person)
    if row.state == "announced":
        return preview.where_it_stands(request, tx, named)
    return preview.as_decided(request, tx, named)
