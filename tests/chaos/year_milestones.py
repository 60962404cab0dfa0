"""What the wins of the simulated year reach, counted by hand, beside what the channels read."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

from tests.chaos.year_far_end import Sent
from tests.chaos.year_world import EVERYWHERE, TEAMS, Home, World

SENTENCES: Final = {
    "first": re.compile(r"The first deal of (?P<who>[\w ]+) here\."),
    "best": re.compile(r"The largest deal of (?P<who>[\w ]+) so far\."),
    "streak": re.compile(r"(?P<who>\w+ Sells) has won a deal in each of (?P<more>\d+) weeks in a row\."),
    "quota": re.compile(r"(?P<who>\w+ Sells) has reached the target for (?P<more>Q\d \d+)\."),
    "team": re.compile(r"(?P<who>\w+) has reached its target for (?P<more>Q\d \d+)\."),
}
Said = tuple[str, str, str]
"""Kind, who, and the period; of a best deal and of a streak the account, and the weeks."""


@dataclass
class _Deal:
    home: Home
    amount: int
    day: date
    counted: bool = True
    entries: list[tuple[date, int]] = field(default_factory=list)
    """(day, dollars) that it brings to the sums."""


class Milestones:
    """Of what happened this knows what the people who did it know, and of what was said what was posted."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._deals: dict[str, _Deal] = {}
        self._stands: dict[Said, str] = {}
        """What is reached -> the account of the deal that reached it."""
        self._asked: dict[tuple[str, str], str] = {}
        """(person, period) -> the account, of who reached their own target."""
        self._streaks: dict[tuple[str, int, date], str] = {}
        """(person, weeks, the Monday before the first) -> the account."""
        self._prompts: Counter[tuple[str, str]] = Counter()
        self._wanted_prompts: dict[tuple[str, str], datetime] = {}
        """When each was reached first."""
        self._told: dict[tuple[str, str], str] = {}
        """(person, period) -> the account of the deal with which the owner told the team."""
        self._shown: dict[str, set[Said]] = {}
        """The milestones that stand in the channels, by the key of the post."""
        self._of_post: dict[str, tuple[str, str]] = {}
        """Key of a post -> (channel, account)."""
        self._at_once = False
        self._figures = _figures(world)
        self.said: Counter[tuple[str, Said]] = Counter()
        """How often each began to stand in each channel."""
        self.reached: Counter[Said] = Counter()
        """How often each was reached, as counted here."""
        self.posts = self.edits = 0
        self.wrong: list[str] = []

    # ------------------------------------------------------------ what is read

    def heard(self, sent: Sent) -> None:
        """A post, an edit of one, or what the owner alone reads."""
        text = sent.reply.text
        for figure in self._figures:
            if figure in text:
                self.wrong.append(f"a target's figure, {figure}, stands in: {text}")
        if "%" in text:
            self.wrong.append(f"a share stands in: {text}")
        if sent.person:
            if found := re.search(r"you have reached your target for (Q\d \d+)\.", text):
                self._prompts[sent.person, found[1]] += 1
            return
        key = sent.after or sent.key
        if sent.after:
            self.edits += 1
        elif key in self._shown:
            self.wrong.append(f"{key} was posted twice")
        else:
            self.posts += 1
            account = next((one for one in _words(text) if one), "")
            if (sent.conversation, account) in self._of_post.values():
                self.wrong.append(f"{account} was announced twice in {sent.conversation}")
            self._of_post[key] = (sent.conversation, account)
        channel, account = self._of_post[key]
        says = _read(text, account)
        self.said.update((channel, one) for one in says - self._shown.get(key, set()))
        self._shown[key] = says

    # ------------------------------------------------------------ what happens

    def begin_at_once(self) -> None:
        """The next two are at the same time: of two of a team either may be the one that reaches its target."""
        self._at_once = True

    def counted(self, home: Home, account: str, amount: int, day: date, *, again: bool = False) -> None:
        """A win counts from now on; `again`: its reversal was taken back."""
        deal = self._deals.setdefault(account, _Deal(home, amount, day))
        deal.counted = True
        deal.entries.append((self._today() if again and day < self._month() else day, amount))
        mine = [one for one in self._deals.values() if one.counted and one.home is home]
        if len(mine) == 1 and self._is_new(home, day):
            self._reach(("first", home.who.name, ""), account)
        if len(mine) >= 4 and all(amount > one.amount for one in mine if one is not deal):
            self._reach(("best", home.who.name, account), account)
        weeks = {_monday(one.day) for one in mine}
        length, at = 0, _monday(day)
        while at in weeks:
            length, at = length + 1, at - timedelta(days=7)
        if length in (4, 8, 13, 26, 52) and max(weeks) == _monday(day):
            key = (home.person, length, at)
            if self._streaks.get(key) is None:
                self._streaks[key] = account
                self._reach(("streak", home.who.name, f"{length}, {account}"), account)
        self._sums(deal, account, amount)

    def reversed_(self, account: str) -> None:
        """A win is one no more."""
        deal = self._deals[account]
        deal.counted = False
        self._take_out(deal)
        self._drop(account)

    def corrected(self, account: str, amount: int) -> None:
        """The amount is another one."""
        deal, was = self._deals[account], self._deals[account].amount
        if not deal.counted:
            deal.amount = amount
            return
        deal.amount = amount
        if deal.day >= self._month():
            deal.entries = [(day, value) for day, value in deal.entries if day < self._month()] + [(deal.day, amount)]
        else:
            deal.entries += [(self._today(), amount - was)]
        mine = [one for one in self._deals.values() if one.counted and one.home is deal.home and one is not deal]
        if amount < was:
            if any(one.amount >= amount for one in mine if one.day <= deal.day):
                self._drop(account, "best")
            if self._sum(deal, team=True) < self._target(deal, team=True):
                self._drop(account, "team")
            if self._sum(deal) < self._target(deal):
                self._drop(account, "quota")
            return
        if len(mine) >= 3 and all(amount > one.amount for one in mine):
            self._reach(("best", deal.home.who.name, account), account)
        if _quarter(self._today()) == _quarter(deal.day):
            self._sums(deal, account, amount - was)

    def told_quota(self, home: Home, asked: str, answer: str) -> None:
        """The owner wants the team to know, of what they were asked."""
        found = re.search(r"your target for (Q\d \d+)\.", asked)
        assert found is not None
        account = self._asked.get((home.person, found[1]))
        if (account is None) != ("not so any more" in answer):
            self.wrong.append(f"{home.who.name} wanted the team to know of {found[1]}: {answer}")
        elif account is not None:
            self._told[home.person, found[1]] = account
            self._reach(("quota", home.who.name, found[1]), account)

    def compare(self) -> None:
        """What stands in each channel, and what is reached by this count."""
        at_once, self._at_once = self._at_once, False
        for channel in (EVERYWHERE, *TEAMS):
            shown = {
                (one, account)
                for key, (where, account) in self._of_post.items()
                if where == channel
                for one in self._shown[key]
            }
            wanted = {
                (one, account)
                for one, account in self._stands.items()
                if channel in (EVERYWHERE, self._deals[account].home.team)
            }
            for one, account in shown - wanted:
                other = self._stands.get(one)
                if at_once and one[0] == "team" and other:
                    self._stands[one] = account
                    continue
                self.wrong.append(
                    f"{self._world.now:%d %b %H:%M} {channel} reads {one} with {account}, by count: {other}"
                )
            if at_once:
                continue
            for one, account in wanted - shown:
                self.wrong.append(f"{self._when} {channel} does not read {one} with {account}")
        if self.wrong:
            # All that follows would follow from it.
            raise AssertionError("\n".join(self.wrong[:20]))

    def finish(self) -> None:
        """How often each was said, and each owner was asked."""
        teams = {home.who.name: home.team for home in self._world.selling()}
        for one, times in self.reached.items():
            for channel in (EVERYWHERE, teams.get(one[1], one[1])):
                said = self.said[channel, one]
                if said != times:
                    self.wrong.append(f"{one} began to stand {said} times in {channel}, by count {times}")
        for _, one in self.said:
            if one not in self.reached:
                self.wrong.append(f"{one} was said and not reached")
        often = {one: times for one, times in self._prompts.items() if times > 1 or one not in self._wanted_prompts}
        # What came last may still wait for a morning, or for the end of a leave.
        due = self._world.now - timedelta(days=35)
        never = {one for one in self._asked if self._wanted_prompts[one] < due} - self._prompts.keys()
        if often or never:
            self.wrong.append(f"told of their target: {often} too often, {never} not")

    @property
    def asked(self) -> int:
        """How often an owner was asked whether the team shall know."""
        return sum(self._prompts.values())

    # ------------------------------------------------------------ by hand

    def _reach(self, one: Said, account: str) -> None:
        if one not in self._stands:
            self._stands[one] = account
            self.reached[one] += 1

    def _drop(self, account: str, kind: str = "") -> None:
        for one, of in list(self._stands.items()):
            if of == account and kind in ("", one[0]):
                del self._stands[one]
        for key, of in list(self._streaks.items()):
            if of == account and kind in ("", "streak"):
                del self._streaks[key]
        for who, of in list(self._asked.items()):
            if of == account and kind in ("", "quota"):
                del self._asked[who]

    def _sums(self, deal: _Deal, account: str, more: int) -> None:
        """Whether with so much more the team's target is reached, or the owner's."""
        period = f"Q{_quarter(deal.day)[1]} {deal.day.year}"
        won, target = self._sum(deal, team=True), self._target(deal, team=True)
        if won - more < target <= won:
            self._reach(("team", deal.home.team, period), account)
        won, target = self._sum(deal), self._target(deal)
        if won - more < target <= won and (deal.home.person, period) not in self._asked:
            self._asked[deal.home.person, period] = account
            self._wanted_prompts.setdefault((deal.home.person, period), self._world.now)
            if self._told.get((deal.home.person, period)) == account:
                self._reach(("quota", deal.home.who.name, period), account)

    def _sum(self, deal: _Deal, *, team: bool = False) -> int:
        of = [one for one in self._deals.values()
              if (one.home.team == deal.home.team if team else one.home is deal.home)]  # fmt: skip
        return sum(value for one in of for day, value in one.entries if _quarter(day) == _quarter(deal.day))

    def _target(self, deal: _Deal, *, team: bool = False) -> int:
        of = [home for home in self._world.selling()
              if (home.team == deal.home.team if team else home is deal.home)]  # fmt: skip
        return 3 * sum(home.monthly for home in of)

    def _take_out(self, deal: _Deal) -> None:
        """What lies in a closed month is taken back today, what lies in this one never was."""
        month = self._month()
        before = [(day, value) for day, value in deal.entries if day < month]
        deal.entries = [*before, (self._today(), -sum(value for _, value in before))] if before else []

    def _today(self) -> date:
        """In the company's zone."""
        return self._world.today(self._world.admin)

    @property
    def _when(self) -> str:
        return f"{self._world.now:%d %b %H:%M}:"

    def _month(self) -> date:
        return self._today().replace(day=1)

    def _is_new(self, home: Home, day: date) -> bool:
        return home.new and day - (self._world.began.date() - timedelta(days=200)) <= timedelta(days=365)


def _words(text: str) -> list[str]:
    return re.findall(r"\b[A-Z][a-z]+ Works\b", text)


def _read(text: str, account: str) -> set[Said]:
    """The milestones that it says."""
    found = set[Said]()
    for kind, sentence in SENTENCES.items():
        if match := sentence.search(text):
            more = match.groupdict().get("more") or ""
            more = {"best": account, "streak": f"{more}, {account}"}.get(kind, more)
            found.add((kind, match["who"].strip(), more))
    return found


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _quarter(day: date) -> tuple[int, int]:
    return day.year, (day.month + 2) // 3


def _figures(world: World) -> list[str]:
    """Everybody's and every team's target of a month, a quarter, a year, as it would be written. No sum of wins is one
    of them, since those are whole hundreds."""
    of = [[home.monthly] for home in world.selling()]
    of += [[home.monthly for home in world.selling() if home.team == team] for team in TEAMS]
    figures = [sum(one) * months for one in of for months in (1, 3, 12)]
    assert all(figure % 100 for figure in figures), figures
    return [f"{figure:,}" for figure in figures]
