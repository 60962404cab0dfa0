"""Which row is the header, which kind of file it is, and which column is what: guessed by name, with the reason beside.

Two columns that could both be one field are asked about. `--map "Column=field"` decides: `Column=-` leaves a column
out, `Column#2=field` is the second of that name, and `=won=stage` is a column that says the same in every row.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Final, get_args

import msgspec
from rapidfuzz.distance import OSA

from handlers.imports.amounts import currency_code
from handlers.imports.field import Field
from handlers.imports.fields import FIELDS, NEEDED, NOT_THE_AMOUNT, OUR_COLUMNS, TELLING, WANTED, Kind
from handlers.imports.given import IGNORE, Decided, all_in, decided
from handlers.imports.periods import Span, span
from handlers.imports.text import Refused
from handlers.imports.words import joined
from handlers.language.fold import words_of

SAID: Final = "You said so."
"""Why a column is what it is, where a person decided."""
_UNKNOWN: Final = "No field goes by that name."
_NOT_TAKEN: Final = "Not taken for the amount: "
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
_PREFIXES: Final[Mapping[Kind, frozenset[str]]] = {
    "people": frozenset({"user", "person", "employee", "owner"}),
    "accounts": frozenset({"account", "company", "organization", "organisation"}),
    "targets": frozenset({"target", "quota", "goal"}),
    "deals": frozenset({"opportunity", "deal", "opp", "properties"}),
    "revenue": frozenset({"revenue", "invoice"}),
    "cost": frozenset({"cost", "expense"}),
    "rates": frozenset({"rate", "exchange"}),
}
"""The record's own name before a column's: `Deal - Lost reason`."""


class Question(msgspec.Struct, frozen=True):
    """What must be said before the rows can be read."""

    about: str
    """`kind`, `column`, `date_order`, `stages` or `grouped`."""
    sentence: str
    columns: tuple[str, ...] = ()
    field: str = ""
    choices: tuple[str, ...] = ()


class Use(msgspec.Struct, frozen=True):
    """One column and what it is taken for; `field` is empty where it is not used."""

    column: int
    """From 0; below 0 for a value given for every row."""
    title: str
    field: str
    reason: str
    """A sentence."""
    constant: str = ""
    currency: str = ""
    """A currency that the title names: `Amount (EUR)`."""
    span: Span | None = None
    """Of a column that holds the targets of one span."""
    down: bool = False
    """Somebody said that it holds for the blank rows below too."""


class Columns(msgspec.Struct, frozen=True):
    """What a file is and what its columns are."""

    kind: Kind
    why: str
    """A sentence: why it is taken for that kind."""
    uses: tuple[Use, ...]
    questions: tuple[Question, ...]

    @property
    def used(self) -> tuple[Use, ...]:
        """Those that are a field."""
        return tuple(use for use in self.uses if use.field)

    @property
    def unused(self) -> tuple[Use, ...]:
        """Those that are none."""
        return tuple(use for use in self.uses if not use.field)

    def of(self, field: str) -> Use | None:
        """The column of a field."""
        return next((use for use in self.uses if use.field == field), None)


def header_at(head: Sequence[Sequence[str]]) -> int:
    """Which of the first rows holds the columns' names: the one with the most known names, else the first full one."""
    known = [len({cell.strip() for cell in row if _anywhere(cell)}) for row in head]
    best = max(known, default=0)
    if best:
        return known.index(best)
    filled = [sum(1 for cell in row if cell.strip()) for row in head]
    return filled.index(max(filled)) if filled else 0


