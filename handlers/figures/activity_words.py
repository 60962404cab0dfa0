"""How an activity is said in one line, and its next step."""

from __future__ import annotations

from collections.abc import Mapping

from handlers.conversation.wording import Days, length, listed
from handlers.numbers.money import written
from storage.activities import Activity

OUTCOME_WORDS: Mapping[str, str] = {
    "connected": "connected",
    "no_answer": "no answer",
    "voicemail": "voicemail",
    "positive": "went well",
    "negative": "did not go well",
    "booked": "booked",
}

PREPOSITION = {"email": "to", "proposal": "to", "message": "to", "visit": "at", "demo": "for"}
"""What stands between a kind and an account; `with` for all others."""


def kind_words(kind: str, count: int = 1) -> str:
    """`call`, `12 calls`; a kind of the company's own as app.yaml names it."""
    name = kind.replace("_", " ")
    if count == 1:
        return name
    ending = "es" if name.endswith(("s", "x", "ch", "sh")) else "s"
    return f"{count:,} {name}{ending}"


def one_line(activity: Activity, days: Days) -> str:
    """`call with Jane Doe at Initech, yesterday 15:00, 30 min, connected, $50,000`."""
    parts = [_what(activity), days.moment(activity.day, activity.time)]
    if activity.minutes is not None:
        parts.append(length(activity.minutes))
    if activity.outcome is not None:
        parts.append(OUTCOME_WORDS.get(activity.outcome, activity.outcome))
    if activity.amount_minor is not None and activity.currency is not None:
        parts.append(written(activity.amount_minor, activity.currency))
    return ", ".join(parts)


def _what(activity: Activity) -> str:
    words = kind_words(activity.kind, activity.count)
    account = activity.account_name or activity.account_text
    people = listed(activity.contacts)
    preposition = PREPOSITION.get(activity.kind, "with")
    if people and account:
        joint = "with" if preposition == "at" else preposition
        return f"{words} {joint} {people} at {account}"
    if people or account:
        joint = "with" if people and preposition == "at" else preposition
        return f"{words} {joint} {people or account}"
    return words


def next_line(activity: Activity, days: Days) -> str:
    """`send NDA, Fri 20 Nov`; empty when there is no next step."""
    if activity.next_text is None and activity.next_day is None:
        return ""
    text = activity.next_text or "follow up"
    if activity.next_day is None:
        return text
    return f"{text}, {days.moment(activity.next_day, activity.next_time, near=False)}"
