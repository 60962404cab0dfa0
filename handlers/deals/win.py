"""`/win`: a line or a form that says a win, with who helped and how it went; the deal takes the way of all deals.

What becomes of it besides (who hears of it, how it reads) is the affair of whoever hears WinTold.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import Final

import msgspec

from handlers.conversation.company import Company
from handlers.conversation.reply import DateField, Form, Reply, TextField
from handlers.conversation.request import Basis, Outcome, Request
from handlers.conversation.wording import Days, form_in_words, listed
from handlers.deals import buttons, flow
from handlers.deals.entry import Said
from handlers.deals.line import read_line
from handlers.deals.questions import Step
from handlers.figures import roster as rosters
from handlers.figures.roster import Roster, several, unknown
from handlers.figures.stages import WON
from handlers.language.amounts import read_amount
from storage.database import Transaction

LONGEST_STORY: Final = 300
_MOST_NAME: Final = 3
_STORY: Final = re.compile(
    r"\s+[–—-]+\s+|\s*;\s+|\s*\n\s*|,\s+(?=(?:[^\W\d][\w'’-]*\s+){3}[^\W\d])"
    r"|,\s+(?=(?:my|our|his|her|i|we|he|she|it|they|after|because)\s+\w)",
    re.IGNORECASE,
)
_WITH: Final = re.compile(r"(?:^|\s)(?:together\s+)?with\s+(?=[@\w])", re.IGNORECASE)
_NEXT: Final = re.compile(r"\s*(?:,\s*and\s+|,|&|\+|and\s+)\s*", re.IGNORECASE)
_WORDS_OF_A_STORY: Final = 4


class Line(msgspec.Struct, frozen=True):
    """A line, cut: what it says of the deal, the words behind `with`, and the story."""

    said: Said
    behind_with: str = ""
    story: str = ""


def prepare(text: str, basis: Basis, company: Company) -> Line:
    """Cut and read the line; pure, and done before the transaction begins."""
    head, behind, story = text, "", ""
    if found := _WITH.search(text):
        head, behind = text[: found.start()], text[found.end() :]
    if found := _STORY.search(head):
        story, behind = " ".join(filter(None, (head[found.end() :], f"with {behind}" if behind else ""))), ""
        head = head[: found.start()]
    said = _read(head, basis, company)
    left = said.left or ""
    if len(left.split()) >= _WORDS_OF_A_STORY and not story:
        said, story = replace(said, left=None), left
    return Line(said, behind.strip(), _told(story))


def _read(head: str, basis: Basis, company: Company) -> Said:
    said = read_line(head, basis, company)
    if said.stage != WON:
        said = read_line(f"won {head}", basis, company)
    return replace(said, stage=WON, win=True)


def _told(story: str) -> str:
    return " ".join(story.split()).strip(" ,;–—-")[:LONGEST_STORY]


def handle(request: Request, tx: Transaction) -> Outcome:
    """`/win`, or `/win` and what was won."""
    if not request.text.strip():
        return Outcome(form=_form(request, tx))
    line = request.prepared
    assert isinstance(line, Line)
    said, story = line.said, line.story
    helpers: list[str] = []
    if line.behind_with:
        found = _helpers(rosters.load(tx), line.behind_with)
        if isinstance(found, str):
            return Outcome(reply=Reply(f"{found} Nothing is kept yet. Your words were: {request.text}"))
        helpers, rest, is_story = found
        if rest and not is_story:
            # `/win Globex with @sam 120k`
            more = prepare(f"{_before_with(request.text)} {rest}", request.basis, request.company)
            said, story = more.said, more.story or story
        elif rest:
            story = _told(rest if helpers else f"with {rest}")
    said = replace(said, helpers=tuple(helpers), story=story)
    return flow.go(request, tx, Step(said=said, text=request.text))


def _before_with(text: str) -> str:
    found = _WITH.search(text)
    return text[: found.start()] if found else text


def _helpers(roster: Roster, words: str) -> tuple[list[str], str, bool] | str:
    """(ids, what follows the names, whether it is a story); or the sentence about a name with an @ that is nobody's."""
    found: list[str] = []
    rest, set_off = words.strip(), False
    while rest:
        marked, bare = rest.startswith("@"), rest.lstrip("@")
        fits: list[str] = []
        taken = 0
        for count in range(_MOST_NAME, 0, -1):
            if match := re.match(rf"[^\s,;&+]+(?:\s+[^\s,;&+]+){{{count - 1}}}", bare):
                people = [one for one in roster.people_called(match[0].rstrip(".:")) if not one.left]
                if len(people) > 1 and (marked or len(match[0]) > 2):
                    return several(match[0], people)
                if people:
                    fits, taken = [people[0].id], match.end()
                    break
        if not fits:
            if marked:
                name = re.split(r"[\s,;&+]", bare)[0]
                return unknown(name, [one.name for one in roster.people if not one.left], "colleague")
            return found, rest, set_off or not found
        found += fits
        rest = bare[taken:]
        between = _NEXT.match(rest)
        set_off = between is not None and between[0].strip().startswith(",")
        if between is None and (dash := re.match(r"\s*[–—;:.-]\s+", rest)):
            return found, rest[dash.end() :], True
        rest = rest[between.end() :] if between else rest.strip()
        if between is None and rest:
            return found, rest, not any(char.isdigit() for char in rest.split()[0])
    return found, "", False


