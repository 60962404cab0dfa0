"""Replies as Adaptive Cards: nothing that Teams refuses, nothing that becomes markup, nothing cut without a word."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.teams import render
from bot.teams.elements import CARD_SIZE
from handlers.conversation.reply import (
    Button,
    Buttons,
    Chart,
    ChartRow,
    Choice,
    ChoiceField,
    DateField,
    Fact,
    Facts,
    Field,
    Form,
    Option,
    Part,
    Reply,
    Table,
    Text,
    TextField,
    TimeField,
)
from tests.fakes import teams_rules as rules

NASTY = [
    "<at>everyone</at>",
    "<at id='0'>x</at> @everyone @channel",
    "<!channel> <@U123>",
    "<https://evil.example|https://bank.example>",
    "[click](https://evil.example) ![x](https://evil.example/x.png)",
    "**bold** _it_ ~~gone~~ `code` # head",
    "- list\n1. one\n> quote",
    "{{DATE(2026-11-18T10:00:00Z, SHORT)}} {{TIME(2026-11-18T10:00:00Z)}}",
    '${jndi} ${$root} {"type": "TextBlock"}',
    "<script>alert(1)</script> <b>x</b> &amp; &lt;",
    "nul \0 here",
    "half \ud83d a pair",
    "\u202eright to left\u202c and \u200b",
    "'; DROP TABLE people; --",
    " ",
    "",
]

LOGGED = Reply(
    text="Logged: call with Acme, today 09:12. 3 of 40 calls this week.",
    parts=(
        Text("Logged: call with Acme", "strong"),
        Facts((Fact("When", "today 09:12"), Fact("Contacts", "Jane Doe"), Fact("Next", "send NDA on Friday"))),
        Buttons((Button("Undo", "t" * 22), Button("Edit", "u" * 22, opens_form=True))),
        Text("3 of 40 calls this week", "quiet"),
    ),
)


def options(number: int, word: str = "Account number") -> tuple[Option, ...]:
    return tuple(Option(f"{word} {each}", str(each)) for each in range(number))


def parts_with(text: str) -> tuple[Part, ...]:
    """Every kind of part, with the text wherever a person's words can stand."""
    return (
        Text(text),
        Text(text, "strong"),
        Text(text, "quiet"),
        Facts((Fact(text, text), Fact("Note", text))),
        Table((text, "Calls"), ((text, "3"), ("Globex", "4")), numeric=(1,)),
        Table(("", "Calls", "Won", "Lost"), ((text, "3", "$4", "$5"),)),
        Buttons((Button(text, "tok-1"), Button("Undo", "tok-2", "danger"))),
        Choice(text, "tok-3", (Option(text, "0"), Option("Globex", "1"))),
        Choice(text, "tok-4", tuple(Option(f"{text} number {number} of many", str(number)) for number in range(12))),
    )


def kinds(card: dict[str, Any], *wanted: str) -> list[dict[str, Any]]:
    return [element for element in rules.elements(card) if element["type"] in wanted]


def tokens(card: dict[str, Any]) -> list[str]:
    return [action["data"]["token"] for action in kinds(card, "Action.Execute", "Action.Submit")]


def problems_of(reply: Reply) -> list[str]:
    message = render.message(reply)
    found = rules.problems_of_message(message)
    # An invoke is answered with a card even where plain words are posted.
    return found if "attachments" in message else found + rules.problems_of_card(render.card(reply))


# ---------------------------------------------------------------- the rules themselves


def test_published_schema_is_there() -> None:
    if rules.schema() is None:
        pytest.skip(rules.SCHEMAS_MISSING)
    card = render.card(LOGGED)
    card["body"][0]["inlines"][0]["wait"] = "Bolder"
    assert any(problem.startswith("schema: ") for problem in rules.problems_of_card(card))


# ---------------------------------------------------------------- what is shown


def test_the_reply_to_a_logged_call() -> None:
    message = render.message(LOGGED)
    assert problems_of(LOGGED) == []
    assert message["summary"] == LOGGED.text
    assert "text" not in message
    card = message["attachments"][0]["content"]
    assert rules.shown(card).splitlines() == [
        "Logged: call with Acme",
        *("When", "today 09:12", "Contacts", "Jane Doe", "Next", "send NDA on Friday"),
        *("Undo", "Edit"),
        "3 of 40 calls this week",
    ]
    assert card["speak"] == LOGGED.text
    assert "msteams" not in card


