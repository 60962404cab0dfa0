"""The form of `/deal`: a new deal, or one that is to be changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from handlers.conversation.reply import ChoiceField, DateField, Field, Form, Option, TextField
from handlers.conversation.request import Request
from handlers.conversation.wording import listed
from handlers.deals import buttons
from handlers.deals.entry import Said
from handlers.deals.stages import TYPES, Pipeline
from handlers.figures.stages import stage_words
from handlers.language.amounts import read_amount
from handlers.numbers.money import from_minor, to_minor, written
from storage.database import Transaction
from storage.deals import Deal, Named


def empty(request: Request, tx: Transaction, pipeline: Pipeline, account: str = "") -> Form:
    """A new deal."""
    token = buttons.token_for(request, tx, "form", {})
    first = TextField("account", "Account", account, max_length=200)
    return _form("New deal", token, (first,), {"stage": pipeline.first, "type": "new"}, pipeline)


def filled(request: Request, tx: Transaction, named: Named, pipeline: Pipeline) -> Form:
    """A deal as it stands."""
    token = buttons.token_for(request, tx, "edited", {"deal": named.deal.id})
    title = f"{named.account or named.deal.name or 'A deal'}"
    return _form(title[:24], token, (), values_of(named.deal), pipeline)


def values_of(deal: Deal) -> dict[str, str]:
    """What the form of a deal shows, by field."""
    amount = ""
    if deal.amount_minor is not None and deal.currency:
        units = from_minor(deal.amount_minor, deal.currency)
        amount = f"{units.to_integral_value() if units == units.to_integral_value() else units} {deal.currency}"
    return {
        "stage": deal.stage,
        "amount": amount,
        "closes": deal.closes_on.isoformat() if deal.closes_on else "",
        "type": deal.type,
        "product": deal.product or "",
        "name": deal.name,
        "reason": deal.loss_reason or "",
    }


def said_of(deal: Deal) -> dict[str, str]:
    """How people say what that form shows, where it is typed otherwise."""
    if deal.amount_minor is None or not deal.currency:
        return {}
    return {"amount": written(deal.amount_minor, deal.currency)}


def _form(title: str, token: str, first: tuple[Field, ...], values: dict[str, str], pipeline: Pipeline) -> Form:
    value = values.get
    stages = tuple(Option(stage_words(stage).capitalize(), stage) for stage in pipeline.stages)
    types = tuple(Option(type_.capitalize(), type_) for type_ in TYPES)
    return Form(
        title=title,
        token=token,
        fields=(
            *first,
            ChoiceField("stage", "Stage", stages, value("stage", "")),
            TextField("amount", "Amount", value("amount", ""), hint="$60k", optional=True, max_length=40),
            DateField(
                "closes",
                "Closes",
                value("closes", ""),
                hint="The day of the win or loss once it is one",
                optional=True,
            ),
            ChoiceField("type", "Type", types, value("type", "")),
            TextField("product", "Product", value("product", ""), optional=True, max_length=100),
            TextField("name", "Name", value("name", ""), hint="Phase 2", optional=True, max_length=200),
            TextField(
                "reason", "Reason", value("reason", ""), hint="For a loss or a slip", optional=True, max_length=300
            ),
        ),
    )


def read_new(request: Request, pipeline: Pipeline) -> Said | dict[str, str]:
    """What the form of a new deal says, or field -> what is wrong with it."""
    values = {name: value.strip() for name, value in request.values.items()}
    problems: dict[str, str] = {}
    typed = values.get("account", "")
    match = request.basis.names.resolve(typed) if typed else None
    if not typed:
        problems["account"] = "Say which account the deal is with."
    elif match is not None and match.name is None and match.choices:
        problems["account"] = f"Several accounts fit: {listed(match.choices[:6], 'or')}. Write the whole name."
    parts = _read(values, request, pipeline, problems)
    if problems:
        return problems
    return Said(
        account=match.name if match else None,
        account_text=typed,
        fresh=True,
        left=parts.pop("name") or None,
        reason=values.get("reason") or None,
        **parts,
    )


def read(
    request: Request, deal: Deal, values: dict[str, str], pipeline: Pipeline
) -> tuple[Deal, str | None] | dict[str, str]:
    """The deal as the form's `values` say that it is, with the reason given; or field -> what is wrong with it."""
    problems: dict[str, str] = {}
    parts = _read(values, request, pipeline, problems)
    if problems:
        return problems
    amount, currency = parts["amount"], parts["currency"] or deal.currency or request.company.currency
    after = replace(
        deal,
        stage=parts["stage"],
        amount_minor=to_minor(amount, currency) if amount is not None else None,
        currency=currency if amount is not None else deal.currency,
        closes_on=parts["closes"],
        type=parts["type"],
        product=parts["product"],
        name=parts["name"],
    )
    return after, values.get("reason") or None


def _read(values: dict[str, str], request: Request, pipeline: Pipeline, problems: dict[str, str]) -> dict[str, Any]:
    parts: dict[str, Any] = {"amount": None, "currency": None, "closes": None}
    parts["stage"], parts["type"] = values.get("stage", ""), values.get("type", "") or "new"
    parts["product"], parts["name"] = values.get("product") or None, values.get("name", "")
    if parts["stage"] not in pipeline.stages:
        problems["stage"] = f"Choose one: {listed([stage_words(stage) for stage in pipeline.stages], 'or')}."
    if parts["type"] not in TYPES:
        problems["type"] = f"Choose one: {listed(TYPES, 'or')}."
    if amount := values.get("amount", ""):
        found = read_amount(amount, currency=request.company.currency)
        if found is None:
            problems["amount"] = f"I cannot read “{amount}” as an amount. Write it like $60k, 12,500 or 75,000 EUR."
        else:
            parts["amount"], parts["currency"] = found
    if day := values.get("closes", ""):
        try:
            parts["closes"] = date.fromisoformat(day)
        except ValueError:
            problems["closes"] = f"“{day}” is no date. Write it like 2026-12-15."
    return parts
