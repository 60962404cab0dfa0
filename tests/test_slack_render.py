"""Replies as Block Kit: nothing that Slack refuses, nothing that becomes markup, nothing cut without a word."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.shorten import SHORTENED
from bot.slack import render
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
    Form,
    Option,
    Part,
    Reply,
    Table,
    Text,
    TextField,
    TimeField,
)
from tests.fakes import slack_rules as rules

NASTY = [
    "<!channel>",
    "<!here|here>",
    "@everyone",
    "@here and @channel",
    "<@U123>",
    "<https://evil.example|https://bank.example>",
    "[click](https://evil.example)",
    "*bold* _it_ ~gone~ `code` ```pre```",
    ":tada: &amp; & < >",
    '${jndi} {{x}} {"type": "section"}',
    "nul \0 here",
    "\u202eright to left\u202c and \u200b",
    "'; DROP TABLE people; --",
    "> quote\n• list\n1. one",
    " ",
    "",
]

LOGGED = Reply(
    text="Logged: call with Acme, today 09:12. 3 of 40 calls this week.",
    parts=(
        Text("Logged: call with Acme", "strong"),
        Facts((Fact("When", "today 09:12"), Fact("Contacts", "Jane Doe"), Fact("Next", "send NDA on Friday"))),
        Buttons((Button("Undo", "t" * 22), Button("Edit", "u" * 22))),
        Text("3 of 40 calls this week", "quiet"),
    ),
)


def parts_with(text: str) -> tuple[Part, ...]:
    """Every kind of part, with the text wherever a person's words can stand."""
    return (
        Text(text),
        Text(text, "strong"),
        Text(text, "quiet"),
        Facts((Fact(text, text), Fact("Note", text))),
        Table((text, "Calls"), ((text, "3"), ("Globex", "4")), numeric=(1,)),
        Table((text,), ((text,),)),
        Buttons((Button(text, "tok-1"), Button("Undo", "tok-2", "danger"))),
        Choice(text, "tok-3", (Option(text, "0"), Option("Globex", "1"))),
        Choice(text, "tok-4", tuple(Option(f"{text} {number}", str(number)) for number in range(7))),
    )


def every_string(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for held in value.values() for text in every_string(held)]
    if isinstance(value, list):
        return [text for held in value for text in every_string(held)]
    return []


def test_published_schemas_are_there() -> None:
    if rules.schema("slack-types-*.SlackBlocks.schema.json") is None:
        pytest.skip(rules.SCHEMAS_MISSING)
    button = {"type": "button", "text": {"type": "plain_text", "text": "x"}, "action_id": "a", "styles": "loud"}
    found = rules.problems_of_message({"text": "x", "blocks": [{"type": "actions", "elements": [button]}]})
    assert any(problem.startswith("schema: ") for problem in found)


