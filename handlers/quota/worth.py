"""What a deal is worth to somebody: the estimate with it − the estimate without it (GLOSSARY: *Commission*)."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Final

import msgspec

from handlers.ask.read import looks_like_a_question
from handlers.ask.reading import Question, Scope
from handlers.conversation.buttons import Issuer
from handlers.conversation.company import Company
from handlers.conversation.errors import UserError
from handlers.conversation.reply import Choice, Option, Part, Reply, Text
from handlers.conversation.request import Outcome, Request
from handlers.conversation.wording import Days, listed
from handlers.figures import rates
from handlers.figures.commission import Commissions
from handlers.figures.commission_plan import CommissionPlan
from handlers.figures.plan import load
from handlers.figures.sight import refusal
from handlers.figures.stages import WON, open_stages
from handlers.figures.standing import Subject
from handlers.figures.wording import percent
from handlers.language.fold import words_of
from handlers.language.mentions import scanned
from handlers.language.names import NameIndex
from handlers.language.tokens import Line
from handlers.language.vocabulary import Phrases
from handlers.numbers.credit import MissingRateError, Share, credits_of
from handlers.numbers.money import written
from handlers.numbers.spans import Span
from handlers.quota import commission_words as words
from storage import accounts, credits, deals
from storage.database import Transaction
from storage.deals import Named

MOST_OFFERED: Final = 10
_ASKED: Final = re.compile(
    r"\bworth\b|\b(this|the|a|my|next) (deal|opp|opportunity)\b"
    r"|\bif\b.*\b(close[sd]?|win|wins|won|signs?|signed|lands?|comes? in)\b",
    re.IGNORECASE,
)
_OF_A_DEAL: Final = frozenset(
    ("deal", "close", "closes", "closed", "closing", "win", "wins", "won", "land", "lands", "sign", "signs")
)
"""What is said of the deal in asking for its worth, and nothing else was asked by it."""
OF_AN_ACCOUNT: Final = "account"
"""Among what a question's words said themselves: an account, which nothing else in them explains."""
_NO_PHRASES: Final = Phrases((), {})
issuer = Issuer("quota")


class DealIsGone(UserError):
    """That deal was taken back or is somebody else's by now. Ask “what is this deal worth” for those that are open."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A text in which accounts are named: with `deal` in their place, and the names that they may be."""

    text: str
    names: tuple[str, ...]


def spoken(text: str, index: NameIndex, besides: str = "") -> Spoken | None:
    """The accounts that a question names, but for those that share a word with `besides` (who is asked about)."""
    line = Line(text[:400])
    taken = set(words_of(besides))
    met = [
        mention
        for _, mention in sorted(scanned(line, index, _NO_PHRASES).mentions.items())
        if mention.names and not taken.intersection(words_of(line.written(mention.start, mention.stop)))
    ]
    if not met:
        return None
    said, at = "", 0
    for mention in met:
        said += f"{line.text[at : line.starts[mention.start]]} deal "
        at = line.ends[mention.stop - 1]
    names = dict.fromkeys(name for mention in met for name in mention.names)
    return Spoken(said + line.text[at:], tuple(names))


def read_with_accounts(text: str, index: NameIndex, ask: Callable[[str], Question]) -> Question:
    """The question, where an account in it may be what is asked about: `what is Acme worth to me`."""
    question = ask(text)
    if question.sure and question.intent != "unknown":
        return question
    said = spoken(text, index)
    if said is None:
        return question
    about_it = ask(said.text)
    if about_it.intent != "commission" or not looks_like_a_question(about_it):
        return question
    left = tuple(word for word in about_it.not_understood if word.casefold() not in _OF_A_DEAL)
    scope = about_it.scope
    if scope is not None and not set(words_of(scope.name or "")).intersection(words_of(said.text)):
        # "What do we get if we win Acme" is asked for oneself.
        scope = Scope("me")
    return msgspec.structs.replace(
        about_it,
        scope=scope,
        sure=not left,
        other_readings=(),
        not_understood=left,
        said=about_it.said | {OF_AN_ACCOUNT},
    )


def is_asked(text: str) -> bool:
    """Whether a question about commission is about one deal, though it names none."""
    return _ASKED.search(text) is not None


