"""FAULTS 37 and 38, tried with whatever can be put together: what people typed is shown as typed and notifies nobody.

Names, notes, reasons and stories are a person's words, and so are the titles of what a calendar brings. Fragments of
every markup that either platform knows are joined at random, cut in the middle, doubled and mixed with other letters.
"""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.slack import render as slack
from bot.teams import render as teams
from handlers.conversation.reply import Reply
from tests.fakes import slack_rules, teams_rules
from tests.test_slack_render import NASTY as NASTY_IN_SLACK
from tests.test_slack_render import parts_with as slack_parts
from tests.test_teams_render import NASTY as NASTY_IN_TEAMS
from tests.test_teams_render import kinds
from tests.test_teams_render import parts_with as teams_parts

FRAGMENTS = (
    *NASTY_IN_SLACK,
    *NASTY_IN_TEAMS,
    *(
        "<!",
        "<@",
        "<#C1|",
        "|",
        ">",
        "<",
        "!subteam^S1",
        "<!date^1^{date}|x>",
        "@",
        "everyone",
        "channel",
        "&lt;!here&gt;",
    ),
    *(
        "</at>",
        "<at>",
        "](",
        "https://evil.example",
        "mailto:a@b",
        "www.",
        "\\",
        "`",
        "\n",
        "\r\n",
        "\t",
        "{{",
        "}}",
        "${",
    ),
    *("\u200b", "\u2060", "\u00ad", "＜!channel＞", "＠everyone", "e\u0301"),
)
joined = st.lists(
    st.sampled_from(FRAGMENTS)
    | st.text(max_size=4)
    | st.builds(lambda text, at: text[at:], st.sampled_from(FRAGMENTS), st.integers(0, 9)),
    min_size=1,
    max_size=6,
).map("".join)


def storable(text: str) -> str:
    """As it is kept: a NUL and half a pair have no place in a row."""
    return text.replace("\0", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


@settings(max_examples=25, deadline=None)
@given(joined.map(storable).filter(str.strip))
def test_slack(text: str) -> None:
    reply = Reply(text, slack_parts(text))
    message = slack.message(reply)
    assert slack_rules.problems_of_message(message) == []
    assert slack_rules.problems_of_view(slack.home(reply)) == []
    markup = json.dumps(message["blocks"])
    for live in ("mrkdwn", '"link"', "broadcast", '"user"', "usergroup", '"channel"', '"emoji": true', '"markdown"'):
        assert live not in markup.replace(json.dumps(text)[1:-1], "")
    fallback = message["text"]
    assert "<" not in fallback
    assert not any(f"@{name}" in fallback for name in ("everyone", "channel", "here"))


@settings(max_examples=25, deadline=None)
@given(joined.map(storable).filter(str.strip))
def test_teams(text: str) -> None:
    reply = Reply(text, teams_parts(text))
    card = teams.card(reply)
    assert teams_rules.problems_of_card(card) == []
    # The only elements whose text clients read as Markdown.
    assert kinds(card, "TextBlock", "FactSet", "Media", "Image") == []
    markup = json.dumps(card["body"])
    for live in ("{{DATE(", "{{TIME(", '"selectAction"', "Action.OpenUrl"):
        assert live not in markup
    for message in (teams.message(reply), teams.message(Reply(text))):
        assert teams_rules.problems_of_message(message) == []
        assert "entities" not in message
        assert message.get("textFormat", "plain") == "plain"