def understand(
    titles: Sequence[str],
    *,
    kind: Kind | None = None,
    given: Mapping[str, str] | Iterable[str] = (),
    hint: str = "",
) -> Columns:
    """What the columns are. `given` are `--map`s, `hint` is the file's name. Raises Refused for a map of nothing."""
    said = decided(titles, given)
    known = {field.name for name in ((kind,) if kind else KINDS) for field in FIELDS[name]}
    for field, title, *_ in said:
        if field != IGNORE and field not in known:
            raise Refused(f"“{title}={field}”: there is no field “{field}”. There are: {', '.join(sorted(known))}.")
    if kind is not None:
        return _columns(kind, SAID, titles, said)
    taken = {name: _columns(name, "", titles, said) for name in KINDS if all_in(name, said)}
    scores = {name: _score(columns) for name, columns in taken.items()}
    fit = [name for name in taken if not _missing(taken[name])]
    hinted = [name for name in fit if joined(name).rstrip("s") in joined(hint)]
    best = max((scores[name] for name in fit), default=0)
    first = [name for name in (hinted or fit) if scores[name] >= best - (2 if hinted else 0)]
    if first == ["accounts"] and _speaks_of_sales(taken["accounts"]):
        # A list of accounts has no amount on a day: without a stage column, bookings would be taken for one.
        first = [name for name in ("deals", "revenue", "accounts") if name in taken]
    if len(first) == 1:
        chosen = first[0]
        named = ", ".join(f"“{use.title}”" for use in taken[chosen].used[:4])
        return msgspec.structs.replace(taken[chosen], why=f"Its columns are those of {_called(chosen)}: {named}.")
    if first:
        columns = taken[first[0]]
        question = Question(
            "kind",
            f"This could be {' or '.join(_called(name) for name in first)}. Say --kind {' or --kind '.join(first)}.",
            choices=tuple(first),
        )
        return msgspec.structs.replace(columns, questions=(question, *columns.questions))
    if not taken or max(scores.values()) < 2:
        shown = ", ".join(f"“{title}”" for title in titles[:8] if title.strip())
        raise Refused(
            f"None of the columns is one that I know: {shown}. Say what the file is and what the columns are, "
            'for example --kind deals --map "Column=amount".'
        )
    likeliest = max(scores, key=lambda name: scores[name])
    return msgspec.structs.replace(
        taken[likeliest], why=f"It looks most like {_called(likeliest)}; if not, say --kind."
    )


_AN_AMOUNT: Final = re.compile(r"amount|value|total|price|importe|betrag|wert|montant|bedrag|importo", re.I)
_A_DAY: Final = re.compile(r"date|day|datum|fecha|data|closed|booked", re.I)


def _speaks_of_sales(columns: Columns) -> bool:
    """Whether what is unused holds an amount and a day."""
    titles = [use.title for use in columns.unused]
    return any(_AN_AMOUNT.search(title) for title in titles) and any(_A_DAY.search(title) for title in titles)


def _called(kind: Kind) -> str:
    return {"revenue": "revenue rows", "cost": "cost rows"}.get(kind, kind)


def _columns(kind: Kind, why: str, titles: Sequence[str], said: list[Decided]) -> Columns:
    uses: dict[int, Use] = {}
    constants: list[Use] = []
    done: set[str] = set()
    for field, title, column, constant, down in said:
        if column < 0:
            constants.append(Use(column, title, field, f"You said so: “{constant}” in every row.", constant))
        elif field == IGNORE:
            uses[column] = Use(column, titles[column], "", "You said to leave it out.")
        else:
            currency = _currency_in(titles[column])[1]
            uses[column] = Use(column, titles[column], field, SAID, currency=currency, down=down)
        done.add(field)
    questions: list[Question] = []
    _spans(kind, titles, uses)
    for level in ("names", "prefixed", "weaker", "alike"):
        for each in FIELDS[kind]:
            if level != "alike" or each.name not in done:
                _take(kind, each, level, titles, uses, done, questions)
    for column, title in enumerate(titles):
        if column not in uses:
            why_not = NOT_THE_AMOUNT.get(joined(title)) if kind == "deals" else None
            unknown = "It has no name." if not title.strip() else _UNKNOWN
            if title in OUR_COLUMNS:
                unknown = "It was added by an errors file."
            uses[column] = Use(column, title, "", f"{_NOT_TAKEN}{why_not}." if why_not else unknown)
    columns = Columns(kind, why, (*(uses[column] for column in sorted(uses)), *constants), tuple(questions))
    return msgspec.structs.replace(columns, questions=(*questions, *_needs(columns)))


def _spans(kind: Kind, titles: Sequence[str], uses: dict[int, Use]) -> None:
    """Targets with a column for each month, quarter or year."""
    if kind != "targets" or any(use.field == "amount" for use in uses.values()):
        return
    found = {at: named for at, title in enumerate(titles) if at not in uses and (named := span(title)) is not None}
    if len(found) < 2 and not any(named.month or named.quarter for named in found.values()):
        return
    # A total beside its parts would count twice: of months, quarters and years only the finest are taken.
    finest = max(3 if each.month else 2 if each.quarter else 1 for each in found.values())
    for at, named in found.items():
        level = 3 if named.month else 2 if named.quarter else 1
        if level == finest:
            uses[at] = Use(at, titles[at], "amount", f"It holds the targets of {named.words()}.", span=named)
        else:
            uses[at] = Use(at, titles[at], "", "Its parts have columns of their own.")