@pytest.mark.parametrize("text", NASTY)
def test_what_people_typed_is_shown_as_typed_and_notifies_nobody(text: str) -> None:
    """FAULTS 37, 38, 41."""
    card = render.card(Reply(text or "x", parts_with(text)))
    assert problems_of(Reply(text or "x", parts_with(text))) == []
    as_typed = text.replace("\0", "\ufffd").replace("\ud83d", "\ufffd") if text.strip() else "–"
    assert as_typed in rules.shown(card).replace("\u2060", "")
    # The only elements whose text clients read as Markdown, and the only way to a mention.
    assert kinds(card, "TextBlock", "FactSet", "Media", "Image") == []
    markup = json.dumps(card["body"])
    for live in ("{{DATE(", "{{TIME(", "selectAction", "Action.OpenUrl", "entities"):
        assert live not in markup


@pytest.mark.parametrize("text", NASTY[:-2])
def test_a_sentence_alone_is_shown_as_typed_too(text: str) -> None:
    message = render.message(Reply(text))
    assert rules.problems_of_message(message) == []
    assert "entities" not in message
    if "text" in message:
        assert message["textFormat"] == "plain"
        assert message["text"] == text.replace("\0", "\ufffd").replace("\ud83d", "\ufffd")
    else:
        (attachment,) = message["attachments"]
        assert len(kinds(attachment["content"], "RichTextBlock")) == 1


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Nothing to undo.", True),
        ("Logged: 3 calls with Zoë’s team – today, 15:00 (30 min). 50 % of $40k; 1/2 + 1 = 1.5?", True),
        ("First line\nsecond line", True),
        ("Which “Acme”: 1. Acme or 2. Acme Bank?", True),
        ("1. one\n2. two", False),
        ("so:\n- one", False),
        ("a * b", False),
        ("call_back", False),
        ("see https://x.example", False),
        ("www.x.example", False),
        ("ask @Tom", False),
        ("Q & A", False),
        ("#hot", False),
        ("[x]", False),
        ("${x}", False),
    ],
)
def test_plain_words_need_no_card(text: str, plain: bool) -> None:
    message = render.message(Reply(text))
    assert ("text" in message) is plain
    assert problems_of(Reply(text)) == []
    assert plain or text in rules.shown(message["attachments"][0]["content"])


@pytest.mark.parametrize(
    ("text", "read_as_markdown"),
    [
        ("Logged: call, today 09:12. 3 of 40.", "Logged: call, today 09:12. 3 of 40."),
        ("[a](b) **c** <at>d</at>", "\\[a\\](b) \\*\\*c\\*\\* \\<at\\>d\\</at\\>"),
        ("a_b `c` {{DATE(x)}}", "a\\_b \\`c\\` \\{\\{DATE(x)\\}\\}"),
        ("\\*", "\\\\\\*"),
    ],
)
def test_old_clients_read_the_sentence_without_markup(text: str, read_as_markdown: str) -> None:
    assert render.card(Reply(text, (Text("x"),)))["fallbackText"] == read_as_markdown


def test_facts_stand_beside_short_labels_and_under_long_ones() -> None:
    short = render.card(Reply("x", (Facts((Fact("When", "today"), Fact("Next step", "NDA"))),)))
    widths = {element["columns"][0]["width"] for element in kinds(short, "ColumnSet")}
    assert len(widths) == 1, "values stand under one another"
    long = render.card(Reply("x", (Facts((Fact("/log [what you did] | list | undo", "Log a call"),)),)))
    assert kinds(long, "ColumnSet") == []
    assert rules.shown(long) == "/log [what you did] | list | undo\nLog a call"


def test_a_table_has_its_numbers_to_the_right_and_all_of_the_width() -> None:
    rows = (("Calls", "8", "16", "40"), ("Meetings", "1", "3", ""))
    card = render.card(Reply("x", (Table(("", "Done", "Expected by now", "For the week"), rows, (1, 2, 3)),)))
    (table,) = kinds(card, "Table")
    assert [column.get("horizontalCellContentAlignment") for column in table["columns"]] == [None, *["Right"] * 3]
    assert [len(row["cells"]) for row in table["rows"]] == [4, 4, 4]
    assert {run.get("weight") for run in kinds(table["rows"][0], "TextRun")} == {None, "Bolder"}
    assert {run.get("weight") for run in kinds(table["rows"][1], "TextRun")} == {None}
    assert card["msteams"] == {"width": "Full"}
    narrow = render.card(Reply("x", (Table(("Name", "Calls"), (("Jane", "3"),), (1,)),)))
    assert "msteams" not in narrow


