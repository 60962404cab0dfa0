"""Which answer each kind of question gets. What they need lives in asked.py, what they say in the files of words."""

from __future__ import annotations

from handlers.quota import activity, commission, comparisons, deal_lists, rankings, standings, why
from handlers.quota.asked import NOT_YET, Answer, fiscal_of, in_days, issuer, subject_of

ANSWERS: dict[str, Answer] = {
    "status": standings.status,
    "forecast": standings.forecast,
    "coverage": standings.coverage,
    "needed": standings.needed,
    "ranking": rankings.ranking,
    "behind": rankings.behind,
    "activity": activity.activity,
    "compare": comparisons.compare,
    "win_rate": comparisons.rate,
    "why": why.answer,
    "commission": commission.answer,
    "deals": deal_lists.answer,
}
chart = standings.chart

__all__ = ["ANSWERS", "NOT_YET", "Answer", "chart", "fiscal_of", "in_days", "issuer", "subject_of"]