def _form(request: Request, tx: Transaction, account: str = "") -> Form:
    token = buttons.token_for(request, tx, "win form", {})
    today = request.basis.now.date().isoformat()
    fields = (
        TextField("account", "Account", account, max_length=200),
        TextField("amount", "Amount", hint="$60k", optional=True, max_length=40),
        TextField("product", "Product", optional=True, max_length=100),
        DateField("closes", "Won on", today),
        TextField("helpers", "Who helped", hint="Robin Lee, Alex Kim", optional=True, max_length=300),
        TextField("story", "How it went", optional=True, multiline=True, max_length=LONGEST_STORY),
    )
    return Form("A win", token, fields, submit="Next", intro="Nothing goes out before you have seen how it reads.")


def form_sent(request: Request, tx: Transaction) -> Outcome:
    """A win by form."""
    values = {name: value.strip() for name, value in request.values.items()}
    problems: dict[str, str] = {}
    typed = values.get("account", "")
    match = request.basis.names.resolve(typed) if typed else None
    if not typed:
        problems["account"] = "Say which account was won."
    elif match is not None and match.name is None and match.choices:
        problems["account"] = f"Several accounts fit: {listed(match.choices[:6], 'or')}. Write the whole name."
    found = None
    if amount := values.get("amount", ""):
        found = read_amount(amount, currency=request.company.currency)
        if found is None:
            problems["amount"] = f"I cannot read “{amount}” as an amount. Write it like $60k, 12,500 or 75,000 EUR."
    day = None
    try:
        day = date.fromisoformat(values["closes"]) if values.get("closes") else None
    except ValueError:
        problems["closes"] = f"“{values['closes']}” is no date. Write it like 2026-12-15."
    if day is not None and day > request.basis.now.date():
        problems["closes"] = "A deal is won on a day that has come."
    helpers: list[str] = []
    if values.get("helpers"):
        named = _helpers(rosters.load(tx), values["helpers"])
        if isinstance(named, str):
            problems["helpers"] = named
        elif named[1]:
            problems["helpers"] = f"I know no colleague called “{named[1]}”. Write names with commas between them."
        else:
            helpers = named[0]
    if problems:
        return Outcome(problems=problems)
    said = Said(
        account=match.name if match else None,
        account_text=typed,
        stage=WON,
        win=True,
        amount=found[0] if found else None,
        currency=found[1] if found else None,
        closes=day,
        product=values.get("product") or None,
        helpers=tuple(helpers),
        story=_told(values.get("story", "")),
    )
    text = form_in_words(values.values(), Days.of(request.basis))
    return flow.go(request, tx, Step(said=said, text=text))
