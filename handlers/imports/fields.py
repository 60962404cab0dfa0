"""What a file of each kind may say, and the names that CRMs and people give those columns.

Names are compared folded and joined ("Close Date", `close_date` and `closedate` are one), so each stands here once.
`names` are taken as they are; `weaker` ones only where no column bears one of `names`.
"""

from __future__ import annotations

from typing import Final, Literal

import msgspec

Kind = Literal["people", "accounts", "targets", "deals", "revenue", "cost"]
Shape = Literal["text", "name", "day", "amount", "currency", "percent", "yes", "period", "word", "splits"]


class Field(msgspec.Struct, frozen=True):
    """One thing that a column can say."""

    name: str
    """The word for `--map`."""
    meaning: str
    """In the words of a sentence: "the close date"."""
    shape: Shape
    names: tuple[str, ...]
    weaker: tuple[str, ...] = ()


def _field(name: str, meaning: str, shape: Shape, names: str, weaker: str = "") -> Field:
    return Field(name, meaning, shape, tuple(names.split(", ")), tuple(weaker.split(", ")) if weaker else ())


_CURRENCY: Final = _field(
    "currency",
    "the currency",
    "currency",
    "currency, currency code, currency iso code, amount currency, deal currency, "
    "deal currency code, currency of value, "
    "value currency, transaction currency, iso currency, opportunity currency, currency of amount",
)
_OWNER_NAMES: Final = (
    "owner, deal owner, opportunity owner, owner name, owner full name, sales agent, sales rep, salesperson, rep, "
    "rep name, sales representative, account executive, sales person, seller, owning user, opportunity owner name"
)
_OWNER_WEAKER: Final = (
    "ae, assigned to, user name, hubspot owner, sales owner, agent, closed by, employee, account manager, owner user, "
    "owner full name, owner alias"
)
_OWNER_EMAILS: Final = (
    "owner email, opportunity owner email, deal owner email, rep email, sales rep email, salesperson email, "
    "owner mail, sales agent email, seller email, user email"
)
_ACCOUNT_NAMES: Final = (
    "account, account name, company, company name, customer, customer name, organization, organisation, "
    "organization name, organisation name, client, client name, potential customer, associated company"
)
_ACCOUNT_WEAKER: Final = (
    "lead name, opportunity account, associated company primary, primary company, business, contact organization"
)

PEOPLE: Final = (
    _field(
        "name",
        "the person's name",
        "name",
        "name, full name, employee name, display name, person, rep, rep name, sales agent, sales rep, salesperson, "
        "employee, user, owner name, sales representative, seller, agent, team member, member",
    ),
    _field("first_name", "the first name", "name", "first name, given name, forename"),
    _field("last_name", "the last name", "name", "last name, surname, family name"),
    _field(
        "email",
        "the e-mail address",
        "text",
        "email, e mail, email address, work email, mail, user email, e mail address, "
        "user principal name, upn, rep email, "
        "business email, primary email",
        "username, user name, login",
    ),
    _field(
        "manager",
        "the manager",
        "name",
        "manager, manager name, reports to, supervisor, line manager, team lead, team leader, sales manager, boss, "
        "reporting manager, reports to name, leader",
    ),
    _field(
        "manager_email",
        "the manager's e-mail address",
        "text",
        "manager email, reports to email, manager mail, supervisor email, line manager email",
    ),
    _field(
        "unit",
        "the team or region",
        "text",
        "unit, team, team name, sales team, primary team, main team, group",
        "region, regional office, office, department, division, business unit, territory",
    ),
    _field(
        "role", "the role", "text", "role, job role, pacer role, sales role", "title, job title, position, user role"
    ),
    _field(
        "start",
        "the first day",
        "day",
        "start, start date, hire date, hired, joined, join date, joining date, date of hire, first day, employed since",
    ),
    _field(
        "end",
        "the last day",
        "day",
        "end, end date, leave date, left, last day, termination date, leaving date, exit date, left on",
    ),
    _field("country", "the country", "text", "country, country code, location country, holiday country"),
    _field("subdivision", "the state or province", "text", "subdivision, state, province, state province"),
    _field("zone", "the time zone", "text", "zone, time zone, timezone, tz, time zone sid key"),
    _field("external_id", "the id in the other system", "text", "id, user id, employee id, external id, person id"),
)

ACCOUNTS: Final = (
    _field("name", "the account's name", "text", _ACCOUNT_NAMES, "name, " + _ACCOUNT_WEAKER),
    _field(
        "external_id",
        "the id in the other system",
        "text",
        "id, account id, company id, record id, organization id, organisation id, external id, customer id, "
        "hs object id, account number, customer number",
    ),
    _field(
        "owner", "the owner", "name", _OWNER_NAMES + ", account owner, company owner, organization owner, contact owner"
    ),
    _field("owner_email", "the owner's e-mail address", "text", _OWNER_EMAILS + ", company owner email"),
    _field("industry", "the industry", "text", "industry, sector, vertical, branch, industry name"),
    _field(
        "region",
        "the region",
        "text",
        "region, territory, sales region",
        "state region, area, billing state, billing state province, state",
    ),
    _field(
        "country",
        "the country",
        "text",
        "country, billing country, country region, country code, office location, address country, hq country",
    ),
    _field("website", "the web address", "text", "website, web site, domain, company domain name, url, website url"),
    _field(
        "parent",
        "the parent account",
        "text",
        "parent, parent account, parent company, subsidiary of, parent account name, parent organization",
    ),
    _field(
        "size",
        "the number of employees",
        "text",
        "employees, number of employees, size, headcount, company size, employee count, no of employees",
    ),
    _field("aliases", "other names", "text", "aliases, alias, also known as, other names, short name, aka, legal name"),
)