def _take(
    kind: Kind,
    field: Field,
    level: str,
    titles: Sequence[str],
    uses: dict[int, Use],
    done: set[str],
    questions: list[Question],
) -> None:
    free = [at for at in range(len(titles)) if at not in uses and titles[at].strip()]
    if any(use.field == field.name and use.span is not None for use in uses.values()):
        return
    if level == "alike":
        found = [(at, name) for at in free if (name := _alike(titles[at], field))]
    else:
        before = _PREFIXES[kind] if level == "prefixed" else frozenset()
        names = _keys(field, "weaker" if level == "weaker" else "names")
        found = [(at, "") for at in free if _match(titles[at], field, names, before)]
    if not found:
        return
    if field.name in done:
        holder = next((use.title for use in uses.values() if use.field == field.name), "another")
        for at, _ in found:
            uses[at] = Use(at, titles[at], "", f"“{holder}” is {field.meaning} already.")
        return
    done.add(field.name)
    if len(found) > 1:
        named = _listed(titles[at] for at, _ in found)
        first = titles[found[0][0]]
        twin = first + "#1" if sum(1 for title in titles if title == first) > 1 else first
        questions.append(
            Question(
                "column",
                f'{named} could all be {field.meaning}. Say which with --map "{twin}={field.name}".',
                tuple(titles[at] for at, _ in found),
                field.name,
            )
        )
        for at, _ in found:
            uses[at] = Use(at, titles[at], "", f"It is one of {len(found)} that could be {field.meaning}.")
        return
    at, like = found[0]
    reason = f"It looks like “{like}”." if like else f"A usual name for {field.meaning}."
    currency = _currency_in(titles[at])[1] if field.shape == "amount" else ""
    uses[at] = Use(at, titles[at], field.name, reason, currency=currency)


def _listed(titles: Iterable[str]) -> str:
    shown = [f"“{title}”" for title in titles]
    return f"{', '.join(shown[:-1])} and {shown[-1]}"


@lru_cache(maxsize=512)
def _keys(field: Field, level: str) -> frozenset[str]:
    names = field.names if level == "names" else field.weaker
    return frozenset(joined(name) for name in (*names, *((field.name,) if level == "names" else ())))


def _match(title: str, field: Field, names: frozenset[str], before: frozenset[str] = frozenset()) -> bool:
    return any(key in names for key in _written(title, field.shape == "amount", before))


