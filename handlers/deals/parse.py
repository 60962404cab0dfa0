"""From the line after `/deal` to what it says. Pure: no clock, no rows, no settings but those handed in.

As in handlers/log/parse.py every step takes the tokens that it understands: the account, the phrases of the pipeline,
then part by part the amounts and days. In a loss or a slip the first part that says something else is the reason; what
nobody took is left over, and is said to the person.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from handlers.deals.closing import Closing, Shift, closing_at, shift_at
from handlers.deals.entry import Said
from handlers.deals.stages import BEFORE_WHY, DEFAULT, DOUBT, QUESTIONS, SMALL, WHY, Pipeline
from handlers.figures.stages import LOST, WON
from handlers.language.amounts import LETTERED_SIGNS, SIGNS, amount_at, dollar_of
from handlers.language.dates import DateOrder, Reading, no_day_at
from handlers.language.mentions import another, past_legal_form, scanned
from handlers.language.names import NameIndex
from handlers.language.scan import Mark, Mention, Scan, Spoken
from handlers.language.tokens import Line
from handlers.language.vocabulary import ORDINARY
from handlers.numbers.periods import FiscalCalendar

__all__ = ["Said", "parse"]

_LONGEST: Final = 2000
_MOST_SEARCHES: Final = 6
_MOST_NAME: Final = 5
_BREAKS: Final = frozenset((",", ";", "–", "—", "(", ")", ":", ".", "!", "but", "though"))
_BEFORE_SUMS: Final = frozenset(("for", "at", "to", "worth", "of", "is", "now", "~", "about", "=", "@", ":"))
_COUNTED: Final = frozenset(
    ("users", "user", "seats", "seat", "licenses", "licences", "people", "units", "employees", "stores", "sites")
)
_YEARS: Final = range(1990, 2100)


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


@dataclass(slots=True)
class _Facts:
    amount: Decimal | None = None
    currency: str | None = None
    closing: Closing | None = None
    shift: Shift | None = None
    no_date: str | None = None
    product: str | None = None
    taken: list[int] = field(default_factory=list)
    """Tokens that were free before."""


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
        self.facts = _Facts()
        self.reason: str | None = None

    def read(self) -> Said:
        head = self._because()
        spoken = list(self.scan.spoken(0, head))
        self._phrases(spoken)
        reason_at = self._parts(head)
        mentions = sorted(self.scan.mentions.values(), key=lambda mention: mention.start)
        mentions = [mention for mention in mentions if mention.start < reason_at]
        account = mentions[0] if mentions else self._weak(reason_at) or self._unknown(reason_at)
        if self.reason is None:
            self.reason = self._bare_reason(account, reason_at)
        left = self._left(reason_at)
        names = account.names if account else ()
        facts, closing = self.facts, self.facts.closing
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
        return replace(said, sure=self._is_sure(said))

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

    def _parts(self, head: int) -> int:
        """Read part by part, up to where the reason begins."""
        why = self.stage == LOST or (self.stage is None and "slip" in self.said)
        start = 0
        for stop in [*self._breaks(head), head]:
            if start < stop:
                told = why and self._has_opened(start) and self.reason is None
                before = self._read_facts(start, stop)
                if told and self._left_between(start, stop):
                    for at in before.taken:
                        self.marks[at] = Mark.FREE
                    self._undo(before)
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
            dash = word == "-" and not self.line.glued(at) and not self.line.glued(at + 1)
            if not self.marks[at] and ((word in _BREAKS and not inside) or dash):
                found.append(at)
        return found

    def _has_opened(self, start: int) -> bool:
        """The account and what happened to it are said before this part."""
        verb = min((at for kind, at in self.said.items() if kind in ("stage", "slip")), default=self.count)
        return verb < start and (any(at < start for at in self.scan.mentions) or start > 1)

    def _read_facts(self, start: int, stop: int) -> _Facts:
        """Take what this part says; what was known before it is handed back, with the tokens that it took."""
        old = self.facts
        before = _Facts(old.amount, old.currency, old.closing, old.shift, old.no_date, old.product)
        at = start
        while at < stop:
            taken = 0 if self.marks[at] else self._fact_at(at, stop)
            before.taken += range(at, taken)
            at = taken or at + 1
        return before

    def _undo(self, before: _Facts) -> None:
        self.facts = before

    def _fact_at(self, at: int, stop: int) -> int:
        word = self.words[at]
        if word == "product" and at + 1 < stop:
            return self._product(at, stop)
        if "slip" in self.said or "move" in self.said:
            shift = shift_at(self.line, at, stop)
            if shift is not None and not any(self.marks[at : shift.stop]):
                self.facts.shift = self.facts.shift or shift
                return self._took(at, shift.stop, Mark.WHEN)
        return self._close(at, stop) or self._money(at, stop)

    def _close(self, at: int, stop: int) -> int:
        done = self.stage in (WON, LOST) and not self._behind_closes(at)
        reading = Reading(self.reading.now, future=not done, order=self.reading.order)
        found = closing_at(self.line, at, reading, self.fiscal, stop)
        if found is None:
            none = no_day_at(self.line, at, reading, stop)
            if none is None or self.facts.closing is not None:
                return 0
            self.facts.no_date = self.line.written(at, none.stop)
            self.facts.closing = Closing(none.stop, none.near)
            return self._took(at, none.stop, Mark.WHEN)
        if any(self.marks[at : found.stop]):
            return 0
        # "from December to January": the first was.
        was = self.line.word(at - 1) == "from"
        if not was and (self.facts.closing is None or self._behind_closes(at)):
            self.facts.closing = found
        elif not was:
            return 0
        return self._took(at, found.stop, Mark.WHEN)

    def _behind_closes(self, at: int) -> bool:
        before = at - 1
        while before >= 0 and self.words[before] in ("on", "in", "by", "at", "around", "to", "for", ":"):
            before -= 1
        return before >= 0 and self.marks[before] == Mark.KIND and self.said.get("closes", self.count) <= before

    def _money(self, at: int, stop: int) -> int:
        word = self.words[at]
        lettered = word in LETTERED_SIGNS or (word[3:4].isdigit() and word[:3] in LETTERED_SIGNS)
        if not (word[0].isdigit() or word[0] in SIGNS or lettered):
            return 0
        found = amount_at(self.line.text, self.line.starts[at], self.dollar)
        if found is None:
            return 0
        end = self.line.after(found.stop, at)
        before, behind = self.line.word(at - 1), self.line.word(end)
        if end > stop or any(self.marks[at:end]):
            return 0
        if not found.grouped:
            alone = end >= self.count or bool(self.marks[end]) or not behind[0].isalnum() or behind in SMALL
            cued = before in _BEFORE_SUMS or (at > 0 and self.marks[at - 1] in (Mark.NAME, Mark.KIND))
            a_year = found.value in _YEARS and before not in ("for", "worth", "is", "now")
            if not (alone and cued) or found.value < 100 or a_year:
                return 0
        elif found.currency is None and behind.isalpha() and behind not in SMALL and self._counts(end):
            return 0
        if before != "from":
            if self.facts.amount is not None:
                return 0
            self.facts.amount, self.facts.currency = found.value, found.currency
        return self._took(at, end, Mark.MONEY)

    def _counts(self, at: int) -> bool:
        """`5k users`: no money."""
        return self.words[at] in (
            "users",
            "user",
            "seats",
            "seat",
            "licenses",
            "licences",
            "people",
            "units",
            "employees",
        )

    def _product(self, at: int, stop: int) -> int:
        start = at + 1 + (self.line.word(at + 1) in (":", "is", "="))
        end = start
        while end < stop and end - start < _MOST_NAME and not self.marks[end] and self.words[end] not in ("for", "at"):
            sum_ = amount_at(self.line.text, self.line.starts[end], self.dollar)
            if self.words[end][0] in SIGNS or (sum_ is not None and sum_.grouped):
                break
            end += 1
        if end == start or self.facts.product is not None:
            return 0
        self.facts.product = self.line.written(start, end)
        return self._took(at, end, Mark.SAID)

    def _took(self, at: int, stop: int, mark: Mark) -> int:
        self.scan.claim(at, stop, mark)
        return stop

    # ------------------------------------------------------------ the account

    def _written(self, mention: Mention) -> str:
        text = self.line.written(mention.start, mention.stop)
        return text[:-2] if mention.stop - 1 in self.line.possessive else text

    def _weak(self, stop: int) -> Mention | None:
        """A name that is also a common word, where no other stands: `Target won $50k`."""
        for at, mention in sorted(self.scan.weak.items()):
            free = mention.stop <= stop and not any(self.marks[at : mention.stop])
            if free and mention.whole and (self.line.capital(at) or at == 0):
                self.scan.claim(at, mention.stop, Mark.NAME)
                return mention
        return None

    def _unknown(self, stop: int) -> Mention | None:
        """A known name misspelt, else the first words that stand for one."""
        runs = self._runs(stop)
        for start, end in runs:
            for at in range(start, end):
                if not self.scan.proper(at) or self.scan.searches >= _MOST_SEARCHES:
                    continue
                self.scan.searches += 1
                found = self.scan.index.near(self.line.keys, at, end)
                if found is None:
                    continue
                mention = Mention(at, at + found.words, found.names, whole=False)
                if another(self.scan, mention) is None:
                    return self._kept(mention)
        named = [run for run in runs if any(self.words[at] not in ORDINARY for at in range(*run))]
        capital = [run for run in named if self.line.capital(run[0])]
        for start, end in [*capital, *named]:
            return self._kept(Mention(start, min(past_legal_form(self.scan, end), stop), (), whole=False))
        return None

    def _kept(self, mention: Mention) -> Mention:
        self.scan.claim(mention.start, mention.stop, Mark.NAME)
        return mention

    def _runs(self, stop: int) -> list[tuple[int, int]]:
        """Free words in a row, without the small ones around them."""
        found, start = [], 0
        while start < stop:
            end = start
            while end < stop and not self.marks[end] and (self.words[end][0].isalnum() or self._glues(end)):
                end += 1
            first, last = start, end
            while first < last and (self.words[first] in SMALL or self.words[first] in DOUBT):
                first += 1
            while last > first and (self.words[last - 1] in SMALL or self.words[last - 1] in DOUBT):
                last -= 1
            if first < last:
                found.append((first, min(last, first + _MOST_NAME)))
            start = max(end, start) + 1
        return found

    def _glues(self, at: int) -> bool:
        return self.words[at] in "&-+'." and 0 < at < self.count - 1

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
        if not start < stop or not (behind in WHY or (behind in BEFORE_WHY and start + 1 < stop)):
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
            return False
        asked = self.line.text.rstrip().endswith("?")
        return asked or any(not self.marks[at] and self.words[at] in DOUBT for at in range(stop))

    def _is_sure(self, said: Said) -> bool:
        known = (said.account or said.choices) and not said.others
        if not known or said.left or said.doubtful or self.line.text.rstrip().endswith("?"):
            return False
        if self.words[0] in QUESTIONS and not self.marks[0]:
            return False
        wide = self.facts.closing is not None and self.facts.closing.wide
        if said.stage in (WON, LOST) or said.reopened:
            return True
        if said.slipped:
            return True
        if "move" in self.said:
            return said.stage is not None or wide or said.amount is not None
        # "proposal to Acme, closes 15 Dec" is what was done, "Acme proposal closes 15 Dec" how the deal stands.
        first = next((at for at in range(self.count) if self.words[at] not in SMALL), 0)
        opens = self.marks[first] == Mark.NAME or first == self.said.get("closes")
        return opens and "closes" in self.said and said.closes is not None and not said.no_date


def _trimmed(text: str) -> str | None:
    return " ".join(text.split()).strip(" ,.;:-–—()!") or None


def day_only(text: str, reading: Reading, fiscal: FiscalCalendar) -> date | None:
    """A close, and nothing besides: the answer to a question."""
    line = Line(text)
    found = closing_at(line, 0, reading, fiscal, line.count) if line.count else None
    return found.day if found is not None and found.stop == line.count else None
