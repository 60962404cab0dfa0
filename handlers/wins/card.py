"""The announcement of a win: what everybody in its channel reads. No target of anybody's, names and no mentions."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Final

import msgspec

from handlers.conversation.company import Company
from handlers.conversation.reply import Fact, Facts, Part, Reply, Text
from handlers.conversation.wording import listed, plural
from handlers.figures.deal_words import money, title
from handlers.figures.wording import percent
from handlers.numbers.money import written
from handlers.wins.team import Team, in_plan, leader_of, team_of, whole_units
from storage import wins
from storage.database import Transaction
from storage.deals import Deal, Named
from storage.wins import Milestone, Win

LONGEST_STORY: Final = 300
CLAIMED: Final = "Claimed: it counts once a manager, an admin or an import confirms it."


@dataclass(frozen=True, slots=True)
class Said:
    """The pieces of an announcement, in words."""

    lead: str
    story: str
    rows: tuple[Fact, ...]
    milestones: tuple[str, ...]
    claimed: bool

    @property
    def reply(self) -> Reply:
        """As it is posted."""
        parts: list[Part] = [Text(self.lead, style="strong")]
        parts += [Text(f"“{self.story}”")] if self.story else []
        parts += [Text(one) for one in self.milestones]
        parts += [Facts(self.rows)] if self.rows else []
        parts += [Text(CLAIMED, style="quiet")] if self.claimed else []
        told = f"“{self.story}”{'' if self.story[-1:] in '.?!…' else '.'}" if self.story else ""
        sentences = [f"{self.lead}.", told, *self.milestones]
        sentences += [f"{row.label}: {row.value}." for row in self.rows]
        sentences += [CLAIMED] if self.claimed else []
        return Reply(text=" ".join(filter(None, sentences)), parts=tuple(parts), private=False)


def announcement(tx: Transaction, company: Company, named: Named, row: Win) -> Reply:
    """A win as its channel reads it."""
    deal, team = named.deal, team_of(tx, company, named.deal)
    rows = []
    if helpers := [name for _, name in wins.helpers(tx, deal.id)]:
        rows.append(Fact("With", listed(helpers)))
    if deal.product:
        rows.append(Fact("Product", deal.product))
    if took := _took(deal):
        rows.append(Fact("Took", took))
    if team is not None and company.wins.amounts:
        rows.append(Fact(team.unit.name, number(company, team, deal)))
    amount = in_plan(tx, company, deal)
    if company.wins.leader_from and amount is not None and whole_units(amount, company) >= company.wins.leader_from:
        leader = leader_of(tx, team, deal.closes_on or deal.created_on, deal.owner)
        rows += [Fact("Leader", leader)] if leader else []
    reached = [sentence(company, one, named, team) for one in wins.reached_with(tx, deal.id)]
    said = Said(lead(named, company), row.story, tuple(rows), tuple(filter(None, reached)), deal.claimed)
    return said.reply


def lead(named: Named, company: Company) -> str:
    """`Dana Ortiz won Acme Corporation: $50,000, renewal`."""
    deal = named.deal
    who = named.owner or deal.owner_text
    what = f"{who} won {title(named)}" if who else f"{title(named)} is won"
    amount = money(deal) if company.wins.amounts else ""
    more = ", ".join(filter(None, (amount, deal.type if deal.type != "new" else "")))
    return f"{what}: {more}" if more else what


def number(company: Company, team: Team, deal: Deal | None = None) -> str:
    """`$1,250,000 won in Q4 2026`; a claimed win is in no sum."""
    said = f"{written(team.won, company.currency)} won in {team.period}"
    if company.wins.attainment and team.target:
        said += f", {percent(Fraction(team.won, team.target))} of its target"
    if deal is not None and deal.claimed:
        said += ", without this win"
    return said


def _took(deal: Deal) -> str:
    days = (deal.closes_on - deal.created_on).days if deal.closes_on else 0
    return plural(days, "day") if days > 0 else ""


def sentence(company: Company, one: Milestone, named: Named, team: Team | None) -> str:
    """A milestone, in words; empty where its setting is off by now."""
    if one.kind not in company.wins.milestones:
        return ""
    who = named.owner or "Its owner"
    match one.kind:
        case "first":
            return f"The first deal of {who} here."
        case "best":
            return f"The largest deal of {who} so far."
        case "streak":
            return f"{who} has won a deal in each of {one.value} weeks in a row."
        case "quota":
            return f"{who} has reached the target for {team.period if team else 'the period'}."
        case _:
            return f"{team.unit.name} has reached its target for {team.period}." if team else ""


def taken_back(tx: Transaction, company: Company, named: Named, *, announced: bool = True) -> Reply:
    """What stands where a win was announced, or told privately, that is won no more."""
    deal, team = named.deal, team_of(tx, company, named.deal)
    amount = f", {money(deal)}" if company.wins.amounts and money(deal) else ""
    first = f"Taken back: {title(named)}{amount}"
    then = f"It was {'announced' if announced else 'told'} as won{f' by {named.owner}' if named.owner else ''}"
    then += ", and is won no more."
    rows: Sequence[Fact] = ()
    if team is not None and company.wins.amounts:
        rows = (Fact(team.unit.name, number(company, team)),)
    parts: list[Part] = [Text(first, style="strong"), Text(then), *([Facts(tuple(rows))] if rows else [])]
    text = " ".join([f"{first}.", then, *(f"{row.label}: {row.value}." for row in rows)])
    return Reply(text=text, parts=tuple(parts), private=False)


def for_others(named: Named) -> Reply:
    """What stands where a private win was told to somebody whom it concerns no more."""
    sentence = f"Corrected: who won {title(named)}, or who helped, is not as it stood here. It is kept private."
    return Reply(sentence, (Text(sentence, style="quiet"),))


def digest(reply: Reply) -> str:
    """Tells whether what was announced still says the same; holds none of it."""
    return hashlib.blake2b(msgspec.json.encode(reply), digest_size=16).hexdigest()


def day_of(deal: Deal) -> date:
    """When it was won."""
    return deal.closes_on or deal.created_on
