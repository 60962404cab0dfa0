"""What a line about a deal was understood to say."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One line. Days are on the person's own calendar; `amount` is in units of `currency`."""

    account: str | None = None
    """A known account's own name."""
    account_text: str | None = None
    """The words that stand for the account, as typed; also when several fit, or none."""
    choices: tuple[str, ...] = ()
    """The known accounts that fit, when several do."""
    others: tuple[str, ...] = ()
    """Further known accounts of the line: a deal has one."""
    stage: str | None = None
    slipped: bool = False
    reopened: bool = False
    fresh: bool = False
    """Another deal than those that are known."""
    amount: Decimal | None = None
    currency: str | None = None
    """None where none was said: the deal's, or the plan's, then holds."""
    closes: dt.date | None = None
    """The expected close; of a deal that is won or lost, the day of that."""
    later_days: int = 0
    later_months: int = 0
    """How much later than before it closes."""
    no_date: str | None = None
    """The words, as typed, that name a day which does not exist: `31 feb`; `closes` is then the nearest one."""
    type: str | None = None
    product: str | None = None
    reason: str | None = None
    left: str | None = None
    """What nobody understood."""
    doubtful: bool = False
    """A word says that it may not have happened."""
    sure: bool = False
    """As a plain sentence it can be nothing but this."""
    win: bool = False
    """It was told with `/win`."""
    helpers: tuple[str, ...] = ()
    """Ids of who helped; with `/win` only, as is the story."""
    story: str = ""

    @property
    def says_nothing(self) -> bool:
        """Nothing is said but which account."""
        return not (
            self.stage
            or self.slipped
            or self.reopened
            or self.fresh
            or self.amount is not None
            or self.closes
            or self.type
            or self.product
            or self.moves_later
        )

    @property
    def moves_later(self) -> bool:
        """How much later it closes was said."""
        return bool(self.later_days or self.later_months)

    def as_data(self) -> dict[str, Any]:
        """JSON's own types only."""
        return {
            "account": self.account,
            "account_text": self.account_text,
            "choices": list(self.choices),
            "stage": self.stage,
            "slipped": self.slipped,
            "reopened": self.reopened,
            "fresh": self.fresh,
            "amount": None if self.amount is None else format(self.amount, "f"),
            "currency": self.currency,
            "closes": self.closes.isoformat() if self.closes else None,
            "later": [self.later_days, self.later_months],
            "no_date": self.no_date,
            "type": self.type,
            "product": self.product,
            "reason": self.reason,
            "left": self.left,
            "doubtful": self.doubtful,
            "sure": self.sure,
        }