@pytest.mark.parametrize(
    "block",
    [
        {"type": "section", "text": {"type": "plain_text", "text": "x" * 3001}},
        {"type": "section", "text": {"type": "html"}},
        {"type": "header", "text": {"type": "plain_text", "text": "x" * 151}},
        {"type": "actions", "elements": []},
        {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": ""}]}]},
        {"type": "nothing"},
    ],
)
def test_the_rules_know_what_slack_refuses(block: dict[str, Any]) -> None:
    assert rules.problems_of_message({"text": "x", "blocks": [block]})


def test_the_reply_to_a_logged_call() -> None:
    message = render.message(LOGGED)
    assert rules.problems_of_message(message) == []
    assert rules.shown(message["blocks"]) == (
        "Logged: call with Acme\n"
        "When  today 09:12\nContacts  Jane Doe\nNext  send NDA on Friday\n"
        "Undo Edit\n"
        "3 of 40 calls this week"
    )
    assert message["text"] == LOGGED.text


@pytest.mark.parametrize("text", NASTY)
def test_what_people_typed_is_shown_as_typed_and_notifies_nobody(text: str) -> None:
    """FAULTS 37, 38, 41."""
    message = render.message(Reply(text or "x", parts_with(text)))
    assert rules.problems_of_message(message) == []
    as_typed = text.replace("\0", "\ufffd") if text.strip() else "–"
    assert as_typed in rules.shown(message["blocks"])
    markup = json.dumps(message["blocks"])
    for kind in ("mrkdwn", '"link"', "broadcast", '"user"', '"emoji": true', '"markdown"'):
        assert kind not in markup
    home = render.home(Reply(text or "x", parts_with(text)))
    assert rules.problems_of_view(home) == []


@pytest.mark.parametrize("text", NASTY[:-2])
def test_top_level_text_is_escaped(text: str) -> None:
    shown = render.fallback(text)
    assert "<" not in shown
    assert "@everyone" not in shown
    back = shown.replace("\u2060", "").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    assert back == text.replace("\0", "\ufffd")


def test_reply_without_parts_shows_its_sentence() -> None:
    message = render.message(Reply("Nothing to undo."))
    assert rules.problems_of_message(message) == []
    assert rules.shown(message["blocks"]) == "Nothing to undo."


def test_choice_is_buttons_while_few_and_then_a_menu() -> None:
    few = render.message(Reply("Which?", (Choice("Which?", "tok", tuple(Option(f"A{n}", str(n)) for n in range(5))),)))
    pressed = few["blocks"][1]["elements"]
    assert [render.pressed(button["action_id"]) for button in pressed] == ["tok"] * 5
    assert [button["value"] for button in pressed] == ["0", "1", "2", "3", "4"]
    many = render.message(Reply("Which?", (Choice("Which?", "tok", tuple(Option(f"A{n}", str(n)) for n in range(6))),)))
    assert many["blocks"][1]["elements"][0]["type"] == "static_select"
    assert many["blocks"][1]["elements"][0]["action_id"] == "tok"
    huge = Reply("Which?", (Choice("Which?", "tok", tuple(Option(f"A{n}", str(n)) for n in range(250))),))
    message = render.message(huge)
    assert rules.problems_of_message(message) == []
    assert "Only the first 100 of 250" in rules.shown(message["blocks"])


def test_buttons_wrap_after_five() -> None:
    message = render.message(Reply("x", (Buttons(tuple(Button(f"B{n}", f"tok{n}") for n in range(12))),)))
    assert [len(block["elements"]) for block in message["blocks"]] == [5, 5, 2]


@pytest.mark.parametrize(
    "parts",
    [
        (Text("word " * 5000),),
        (Text("word " * 5000, "strong"),),
        (Text("word " * 5000, "quiet"),),
        tuple(Text(f"line {number}") for number in range(300)),
        tuple(Text("word " * 400) for _ in range(20)),
        (Facts(tuple(Fact(f"Label {number}", "value " * 50) for number in range(100))),),
        (Table(tuple(f"c{n}" for n in range(30)), tuple(tuple("x" * 30 for _ in range(30)) for _ in range(500))),),
        (Table(("Name", "Calls"), tuple((f"Person {n}", str(n)) for n in range(500)), (1,)),),
        (Buttons(tuple(Button("label " * 40, f"tok{n}") for n in range(400))),),
        (Choice("which " * 2000, "tok", tuple(Option("name " * 60, str(n)) for n in range(150))),),
    ],
)
def test_too_much_is_shortened_with_a_word(parts: tuple[Part, ...]) -> None:
    """FAULT 25."""
    message = render.message(Reply("sentence " * 2000, parts))
    assert rules.problems_of_message(message) == []
    said = rules.shown(message["blocks"])
    assert any(word in said for word in ("shortened", "left out", "The first", "Only the first", "…"))
    assert message["text"].endswith(SHORTENED)
    home = render.home(Reply("x", parts))
    assert rules.problems_of_view(home) == []


def test_form() -> None:
    form = Form(
        "Edit this activity, whatever it was",
        "tok-form",
        (
            TextField("note", "Note <!channel>", value="x" * 5000, multiline=True, max_length=4000, hint="As typed"),
            TextField("contacts", "Contacts", optional=True),
            ChoiceField("kind", "Kind", (Option("Call", "call"), Option("E-mail", "email")), value="email"),
            ChoiceField("account", "Account", tuple(Option(f"A{n}", str(n)) for n in range(200)), value="150"),
            DateField("day", "Day", value="2026-11-18"),
            DateField("next_day", "Next", optional=True),
            TimeField("time", "Time", value="15:00", optional=True),
        ),
        intro="What you wrote: <!channel>",
    )
    view = render.modal(form)
    assert rules.problems_of_view(view) == []
    assert view["private_metadata"] == "tok-form"
    assert len(view["title"]["text"]) <= 24
    kind = next(block for block in view["blocks"] if block.get("block_id") == "kind")
    assert kind["element"]["initial_option"]["value"] == "email"
    account = next(block for block in view["blocks"] if block.get("block_id") == "account")
    assert account["element"]["initial_option"]["text"]["text"] == "A150"
    assert "Only the first 100 of 200" in account["hint"]["text"]
    assert rules.problems_of_view(render.notice("Not saved yet", "I will confirm.")) == []


def test_a_problem_without_a_field_of_its_own_stands_beside_the_first() -> None:
    assert render.errors({"amount": "No number.", "other": "Nor this."}, ["day", "amount"]) == {
        "amount": "No number.",
        "day": "Nor this.",
    }


def test_only_tokens_and_option_values_are_carried() -> None:
    """FAULT 35: there is nothing in a payload that could be pointed at another person's record."""
    carried = {
        text
        for block in render.message(Reply("x", parts_with("Acme")))["blocks"]
        if block["type"] == "actions"
        for element in block["elements"]
        for text in (render.pressed(element["action_id"]), element.get("value"))
    }
    assert carried == {"tok-1", "tok-2", "tok-3", "tok-4", "0", "1", None}


_texts = st.text(max_size=200) | st.sampled_from(NASTY)
_options = st.builds(Option, _texts, st.text("0123456789abcdef", min_size=1, max_size=8))
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
        st.lists(_texts, min_size=1, max_size=4).map(tuple),
        st.lists(st.lists(_texts, max_size=5).map(tuple), max_size=8).map(tuple),
        st.just((0,)),
    ),
    st.lists(_texts, min_size=1, max_size=7).map(
        lambda labels: Buttons(tuple(Button(label, f"t{at}") for at, label in enumerate(labels)))
    ),
    st.builds(Choice, _texts, st.just("tok"), st.lists(_options, min_size=1, max_size=9).map(tuple)),
)


@settings(max_examples=40, deadline=None)
@given(st.builds(Reply, _texts.filter(str.strip), st.lists(_parts, max_size=12).map(tuple)))
def test_whatever_a_reply_holds_slack_takes_it(reply: Reply) -> None:
    again = msgspec.json.decode(msgspec.json.encode(reply), type=Reply)
    assert rules.problems_of_message(render.message(again)) == []
    assert rules.problems_of_view(render.home(again)) == []