TARGETS: Final = (
    _field(
        "person",
        "whose target it is",
        "name",
        _OWNER_NAMES + ", person, name, full name, user, quota owner, forecasting user, employee name",
        _OWNER_WEAKER,
    ),
    _field("email", "their e-mail address", "text", _OWNER_EMAILS + ", email, e mail, email address, work email"),
    _field(
        "unit",
        "the team or region whose target it is",
        "text",
        "unit, team, team name, sales team, region, company, group",
        "territory, regional office, business unit",
    ),
    _field("measure", "the measure", "word", "measure, metric, quota type, target type, kpi, goal type, forecast type"),
    _field(
        "amount",
        "the target",
        "amount",
        "target, quota, quota amount, target amount, goal, goal amount, quota value, target value",
        "amount, value, number",
    ),
    _CURRENCY,
    _field(
        "period",
        "the span",
        "period",
        "period, month, quarter, fiscal period, span, fiscal quarter, target period, period start, fiscal month, "
        "forecast period, quota period, month start, quota month",
        "start date, date",
    ),
    _field("year", "the year", "period", "year, fiscal year, fy, plan year"),
)

DEALS: Final = (
    _field(
        "external_id",
        "the id in the other system",
        "text",
        "opportunity id, deal id, id, record id, external id, hs object id, opportunity number, deal number, opp id",
        "opportunity 18 digit id, opportunity id 18, do not modify opportunity, case safe id, "
        "case safe opportunity id, key, number, reference",
    ),
    _field(
        "name",
        "the deal's name",
        "text",
        "deal name, opportunity name, name, deal title, title, topic, opp name, opportunity title",
        "deal, opportunity, subject",
    ),
    _field("account", "the account", "text", _ACCOUNT_NAMES, _ACCOUNT_WEAKER),
    _field(
        "account_id",
        "the account's id",
        "text",
        "account id, company id, organization id, account name id",
        "associated company ids",
    ),
    _field("owner", "the owner", "name", _OWNER_NAMES, _OWNER_WEAKER),
    _field("owner_email", "the owner's e-mail address", "text", _OWNER_EMAILS),
    _field(
        "owner_id", "the owner's id", "text", "owner id, deal owner id, hubspot owner id, opportunity owner id, user id"
    ),
    _field(
        "amount",
        "the amount",
        "amount",
        "amount, deal amount, deal value, opportunity amount, value, close value, deal size, opportunity value",
        "total amount, total value, contract value, total contract value, tcv, est revenue, "
        "estimated revenue, estimated value, net amount, sum, price, acv, annual contract value, arr",
    ),
    _field(
        "amount_converted",
        "the amount in the company's currency",
        "amount",
        "amount converted, amount in company currency, amount in home currency, hs amount in home currency, "
        "amount base, est revenue base, actual revenue base, converted amount, estimated value base, value converted",
    ),
    _field(
        "amount_won",
        "the amount for which it was won",
        "amount",
        "actual revenue, actual value, won amount, amount won, closed amount",
    ),
    _CURRENCY,
    _field(
        "currency_converted",
        "the company's currency",
        "currency",
        "amount converted currency, converted currency, company currency, home currency",
    ),
    _field(
        "stage",
        "the stage",
        "word",
        "stage, deal stage, stage name, sales stage, opportunity stage, pipeline stage, status label",
        "pipeline phase, phase, stage label",
    ),
    _field(
        "status",
        "the status (open, won, lost)",
        "word",
        "status, deal status, status type, opportunity status",
        "state, outcome, result, status reason",
    ),
    _field("is_won", "whether it is won", "yes", "is won, won, hs is closed won, is closed won"),
    _field("is_closed", "whether it is closed", "yes", "is closed, closed, hs is closed"),
    _field(
        "created",
        "the day on which it began",
        "day",
        "created, create date, created date, created on, created at, date created, deal created, engage date, "
        "creation date, created time, opportunity created date",
        "add time, open date, opened, opened date, start date, entered on, date entered, date opened",
    ),
    _field(
        "close",
        "the close date",
        "day",
        "close date, closing date, expected close date, est close date, estimated close date, expected close, "
        "expected closing, forecast close date, target close date, projected close date, expected closing date",
        "close, close on, closed date, date",
    ),
    _field(
        "closed",
        "the day on which it was closed",
        "day",
        "actual close date, deal closed on, closed on, closed at, close time, date closed, actual closing date",
        "closed date",
    ),
    _field("won_on", "the day on which it was won", "day", "won time, won date, date won, won on"),
    _field("lost_on", "the day on which it was lost", "day", "lost time, lost date, date lost, lost on"),
    _field("type", "the deal type", "word", "type, deal type, opportunity type", "business type, opp type, sale type"),
    _field(
        "product",
        "the product",
        "text",
        "product, product name, primary product",
        "products, product line, product family, line item, item",
    ),
    _field(
        "loss_reason",
        "the reason for the loss",
        "text",
        "loss reason, lost reason, closed lost reason, reason for loss, reason lost, reason won lost, why lost",
        "closed won lost reason, close reason",
    ),
    _field("probability", "the probability", "percent", "probability, deal probability, win probability", "confidence"),
    _field(
        "forecast",
        "the forecast call",
        "word",
        "forecast category, forecast, forecast call",
        "commit, forecast category name",
    ),
    _field("splits", "how the credit is split", "splits", "splits, split, credit split, credits, opportunity splits"),
    _field("next_step", "the next step", "text", "next step, next steps", "next activity"),
)