@lru_cache(maxsize=4096)
def _written(title: str, amount: bool, before: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """The keys that a title stands for: as it is, without a currency behind it, without the words before it."""
    title = title.removesuffix("__c")
    if before:
        words = words_of(title.replace("_", " "))
        while len(words) > 1 and words[0] in before:
            words.pop(0)
        title = " ".join(words)
    keys = [joined(title)]
    if amount:
        bare, code = _currency_in(title)
        if code:
            keys.append(joined(bare))
    return tuple(keys)


def _currency_in(title: str) -> tuple[str, str]:
    """A title without the currency at its end, and the currency: `Amount (EUR)`, `close_value_usd`, `Value in €`."""
    words = title.replace("_", " ").replace("(", " ").replace(")", " ").replace("[", " ").replace("]", " ").split()
    if len(words) < 2:
        return title, ""
    code = currency_code(words[-1]) if len(words[-1]) == 3 or not words[-1].isalpha() else ""
    if not code:
        return title, ""
    return " ".join(words[: -2 if len(words) > 2 and words[-2].lower() == "in" else -1]), code


def _alike(title: str, field: Field) -> str:
    """A name of the field of which the title is a misspelling."""
    key, words = joined(title), len(words_of(title.replace("_", " ")))
    if len(key) < 6:
        return ""
    for name in field.names:
        # A word more is no typing error: `Amount (k)` is not `Amount`.
        same = words == len(name.split()) or words == 1
        if same and len(name) > 5 and OSA.distance(key, joined(name), score_cutoff=1) <= 1:
            return name
    return ""


def _score(columns: Columns) -> int:
    fields = {use.field for use in columns.used if use.column >= 0}
    telling = sum(
        2
        for use in columns.used
        if use.field in TELLING[columns.kind] and (use.span or _by_main_name(columns.kind, use))
    )
    asked = sum(1 for question in columns.questions if question.columns)
    return len(fields) + telling + asked


def _by_main_name(kind: Kind, use: Use) -> bool:
    field = next(field for field in FIELDS[kind] if field.name == use.field)
    return _match(use.title, field, _keys(field, "names"))


def _missing(columns: Columns) -> list[tuple[str, ...]]:
    """The groups of fields of which the file has none."""
    fields = {use.field for use in columns.used} | {each.field for each in columns.questions if each.columns}
    wide = any(use.span for use in columns.used)
    return [
        group for group in NEEDED[columns.kind] if not fields.intersection(group) and not (wide and "period" in group)
    ]


def with_looks(columns: Columns, looks: Callable[[], Mapping[str, str]]) -> Columns:
    """The same, with its questions for what is missing proposing what the columns look like (field -> title)."""
    plain = _needs(columns)
    if not plain:
        return columns
    others = [question for question in columns.questions if question not in plain]
    return msgspec.structs.replace(columns, questions=(*others, *_needs(columns, looks())))


def _needs(columns: Columns, looks: Mapping[str, str] | None = None) -> list[Question]:
    """A question for each thing without which the file cannot be read."""
    looks = looks or {}
    meanings = {field.name: field.meaning for field in FIELDS[columns.kind]}
    questions = []
    for group in _missing(columns):
        said = " or ".join(meanings[field] for field in group)
        odd = next(
            (use.title for use in columns.unused if "amount" in group and joined(use.title) in NOT_THE_AMOUNT), ""
        )
        field = next((field for field in group if field in looks), group[0])
        like = looks.get(field, "")
        example = f'--map "{odd or like or "Column"}={field}"'
        if group[0] in {"stage", "period"}:
            example += f' (or, the same for every row, --map "={"won" if group[0] == "stage" else "2026"}={group[0]}")'
        questions.append(
            Question(
                "column",
                f"No column is {said}, which {_called(columns.kind)} need.{_looks(like)} Say {example}"
                f"{'' if odd or like else ', with the name of yours'}.",
                (),
                group[0],
            )
        )
    left = [use.title for use in columns.unused if use.reason == _UNKNOWN or use.reason.startswith(_NOT_TAKEN)]
    asked = {question.field for question in columns.questions if question.columns}
    for group in WANTED.get(columns.kind, ()):
        if not left or any(columns.of(field) for field in group) or asked.intersection(group):
            continue
        odd = next((title for title in left if group[0] == "amount" and joined(title) in NOT_THE_AMOUNT), "")
        doubt = f" “{odd}” is not taken for it, since {NOT_THE_AMOUNT[joined(odd)]}." if odd else ""
        like = odd or looks.get(group[0], "")
        hint = "" if odd else _looks(like)
        say = f'say --map "{like}={group[0]}"' if like else f'say --map "Column={group[0]}", with the name of yours'
        questions.append(
            Question(
                "column",
                f"No column is {meanings[group[0]]}.{doubt}{hint} If {'it' if like else 'one'} is, {say}; "
                f'if the file has none, --map "=none={group[0]}".',
                (),
                group[0],
                tuple(left[:20]),
            )
        )
    if columns.kind == "targets" and columns.of("year") is None:
        nameless = [use for use in columns.used if use.span is not None and not use.span.year]
        if nameless:
            questions.append(
                Question(
                    "column",
                    f'“{nameless[0].title}” names no year. Say --map "=2026=year", with your year.',
                    tuple(use.title for use in nameless),
                    "year",
                )
            )
    return questions


def _looks(title: str) -> str:
    return f" By what it says, “{title}” looks like it." if title else ""


@lru_cache(maxsize=4096)
def _anywhere(cell: str) -> bool:
    """Whether a cell is some field's name."""
    if not cell.strip() or len(cell) > 80:
        return False
    if span(cell) is not None and not cell.strip().isdecimal():
        return True
    written = _written(cell, True)
    return any(key in _all_keys() for key in written)


@lru_cache(maxsize=1)
def _all_keys() -> frozenset[str]:
    return frozenset(
        key
        for fields in FIELDS.values()
        for field in fields
        for level in ("names", "weaker")
        for key in _keys(field, level)
    )
