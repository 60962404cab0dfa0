"""How Teams shows and does what Pacer says and offers; bot/parity.py makes a page of it."""

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
    Text: Shown("rich text in an Adaptive Card", "RichTextBlock"),
    Facts: Shown("two columns, labels subdued", "ColumnSet"),
    Table: Shown("a table; a paragraph a row beyond six columns", "Table"),
    Chart: Shown("an image in the card", "Image"),
    Document: Shown("its name; the question whether to save it follows", "RichTextBlock"),
    Buttons: Shown("Action.Execute, or a dialog's Action.Submit; rows that fit a phone", "Action.Execute"),
    Choice: Shown("buttons, or a menu when there are more than five", "Action.Execute"),
    Form: Shown("a dialog with a card", "AdaptiveCard"),
    TextField: Shown("Input.Text", "Input.Text"),
    ChoiceField: Shown("Input.ChoiceSet", "Input.ChoiceSet"),
    DateField: Shown("Input.Date", "Input.Date"),
    TimeField: Shown("Input.Time", "Input.Time"),
}

DOES: dict[str, Way] = {
    "command": Way("plain words, with or without the slash", "test_log_call_acme_as_a_message", instead=True),
    "words": Way("a personal chat", "test_log_call_acme_as_a_message"),
    "mention": Way("a mention", "test_mentioned_in_a_channel_it_answers_one_to_one"),
    "group": Way("a mention", "test_in_a_group_chat"),
    "private": Way(
        "the one-to-one chat; where the app is not added for the person, the channel says how to get it",
        "test_mentioned_in_a_channel_it_answers_one_to_one",
        instead=True,
    ),
    "button": Way("Action.Execute", "test_undo_by_the_cards_button"),
    "replace": Way("the card refreshed in the response, and the message updated", "test_undo_by_the_cards_button"),
    "picture": Way("an image in the card", "test_a_chart_is_an_image_in_the_card"),
    "file": Way(
        "a file consent card in the one-to-one chat; once allowed, it is saved in the person's OneDrive",
        "test_a_document_is_offered_and_then_saved",
    ),
    "attached": Way(
        "attached to a message in the personal chat; Teams gives a bot none elsewhere",
        "test_teams_without_words_and_with_the_word",
    ),
    "form": Way("a dialog", "test_edit_in_the_dialog"),
    "form by words": Way("a button that opens the dialog", "test_nothing_behind_log_offers_the_form", instead=True),
    "problems": Way("under the fields of the dialog drawn anew", "test_edit_in_the_dialog"),
    "message": Way("the message extension on a message", "test_log_this_message"),
    "compose": Way(
        "the message extension; its answer is also kept one-to-one", "test_log_activity_in_the_message_extension"
    ),
    "search": Way("the message extension's search", "test_accounts_are_found"),
    "own page": Way("`home` shows the same", "test_what_home_would_show", instead=True),
    "first": Way("a conversation is created, if the app is added for the person", "test_a_first_message_to_somebody"),
    "added": Way("installationUpdate", "test_hello_when_the_app_is_added"),
    "removed": Way(
        "installationUpdate: what waits for that person or conversation is withdrawn", "test_removed_and_added_again"
    ),
    "unsure": Way(
        "never sent again; the operator is told, since Teams cannot be searched",
        "test_a_post_whose_answer_is_lost_is_not_repeated",
        instead=True,
    ),
}
