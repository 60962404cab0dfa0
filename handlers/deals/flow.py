"""A line's way: what is open is asked for, one thing after the other; then the deal is chosen, changed and kept."""

from __future__ import annotations

from dataclasses import replace

from handlers.conversation.reply import Reply
from handlers.conversation.request import Outcome, Request
from handlers.conversation.wording import Days, listed
from handlers.deals import listing, state, told
from handlers.deals.choose import deal_for
from handlers.deals.entry import Said
from handlers.deals.errors import NothingFound, OneAtATime
from handlers.deals.questions import Step, ask, reasons_for
from handlers.deals.record import keep_changed, keep_new
from handlers.deals.stages import pipeline_of
from handlers.figures.deal_words import title
from handlers.figures.stages import LOST, WON, stage_words
from handlers.language.names import NameIndex
from handlers.numbers.periods import FiscalCalendar, Length
from handlers.numbers.spans import DAY, month_of
from storage import accounts, deals
from storage.database import Transaction
from storage.deals import Deal, Named


def go(request: Request, tx: Transaction, step: Step) -> Outcome:
    """As far as it gets: the next question, or the deal as it is now."""
    said, pipeline = step.said, pipeline_of(request.company)
    # A deal that an import brought without an account is known by the button alone.
    named: Named | Reply | None = deals.get(tx, step.deal) if step.deal and said.account is None else None
    if named is None:
        asked = _about_the_line(request, tx, step)
        if asked is not None:
            return Outcome(reply=asked)
        account = accounts.named(tx, said.account or "")
        if account is None:
            raise NothingFound(said=step.text)
        if said.says_nothing and not step.deal:
            return listing.of_account(request, tx, account)
        named = deal_for(request, tx, step, account, pipeline)
    if isinstance(named, Reply):
        return Outcome(reply=named)
    step = replace(step, deal=step.deal or named.deal.id)
    new = deals.get(tx, named.deal.id) is None
    if said.win and not new and state.says_the_same(request, tx, named.deal, said, pipeline):
        return told.stands(request, tx, said, named)
    if not new:
        state.check(request, tx, named.deal)
    if said.slipped and said.closes is None and not said.moves_later and said.stage not in (WON, LOST):
        return Outcome(reply=_when(request, tx, step, named))
    after = state.applied(request, tx, named.deal, said, pipeline)
    if not new and _needs_a_reason(named.deal, after, said) and not said.reason and "reason" not in step.settled:
        return Outcome(reply=_why(request, tx, step, named, after))
    kept = _kept(request, tx, step, named, after, new=new)
    return told.with_told(kept, after, request, said) if said.win else kept


def _kept(request: Request, tx: Transaction, step: Step, named: Named, after: Deal, *, new: bool) -> Outcome:
    said = step.said
    if after.stage == LOST:
        after = replace(after, loss_reason=said.reason or named.deal.loss_reason)
    left = said.left or ""
    if new:
        # What nobody understood tells this deal from the account's others: "Acme Phase 2 proposal 60k".
        made = state.same(named, replace(after, name=left))
        return keep_new(request, tx, made, reason=said.reason, said=step.text)
    if left and left.casefold() in named.deal.name.casefold():
        left = ""
    return keep_changed(request, tx, named, after, reason=said.reason, said=step.text, left=left)


def _about_the_line(request: Request, tx: Transaction, step: Step) -> Reply | None:
    """What is open before it is known which deal is meant."""
    said = step.said
    if said.others:
        raise OneAtATime(accounts=listed([said.account or said.account_text or "", *said.others]), said=step.text)
    if said.choices:
        question = f"Which {said.account_text or 'account'} do you mean: {listed(said.choices, 'or')}?"
        return ask(request, tx, step, "account", question, said.choices, said.choices)
    if said.account is None:
        return _unknown(request, tx, step)
    if said.no_date and "date" not in step.settled and said.closes is not None:
        shown = Days.of(request.basis).on(said.closes, year=True)
        question = f"“{said.no_date}” is no date. Do you mean {shown}?"
        return ask(request, tx, step, "date", question, [f"Yes, {shown}"], ["yes"])
    if said.doubtful and "doubt" not in step.settled:
        question, yes = _doubt(request, said)
        return ask(request, tx, step, "doubt", question, [yes], ["yes"])
    return None


def _doubt(request: Request, said: Said) -> tuple[str, str]:
    """What a line with “not” or “hopefully” in it is asked back, and the button that says yes."""
    if said.stage in (WON, LOST):
        return f"Is {said.account} {said.stage} already?", "Yes, it is"
    if said.slipped:
        return f"Has {said.account} slipped?", "Yes, it has"
    if said.closes is not None:
        return f"Does {said.account} close on {Days.of(request.basis).on(said.closes)}?", "Yes, it does"
    return f"I read a “not” in that. Shall I change {said.account} all the same?", "Yes, change it"


def _unknown(request: Request, tx: Transaction, step: Step) -> Reply:
    text = step.said.account_text
    if not text:
        raise NothingFound(said=step.text)
    near = NameIndex.resolve(request.basis.names, text)
    names = [near.name] if near.name else list(near.choices[:5])
    if names:
        question = f"I know no account called {text}. Do you mean {listed(names, 'or')}, or is it a new one?"
        labels = [*names, f"Create {text}"]
        return ask(request, tx, step, "create", question, labels, [*names, text])
    question = f"I know no account called {text}. Shall I create it, with this deal?"
    return ask(request, tx, step, "create", question, [f"Create {text}"], [text])


def _when(request: Request, tx: Transaction, step: Step, named: Named) -> Reply:
    """To when did it slip? The next month's and quarter's ends are offered; other days can be typed."""
    days, today = Days.of(request.basis), request.basis.now.date()
    fiscal = FiscalCalendar(request.company.fiscal_year_start)
    since = max(named.deal.closes_on or today, today)
    month = month_of(month_of(since).last + DAY).last
    after = month_of(month + DAY).last
    quarter = fiscal.holding(Length.QUARTER, fiscal.holding(Length.QUARTER, since).last + DAY).last
    offered = sorted({month, after, quarter})
    question = f"When does {named.account} close now? Choose, or type a day or a month."
    return ask(
        request,
        tx,
        step,
        "when",
        question,
        [days.on(day, year=True) for day in offered],
        [day.isoformat() for day in offered],
    )


def _needs_a_reason(before: Deal, after: Deal, said: Said) -> bool:
    if after.stage == LOST:
        return before.stage != LOST
    return state.slips(before, after) or (said.slipped and before.closes_on != after.closes_on)


def _why(request: Request, tx: Transaction, step: Step, named: Named, after: Deal) -> Reply:
    labels = reasons_for(after.stage)
    if after.stage == LOST:
        question = f"Why was {named.account} lost? Choose, or say it in a few words."
    else:
        days = Days.of(request.basis)
        was = f" from {days.on(named.deal.closes_on)}" if named.deal.closes_on else ""
        to = f" to {days.on(after.closes_on)}" if after.closes_on else ""
        question = f"{named.account} moves{was}{to}. Why? Choose, or say it in a few words."
    return ask(request, tx, step, "reason", question, labels, labels)


def closed_by_button(request: Request, tx: Transaction, named: Named, stage: str) -> Outcome:
    """*Won* or *Lost* in the list: as if it had been typed."""
    said = Said(account=named.account, stage=stage)
    text = f"{title(named)} {stage_words(stage)}"
    return go(request, tx, Step(said=said, text=text, deal=named.deal.id))