@pytest.mark.parametrize(
    ("columns", "row", "is_table"),
    [
        (("Name", "Won", "Target"), ("Priya Nair of the North", "$204,000", "$900,000"), True),
        (("Team", "Bookings", "Target", "Attainment"), ("East", "$1,204,000", "$2,000,000", "60 %"), False),
        (tuple("abcdefghij"), tuple("0123456789"), False),
        (("Site", "Hits"), ("https://a-long-address-without-a-break.example", "3"), False),
    ],
)
def test_what_a_phone_cannot_show_side_by_side_is_a_paragraph_a_row(
    columns: tuple[str, ...], row: tuple[str, ...], is_table: bool
) -> None:
    card = render.card(Reply("x", (Table(columns, (row, row)),)))
    assert bool(kinds(card, "Table")) is is_table
    if not is_table:
        rest = "\u00a0· ".join(f"{name}\u00a0{cell}" for name, cell in zip(columns[1:], row[1:], strict=True))
        assert rules.shown(card) == "\n".join([row[0], rest] * 2)


def test_rows_with_cells_missing_or_to_spare() -> None:
    rows = ((), ("a",), ("b", "1"), ("c", "2", "3"))
    for columns in (("Name", "Calls"), ("Name", "A" * 40)):
        card = render.card(Reply("x", (Table(columns, rows),)))
        assert rules.problems_of_card(card) == []
        assert {len(row["cells"]) for row in kinds(card, "TableRow")} <= {2}


# ---------------------------------------------------------------- what can be pressed


def test_a_button_executes_and_one_that_opens_a_form_fetches_it() -> None:
    buttons = (Button("Refuse", "a", "danger"), Button("Link", "b", "primary", opens_form=True), Button("Undo", "c"))
    refuse, link, undo = kinds(render.card(Reply("x", (Buttons(buttons),))), "Action.Execute", "Action.Submit")
    assert (refuse["type"], refuse["verb"], refuse["data"]) == ("Action.Execute", "pacer", {"token": "a"})
    assert (link["type"], link["data"]) == ("Action.Submit", {"token": "b", "msteams": {"type": "task/fetch"}})
    assert [button.get("style") for button in (refuse, link, undo)] == ["destructive", "positive", None]


@pytest.mark.parametrize(
    ("labels", "rows"),
    [
        (["Undo", "Edit"], [2]),
        (["Undo", "Edit 1", "Edit 2", "Edit 3"], [3, 1]),
        (["A"] * 13, [6, 6, 1]),
        (["Woodgrove Bank of the North", "Woodgrove Leasing"], [1, 1]),
        (["x" * 200, "Undo"], [1, 1]),
    ],
)
def test_rows_of_buttons_are_as_long_as_a_phone_is_wide(labels: list[str], rows: list[int]) -> None:
    card = render.card(Reply("x", (Buttons(tuple(Button(label, str(at)) for at, label in enumerate(labels))),)))
    assert [len(row["actions"]) for row in kinds(card, "ActionSet")] == rows
    assert tokens(card) == [str(at) for at in range(len(labels))]


@pytest.mark.parametrize(
    ("offered", "menu"),
    [
        (options(5, "A rather long name of an account"), False),
        (options(6), True),
        (tuple(Option(kind, kind) for kind in ("Call", "Email", "Meeting", "Demo", "Visit", "Proposal")), False),
    ],
)
def test_a_choice_is_buttons_while_they_are_few(offered: tuple[Option, ...], menu: bool) -> None:
    card = render.card(Reply("x", (Choice("Which?", "tok", offered),)))
    pressed = [action["data"] for action in kinds(card, "Action.Execute")]
    if menu:
        assert pressed == [{"token": "tok"}]
        (inputs,) = kinds(card, "Input.ChoiceSet")
        assert inputs["id"] == "choice:tok"
        assert [each["value"] for each in inputs["choices"]] == [option.value for option in offered]
    else:
        assert pressed == [{"token": "tok", "value": option.value} for option in offered]
    assert rules.shown(card).startswith("Which?\n")