def answer(
    request: Request, tx: Transaction, subject: Subject, names: tuple[str, ...], *, unread: tuple[str, ...] = ()
) -> Reply:
    """The deal's worth; a choice where several could be meant, or where none is named."""
    assert subject.person is not None
    theirs = _theirs(tx, request.company, subject.person)
    if not names:
        return _choice(request, tx, subject, theirs, unread)
    found = {account.id for name in names if (account := accounts.named(tx, name)) is not None}
    meant = [one for one in theirs if one.deal.account in found] or _won(tx, subject.person, found)
    if not meant:
        who = "You have" if subject.person == request.actor.person else f"{subject.name} has"
        return Reply(
            text=f"{who} no open deal with {listed(names, 'or')}, nor a share of one. "
            "Ask “what is this deal worth” for a choice of the open ones."
        )
    if len(meant) > 1:
        return _choice(request, tx, subject, meant, ())
    return of_deal(request, tx, subject, meant[0])


def chosen(request: Request, tx: Transaction) -> Outcome:
    """A deal of the choice, or *Worth to me* on a deal's own card. Who may ask is looked at again."""
    person, today = str(request.data.get("person") or request.actor.person), request.basis.now.date()
    several = request.data.get("deals")
    at = int(request.value) if request.value.isdecimal() else 0
    wanted = several[at] if several and at < len(several) else request.data.get("deal")
    named = deals.get(tx, str(wanted))
    plan = load(tx, request.company, Span(today, today))
    seller = plan.sellers.get(person)
    if named is None or seller is None or not _share_of(tx, named, person):
        raise DealIsGone
    subject = Subject(seller.name, person=person)
    refused = refusal(request.actor, plan, subject, today)
    return Outcome(reply=Reply(text=refused) if refused else of_deal(request, tx, subject, named), replace=False)


def of_deal(request: Request, tx: Transaction, subject: Subject, named: Named) -> Reply:
    """What that deal adds in the plan's period in which it closes."""
    assert subject.person is not None
    whose = "You" if subject.person == request.actor.person else subject.name
    label, deal, today = _label(request, named), named.deal, request.basis.now.date()
    counted = deal.stage == WON and not deal.claimed
    if deal.amount_minor is None:
        return Reply(
            text=f"{label}: no amount is known yet. “/deal {named.account or ''} $60k” adds it; then ask again."
        )
    closes, said = _closes(deal.closes_on, today, closed=deal.stage == WON)
    held = Commissions(tx, request.company, today, persons=[subject.person])
    found = held.found(subject.person, Span(closes, closes))
    if found.at_once or not found.pieces:
        return no_estimate(request, found.at_once, Span(closes, closes), whose)
    piece = found.pieces[0]
    if piece.plan.measure != "bookings":
        return Reply(
            text=f"{label}: no estimate yet. The plan “{piece.plan.name}” pays on {piece.plan.measure}, which is known "
            "once it is recorded and not from a deal's amount. Ask “commission” for what is recorded so far."
        )
    paid = held.paid(piece, subject)
    try:
        credit, how = _credit(request, tx, held, named, subject.person, closes, counted=counted)
    except MissingRateError as missing:
        year = held.fiscal.year_in_words(missing.year)
        return Reply(
            text=f"{label}: no estimate. The plan has no rate from {missing.currency} to {request.company.currency} "
            f"for {year}; an admin can add it."
        )
    worth = held.worth(paid, credit, counted=counted)
    if worth is None:
        return Reply(text=words.no_target(request, paid, whose))
    if counted:
        how.append("It is won and counted already.")
    elif deal.stage == WON:
        how.append("It is claimed, and counts once it is confirmed.")
    return words.worth_reply(request, label, worth, paid, whose, [*how, *said])


def no_estimate(request: Request, at_once: Sequence[CommissionPlan], span: Span, whose: str) -> Reply:
    """No plan, or more than one."""
    period = words.period_in_words(request, span)
    if not at_once:
        return Reply(text=words.NO_PLAN.format(whose=whose, period=period))
    plans = words.plans_named(at_once)
    them = "you" if whose == "You" else "them"
    return Reply(text=words.AT_ONCE.format(whose=whose, plans=plans, period=period, them=them))


# ---------------------------------------------------------------- the deals


def _theirs(tx: Transaction, company: Company, person: str) -> list[Named]:
    """Open deals and claimed wins that they own or share in, by close date."""
    found = deals.shared_by(tx, [person], stages=[*open_stages(company), WON])
    return [one for one in found if (one.deal.stage != WON or one.deal.claimed) and _share_of(tx, one, person)]


