"""How Slack shows and does what Pacer says and offers; bot/parity.py makes a page of it."""

from __future__ import annotations

from bot.ways import Shown, Way
from handlers.conversation.reply import (
    Buttons,
    Chart,
    Choice,
    ChoiceField,
    DateField,
    Document,
    Facts,
    Form,
    Table,
    Text,
    TextField,
    TimeField,
)

SHOWS: dict[type, Shown] = {
    Text: Shown("a section, rich text or context", "section"),
    Facts: Shown("rich text, labels bold", "rich_text"),
    Table: Shown("a table; letters of one width on Home and for a second one", "table"),
    Chart: Shown("its sentence; the picture follows in a message of its own", "rich_text"),
    Document: Shown("its name; the file follows in the one-to-one chat", "rich_text"),
    Buttons: Shown("buttons, rows of five", "button"),
    Choice: Shown("buttons, or a menu when there are more than five", "button"),
    Form: Shown("a modal", "modal"),
    TextField: Shown("a text input", "plain_text_input"),
    ChoiceField: Shown("a menu", "static_select"),
    DateField: Shown("a date picker", "datepicker"),
    TimeField: Shown("a time picker", "timepicker"),
}

DOES: dict[str, Way] = {
    "command": Way("a slash command", "test_log_call_acme"),
    "words": Way("a direct message", "test_every_way_of_saying_it_ends_with_the_same_row"),
    "mention": Way("a mention", "test_every_way_of_saying_it_ends_with_the_same_row"),
    "group": Way("a mention", "test_account_question_by_mention_and_by_words"),
    "private": Way("an ephemeral message", "test_log_call_acme"),
    "button": Way("block_actions", "test_undo_by_button"),
    "replace": Way("chat.update, or the response_url", "test_undo_by_button"),
    "picture": Way(
        "the words first; an image block in the one-to-one chat follows", "test_pictures_follow_in_the_one_to_one_chat"
    ),
    "file": Way("uploaded into the one-to-one chat", "test_a_document_is_shared_in_the_one_to_one_chat"),
    "attached": Way("attached to a message or beside a mention", "test_a_file_without_words"),
    "form": Way("a modal", "test_edit_opens_the_form_filled_in_and_changes_the_record"),
    "form by words": Way("a modal from the slash command", "test_form_logs"),
    "problems": Way("beside the fields", "test_form_logs"),
    "message": Way("a message shortcut", "test_shortcut_log_this"),
    "compose": Way("the slash command", "test_log_call_acme", instead=True),
    "search": Way("a question with the nearest names", "test_account_question", instead=True),
    "own page": Way("App Home", "test_home_shows_my_week"),
    "first": Way("conversations.open", "test_find_in_the_direct_chat_and_in_a_thread"),
    "added": Way("the welcome at the first contact", "test_home_shows_my_week", instead=True),
    "removed": Way(
        "app_uninstalled: what waits is withdrawn, the token is dropped", "test_uninstalled_then_installed_again"
    ),
    "unsure": Way("found by its metadata in the history", "test_a_post_that_was_done_but_not_answered_is_found"),
}