def test_a_menu_must_be_used_by_its_own_button_and_by_no_other() -> None:
    beside = Buttons((Button("Never mind", "no"), Button("Another", "new", opens_form=True)))
    card = render.card(Reply("x", (Choice("Which?", "tok", options(20)), beside, Choice("A or B?", "ab", options(2)))))
    (menu,) = kinds(card, "Input.ChoiceSet")
    assert menu["isRequired"]
    free = {action["data"]["token"] for action in kinds(card, "Action.Execute", "Action.Submit")
            if action.get("associatedInputs") == "none"}  # fmt: skip
    assert free == {"no", "new", "ab"}
    two = render.card(Reply("x", (Choice("Which?", "one", options(20)), Choice("And?", "two", options(20)))))
    # Each button sends both menus along; a client would ask for both if they were required.
    assert [menu.get("isRequired") for menu in kinds(two, "Input.ChoiceSet")] == [None, None]


def test_only_tokens_and_option_values_are_carried() -> None:
    """FAULT 35: there is nothing in a payload that could be pointed at another person's record."""
    card = render.card(Reply("x", parts_with("Acme")))
    carried = [action["data"] for action in kinds(card, "Action.Execute", "Action.Submit")]
    assert carried == [
        {"token": "tok-1"},
        {"token": "tok-2"},
        {"token": "tok-3", "value": "0"},
        {"token": "tok-3", "value": "1"},
        {"token": "tok-4"},
    ]


# ---------------------------------------------------------------- too much


@pytest.mark.parametrize(
    ("parts", "word"),
    [
        ((Text("word " * 20_000),), "(shortened)"),
        ((Text("\x01" * 20_000),), "(shortened)"),
        ((Table(("Name", "Calls"), (("\x01" * 9, "\x01"),) * 90),), "of 90 rows"),
        ((Text("\U0001f600" * 20_000, "strong"),), "(shortened)"),
        (tuple(Text("word " * 400) for _ in range(40)), "left out"),
        (tuple(Text(f"line {number}") for number in range(1000)), "left out"),
        ((Facts(tuple(Fact(f"Label {number}", "value " * 50) for number in range(300))),), "of 300 entries"),
        ((Facts((Fact("Note", "word " * 20_000),)),), "(shortened)"),
        ((Table(("Name", "Calls"), tuple((f"Person {n}", str(n)) for n in range(500)), (1,)),), "of 500 rows"),
        ((Table(tuple(f"c{n}" for n in range(30)), (tuple("x" * 30 for _ in range(30)),) * 500),), "of 500 rows"),
        (
            (Choice("which " * 2000, "tok", options(300, "A name of some length, of a kind that is seen")),),
            "of 300 are",
        ),
    ],
)
def test_too_much_is_left_out_with_a_word_and_the_buttons_stay(parts: tuple[Part, ...], word: str) -> None:
    """FAULT 25."""
    buttons = Buttons((Button("Undo", "undo"), Button("Edit", "edit")))
    assert problems_of(Reply("\x01" * 20_000, (*parts, buttons))) == []
    reply = Reply("sentence " * 20_000, (*parts, buttons))
    assert problems_of(reply) == []
    card = render.card(reply)
    assert len(msgspec.json.encode(card)) <= CARD_SIZE
    assert word in rules.shown(card)
    assert {"undo", "edit"} <= set(tokens(card))
    assert card["speak"].endswith("(shortened)")
    assert problems_of(Reply("sentence " * 20_000)) == []


def test_a_table_of_hundreds_keeps_most_of_what_fits() -> None:
    card = render.card(
        Reply("x", (Table(("Name", "Calls"), tuple((f"Person {n}", str(n)) for n in range(500)), (1,)),))
    )
    assert len(kinds(card, "TableRow")) > 50
    assert len(msgspec.json.encode(card)) > CARD_SIZE * 0.9