_LEDGER: Final = (
    _field(
        "external_id",
        "the id in the other system",
        "text",
        "id, invoice, invoice id, invoice number, document number, entry id, external id, transaction id, record id, "
        "invoice no, number",
    ),
    _field("deal_id", "the deal's id", "text", "deal id, opportunity id, opp id"),
    _field("deal", "the deal", "text", "deal, deal name, opportunity, opportunity name"),
    _field("account", "the account", "text", _ACCOUNT_NAMES, _ACCOUNT_WEAKER),
    _field("owner", "the owner", "name", _OWNER_NAMES + ", person"),
    _field("owner_email", "the owner's e-mail address", "text", _OWNER_EMAILS + ", email"),
    _CURRENCY,
    _field("product", "the product", "text", "product, product name, item, line item, product line"),
    _field("note", "the note", "text", "note, notes, description, memo, comment, category, text"),
)

REVENUE: Final = (
    _field(
        "amount",
        "the revenue",
        "amount",
        "revenue, recognized revenue, recognised revenue, revenue amount, invoice amount, "
        "invoiced amount, net revenue, "
        "recognized amount, recognised amount, invoiced, billed amount, revenue recognized, revenue recognised",
        "amount, value, total, net amount, sum",
    ),
    _field(
        "day",
        "the day or month of the revenue",
        "period",
        "date, day, month, period, invoice date, revenue date, recognition date, posting date, revenue month, "
        "recognized on, recognised on, booking date, period start, recognition month",
    ),
    *_LEDGER,
)

COST: Final = (
    _field(
        "amount",
        "the cost",
        "amount",
        "cost, costs, cost amount, cogs, total cost, cost of goods sold, expense, expense amount, cost of sales, "
        "direct cost, cost value",
        "amount, value, total, net amount, sum",
    ),
    _field(
        "day",
        "the day or month of the cost",
        "period",
        "date, day, month, period, cost date, posting date, cost month, expense date, invoice date, booking date, "
        "period start",
    ),
    *_LEDGER,
)

FIELDS: Final[dict[Kind, tuple[Field, ...]]] = {
    "people": PEOPLE,
    "accounts": ACCOUNTS,
    "targets": TARGETS,
    "deals": DEALS,
    "revenue": REVENUE,
    "cost": COST,
}

NEEDED: Final[dict[Kind, tuple[tuple[str, ...], ...]]] = {
    "people": (("name", "email", "last_name"),),
    "accounts": (("name",),),
    "targets": (("person", "email", "unit"), ("amount",), ("period", "year")),
    "deals": (("external_id", "name", "account"), ("stage", "status", "is_won")),
    "revenue": (("amount",), ("day",)),
    "cost": (("amount",), ("day",)),
}
"""Of each group, one field at least; without it a file is not of the kind."""

TELLING: Final[dict[Kind, frozenset[str]]] = {
    "people": frozenset({"first_name", "last_name", "manager", "manager_email", "start", "end", "role", "zone"}),
    "accounts": frozenset({"industry", "website", "parent", "size"}),
    "targets": frozenset({"measure", "amount"}),
    "deals": frozenset({"stage", "status", "is_won", "close", "created", "probability", "loss_reason", "forecast"}),
    "revenue": frozenset({"amount"}),
    "cost": frozenset({"amount"}),
}
"""Fields that hardly another kind has; they count more when the kind is guessed."""

NOT_THE_AMOUNT: Final = {
    "expectedrevenue": "some CRMs weigh it by the probability",
    "expectedamount": "some CRMs weigh it by the probability",
    "weightedamount": "it is weighed by the probability",
    "weightedvalue": "it is weighed by the probability",
    "weightedrevenue": "it is weighed by the probability",
    "forecastamount": "it is weighed by the probability",
    "weightedamountincompanycurrency": "it is weighed by the probability",
    "annualrevenue": "it is the account's own",
}
"""Sums that look like a deal's amount. One is named where a file has no other."""
