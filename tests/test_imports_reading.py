"""Files out of CRMs and spreadsheets: what each column is, what the cells say, what is asked, what is odd or wrong."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from handlers.imports import errors_file
from handlers.imports.amounts import AmountColumn
from handlers.imports.dates import DayColumn
from handlers.imports.fields import OUR_COLUMNS
from handlers.imports.file import Limits, open_table
from handlers.imports.headers import Columns, understand
from handlers.imports.match import Known, Names
from handlers.imports.periods import Span, span
from handlers.imports.reading import Reading, Unsettled, read_file
from handlers.imports.rows import BadRow, DealRow, PersonRow, RevenueRow, TargetRow
from handlers.imports.text import Refused

CASES = Path(__file__).parent / "cases" / "imports"
ZONE = ZoneInfo("America/New_York")
TODAY = date(2026, 11, 22)


def cases(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (CASES / name).read_text("utf-8").splitlines()]


def read(source: bytes | str, **options: Any) -> Reading:
    data = source.encode() if isinstance(source, str) else source
    return read_file(data, **{"currency": "USD", "zone": ZONE, "today": TODAY, **options})


def deals(source: bytes | str, **options: Any) -> list[DealRow]:
    rows = list(read(source, **options).rows())
    assert all(isinstance(row, DealRow) for row in rows), rows
    return [row for row in rows if isinstance(row, DealRow)]


def codes(reading: Reading) -> dict[str, int]:
    return {each.code: each.count for each in reading.report().odd}


def xlsx(rows: Iterable[Sequence[object]]) -> bytes:
    """A workbook with one sheet: text inline, numbers as such, dates as day counts in a date style."""

    def cell(at: str, value: object) -> str:
        if isinstance(value, date):
            return f'<c r="{at}" s="1"><v>{(value - date(1899, 12, 30)).days}</v></c>'
        if isinstance(value, int | float):
            return f'<c r="{at}"><v>{value!r}</v></c>'
        return f'<c r="{at}" t="inlineStr"><is><t xml:space="preserve">{escape(str(value))}</t></is></c>'

    lines = [
        f'<row r="{number}">'
        + "".join(cell(f"{chr(65 + column)}{number}", value) for column, value in enumerate(row) if value != "")
        + "</row>"
        for number, row in enumerate(rows, 1)
    ]
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    linked = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    files = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
        f'Type="{linked}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{linked}"><sheets>'
        '<sheet name="Export" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
        f'Type="{linked}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="r2" '
        f'Type="{linked}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{main}"><cellXfs count="2"><xf numFmtId="0"/>'
        '<xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{"".join(lines)}</sheetData></worksheet>',
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return out.getvalue()


# What the columns are


def fields(columns: Columns) -> dict[str, str]:
    return {use.field: use.title for use in columns.used}


@pytest.mark.parametrize("case", cases("headers.jsonl"), ids=lambda case: case["titles"][:40])
def test_columns_are_known_by_the_names_that_crms_give_them(case: dict[str, Any]) -> None:
    columns = understand(case["titles"].split(","))
    assert columns.kind == case["kind"]
    assert fields(columns) == case["fields"]
    assert not columns.questions
    assert all(use.reason.endswith(".") for use in columns.uses)


def test_two_columns_for_one_field_are_asked_about_and_a_map_answers() -> None:
    titles = ["Opportunity Name", "Account", "Company", "Amount", "Stage"]
    columns = understand(titles)
    (question,) = columns.questions
    assert question.columns == ("Account", "Company")
    assert question.field == "account"
    assert '--map "Account=account"' in question.sentence
    answered = understand(titles, given=["Company=account"])
    assert not answered.questions
    assert fields(answered)["account"] == "Company"
    assert next(use.reason for use in answered.unused) == "“Company” is the account already."


def test_two_columns_of_one_name_are_told_apart_by_number() -> None:
    titles = ["Opportunity Name", "Amount", "Amount", "Stage"]
    assert understand(titles).questions[0].sentence.endswith('--map "Amount#1=amount".')
    assert understand(["Opportunity Name", "Stage", "Amount (k)"]).of("amount") is None  # a thousandth, silently
    answered = understand(titles, given={"Amount#2": "amount"})
    assert [use.column for use in answered.used if use.field == "amount"] == [2]


def test_a_weighed_sum_is_not_taken_for_the_amount() -> None:
    columns = understand(["Opportunity Name", "Stage", "Expected Revenue"])
    assert columns.of("amount") is None
    (question,) = [question for question in columns.questions if question.field == "amount"]
    assert '--map "Expected Revenue=amount"; if the file has none, --map "=none=amount"' in question.sentence
    assert "probability" in next(use.reason for use in columns.unused)


def test_what_could_be_two_kinds_is_asked_unless_the_name_tells() -> None:
    titles = ["Invoice No", "Date", "Customer", "Amount"]
    (question,) = understand(titles).questions
    assert question.choices == ("revenue", "cost")
    assert understand(titles, hint="costs_2026.xlsx").kind == "cost"
    assert understand(titles, kind="revenue").questions == ()


def test_a_file_without_a_stage_says_what_is_missing_and_takes_one_for_all_rows() -> None:
    text = "Deal,Customer,Amount,Rep,Close Date\nA,Acme,5,Dana,2026-01-02\n"
    reading = read(text, kind="deals")
    assert [question.field for question in reading.questions] == ["stage"]
    with pytest.raises(Unsettled):
        next(reading.rows())
    (deal,) = deals(text, mapping=["=won=stage"])
    assert (deal.state, deal.close) == ("won", date(2026, 1, 2))


@pytest.mark.parametrize(
    ("given_map", "said"),
    [
        ("Nope=amount", "There is no column “Nope”"),
        ("Stage=nope", "there is no field “nope”"),
        ("Stage", "not of the form"),
        ("=stage", "not of the form"),
    ],
)
def test_a_map_that_names_nothing_is_refused_with_what_there_is(given_map: str, said: str) -> None:
    with pytest.raises(Refused, match=said):
        understand(["Name", "Stage"], given=[given_map])


def test_columns_that_say_nothing_known_are_refused_by_name() -> None:
    with pytest.raises(Refused, match="“product”, “series”, “sales_price”"):
        understand(["product", "series", "sales_price"])


# What the cells say


@pytest.mark.parametrize("case", cases("amounts.jsonl"), ids=lambda case: " ".join(case["cells"])[:40])
def test_amounts(case: dict[str, Any]) -> None:
    column = AmountColumn("Amount")
    for row, cell in enumerate(case["cells"], 2):
        column.add(row, cell)
    for cell, value in zip(case["cells"], case["values"], strict=True):
        if value is None:
            with pytest.raises(ValueError, match=r"\.$"):
                column.read(cell)
        else:
            assert column.read(cell).value == Decimal(value), cell


@pytest.mark.parametrize("case", cases("dates.jsonl"), ids=lambda case: " ".join(case["cells"])[:40])
def test_days(case: dict[str, Any]) -> None:
    column = DayColumn("Close Date", ZONE)
    for row, cell in enumerate(case["cells"], 2):
        column.add(row, cell)
    problem = column.decide(case.get("order"))
    assert (problem is not None) == (case["days"] is None)
    for cell, day in zip(case["cells"], case["days"] or [], strict=bool(case["days"])):
        if day:
            assert column.read(cell) == date.fromisoformat(day), cell
        else:
            with pytest.raises(ValueError, match=r"\.$"):
                column.read(cell)


@given(st.lists(st.dates(date(2000, 1, 1), date(2068, 12, 31)), min_size=1), st.booleans(), st.sampled_from("/-."))
def test_an_order_is_never_guessed(days: list[date], month_first: bool, mark: str) -> None:
    """Whatever is read without a question is what was written; a question comes only where nothing decides."""
    cells = [
        f"{d.month}{mark}{d.day}{mark}{d.year}" if month_first else f"{d:%d}{mark}{d:%m}{mark}{d:%Y}" for d in days
    ]
    column = DayColumn("Day", ZONE)
    for row, cell in enumerate(cells, 2):
        column.add(row, cell)
    if column.decide(None) is None:
        assert [column.read(cell) for cell in cells] == days
    else:
        assert all(day.day <= 12 for day in days)


@given(
    st.lists(st.decimals(Decimal("-99999999"), Decimal("99999999"), places=2), min_size=1),
    st.sampled_from([("", "."), (",", "."), (".", ","), (" ", ","), ("'", "."), ("\u00a0", ",")]),
    st.sampled_from(["{}", "${}", "{} €", "EUR {}"]),
)
def test_amounts_read_back_in_every_convention(values: list[Decimal], signs: tuple[str, str], form: str) -> None:
    group, point = signs
    cells = [form.format(f"{value:,.2f}".replace(",", "_").replace(".", point).replace("_", group)) for value in values]
    column = AmountColumn("Amount")
    for row, cell in enumerate(cells, 2):
        column.add(row, cell)
    assert [column.read(cell).value for cell in cells] == values


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Jan 2026", Span(2026, 0, 1)),
        ("Jan-26", Span(2026, 0, 1)),
        ("2026-01", Span(2026, 0, 1)),
        ("202601", Span(2026, 0, 1)),
        ("01/2026", Span(2026, 0, 1)),
        ("2026-01-01", Span(2026, 0, 1)),
        ("January 2026 Quota", Span(2026, 0, 1)),
        ("Feb", Span(0, 0, 2)),
        ("Q1 2026", Span(2026, 1)),
        ("2026-Q1", Span(2026, 1)),
        ("1Q26", Span(2026, 1)),
        ("Q3 FY27", Span(2027, 3, 0, True)),
        ("FY2027", Span(2027, 0, 0, True)),
        ("2026", Span(2026)),
        ("Close 2026", None),
        ("Quota", None),
        ("2026-13", None),
        ("Q5 2026", None),
    ],
)
def test_spans(text: str, said: Span | None) -> None:
    assert span(text) == said


def test_a_column_of_dates_that_nothing_decides_is_asked_and_one_beside_it_may_decide() -> None:
    alone = read("name,stage,close date\nA,won,3/4/2026\nB,won,5/6/2026\n")
    (question,) = alone.questions
    assert question.about == "date_order"
    assert "row 2 (3/4/2026) fits both, like 1 more" in question.sentence
    (first, _) = deals("name,stage,close date\nA,won,3/4/2026\nB,won,5/6/2026\n", date_order="dmy")
    assert first.close == date(2026, 4, 3)
    beside = read("name,stage,close date,created\nA,won,3/4/2026,25/1/2026\n")
    assert not beside.questions
    assert "like the dates beside it" in " ".join(beside.report().notes)


def test_orders_that_contradict_name_both_rows_and_the_given_order_leaves_the_others_out() -> None:
    text = "name,stage,close date\nA,won,13/4/2026\nB,won,4/13/2026\n"
    (question,) = read(text).questions
    assert "row 2 (13/4/2026)" in question.sentence
    assert "row 3 (4/13/2026)" in question.sentence
    good, bad = read(text, date_order="dmy").rows()
    assert isinstance(good, DealRow)
    assert isinstance(bad, BadRow)
    assert bad.errors[0].row == 3
    assert bad.errors[0].column == "close date"


@pytest.mark.parametrize(
    ("cells", "amount", "currency"),
    [
        ("$5,", "5", "USD"),
        ("$5,CAD", "5", "CAD"),
        ("€5,", "5", "EUR"),
        ("€5,EUR", "5", "EUR"),
        ("5,gbp", "5", "GBP"),
        ("5,", "5", "USD"),
        ("5,USD - U.S. Dollar", "5", "USD"),
        ("kr 5,SEK", "5", "SEK"),
    ],
)
def test_the_currency_is_the_cells_then_its_columns_then_the_plans(cells: str, amount: str, currency: str) -> None:
    (deal,) = deals(f"name,stage,amount,currency\nA,won,{cells}\n")
    assert (deal.amount, deal.currency) == (Decimal(amount), currency)


@pytest.mark.parametrize("cells", ["€5,USD", "$5,EUR", "kr 5,", "5,Taler"])
def test_currencies_that_contradict_are_errors(cells: str) -> None:
    (bad,) = read(f"name,stage,amount,currency\nA,won,{cells}\n").rows()
    assert isinstance(bad, BadRow)


@pytest.mark.parametrize(
    ("words", "states"),
    [
        ("gewonnen verloren offen", "won lost open"),
        ("Gewonnen Abgelehnt Laufend", "won lost open"),
        ("gagné perdu ouvert", "won lost open"),
        ("Ganada Perdida Abierta", "won lost open"),
        ("Vinta Persa Aperta", "won lost open"),
        ("Gewonnen Verloren Lopend", "won lost open"),
        ("Geschlossen_und_gewonnen Fermé_-_perdu Cierre_ganado", "won lost won"),
    ],
)
def test_won_and_lost_are_known_in_the_languages_of_a_crms_users(words: str, states: str) -> None:
    for column in ("Status", "Stage"):
        rows = "".join(f"{word.replace('_', ' ')};Deal {at}\n" for at, word in enumerate(words.split()))
        assert [deal.state for deal in deals(f"{column};Deal name\n{rows}")] == states.split()


def test_words_that_say_both_or_no_end_are_no_win() -> None:
    for word in ("not won", "nicht gewonnen", "Closed", "Abgeschlossen"):
        reading = read(f"Deal name,Status\nA,won\nB,{word}\n")
        _, bad = reading.rows()
        assert isinstance(bad, BadRow), word
        assert bad.errors[0].reason == f"“{word}” does not say whether the deal is won or lost."


def test_a_file_of_unknown_words_is_asked_about_before_its_wins_become_open_deals() -> None:
    for column in ("Status", "Stage"):
        text = f"Deal name,{column}\nA,voitettu\nB,voitettu\nC,hävitty\n"
        reading = read(text)
        (question,) = reading.questions
        assert question.about == "stages"
        assert "“voitettu” (2 rows), “hävitty” (1 row)" in question.sentence
        assert f'--map "{column}=stage"' in question.sentence
        assert "stage_words" in question.sentence
        assert [deal.state for deal in deals(text, mapping=[f"{column}=stage"])] == ["open"] * 3
        words = {"prospecting": (), "won": ("voitettu",), "lost": ("hävitty",)}
        assert [deal.state for deal in deals(text, stages=words)] == ["won", "won", "lost"]


def test_own_stages_beside_won_and_lost_are_told_and_not_asked_about() -> None:
    reading = read("Deal name,Stage\nA,Closed Won\nB,Closed Lost\nC,Phase 7\nD,Phase 8\nE,Phase 8\n")
    assert not reading.questions
    assert codes(reading)["stage"] == 3
    reading = read("Deal name,Status\nA,won\nB,open\nC,Phase 7\n")
    assert [one.sentence for one in reading.report().odd if one.code == "status"] == [
        "“Phase 7” (1 row): no status that I know, read as open."
    ]


def test_accounts_that_differ_in_capitals_are_one_and_said_to_be_in_one_line() -> None:
    rows = "".join(f"D{at},{name},1,Won\n" for at, name in enumerate(["Acme Köln"] * 12 + ["ACME KÖLN", "Acme  köln"]))
    reading = read(f"Deal name,Account,Amount,Stage\n{rows}")
    told = [one.sentence for one in reading.report().odd if one.code.startswith("account")]
    assert told == [
        "An account is one, though written with other capitals or spaces: “Acme Köln” (14 rows, also “ACME KÖLN” and "
        "“Acme köln”)."
    ]
    pairs = ("Wayne", "Stark", "Hooli", "Tyrell", "Oscorp")
    names = [name for one in pairs for name in [f"{one} Works"] * 12 + [f"{one} Work"]]
    rows = "".join(f"D{at},{name},1,Won\n" for at, name in enumerate(names))
    (told_once,) = [
        one.sentence
        for one in read(f"Deal name,Account,Amount,Stage\n{rows}").report().odd
        if one.code.startswith("account")
    ]
    assert told_once.startswith("5 pairs of accounts look like one and were not joined: “Wayne Works” (12 rows) and ")
    assert told_once.endswith("; and 2 more.")


def test_what_is_left_out_is_not_counted_among_what_looks_odd() -> None:
    reading = read(
        "Deal name,Account,Stage,Amount,Close Date\nA,Acme,Won,abc,2026-01-02\nB,,Phase 7,xyz,2026-01-02\n"
        "C,Acme,Won,1,2026-01-02\nD,Acme,Lost,1,2026-01-02\n"
    )
    assert codes(reading) == {"no_owner": 2}
    assert reading.report().bad == 2


def test_what_a_column_of_an_unknown_name_is_is_proposed_by_what_it_says() -> None:
    text = (
        "Myyjä;Asiakas;Arvo;Päättyy;Status\nDana Ortiz;Acme;1.000,00 €;16.02.2026;won\n"
        "Lee Chan;Globex;2.500,00 €;17.03.2026;lost\n"
    )
    known = (Known("d", "Dana Ortiz"), Known("l", "Lee Chan"))
    asked = {one.field: one.sentence for one in read(text, kind="deals", known_people=known).questions}
    assert '“Asiakas” looks like it. Say --map "Asiakas=account".' in asked["external_id"]
    assert 'say --map "Arvo=amount"; if the file has none, --map "=none=amount".' in asked["amount"]
    assert 'say --map "Päättyy=close"' in asked["close"]
    assert 'say --map "Myyjä=owner"' in asked["owner"]
    bare = deals(
        "Deal name,Stage,Colour\nA,Won,red\n", mapping=[f"=none={one}" for one in ("amount", "close", "owner")]
    )
    assert (bare[0].amount, bare[0].close, bare[0].owner) == (None, None, None)


def test_a_title_may_name_the_currency_and_two_amounts_without_one_are_asked_about() -> None:
    (deal,) = deals("name,stage,Amount (EUR)\nA,won,5\n")
    assert deal.currency == "EUR"
    asked = read("name,stage,Amount,Amount (converted)\nA,won,5,6\n")
    assert [question.columns for question in asked.questions] == [("Amount", "Amount (converted)")]
    (deal,) = deals("name,stage,Amount,Amount (converted)\nA,won,5,6\n", mapping=["Amount (converted)=amount"])
    assert deal.amount == 6


@pytest.mark.parametrize(
    ("stage", "status", "state", "key"),
    [
        ("Closed Won", "", "won", "won"),
        ("closedwon", "", "won", "won"),
        ("Won - Invoiced", "", "won", "won"),
        ("Closed Lost to Competition", "", "lost", "lost"),
        ("Negotiation/Review", "", "open", "negotiation"),
        ("Qualified To Buy", "", "open", "qualified"),
        ("Engaging", "", "open", "prospecting"),
        ("Security check", "", "open", ""),
        ("Negotiation", "Won", "won", "won"),
        ("Proposal Made", "Lost", "lost", "lost"),
        ("", "Open", "open", ""),
        ("Closed", "Won", "won", "won"),
    ],
)
def test_stage_and_status(stage: str, status: str, state: str, key: str) -> None:
    (deal,) = deals(f"name,stage,status,amount\nA,{stage},{status},5\n", mapping=["stage=stage"])
    assert (deal.state, deal.stage, deal.stage_written) == (state, key, stage)


def test_a_file_may_only_say_whether_it_is_won() -> None:
    won, lost, still = deals("Deal,Value,Won?,Closed On,Seller\nA,5,Yes,2026-01-01,D\nB,6,No,2026-01-01,D\nC,6,No,,D\n")
    assert (won.state, lost.state, still.state) == ("won", "lost", "open")


@pytest.mark.parametrize(
    ("said", "code"),
    [
        *(("US Dollar", "USD"), ("US-Dollar", "USD"), ("U.S. Dollars", "USD"), ("US Dollar ($)", "USD")),
        *(("Euros", "EUR"), ("Pound Sterling", "GBP"), ("British Pounds", "GBP"), ("Schweizer Franken", "CHF")),
        *(("dollar des États-Unis", "USD"), ("dólares estadounidenses", "USD"), ("Danish Krone", "DKK")),
    ],
)
def test_currencies_are_known_by_the_names_that_crms_write(said: str, code: str) -> None:
    (deal,) = deals(f"Deal name,Stage,Amount,Currency\nA,Won,1000,{said}\n")
    assert (deal.amount, deal.currency) == (1000, code)


def test_a_row_is_given_each_reason_once() -> None:
    head = "Deal name,Status,Est. Revenue,Actual Revenue,Currency\n"
    (bad,) = read(f"{head}A,Won,100,120,Groats\n").rows()
    assert isinstance(bad, BadRow)
    assert [error.reason for error in bad.errors] == [
        "“Groats” is no currency that I know. Write its code, such as USD."
    ]
    (bad,) = read(f"{head}A,Won,see quote,see quote,USD\n").rows()
    assert isinstance(bad, BadRow)
    assert [error.column for error in bad.errors] == ["Actual Revenue"]


def test_an_amount_without_a_currency_among_others_with_one_is_counted() -> None:
    reading = read("name,stage,amount\nA,Proposal,€5\nB,Proposal,6\n")
    assert [(row.amount, row.currency) for row in reading.rows() if isinstance(row, DealRow)] == [
        (5, "EUR"),
        (6, "USD"),
    ]
    assert codes(reading)["no_currency"] == 1


def test_the_id_behind_an_associated_company_is_not_its_name() -> None:
    (deal,) = deals("Deal Name,Deal Stage,Associated Company\nA,closedwon,Acme (11728294512)\n")
    assert deal.account is not None
    assert deal.account.name == "Acme"


def test_a_stage_that_only_says_closed_is_an_error_and_settings_name_further_stages() -> None:
    (bad,) = read("name,stage\nA,Closed\n").rows()
    assert isinstance(bad, BadRow)
    assert "won or lost" in bad.errors[0].reason
    stages = {"trial": ["pilot"], "won": ["handshake"], "lost": []}
    first, second = deals("name,stage\nA,Pilot\nB,Handshake\n", stages=stages)
    assert (first.stage, second.state) == ("trial", "won")


def test_splits_add_up_to_a_hundred() -> None:
    (deal,) = deals('name,stage,splits\nA,won,"Dana Ortiz 60%; Lee Chan 40%"\n')
    assert [(each.person.name, each.percent) for each in deal.splits] == [("Dana Ortiz", 60), ("Lee Chan", 40)]
    (bad,) = read('name,stage,splits\nA,won,"Dana Ortiz 60%; Lee Chan 30%"\n').rows()
    assert isinstance(bad, BadRow)
    assert "90 %" in bad.errors[0].reason


# Whole files


PIPELINE = """opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value
1C1I7A6R,Moses Frase,GTX Plus Basic,Cancity,Won,2016-10-20,2017-03-01,1054
Z063OYW0,Darcel Schlecht,GTXPro,Isdom,Won,2016-10-25,2017-03-11,4514
EC4QE1BX,Darcel Schlecht,GTX Pro,,Engaging,2016-10-25,,
MV1LWRNH,Moses Frase,GTX Pro,Codehow,Lost,2016-10-25,2017-03-07,0
PE84CX4O,Darcel Schlecht,GTX Pro,,Prospecting,,,
"""


def test_a_pipeline_with_gaps_loads_whole_and_the_gaps_are_counted() -> None:
    reading = read(PIPELINE)
    rows = [row for row in reading.rows() if isinstance(row, DealRow)]
    report = reading.report()
    assert (report.read, report.good, report.bad) == (5, 5, 0)
    assert sum(row.amount or 0 for row in rows if row.state == "won") == 5568
    assert {row.product for row in rows} == {"GTX Plus Basic", "GTX Pro"}
    found = codes(reading)
    assert found == {
        "no_account": 2,
        "open_no_amount": 2,
        "open_no_close": 2,
        "closed_zero": 1,
        "product_spelling": 1,
    }
    assert next(each for each in report.odd if each.code == "no_account").rows == (4, 6)


def test_names_are_matched_with_small_differences_told() -> None:
    people = [Known("p1", "Dana Ortiz", "dana@x.example"), Known("p2", "Lee Chan"), Known("p3", "Lee Chang")]
    accounts = [Known("a1", "Acme Corporation"), Known("a2", "Northwind East"), Known("a3", "Account 12")]
    text = (
        "name,owner,owner email,account,stage\n"
        "A,Dana Ortis,,Acme Corp,won\n"
        "B,,DANA@x.example,Northwind West,won\n"
        'C,"Ortiz, Dana",,Account 13,won\n'
        "D,Lee Chann,,ACME,won\n"
        "E,Nobody Known,,Acmee Corporation,won\n"
    )
    reading = read(text, known_people=people, known_accounts=accounts)
    rows = [row for row in reading.rows() if isinstance(row, DealRow)]
    assert [row.owner and row.owner.key for row in rows] == ["p1", "p1", "p1", "", ""]
    assert [row.account and row.account.key for row in rows] == ["a1", "", "", "a1", "a1"]
    said = {each.code: each.sentence for each in reading.report().odd}
    assert said["owner_taken_for"] == "The owner “Dana Ortis” was taken for “Dana Ortiz”."
    assert said["owner_unsure"] == "The owner “Lee Chann” could be “Lee Chan” or “Lee Chang”: taken for none."
    assert "“Acmee Corporation” was taken for “Acme Corporation”" in said["account_taken_for"]
    assert "“Nobody Known” (1 row)" in said["unknown_owner"]


def test_names_of_one_file_that_look_alike_are_told_and_not_joined() -> None:
    rows = "".join(f"A{number},Darcel Schlecht,won\n" for number in range(30))
    reading = read(f"name,owner,stage\n{rows}B,Darcell Schlecht,won\nC,Marty Freudenburg,won\n")
    assert {row.owner.name for row in reading.rows() if isinstance(row, DealRow) and row.owner} == {
        "Darcel Schlecht",
        "Darcell Schlecht",
        "Marty Freudenburg",
    }
    assert codes(reading) == {"no_account": 32, "closed_no_date": 32, "won_no_amount": 32, "owner_look_alike": 1}


def test_what_is_odd_about_dates_and_ids() -> None:
    reading = read(
        "id,account,stage,amount,created,close date\n"
        "1,Acme,won,5,2026-05-01,2026-04-01\n"
        "2,Acme,won,5,2026-05-01,2027-04-01\n"
        "2,Acme,won,5,2026-05-01,2026-06-01\n"
        "2,Acme,won,-5,2026-05-01,2026-06-01\n",
        mapping=["close date=close"],
    )
    assert [row.repeat for row in reading.rows() if isinstance(row, DealRow)] == [0, 0, 1, 2]
    assert codes(reading) == {
        "no_owner": 4,
        "close_before_created": 1,
        "won_in_future": 1,
        "repeated_id": 2,
        "negative": 1,
    }


def test_titles_above_totals_below_and_lines_under_the_table_are_left_out() -> None:
    text = (
        "Closed deals of the year,,,,\n"
        "\n"
        "Opportunity Name,Account Name,Stage,Amount,Close Date\n"
        'A,Acme,Closed Won,"1,000.00",2026-01-05\n'
        "\n"
        'B,"Total, Inc",Closed Won,"2,000.50",2026-01-06\n'
        "Opportunity Name,Account Name,Stage,Amount,Close Date\n"
        "Totals,,,3000.50,\n"
        '"Grand Totals (2 records)",,,3000.50,\n'
        "Copyright (c) somebody,,,,\n"
        "Confidential Information - Do Not Distribute\n"
    )
    reading = read(text)
    assert reading.header_row == 3
    rows = list(reading.rows())
    assert [(row.row, row.amount) for row in rows if isinstance(row, DealRow)] == [
        (4, Decimal("1000.00")),
        (6, Decimal("2000.50")),
    ]
    assert (reading.report().totals, reading.report().bad) == (5, 0)


def test_bad_rows_say_why_and_the_good_ones_are_read() -> None:
    reading = read(
        "Name,Stage,Amount,Close Date\n"
        "A,Won,lots,2026-01-05\n"
        "B,Won,5,2026-02-30\n"
        ",,5,2026-01-05\n"
        "C,Won,5,2026-01-05,x\n"
        "D,Won,5,2026-01-05\n"
        "E,Won\n"
    )
    rows = list(reading.rows())
    bad = [row for row in rows if isinstance(row, BadRow)]
    assert [(row.row, row.errors[0].column) for row in bad] == [(2, "Amount"), (3, "Close Date"), (4, "Name"), (5, "")]
    assert bad[0].errors[0].value == "lots"
    assert [row.name for row in rows if isinstance(row, DealRow)] == ["D", "E"]
    assert (reading.report().good, reading.report().bad) == (2, 4)


def test_the_errors_file_keeps_cells_from_being_formulas_and_reads_again_when_mended() -> None:
    reading = read('Name,Stage,Amount\n=HYPERLINK("x"),Won,-five\nB,Won,-5\nC,Won,7,8\n')
    out = io.StringIO(newline="")
    assert errors_file.write(reading.rows(), reading.titles, out) == 2
    header, first, second = csv.reader(io.StringIO(out.getvalue().removeprefix("\ufeff")))
    assert header == ["Name", "Stage", "Amount", *OUR_COLUMNS]
    assert first[:4] == ['\'=HYPERLINK("x")', "Won", "'-five", "2"]
    assert first[4].startswith("Amount: “-five” is no amount")
    assert "Beyond the last column: 8" in second[4]
    again = out.getvalue().replace("'-five", "'-5").encode()
    one, two = deals(again)
    assert (one.name, one.amount, two.amount) == ('=HYPERLINK("x")', Decimal(-5), Decimal(7))


def test_people_know_each_other_within_a_file() -> None:
    reading = read(
        "Name,Email,Manager,Team,Start Date\n"
        '"Ortiz, Dana",Dana@x.example,,East,2026-01-05\n'
        "Lee Chan,lee@x.example,Dana Ortis,East,15 Feb 2026\n"
        "Kim Park,,Lee Chan,West,\n"
        "Bad Mail,nobody,,,\n"
    )
    people = [row for row in reading.rows() if isinstance(row, PersonRow)]
    assert [(row.name, row.email, row.manager and row.manager.name) for row in people] == [
        ("Dana Ortiz", "dana@x.example", None),
        ("Lee Chan", "lee@x.example", "Dana Ortiz"),
        ("Kim Park", "", "Lee Chan"),
    ]
    assert people[1].start == date(2026, 2, 15)
    assert (codes(reading)["no_email"], reading.report().bad) == (1, 1)


def targets(source: bytes | str, **options: Any) -> list[tuple[str, str, Decimal, int, int, int]]:
    rows = list(read(source, **options).rows())
    return [
        (row.person.name if row.person else row.unit, row.measure, row.amount, row.year, row.quarter, row.month)
        for row in rows
        if isinstance(row, TargetRow)
    ]


def test_targets_come_long_and_wide() -> None:
    long = "Rep,Month,Measure,Quota\nDana,2026-01,Bookings,100\nDana,Feb 2026,Gross Margin,1.5k\n"
    assert targets(long) == [
        ("Dana", "bookings", Decimal(100), 2026, 0, 1),
        ("Dana", "margin", Decimal(1500), 2026, 0, 2),
    ]
    wide = "Team,Jan 2026,Feb 2026,Q1 2026,Total\nEast,100,200,300,300\nWest,,50,50,50\n"
    assert targets(wide) == [
        ("East", "bookings", Decimal(100), 2026, 0, 1),
        ("East", "bookings", Decimal(200), 2026, 0, 2),
        ("West", "bookings", Decimal(50), 2026, 0, 2),
    ]
    nameless = "Rep,Q1,Q2\nDana,100,200\n"
    assert [question.field for question in read(nameless).questions] == ["year"]
    assert targets(nameless, mapping=["=2026=year"])[1] == ("Dana", "bookings", Decimal(200), 2026, 2, 0)
    by_year = "Rep,Year,Quarter,Target\nDana,FY2027,3,90\n"
    (row,) = read(by_year).rows()
    assert isinstance(row, TargetRow)
    assert (row.year, row.quarter, row.fiscal) == (2027, 3, True)
    sheet = xlsx([["Rep", date(2026, 1, 1), date(2026, 2, 1)], ["Dana", 100.5, 200]])
    assert targets(sheet) == [
        ("Dana", "bookings", Decimal("100.5"), 2026, 0, 1),
        ("Dana", "bookings", Decimal(200), 2026, 0, 2),
    ]


def test_revenue_has_a_day_or_a_month() -> None:
    reading = read("Date,Account,Revenue\n2026-03-04,Acme,5\nMar 2026,Acme,-2\nsome day,Acme,5\n", kind="revenue")
    rows = [row for row in reading.rows() if isinstance(row, RevenueRow)]
    assert [(row.day, row.year, row.month) for row in rows] == [(date(2026, 3, 4), 2026, 3), (None, 2026, 3)]
    assert codes(reading) == {"negative": 1}
    assert reading.report().bad == 1


def test_xlsx_numbers_and_dates_leave_nothing_open() -> None:
    rows = [
        ["Pipeline", "", "", ""],
        ["Deal Name", "Stage", "Amount", "Close Date"],
        ["A", "Closed Won", 1.234, date(2026, 3, 4)],
        ["B", "Closed Won", 0.1 + 0.2, 46000],
        ["C", "Closed Won", "1.234,50", "2026-03-05"],
    ]
    reading = read(xlsx(rows))
    assert reading.described == "XLSX, sheet “Export”"
    assert [(row.row, row.amount, row.close) for row in reading.rows() if isinstance(row, DealRow)] == [
        (3, Decimal("1.234"), date(2026, 3, 4)),
        (4, Decimal("0.3"), date(2025, 12, 9)),
        (5, Decimal("1234.50"), date(2026, 3, 5)),
    ]


def test_rows_are_numbered_as_the_spreadsheet_numbers_them() -> None:
    table = open_table(xlsx([[], ["", ""], ["", "", "Name", "Stage"], [], ["", "", "A", "won"]]))
    assert list(table.rows()) == [(3, ["Name", "Stage"]), (5, ["A", "won"])]


def test_a_constant_is_read_like_a_cell() -> None:
    text = "name,amount\nA,5\n"
    given_maps = ["=won=stage", "=3/4/2026=close", "=2/1/2026=created"]
    assert [question.about for question in read(text, mapping=given_maps).questions] == ["date_order", "date_order"]
    (deal,) = deals(text, mapping=given_maps, date_order="mdy")
    assert (deal.state, deal.close, deal.created) == ("won", date(2026, 3, 4), date(2026, 2, 1))


def test_rows_can_be_gone_through_again_and_a_file_is_left_open(tmp_path: Path) -> None:
    path = tmp_path / "deals.csv"
    path.write_text(PIPELINE)
    with path.open("rb") as file:
        reading = read_file(file, currency="USD", zone=ZONE, today=TODAY)
        next(reading.rows())
        assert list(reading.rows()) == list(reading.rows())
        assert not file.closed
    assert read_file(path, currency="USD", zone=ZONE, today=TODAY).expected == 5


# Files as they come


CELL = st.text(
    st.characters(codec="utf-8", exclude_characters="\0\ufeff", exclude_categories=("Cs",)), max_size=12
).filter(lambda cell: cell == cell.strip())
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"]


def written(rows: Sequence[Sequence[str]], separator: str, ends: str) -> str:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=separator, lineterminator=ends, quoting=csv.QUOTE_ALL).writerows(rows)
    return out.getvalue()


@settings(deadline=None)
@given(
    st.lists(st.lists(CELL, min_size=3, max_size=3), max_size=8),
    st.sampled_from(",;\t|"),
    st.sampled_from(ENCODINGS),
    st.sampled_from(["\n", "\r\n", "\r"]),
)
@example([["a\nb", 'say "x"', "é,;\t|"]], ";", "utf-16-le", "\r\n")
def test_any_table_reads_back(rows: list[list[str]], separator: str, encoding: str, ends: str) -> None:
    header = ["Opportunity Name", "Account Name", "Description of it"]
    text = written([header, *rows], separator, ends)
    read_back = list(open_table(text.encode(encoding)).rows())
    kept = [(number, row) for number, row in enumerate([header, *rows], 1) if any(cell.strip() for cell in row)]
    assert read_back == kept


LATIN = st.text(st.characters(codec="cp1252", exclude_characters="\0", exclude_categories=("Cc",)), max_size=12)


@settings(deadline=None)
@given(st.lists(LATIN.map(str.strip), min_size=1, max_size=6), st.sampled_from(",;\t|"))
def test_windows_files_read_back_unless_they_are_utf8_by_chance(cells: list[str], separator: str) -> None:
    text = written([["Name", "Größe"], *[[f"x{cell}", "Müller"] for cell in cells]], separator, "\r\n")
    read_back = [row for _, row in open_table(text.encode("cp1252")).rows()]
    assert read_back[0] == ["Name", "Größe"]
    assert [row[0] for row in read_back[1:]] == [f"x{cell}" for cell in cells]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("sep=;\nname;stage\nA;won\n", [["name", "stage"], ["A", "won"]]),
        ('"sep=|"\nname|stage\nA|won\n', [["name", "stage"], ["A", "won"]]),
        ("name;amount\nA;1,5\nB;2,5\n", [["name", "amount"], ["A", "1,5"], ["B", "2,5"]]),
        ("name,amount\nA\0cme,5\n", [["name", "amount"], ["Acme", "5"]]),
        ('name,note\nA,"two\nlines"\n', [["name", "note"], ["A", "two\nlines"]]),
        ('name,note\nA,5" pipe\n', [["name", "note"], ["A", '5" pipe']]),
        (
            "name\tnote\nA\tone, two, three\nB\tone, two\n",
            [["name", "note"], ["A", "one, two, three"], ["B", "one, two"]],
        ),
    ],
)
def test_separators(text: str, rows: list[list[str]]) -> None:
    assert [row for _, row in open_table(text.encode()).rows()] == rows


def test_stray_bytes_in_utf8_are_told() -> None:
    table = open_table("name,stage\nMüller,won\nGröße,won\n".encode() + b"Caf\xe9,won\n")
    assert [row[0] for _, row in table.rows()] == ["name", "Müller", "Größe", "Café"]
    assert "1 bytes were not UTF-8" in table.notes[0]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf\r\n \r\n", "empty"),
        (b"\0" * 5000, "empty"),
        (b"\xd0\xcf\x11\xe0" + b"x" * 50, "old Excel"),
        (b"%PDF-1.7", "PDF"),
        (b"\x1f\x8b\x08x", "compressed"),
        (b"<html><table>", "web page"),
        (b'{"deals": []}', "JSON"),
        (b"PK\x03\x04 broken", "damaged"),
        (b"name,stage\n", "no row under it"),
        (b"foo,bar\n1,2\n", "“foo”, “bar”"),
        (b"name,stage\n" + b"x" * 1_100_000, "longer than"),
        (b'name,stage\nA,"won\n' + b"B,won\n" * 40_000, "quotation mark opens"),
        (b"name,stage\n" + b"A," * 600 + b"won\n", "602|601 cells"),
    ],
)
def test_what_is_no_table_is_refused_in_a_sentence(data: bytes, said: str) -> None:
    with pytest.raises(Refused, match=said) as refused:
        list(read(data).rows())
    assert str(refused.value).endswith(".")


def archive(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in files.items():
            packed.writestr(name, data)
    return out.getvalue()


GOOD = [["Name", "Stage"], ["A", "won"]]


def sheet_of(cells: str) -> str:
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return f'<worksheet xmlns="{main}"><sheetData>{cells}</sheetData></worksheet>'


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (
            '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
            "column 16,384",
        ),
        ("<row r='1'><c r='XFD1'><v>1</v></c></row>", "column 16,384"),
        ('<row r="1"><c r="A1"><v>1</v></c></row><row r="900000000"><c r="B900000000"><v>1</v></c></row>', "spans"),
        ('<row r="1"><c r="&#88;FD1"><v>1</v></c></row>', "no spreadsheet writes"),
        ("", "No visible sheet"),
        ("<row><c>", "damaged|No visible sheet"),
    ],
)
def test_hostile_sheets_are_refused_before_they_are_built(cells: str, said: str) -> None:
    with pytest.raises(Refused, match=said):
        read(_with_sheet(cells))


def _with_sheet(cells: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(xlsx(GOOD))) as whole, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for part in whole.namelist():
            packed.writestr(part, sheet_of(cells) if "sheet1" in part else whole.read(part))
    return out.getvalue()


def test_a_bomb_is_refused_by_what_it_unpacks_to() -> None:
    bomb = _with_sheet(f'<row r="1"><c r="A1" t="inlineStr"><is><t>{"x" * 3_000_000}</t></is></c></row>')
    assert len(bomb) < 20_000
    with pytest.raises(Refused, match="Unpacked"):
        open_table(bomb, limits=Limits(unpacked=1_000_000))
    with pytest.raises(Refused, match="archive, not a table"):
        open_table(archive(x=b"1"))


@pytest.mark.parametrize(
    ("texts", "refused"),
    [
        ('<sst uniqueCount="1" count="9"><si><t>a uniqueCount</t></si></sst>', False),
        ('<sst uniqueCount="4000000000"><si><t>a</t></si></sst>', True),
        ('<sst uniqueCount = "4000000000"><si><t>a</t></si></sst>', True),
        ("<sst uniqueCount='4000000000'><si><t>a</t></si></sst>", True),
        ('<sst><si><t>a</t></si></sst><sst uniqueCount="4000000000"/>', True),
        (f'<sst{" " * 1_100_000}uniqueCount="4000000000"><si/></sst>', True),
    ],
)
def test_a_workbook_cannot_claim_more_texts_than_it_has_room_for(texts: str, refused: bool) -> None:
    """The reader makes room for what is claimed: unchecked, two kilobytes end the process."""
    data = _with_texts(texts)
    if not refused:
        assert list(open_table(data).rows())
        return
    with pytest.raises(Refused, match="counted in a way that no spreadsheet does"):
        open_table(data)


def _with_texts(texts: str, cells: str = "") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(xlsx(GOOD))) as whole, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for part in whole.namelist():
            packed.writestr(part, sheet_of(cells) if cells and "sheet1" in part else whole.read(part))
        packed.writestr("xl/SharedStrings.xml", texts)
    return out.getvalue()


def _shows(*numbers: int, form: str = '<c r="{at}" t="s"><v>{n}</v></c>') -> str:
    """Rows of two cells that show the shared texts of these numbers."""
    return "".join(
        f'<row r="{row}">' + "".join(form.format(at=f"{column}{row}", n=number) for column in "AB") + "</row>"
        for row, number in enumerate(numbers, 1)
    )


LONG = "x" * 30_000
SHARED = f"<sst><si><t>Name</t></si><si><t>Notes</t></si><si><t>{LONG}</t></si></sst>"


def test_one_long_text_is_read_and_many_cells_that_share_it_are_refused_before_they_are_built() -> None:
    """The reader copies it into each of them: thirty kilobytes took eleven gigabytes."""
    once = _with_texts(SHARED, _shows(0, 2, 0, 1, 0, 1))
    assert [row[0] for _, row in open_table(once).rows()] == ["Name", LONG, "Name", "Notes", "Name", "Notes"]
    often = _with_texts(SHARED, _shows(0, *[2] * 4_000))
    assert len(often) < 40_000
    with pytest.raises(Refused, match="come to more than 200 MB"):
        open_table(often)
    many_short = _with_texts(SHARED, _shows(0, 2, *[1] * 4_000))
    assert len(list(open_table(many_short).rows())) == 4_002


@pytest.mark.parametrize(
    "form",
    [
        "<c r='{at}' t='s'><v>{n}</v></c>",
        '<c r="{at}" t = "s"><v>{n}</v></c>',
        '<c r="{at}" t="s"><v>0</v><v>{n}</v></c>',
        '<c r="{at}" t="s" q="><v>0</v></c>"><v>{n}</v></c>',
        '<c r="{at}" t="s"><!-- --><v>{n}</v></c>',
        '<c r="{at}" t="s"><v>0{n}</v></c>',
    ],
)
def test_a_text_that_many_cells_share_is_counted_however_they_name_it(form: str) -> None:
    with pytest.raises(Refused, match="come to more than 200 MB"):
        open_table(_with_texts(SHARED, _shows(0, *[2] * 4_000, form=form)))


@pytest.mark.parametrize(
    "texts",
    [
        f"<sst><si><t>Name</t></si><si><t><!-- </si><si> -->{LONG}</t></si></sst>",
        f"<sst><si><t>Name</t></si><si><t><![CDATA[</si><si>]]>{LONG}</t></si></sst>",
        f'<sst><si><t>Name</t></si><si><t a="></si><si ">{LONG}</t></si></sst>',
        f'<sst><si><t>Name</t></si><si><t a="</si><si>">{LONG}</t></si></sst>',
        f"<sst><si><t>Name</t></si><si><si><t>{LONG}</t></si></sst>",
    ],
)
def test_texts_whose_end_is_hidden_are_refused(texts: str) -> None:
    with pytest.raises(Refused, match="counted in a way that no spreadsheet does"):
        open_table(_with_texts(texts, _shows(0, 1)))


def test_blank_texts_do_not_shift_the_count() -> None:
    blanks = "<si/>" * 5
    with pytest.raises(Refused, match="come to more than 200 MB"):
        open_table(_with_texts(f"<sst>{blanks}<si><t>a</t></si><si><t>{LONG}</t></si></sst>", _shows(*[1] * 4_000)))


def test_a_text_longer_than_a_cell_may_hold_is_refused_and_one_with_markup_is_not() -> None:
    with pytest.raises(Refused, match="more than 32,767 characters"):
        open_table(_with_texts(f"<sst><si><t>{'x' * 32_768}</t></si></sst>"))
    runs = "<r><rPr><b/></rPr><t>&amp;</t></r>" * 10_000
    table = open_table(_with_texts(f"<sst><si>{runs}</si><si><t>b</t></si></sst>", _shows(0, 1)))
    assert [row[0] for _, row in table.rows()] == ["&" * 10_000, "b"]


def test_a_sheet_is_measured_wherever_the_workbook_keeps_it() -> None:
    out = io.BytesIO()
    far = '<row r="1"><c r="A1"><v>1</v></c></row><row r="900000000"><c r="B900000000"><v>1</v></c></row>'
    with zipfile.ZipFile(io.BytesIO(xlsx(GOOD))) as whole, zipfile.ZipFile(out, "w") as packed:
        for part in whole.namelist():
            text = whole.read(part).decode().replace("worksheets/sheet1.xml", "odd/place.bin")
            packed.writestr(
                "xl/odd/place.bin" if "sheet1" in part else part, sheet_of(far) if "sheet1" in part else text
            )
    with pytest.raises(Refused, match="spans"):
        open_table(out.getvalue())


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=400))
def test_no_bytes_at_all_raise_anything_but_a_sentence(data: bytes) -> None:
    try:
        reading = read(data)
        if not reading.questions:
            list(reading.rows())
    except Refused as refused:
        said = str(refused)
    else:
        said = "."
    assert said.endswith(".")


@settings(deadline=None, max_examples=150)
@given(st.lists(st.lists(st.text(max_size=15), min_size=8, max_size=8), min_size=1, max_size=4))
def test_no_cells_raise_anything_but_a_row_error(rows: list[list[str]]) -> None:
    header = ["Name", "Account", "Owner", "Amount", "Currency", "Stage", "Close Date", "Splits"]
    first = ["A", "Acme", "Dana", "1", "USD", "won", "2026-01-02", ""]
    said = ["Stage=stage", "Owner=owner", "Account=account"]
    reading = read(written([header, first, *rows], ",", "\n"), date_order="mdy", kind="deals", mapping=said)
    for row in reading.rows():
        assert isinstance(row, DealRow) or all(error.reason.endswith(".") for error in row.errors)


def test_a_name_index_of_many_answers_quickly_and_rightly() -> None:
    names = Names((Known(str(number), f"Company {number} Holding") for number in range(1500)), people=False)
    assert names.find("company 17 holding").key == "17"
    assert names.find("Compani 18 Holding").key == "18"
    assert names.find("Company 1501 Holding").key == ""  # a number is never a typing error


@pytest.mark.parametrize(
    "titles",
    [
        "Rep e-mail,Customer,Order date,Net value,Product",
        "Deal Name,Account Name,Deal Owner,Amount,Closing Date",
        "Customer,Sales rep,Booking amount,Booking date",
    ],
)
def test_bookings_without_a_stage_are_asked_about_and_not_taken_for_accounts(titles: str) -> None:
    columns = understand(titles.split(","))
    assert columns.questions[0].about == "kind"
    assert "deals" in columns.questions[0].choices


def test_a_list_of_accounts_is_one() -> None:
    columns = understand(
        ["Company name", "Company owner", "Industry", "Annual Revenue", "Create Date", "Last Activity Date"]
    )
    assert (columns.kind, columns.questions) == ("accounts", ())
