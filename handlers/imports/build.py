"""From a row's fields to a typed row, kind by kind; what is odd is counted on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any, Final

from handlers.imports.amounts import currency_code
from handlers.imports.fields import Kind
from handlers.imports.line import Line
from handlers.imports.match import turned
from handlers.imports.periods import Span
from handlers.imports.rows import AccountRow, CostRow, DealRow, PersonRow, RateRow, RevenueRow, Row, TargetRow
from handlers.imports.words import FORECASTS, MEASURES, TYPES, Stage, State, Words, gone, joined

_TYPES: Final = Words(TYPES)
_FORECASTS: Final = Words(FORECASTS)
_MEASURES: Final = Words(MEASURES)
_MOST_KEPT: Final = 100_000


class Builder:
    """Makes rows of one kind; it knows which ids, names and targets went by."""

    def __init__(self, kind: Kind) -> None:
        makers: dict[Kind, Callable[[Line], Iterable[Row]]] = {
            "people": self._person,
            "accounts": self._account,
            "targets": self._targets,
            "deals": self._deal,
            "revenue": self._entry,
            "cost": self._entry,
            "rates": self._rate,
        }
        self._make = makers[kind]
        self._kind = kind
        self._repeats: dict[str, int] = {}
        self._seen: set[Any] = set()

    def rows(self, line: Line) -> list[Row]:
        """The rows that a line becomes; none if it has errors, which are then in `line.errors`."""
        made = list(self._make(line))
        return [] if line.errors else made

    def _again(self, line: Line, code: str, key: Any) -> None:
        if key in self._seen:
            line.context.odd.note(code, line.row)
        elif len(self._seen) < _MOST_KEPT:
            self._seen.add(key)

    def _person(self, line: Line) -> Iterable[Row]:
        name, email = line.text("name"), line.email("email")
        name = turned(name) or f"{line.text('first_name')} {line.text('last_name')}".strip() or email
        if not name and not line.errors:
            line.wrong("name", "The row names nobody: neither a name nor an e-mail address.")
        start, end, since = line.day("start"), line.day("end"), line.day("since")
        manager = line.person("manager", "manager_email")
        if line.errors:
            return
        odd = line.context.odd
        if not email:
            odd.note("no_email", line.row)
        if start and end and end < start:
            odd.note("ends_before_start", line.row)
        if manager and joined(manager.name) == joined(name):
            odd.note("own_manager", line.row)
        self._again(line, "repeated_name", email or joined(name))
        yield PersonRow(
            row=line.row,
            name=name,
            email=email,
            external_id=line.text("external_id"),
            manager=manager,
            unit=line.text("unit"),
            region=line.text("region"),
            role=line.text("role"),
            start=start,
            end=end,
            gone=gone(line.text("employment")),
            since=since,
            country=line.text("country"),
            subdivision=line.text("subdivision"),
            zone=line.text("zone"),
        )

    def _account(self, line: Line) -> Iterable[Row]:
        name = line.text("name")
        if not name:
            line.wrong("name", "The row has no name.")
        owner = line.person("owner", "owner_email")
        if line.errors:
            return
        self._again(line, "repeated_name", joined(name))
        yield AccountRow(
            row=line.row,
            name=name,
            external_id=line.text("external_id"),
            owner=owner,
            industry=line.text("industry"),
            region=line.text("region"),
            country=line.text("country"),
            website=line.text("website"),
            parent=line.text("parent"),
            size=line.text("size"),
            aliases=tuple(part.strip() for part in line.text("aliases").split(";") if part.strip()),
        )

    def _targets(self, line: Line) -> Iterable[Row]:
        person, unit = line.person("person", "email"), line.text("unit")
        if person is None and not unit and not line.errors:
            line.wrong("person", "The row does not say whose target it is.")
        measure = self._measure(line)
        year = line.period("year")
        made = False
        for use in line.context.survey.columns.used:
            if use.field != "amount":
                continue
            said = use.span or line.period("period") or (year and Span(year.year, fiscal=year.fiscal))
            money = line.money("amount", use=use)
            if money is None or line.errors:
                continue
            if said is None or not (said.year or year):
                line.wrong("period" if use.span is None else "year", "The row does not say which year it is for.")
                continue
            made = True
            when = Span(
                said.year or (year.year if year else 0),
                said.quarter,
                said.month,
                said.fiscal or bool(year and not said.year and year.fiscal),
            )
            whose = joined(person.name) if person else unit
            self._again(line, "repeated_target", (whose, measure, when))
            if money[0] < 0:
                line.context.odd.note("negative", line.row)
            yield TargetRow(
                row=line.row,
                person=person,
                unit=unit,
                measure=measure,
                amount=money[0],
                currency=money[1],
                year=when.year,
                quarter=when.quarter,
                month=when.month,
                fiscal=when.fiscal,
            )
        if not made and not line.errors:
            line.context.odd.note("no_target", line.row)

    def _rate(self, line: Line) -> Iterable[Row]:
        currency, rate, year = currency_code(line.text("currency")), line.rate("rate"), line.period("year")
        if not currency:
            line.wrong(
                "currency", f"“{line.text('currency')}” is no currency that I know. Write its code, such as EUR."
            )
        if year is None or not year.year:
            line.wrong("year", "The row does not say which fiscal year it is for.")
        if line.errors or rate is None or year is None:
            return
        self._again(line, "repeated_rate", (currency, year.year))
        yield RateRow(row=line.row, year=year.year, currency=currency, rate=rate)

    def _measure(self, line: Line) -> str:
        """A measure, or an activity kind in the words of the file."""
        said = line.text("measure")
        return (_MEASURES.find(said) or said.lower()) if said else "bookings"

    def _entry(self, line: Line) -> Iterable[Row]:
        money = line.money("amount")
        if money is None and not line.errors:
            line.wrong("amount", "The row has no amount.")
        day, when = None, None
        use = line.context.uses["day"]
        errors = len(line.errors)
        if "month" not in joined(use.title):
            day = line.day("day")
        if day is None:
            del line.errors[errors:]
            when = line.period("day")
        if day is None and when is None and len(line.errors) == errors:
            line.wrong("day", "The row has no day and no month.")
        if when is not None and not when.year:
            line.wrong("day", "The row does not say which year it is for.")
        account, owner = line.account("account"), line.person("owner", "owner_email")
        if line.errors or money is None:
            return
        if money[0] < 0:
            line.context.odd.note("negative", line.row)
        made = RevenueRow if self._kind == "revenue" else CostRow
        span = Span(day.year, 0, day.month) if day else when or Span()
        yield made(
            row=line.row,
            amount=money[0],
            currency=money[1],
            day=day,
            year=span.year,
            quarter=span.quarter,
            month=span.month,
            fiscal=span.fiscal,
            external_id=line.text("external_id"),
            deal_id=line.text("deal_id"),
            deal=line.text("deal"),
            account=account,
            owner=owner,
            product=line.product(),
            note=line.text("note"),
        )

    def _deal(self, line: Line) -> Iterable[Row]:
        identity, name, account = line.text("external_id"), line.text("name"), line.account("account")
        account_id = line.text("account_id")
        if not (identity or name or account):
            line.wrong("name", "The row names no deal: neither an id nor a name nor an account.")
        owner = line.person("owner", "owner_email")
        probability = line.percent("probability")
        stage = self._stage(line, probability)
        created, close = line.day("created"), self._close(line, stage.state)
        money = self._amount(line, stage.state)
        splits = line.splits()
        kind = line.word("type", _TYPES)
        forecast = line.word("forecast", _FORECASTS)
        if line.errors:
            return
        repeat = 0
        if identity and line.context.survey.may_repeat(identity):
            repeat = self._repeats.get(identity, 0)
            self._repeats[identity] = repeat + 1
        deal = DealRow(
            row=line.row,
            external_id=identity,
            repeat=repeat,
            name=name,
            account=account,
            account_id=account_id,
            owner=owner,
            owner_id=line.text("owner_id"),
            amount=money[0] if money else None,
            currency=money[1] if money else "",
            stage=stage.key,
            stage_written=line.text("stage"),
            state=stage.state,
            created=created,
            close=close,
            type=kind,
            type_written=line.text("type"),
            product=line.product(),
            loss_reason=line.text("loss_reason"),
            probability=probability,
            forecast=forecast,
            splits=splits,
            next_step=line.text("next_step"),
        )
        self._odd(line, deal)
        yield deal

    def _stage(self, line: Line, probability: Decimal | None) -> Stage:
        """Stage and status together: one that says won or lost holds; a bare `closed` needs help from the others."""
        written, beside = line.text("stage"), line.text("status")
        stage = line.context.stages.find(written) if written else None
        status = line.context.stages.status(beside)
        won, closed = line.yes("is_won"), line.yes("is_closed")
        told: State | None = status if status in {"won", "lost"} else None
        ended = closed if closed is not None else bool(line.text("closed") or line.text("lost_on"))
        if told is None and won is not None and (won or ended):
            told = "won" if won else "lost"
        if stage is not None and stage.state != "open":
            if (told or status or stage.state) != stage.state:
                line.context.odd.note("stage_against_status", line.row)
            return stage if told is None else Stage(told, told)
        if told is not None:
            return Stage(told, told)
        bare = beside and status is None and line.context.stages.find(beside) is None
        if (written and stage is None) or (bare and stage is None):
            if probability in {Decimal(100), Decimal(0)}:
                return Stage("won", "won") if probability else Stage("lost", "lost")
            field = "stage" if written else "status"
            line.wrong(field, f"“{written or beside}” does not say whether the deal is won or lost.")
            return Stage("", "open")
        if beside and status is None and not bare:
            line.context.odd.word("status", beside, line.row)
        if stage is None:
            if not beside:
                line.context.odd.note("no_stage", line.row)
            return Stage("", "open")
        if not stage.key:
            line.context.odd.word("stage", written, line.row)
        return stage

    def _close(self, line: Line, state: State) -> Any:
        expected = line.day("close")
        if state == "open":
            return expected
        own = line.day("won_on" if state == "won" else "lost_on")
        return own or line.day("closed") or expected

    def _amount(self, line: Line, state: State) -> tuple[Decimal, str] | None:
        before = len(line.errors)
        found = line.money("amount_won") if state == "won" else None
        if found is None and len(line.errors) == before:
            found = line.money("amount")
        if len(line.errors) > before:
            return None
        if found is None and line.has("amount_converted"):
            found = line.money("amount_converted", "currency_converted")
        return found

    def _odd(self, line: Line, deal: DealRow) -> None:
        note, row = line.context.odd.note, deal.row
        if deal.account is None and not deal.account_id:
            note("no_account", row)
        if deal.owner is None and not deal.owner_id:
            note("no_owner", row)
        if deal.repeat:
            note("repeated_id", row)
        if deal.amount is not None and deal.amount < 0:
            note("negative", row)
        if deal.state == "open":
            if deal.amount is None:
                note("open_no_amount", row)
            if deal.close is None:
                note("open_no_close", row)
            return
        if deal.state == "won" and deal.amount is None:
            note("won_no_amount", row)
        if deal.amount == 0:
            note("closed_zero", row)
        if deal.close is None:
            note("closed_no_date", row)
        elif deal.created is not None and deal.close < deal.created:
            note("close_before_created", row)
        if deal.state == "won" and deal.close is not None and deal.close > line.context.today:
            note("won_in_future", row)