def test_sixty_buttons_with_long_words_are_all_there() -> None:
    buttons = Buttons(tuple(Button("label " * 40, f"{number:022}") for number in range(60)))
    menus = tuple(Choice("Which?", f"menu-{number}", options(300)) for number in range(3))
    reply = Reply("x", (Text("word " * 20_000), buttons, *menus))
    assert problems_of(reply) == []
    assert tokens(render.card(reply)) == [f"{number:022}" for number in range(60)] + ["menu-0", "menu-1", "menu-2"]


def test_a_list_with_buttons_to_each_line_keeps_whole_lines_from_the_top() -> None:
    lines = tuple(
        part
        for number in range(150)
        for part in (
            Text(f"Call with Acme number {number}"),
            Buttons((Button("Edit", f"edit-{number:020}"), Button("Remove", f"remove-{number:020}"))),
        )
    )
    reply = Reply("x", lines)
    assert problems_of(reply) == []
    card = render.card(reply)
    assert rules.shown(card).endswith(render.LEFT_OUT)
    kept = tokens(card)
    assert len(kept) > 100
    assert kept == [f"{word}-{number:020}" for number in range(150) for word in ("edit", "remove")][: len(kept)]
    assert rules.shown(card).count("Call with Acme") - 1 <= len(kept) // 2 <= rules.shown(card).count("Call with Acme")


def test_more_buttons_than_fit_are_counted() -> None:
    reply = Reply("x", (Buttons(tuple(Button("label " * 40, f"{number:022}") for number in range(400))),))
    assert problems_of(reply) == []
    card = render.card(reply)
    assert f"Only {len(tokens(card))} of 400 buttons fit here." in rules.shown(card)


@pytest.mark.parametrize("parts", [(), (Text(" "),), (Facts(()), Table((), ()), Buttons(()))])
def test_where_the_parts_show_nothing_the_sentence_is_shown(parts: tuple[Part, ...]) -> None:
    for sentence in ("Nothing to undo.", "\x07" * 3000):
        reply = Reply(sentence, parts)
        assert problems_of(reply) == []
        assert sentence[:100] in rules.shown(render.card(reply))


# ---------------------------------------------------------------- dialogs

FORM = Form(
    "Change an activity",
    "tok-form",
    (
        ChoiceField("kind", "What was it?", (Option("Call", "call"), Option("E-mail", "email")), value="email"),
        TextField("contacts", "With whom", hint="Jane Doe, Tom", optional=True, max_length=500),
        DateField("day", "Day", value="2026-11-18"),
        TimeField("time", "Time", value="15:00", optional=True),
        ChoiceField("outcome", "Outcome", (Option("Connected", "connected"),), value="connected", optional=True),
        TextField("note", "Note <at>x</at>", value="**as** typed\nin two lines", multiline=True, optional=True),
        TextField(
            "amount", "Amount", hint="In the plan's currency unless you write another one behind it, as in 75 EUR"
        ),
    ),
    intro="What you wrote: [a](b)",
)


def inputs(dialog: dict[str, Any]) -> dict[str, dict[str, Any]]:
    card = dialog["card"]["content"]
    return {element["id"]: element for element in rules.elements(card) if element["type"].startswith("Input.")}


def test_every_field_of_a_form() -> None:
    dialog = render.dialog(FORM)
    assert rules.problems_of_dialog(dialog) == []
    assert dialog["title"] == "Change an activity"
    found = inputs(dialog)
    assert {name: (each["type"], each.get("value")) for name, each in found.items()} == {
        "kind": ("Input.ChoiceSet", "email"),
        "contacts": ("Input.Text", None),
        "day": ("Input.Date", "2026-11-18"),
        "time": ("Input.Time", "15:00"),
        "outcome": ("Input.ChoiceSet", "connected"),
        "note": ("Input.Text", "**as** typed\nin two lines"),
        "amount": ("Input.Text", None),
    }
    assert {name for name, each in found.items() if each.get("isRequired")} == {"kind", "day", "amount"}
    assert found["contacts"]["placeholder"] == "Jane Doe, Tom"
    assert found["contacts"]["maxLength"] == 500
    assert found["note"]["isMultiline"]
    assert "isMultiline" not in found["contacts"]
    (send,) = dialog["card"]["content"]["actions"]
    assert (send["type"], send["title"], send["data"]) == ("Action.Submit", "Save", {"token": "tok-form"})
    shown = rules.shown(dialog["card"]["content"])
    assert shown.startswith("What you wrote: [a](b)\n")
    assert "75 EUR" in shown, "a hint that is too long for its field stands under it"


