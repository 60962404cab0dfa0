"""From the line after `/deal` to what it says. Pure: no clock, no rows, no settings but those handed in.

As in handlers/log/parse.py every step takes the tokens that it understands: the account, the phrases of the pipeline,
then part by part the amounts and days. In a loss or a slip the first part that says something else is the reason; what
nobody took is left over, and is said to the person.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Final

from handlers.deals.account import AccountFinder
from handlers.deals.closing import closing_at
from handlers.deals.entry import Said
from handlers.deals.facts import FactReader
from handlers.deals.stages import BEFORE_WHY, DEFAULT, DOUBT, NEGATED, QUESTIONS, SMALL, WHY, Pipeline
from handlers.figures.stages import LOST, WON
from handlers.language.amounts import dollar_of
from handlers.language.dates import DateOrder, Reading
from handlers.language.mentions import scanned
from handlers.language.names import NameIndex
from handlers.language.scan import Mark, Mention, Scan, Spoken
from handlers.language.tokens import Line
from handlers.numbers.periods import FiscalCalendar

__all__ = ["Said", "parse"]

_LONGEST: Final = 2000
_BREAKS: Final = frozenset((",", ";", "–", "—", "(", ")", ":", ".", "!", "but", "though"))


def parse(
    text: str,
    *,
    now: datetime,
    names: NameIndex,
    pipeline: Pipeline = DEFAULT,
    date_order: DateOrder = "mdy",
    currency: str = "USD",
    fiscal_start: int = 1,
) -> Said:
    """What the line says. `now` is aware and in the person's own zone; `currency` is the company's, `fiscal_start` the
    month in which its years begin. Never raises, whatever the text.
    """
    line = Line(text[:_LONGEST])
    reading = Reading(now.replace(tzinfo=None), future=True, order=date_order)
    reader = _Reader(scanned(line, names, pipeline.words), reading, dollar_of(currency), FiscalCalendar(fiscal_start))
    return reader.read()


class _Reader:
    def __init__(self, scan: Scan, reading: Reading, dollar: str, fiscal: FiscalCalendar) -> None:
        self.scan, self.reading, self.dollar, self.fiscal = scan, reading, dollar, fiscal
        self.line, self.words, self.marks = scan.line, scan.line.words, scan.marks
        self.count = self.line.count
        self.stage: str | None = None
        self.said: dict[str, int] = {}
        """What was said by a phrase -> the token where its first one begins."""
        self.undone_at = self.count
        """Behind this token a loss or a slip has been said."""
        self.type: str | None = None
        self.reason: str | None = None

    def read(self) -> Said:
        head = self._because()
        spoken = list(self.scan.spoken(0, head))
        self._phrases(spoken)
        facts_in = FactReader(
            self.scan,
            self.reading,
            self.dollar,
            self.fiscal,
            done=self.stage in (WON, LOST),
            shifts="slip" in self.said or "move" in self.said,
            closes_from=self.said.get("closes", self.count),
        )
        reason_at = self._parts(head, facts_in)
        mentions = sorted(self.scan.mentions.values(), key=lambda mention: mention.start)
        mentions = [mention for mention in mentions if mention.start < reason_at]
        finder = AccountFinder(self.scan)
        account = mentions[0] if mentions else finder.weak(reason_at) or finder.unknown(reason_at)
        if self.reason is None:
            self.reason = self._bare_reason(account, reason_at)
        left = self._left(reason_at)
        names = account.names if account else ()
        facts, closing = facts_in.facts, facts_in.facts.closing
        said = Said(
            account=names[0] if len(names) == 1 else None,
            account_text=self._written(account) if account else None,
            choices=names[:10] if len(names) > 1 else (),
            others=tuple(self._written(one) for one in mentions[1:] if one.start in self.scan.mentions),
            stage=self.stage,
            slipped="slip" in self.said,
            reopened="reopen" in self.said,
            fresh="fresh" in self.said,
            amount=facts.amount,
            currency=facts.currency,
            closes=closing.day if closing else None,
            later_days=facts.shift.days if facts.shift else 0,
            later_months=facts.shift.months if facts.shift else 0,
            no_date=facts.no_date,
            type=self.type,
            product=facts.product,
            reason=self.reason,
            left=left,
            doubtful=self._is_doubtful(reason_at),
        )
        return replace(said, sure=self._is_sure(said, wide=closing is not None and closing.wide))

    # ------------------------------------------------------------ phrases

    def _because(self) -> int:
        """Where the words begin that say why behind `because` and its like: they are no facts. The end without any."""
        for one in self.scan.spoken(1, self.count):
            if one.phrase.kind != "because":
                continue
            start = one.stop
            while self.line.word(start) in (":", "-", "–", "=", "is", ","):
                start += 1
            if start < self.count:
                self.reason = _trimmed(self.line.written(start, self.count))
                self._forget(one.start)
                self.scan.claim(one.start, self.count, Mark.SAID)
                return one.start
        return self.count

    def _forget(self, start: int) -> None:
        """Names from here on are told of, not meant."""
        for at in [at for at in self.scan.mentions if at >= start]:
            del self.scan.mentions[at]

    def _phrases(self, spoken: list[Spoken]) -> None:
        stages: list[tuple[int, str]] = []
        for number, one in enumerate(spoken):
            kind, what = one.phrase.kind or "", one.phrase.outcome or ""
            if self._is_told(one, spoken[number - 1 : number], spoken[number + 1 : number + 2]):
                continue
            if kind == "stage":
                before = self.line.word(one.start - 1)
                if what == WON and self._is_close_date(one):
                    kind = "closes"
                elif before != "from" and not (before == "the" and self.line.word(one.start - 2) == "from"):
                    # What it is moved to says more than what it was, and won or lost more than either.
                    aimed = before in ("to", "into", "in", "now")
                    stages.append((2 if what in (WON, LOST) else 1 if aimed else 0, what))
            elif kind == "type":
                self.type = self.type or what
            self.said.setdefault(kind, one.start)
            self.scan.claim(one.start, one.stop, Mark.KIND)
            if (kind == "stage" and what == LOST) or kind == "slip":
                self.undone_at = min(self.undone_at, one.stop)
        if stages:
            most = max(weight for weight, _ in stages)
            self.stage = next(what for weight, what in stages if weight == most)

    def _is_told(self, one: Spoken, before: list[Spoken], behind: list[Spoken]) -> bool:
        """In a later part behind a loss or a slip it only tells why: `lost Acme, stuck in procurement`."""
        if not any(at < one.start for at in self._breaks(one.start) if at >= self.undone_at):
            return False
        match one.phrase.kind:
            case "stage":
                return not (before and before[0].phrase.kind == "move" and before[0].stop == one.start)
            case "move":
                return not (behind and behind[0].phrase.kind == "stage" and behind[0].start == one.stop)
            case "closes":
                return closing_at(self.line, one.stop, self.reading, self.fiscal, self.count) is None
            case _:
                return False

    def _is_close_date(self, one: Spoken) -> bool:
        """`closed by 15 Dec` of a deal that is to be."""
        return one.phrase.words == ("closed",) and self.line.word(one.stop) in ("by", "before")

    # ------------------------------------------------------------ amounts and days

    def _parts(self, head: int, facts_in: FactReader) -> int:
        """Read part by part, up to where the reason begins."""
        why = self.stage == LOST or (self.stage is None and "slip" in self.said)
        start = 0
        for stop in [*self._breaks(head), head]:
            if start < stop:
                told = why and self._has_opened(start) and self.reason is None
                before = facts_in.read(start, stop)
                if told and self._left_between(start, stop):
                    facts_in.forget(before)
                    self.reason = _trimmed(self.line.written(start, head))
                    self._forget(start)
                    self.scan.claim(start, head, Mark.SAID)
                    return start
            start = stop + 1
        return head

    def _breaks(self, head: int) -> list[int]:
        found = []
        for at in range(head):
            word = self.words[at]
            inside = 0 < at < self.count - 1 and self.line.glued(at) and self.line.glued(at + 1)
            last = at + 1 == self.count
            dash = word == "-" and not self.line.glued(at) and (last or not self.line.glued(at + 1))
            if not self.marks[at] and ((word in _BREAKS and not inside) or dash):
                found.append(at)
        return found

    def _has_opened(self, start: int) -> bool:
        """The account and what happened to it are said before this part."""
        verb = min((at for kind, at in self.said.items() if kind in ("stage", "slip")), default=self.count)
        return verb < start and (any(at < start for at in self.scan.mentions) or start > 1)

    # ------------------------------------------------------------ the account

    def _written(self, mention: Mention) -> str:
        text = self.line.written(mention.start, mention.stop)
        return text[:-2] if mention.stop - 1 in self.line.possessive else text

    # ------------------------------------------------------------ what is left

    def _bare_reason(self, account: Mention | None, stop: int) -> str | None:
        """`lost Globex on price`, `lost Globex to Contoso`, `lost Globex price`."""
        if account is None or not (self.stage == LOST or (self.stage is None and "slip" in self.said)):
            return None
        verb = self.said.get("stage", self.said.get("slip", 0))
        start = max(account.stop, verb)
        while start < stop and self.marks[start]:
            start += 1
        behind = self.line.word(start)
        before_why = behind in BEFORE_WHY and start + 1 < stop and (self.stage == LOST or behind != "to")
        if not start < stop or not (behind in WHY or before_why):
            return None
        if any(self.marks[at] in (Mark.MONEY, Mark.WHEN) for at in range(start, stop)):
            return None
        shown = start if behind in ("to", "no", "too", "with", "after") else start + (behind in BEFORE_WHY)
        self._forget(start)
        self.scan.claim(start, stop, Mark.SAID)
        return _trimmed(self.line.written(shown, stop))

    def _left_between(self, start: int, stop: int) -> bool:
        return any(
            not self.marks[at] and self.words[at][0].isalnum() and self.words[at] not in SMALL
            for at in range(start, stop)
        )

    def _left(self, stop: int) -> str | None:
        pieces, at = [], 0
        while at < stop:
            if self.marks[at]:
                at += 1
                continue
            first = at
            while at < stop and not self.marks[at]:
                at += 1
            last = at
            while last > first and (self.words[last - 1] in SMALL or not self.words[last - 1][0].isalnum()):
                last -= 1
            while first < last and (self.words[first] in SMALL or not self.words[first][0].isalnum()):
                first += 1
            if first < last:
                pieces.append(self.line.written(first, last))
        return " ".join(pieces) or None

    # ------------------------------------------------------------ how sure it is

    def _is_doubtful(self, stop: int) -> bool:
        if self.stage not in (WON, LOST) and "slip" not in self.said:
            return any(not self.marks[at] and self.words[at] in NEGATED for at in range(stop))
        asked = self.line.text.rstrip().endswith("?")
        return asked or any(not self.marks[at] and self.words[at] in DOUBT for at in range(stop))

    def _is_sure(self, said: Said, *, wide: bool) -> bool:
        known = (said.account or said.choices) and not said.others
        if not known or said.left or said.doubtful or self.line.text.rstrip().endswith("?"):
            return False
        if self.words[0] in QUESTIONS and not self.marks[0]:
            return False
        if said.stage in (WON, LOST) or said.reopened:
            return True
        if said.slipped:
            return True
        if "move" in self.said and (said.stage is not None or wide or said.amount is not None):
            return True
        # "proposal to Acme, closes 15 Dec" is what was done, "Acme proposal closes 15 Dec" how the deal stands.
        first = next((at for at in range(self.count) if self.words[at] not in SMALL), 0)
        opens = self.marks[first] == Mark.NAME or first in (self.said.get("closes"), self.said.get("move"))
        return opens and "closes" in self.said and said.closes is not None and not said.no_date


def _trimmed(text: str) -> str | None:
    return " ".join(text.split()).strip(" ,.;:-–—()!") or None


def day_only(text: str, reading: Reading, fiscal: FiscalCalendar) -> date | None:
    """A close, and nothing besides: the answer to a question."""
    line = Line(text)
    found = closing_at(line, 0, reading, fiscal, line.count) if line.count else None
    return found.day if found is not None and found.stop == line.count else None
