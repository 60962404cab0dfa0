"""What people say to one another waits until a leave is over, however long it is and whenever it was entered."""

from __future__ import annotations

from datetime import timedelta

from tests.chat import NOW, Chat
from tests.quota_team import east_of
from tests.test_checkin_conversations import FRIDAY, answer_all, heard_of, press, until

DAY = timedelta(days=1)


def test_what_is_said_during_a_parental_leave_is_heard_after_it(chat: Chat) -> None:
    east_of(chat)
    chat.run(chat.database.write(chat.core.planner.declare))
    until(chat, FRIDAY)
    chat.rep("checkin")
    answer_all(chat)
    until(chat, FRIDAY + timedelta(hours=1))
    press(chat, chat.manager, "Comment").fill(text="Well done with Acme")
    until(chat, chat.now)
    assert len(heard_of(chat, chat.rep, "Well done with Acme")) == 1
    until(chat, FRIDAY + timedelta(hours=5))
    chat.leader("/kudos Rae Quinn for the large demo #own-it")
    press(chat, chat.manager, "Comment").fill(text="One more thing")
    # Said on Friday evening, before anybody knew of the leave that begins on Monday and lasts.
    until(chat, FRIDAY + 2 * DAY)
    chat.rep("I'm on leave 23 Nov – 27 Nov")
    until(chat, FRIDAY + 6 * DAY)
    chat.rep("I'm on leave 23 Nov – 31 May 2027")
    chat.manager("one-to-one with Rae: your new accounts")
    chat.manager("note about Rae: Ask for the training").press("Share")
    chat.manager("one-to-one with Rae").press("Action item").fill(text="Meet Ada", owner="them", due="2027-06-04")
    news = ("the large demo", "One more thing", "your new accounts", "Ask for the training", "Meet Ada")
    chat.now = NOW.replace(year=2027, month=5, day=31)
    until(chat, chat.now + timedelta(hours=10))
    assert [one for one in news if heard_of(chat, chat.rep, one)] == []
    until(chat, NOW.replace(year=2027, month=6, day=1, hour=17))
    assert {one: len(heard_of(chat, chat.rep, one)) for one in news} == dict.fromkeys(news, 1)
    # What the two have to talk about is one message.
    assert len(heard_of(chat, chat.rep, "Your one-to-one with Max Stone")) == 1


def test_a_check_in_waits_for_a_manager_who_is_away_for_months(chat: Chat) -> None:
    east_of(chat)
    chat.run(chat.database.write(chat.core.planner.declare))
    chat.manager("I'm on leave 18 Nov – 26 Feb 2027")
    chat.rep("checkin")
    answer_all(chat).says("They are on leave, and hear of it when they are back.")
    # The 27th of February is a Saturday: what comes over a weekend is said on Monday.
    until(chat, NOW + DAY)
    chat.now = NOW.replace(year=2027, month=2, day=28)
    until(chat, chat.now)
    assert not heard_of(chat, chat.manager, "Acme moved on")
    until(chat, NOW.replace(year=2027, month=3, day=1))
    assert len(heard_of(chat, chat.manager, "Acme moved on")) == 1