def test_a_choice_that_need_not_be_made_can_be_taken_back() -> None:
    choices = inputs(render.dialog(FORM))["outcome"]["choices"]
    assert choices == [{"title": "None", "value": " "}, {"title": "Connected", "value": "connected"}]
    assert [each["title"] for each in inputs(render.dialog(FORM))["kind"]["choices"]] == ["Call", "E-mail"]


def test_a_problem_stands_under_its_field_and_what_was_sent_stays() -> None:
    """FAULT 36's sister: a form that came back has lost nothing."""
    sent = {
        "kind": "call",
        "contacts": "",
        "day": "2026-11-19",
        "time": "",
        "outcome": "",
        "note": "new",
        "amount": "lots",
    }
    problems = {"amount": "I cannot read “lots” as an amount.", "time": "Needed here.", "gone": "Not here any more."}
    dialog = render.dialog(FORM, problems, sent)
    assert rules.problems_of_dialog(dialog) == []
    assert {name: each.get("value", "") for name, each in inputs(dialog).items()} == sent
    lines = rules.shown(dialog["card"]["content"]).splitlines()
    assert lines[1:3] == ["Please look again at: Time, Amount.", "Not here any more."]
    assert lines[lines.index("Amount") + 1] == problems["amount"]
    assert lines[lines.index("Time") + 1] == problems["time"]
    red = {run["text"] for run in kinds(dialog["card"]["content"], "TextRun") if run.get("color") == "Attention"}
    assert red == {*problems.values(), lines[1]}


def test_what_was_not_sent_again_stands_as_before() -> None:
    assert inputs(render.dialog(FORM, {}, {"amount": "$5"}))["note"]["value"] == "**as** typed\nin two lines"


def test_a_day_and_its_time_share_a_line() -> None:
    (line,) = kinds(render.dialog(FORM)["card"]["content"], "ColumnSet")
    assert [column["items"][0]["id"] for column in line["columns"]] == ["day", "time"]


@pytest.mark.parametrize(
    "field",
    [
        ChoiceField("account", "Account", options(2000, "A name of some length, of a kind that is seen"), value="1500"),
        ChoiceField("account", "Account", options(30), value="29"),
    ],
)
def test_the_one_chosen_now_is_among_the_options(field: ChoiceField) -> None:
    dialog = render.dialog(Form("x", "t", (field,)))
    assert rules.problems_of_dialog(dialog) == []
    assert inputs(dialog)["account"]["value"] == field.value
    assert inputs(dialog)["account"]["style"] == "filtered"
    assert ("Only the first" in rules.shown(dialog["card"]["content"])) is (len(field.options) > 1000)


def test_what_is_chosen_and_unknown_is_not_shown_as_chosen() -> None:
    field = ChoiceField("account", "Account", options(3), value="gone")
    assert "value" not in inputs(render.dialog(Form("x", "t", (field,))))["account"]


def test_a_long_form_keeps_what_was_typed_whole() -> None:
    fields: tuple[Field, ...] = (
        *(TextField(f"text{n}", "Text " * 50, value="é" * 3000, hint="hint " * 50, max_length=4000) for n in range(3)),
        *(ChoiceField(f"menu{n}", "Menu", options(500), value="499") for n in range(3)),
    )
    dialog = render.dialog(Form("title " * 50, "t", fields, intro="word " * 5000), {"text0": "wrong " * 100})
    assert rules.problems_of_dialog(dialog) == []
    assert len(msgspec.json.encode(dialog["card"]["content"])) <= CARD_SIZE
    assert [each["value"] for name, each in inputs(dialog).items() if name.startswith("text")] == ["é" * 3000] * 3


def test_a_form_that_no_card_could_carry_says_what_it_left_out() -> None:
    fields = tuple(TextField(f"text{n}", "Text", value="é" * 4000, max_length=4000) for n in range(6))
    dialog = render.dialog(Form("x", "t", fields), {"text0": "Too vague."})
    assert rules.problems_of_dialog(dialog) == []
    assert "Too vague. Only the beginning fits here" in rules.shown(dialog["card"]["content"])


