"""What a file of each kind may say, and the names that CRMs and people give those columns.

Names are compared folded and joined ("Close Date", `close_date` and `closedate` are one), so each stands here once.
`names` are taken as they are; `weaker` ones only where no column bears one of `names`.
"""

from __future__ import annotations

from typing import Final, Literal

from handlers.imports.field import Field
from handlers.imports.fields_deals import COST, DEALS, REVENUE
from handlers.imports.fields_plan import ACCOUNTS, PEOPLE, RATES, TARGETS

Kind = Literal["people", "accounts", "targets", "deals", "revenue", "cost", "rates"]

FIELDS: Final[dict[Kind, tuple[Field, ...]]] = {
    "people": PEOPLE,
    "accounts": ACCOUNTS,
    "targets": TARGETS,
    "deals": DEALS,
    "revenue": REVENUE,
    "cost": COST,
    "rates": RATES,
}

NEEDED: Final[dict[Kind, tuple[tuple[str, ...], ...]]] = {
    "people": (("name", "email", "last_name"),),
    "accounts": (("name",),),
    "targets": (("person", "email", "unit"), ("amount",), ("period", "year")),
    "deals": (("external_id", "name", "account"), ("stage", "status", "is_won")),
    "revenue": (("amount",), ("day",)),
    "cost": (("amount",), ("day",)),
    "rates": (("currency",), ("rate",), ("year",)),
}
"""Of each group, one field at least; without it a file is not of the kind."""

WANTED: Final[dict[Kind, tuple[tuple[str, ...], ...]]] = {
    "deals": (
        ("amount", "amount_won", "amount_converted"),
        ("close", "closed", "won_on", "lost_on"),
        ("owner", "owner_email", "owner_id"),
    ),
}
"""Of each group, one field at least, or nothing counts for anybody: asked for while a column is left that may be it."""

TELLING: Final[dict[Kind, frozenset[str]]] = {
    "people": frozenset({"first_name", "last_name", "manager", "manager_email", "start", "end", "role", "zone"}),
    "accounts": frozenset({"industry", "website", "parent", "size"}),
    "targets": frozenset({"measure", "amount"}),
    "deals": frozenset({"stage", "status", "is_won", "close", "created", "probability", "loss_reason", "forecast"}),
    "revenue": frozenset({"amount"}),
    "cost": frozenset({"amount"}),
    "rates": frozenset({"rate"}),
}
"""Fields that hardly another kind has; they count more when the kind is guessed."""

OUR_COLUMNS: Final = ("Row in the file", "Why it was left out")
"""What an errors file puts beside the rows; it may be imported again as it is."""

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