def _won(tx: Transaction, person: str, found: set[str]) -> list[Named]:
    """The account's win that counted last for them."""
    won = [one for one in deals.shared_by(tx, [person], stages=[WON]) if one.deal.account in found]
    return won[-1:]


def _shares(tx: Transaction, named: Named) -> list[Share]:
    given = [one for one in deals.shares_of(tx, [named.deal.id]).get(named.deal.id, []) if one.kind == "revenue"]
    if given:
        return [Share(one.person, Fraction(one.millionths, deals.WHOLE)) for one in given]
    return [Share(named.deal.owner, Fraction(1))] if named.deal.owner else []


def _share_of(tx: Transaction, named: Named, person: str) -> Fraction:
    return sum((one.part for one in _shares(tx, named) if one.person == person), Fraction(0))


def _closes(closes: date | None, today: date, *, closed: bool) -> tuple[date, list[str]]:
    """The day on which it is taken to count, and what is said of it."""
    if closes is None:
        return today, ["It has no close date, so it is taken to close in this period."]
    if closes < today and not closed:
        return today, ["Its close date is over, so it is taken to close in this period."]
    return closes, []


def _credit(
    request: Request, tx: Transaction, held: Commissions, named: Named, person: str, closes: date, *, counted: bool
) -> tuple[int, list[str]]:
    """Their part of the deal in minor units of the plan's currency, and how it came about. MissingRateError."""
    deal, company = named.deal, request.company
    assert deal.amount_minor is not None
    year = held.fiscal.year_of(closes)
    currency = deal.currency or company.currency
    amount = rates.load(tx, company, [year]).converted(deal.amount_minor, currency, year)
    shares = _shares(tx, named)
    credit = sum(one.amount for one in credits_of(amount, closes, shares) if one.person == person)
    if counted:
        credit = sum(one.credit.amount_minor for one in credits.of_deal(tx, deal.id) if one.credit.person == person)
    how = []
    if currency != company.currency:
        there, here = written(deal.amount_minor, currency), written(amount, company.currency)
        how.append(f"{there} is {here} at the plan's rate for {held.fiscal.year_in_words(year)}.")
    part = sum((one.part for one in shares if one.person == person), Fraction(0))
    if part != 1:
        whose = "Your share" if person == request.actor.person else "The share"
        how.append(f"{whose} is {percent(part)} of it: {written(credit, company.currency)}.")
    return credit, how


def _choice(request: Request, tx: Transaction, subject: Subject, among: list[Named], unread: tuple[str, ...]) -> Reply:
    mine = subject.person == request.actor.person
    if not among:
        return Reply(
            text=f"{'You have' if mine else f'{subject.name} has'} no open deal that commission could come of."
        )
    prompt = "Which deal do you mean?" if mine else f"Which deal of {subject.name} do you mean?"
    shown = among[:MOST_OFFERED]
    data = {"deals": [one.deal.id for one in shown], "person": subject.person}
    token = issuer.lasting(request, tx, [("", "worth", data)])[0].token
    labels = [_label(request, one) for one in shown]
    options = tuple(Option(label, str(at)) for at, label in enumerate(labels))
    lead: tuple[Part, ...] = ()
    before = ""
    if unread:
        before = f"I know no deal by “{' '.join(unread)}”. "
        lead = (Text(before.strip()),)
    more = ""
    if len(among) > MOST_OFFERED:
        more = f" These close first; for another of the {len(among)} say its account: “what is Acme worth to me”."
        lead = (*lead, Text(more.strip(), style="quiet"))
    text = f"{before}{prompt} {'; '.join(labels)}.{more}"
    return Reply(text=text, parts=(*lead, Choice(prompt, token, options)))


def _label(request: Request, named: Named) -> str:
    """`Acme Corporation (Phase 2), $60,000, closes Tue, Dec 15`."""
    deal = named.deal
    name, account = deal.name, named.account or ""
    if name and account and not name.casefold().startswith(account.casefold()):
        name = f"{account} ({name})"
    parts = [name or account or "A deal without an account"]
    if deal.amount_minor is not None:
        parts.append(written(deal.amount_minor, deal.currency or request.company.currency))
    if deal.closes_on is not None:
        verb = ("claimed" if deal.claimed else "won") if deal.stage == WON else "closes"
        parts.append(f"{verb} {Days.of(request.basis).on(deal.closes_on)}")
    return ", ".join(parts)