def test_a_notice_only_says_something() -> None:
    dialog = render.notice("Not saved yet", "I will confirm. **x** <at>y</at>")
    assert rules.problems_of_dialog(dialog) == []
    assert rules.shown(dialog["card"]["content"]) == "I will confirm. **x** <at>y</at>"


# ---------------------------------------------------------------- whatever there is

_texts = st.text(max_size=200) | st.sampled_from(NASTY) | st.text(min_size=1, max_size=3).map(lambda text: text * 3000)
_names = st.lists(st.text("0123456789abcdef", min_size=1, max_size=8), min_size=1, max_size=15, unique=True)
_parts: st.SearchStrategy[Part] = st.one_of(
    st.builds(Text, _texts, st.sampled_from(["plain", "strong", "quiet"])),
    st.builds(Facts, st.lists(st.builds(Fact, _texts, _texts), max_size=20).map(tuple)),
    st.builds(
        Chart,
        _texts,
        st.sampled_from(["bars", "trend"]),
        st.lists(st.builds(ChartRow, _texts, st.none() | st.floats(), _texts), max_size=5).map(tuple),
        _texts,
    ),
    st.builds(
        Table,
        st.lists(_texts, max_size=5).map(tuple),
        st.lists(st.lists(_texts, max_size=6).map(tuple), max_size=8).map(tuple),
        st.just((0,)),
    ),
    st.builds(
        lambda labels, style, form: Buttons(
            tuple(Button(label, f"t{at}", style, opens_form=form) for at, label in enumerate(labels))
        ),
        st.lists(_texts, min_size=1, max_size=7),
        st.sampled_from(["plain", "primary", "danger"]),
        st.booleans(),
    ),
    st.builds(
        lambda prompt, label, values: Choice(prompt, "tok", tuple(Option(label, value) for value in values)),
        _texts,
        _texts,
        _names,
    ),
)


def _one_menu_at_most(parts: list[Part]) -> tuple[Part, ...]:
    """Tokens are unguessable and differ; a test's two menus do not."""
    menus = [part for part in parts if isinstance(part, Choice)]
    return tuple(part for part in parts if part not in menus[1:])


@settings(max_examples=20, deadline=None)
@given(st.builds(Reply, _texts.filter(str.strip), st.lists(_parts, max_size=12).map(_one_menu_at_most)))
def test_whatever_a_reply_holds_teams_takes_it_with_every_button(reply: Reply) -> None:
    assert problems_of(reply) == []
    card = render.card(reply)
    assert len(msgspec.json.encode(card)) <= CARD_SIZE
    wanted = [
        token
        for part in reply.parts
        for token in (
            [button.token for button in part.buttons]
            if isinstance(part, Buttons)
            else [part.token]
            if isinstance(part, Choice)
            else []
        )
    ]
    assert list(dict.fromkeys(tokens(card))) == list(dict.fromkeys(wanted))


_fields: st.SearchStrategy[Field] = st.one_of(
    st.builds(TextField, st.just("n"), _texts, _texts, _texts, st.booleans(), st.booleans()),
    st.builds(
        lambda label, values, chosen, hint, optional: ChoiceField(
            "n", label, tuple(Option(label, value) for value in values), values[-1] if chosen else "", hint, optional
        ),
        _texts,
        _names,
        st.booleans(),
        _texts,
        st.booleans(),
    ),
    st.builds(DateField, st.just("n"), _texts, st.sampled_from(["", "2026-11-18"]), _texts, st.booleans()),
    st.builds(TimeField, st.just("n"), _texts, st.sampled_from(["", "15:00"]), _texts, st.booleans()),
)


@settings(max_examples=30, deadline=None)
@given(_texts, _texts, st.lists(_fields, min_size=1, max_size=6), _texts)
def test_whatever_a_form_holds_teams_takes_it(title: str, intro: str, fields: list[Field], problem: str) -> None:
    named = tuple(msgspec.structs.replace(field, name=f"f{at}") for at, field in enumerate(fields))
    form = Form(title, "tok", named, intro=intro)
    for problems in ({}, {"f0": problem, "f9": problem}):
        dialog = render.dialog(form, problems)
        assert rules.problems_of_dialog(dialog) == []
        assert len(msgspec.json.encode(dialog["card"]["content"])) <= CARD_SIZE
        assert list(inputs(dialog)) == [field.name for field in named]
