"""Who sees a check-in, what was said to it, and an action item: a row each, before and after a change of manager."""

from __future__ import annotations

import pytest

from handlers.conversation.access import ActionOf, Allowed, CheckinOf, NoteOf, OneToOneOf, RemarkOf, may
from handlers.conversation.request import Actor

RAE = Actor("rae", "Rae", "", frozenset({"rep"}))
PEER = Actor("dana", "Dana", "", frozenset({"rep"}))
MAX = Actor("max", "Max", "", frozenset({"manager"}), frozenset({"rae", "dana"}))
FORMER = Actor("max", "Max", "", frozenset({"manager"}), frozenset({"dana"}))
NEW = Actor("wes", "Wes", "", frozenset({"manager"}), frozenset({"rae"}))
LEADER = Actor("lee", "Lee", "", frozenset({"leader", "manager"}), frozenset({"max", "wes"}))
ADMIN = Actor("ada", "Ada", "", frozenset({"admin"}))
ADMIN_WHO_MANAGES = Actor("ada", "Ada", "", frozenset({"admin", "manager"}), frozenset({"rae"}))

DRAFT = CheckinOf("rae")
GIVEN = CheckinOf("rae", "max")
SHARED = CheckinOf("rae", "max", frozenset({"wes"}))
SAID = RemarkOf(GIVEN, "max")
SAID_ON_SHARED = RemarkOf(SHARED, "max")
OWN = ActionOf("rae", "rae", shared=False)
OPEN = ActionOf("rae", "rae", shared=True)
OWED = ActionOf("max", "rae", shared=True)
"""Max owes it to Rae."""
MINE = ActionOf("max", "max", shared=False)

TALK = OneToOneOf("max", "rae", today=True)
TALK_BEFORE = OneToOneOf("max", "rae", today=False)
PRIVATE_OF_MAX = NoteOf(TALK, "max", readable=False)
SHARED_BY_MAX = NoteOf(TALK, "max", readable=True)
SHARED_BY_MAX_BEFORE = NoteOf(TALK_BEFORE, "max", readable=True)
PRIVATE_OF_RAE = NoteOf(TALK, "rae", readable=False)
SHARED_BY_RAE = NoteOf(TALK, "rae", readable=True)
SHARED_BY_RAE_BEFORE = NoteOf(TALK_BEFORE, "rae", readable=True)

ROWS = [
    # who, does what, to what, and may they
    (RAE, "see a check-in", DRAFT, True),
    (RAE, "see a check-in", GIVEN, True),
    (MAX, "see a check-in", DRAFT, False),
    (MAX, "see a check-in", GIVEN, True),
    (PEER, "see a check-in", GIVEN, False),
    (LEADER, "see a check-in", GIVEN, False),
    (ADMIN, "see a check-in", GIVEN, False),
    # after a change of manager
    (FORMER, "see a check-in", GIVEN, False),
    (FORMER, "see a check-in", SHARED, False),
    (NEW, "see a check-in", GIVEN, False),
    (NEW, "see a check-in", SHARED, True),
    (ADMIN_WHO_MANAGES, "see a check-in", SHARED, False),
    # answering and changing
    (MAX, "answer a check-in", GIVEN, True),
    (NEW, "answer a check-in", SHARED, True),
    (FORMER, "answer a check-in", GIVEN, False),
    (RAE, "answer a check-in", GIVEN, False),
    (ADMIN, "answer a check-in", GIVEN, False),
    (LEADER, "answer a check-in", GIVEN, False),
    (RAE, "change a check-in", GIVEN, True),
    (MAX, "change a check-in", GIVEN, False),
    (ADMIN, "change a check-in", GIVEN, False),
    # what the manager said
    (RAE, "see a remark", SAID, True),
    (MAX, "see a remark", SAID, True),
    (FORMER, "see a remark", SAID, False),
    (NEW, "see a remark", SAID_ON_SHARED, False),
    (ADMIN, "see a remark", SAID, False),
    (PEER, "see a remark", SAID, False),
    # asking for one, and who takes part
    (MAX, "ask for a check-in", "rae", True),
    (LEADER, "ask for a check-in", "rae", False),
    (ADMIN, "ask for a check-in", "rae", False),
    (MAX, "see who checked in", "rae", True),
    (NEW, "see who checked in", "rae", True),
    (FORMER, "see who checked in", "rae", False),
    (ADMIN, "see who checked in", "rae", False),
    (LEADER, "see who checked in", "rae", False),
    (PEER, "see who checked in", "rae", False),
    # action items
    (RAE, "see an action item", OWN, True),
    (MAX, "see an action item", OWN, False),
    (ADMIN, "see an action item", OWN, False),
    (RAE, "see an action item", OPEN, True),
    (MAX, "see an action item", OPEN, True),
    (NEW, "see an action item", OPEN, True),
    (FORMER, "see an action item", OPEN, False),
    (LEADER, "see an action item", OPEN, False),
    (ADMIN, "see an action item", OPEN, False),
    (PEER, "see an action item", OPEN, False),
    (MAX, "see an action item", OWED, True),
    (RAE, "see an action item", OWED, True),
    (NEW, "see an action item", OWED, True),
    (FORMER, "see an action item", OWED, False),
    (ADMIN, "see an action item", OWED, False),
    (MAX, "see an action item", MINE, True),
    (LEADER, "see an action item", MINE, False),
    (RAE, "see an action item", MINE, False),
    (RAE, "change an action item", OPEN, True),
    (MAX, "change an action item", OPEN, True),
    (NEW, "change an action item", OPEN, True),
    (FORMER, "change an action item", OPEN, False),
    (MAX, "change an action item", OWN, False),
    (RAE, "change an action item", OWED, False),
    (MAX, "change an action item", OWED, True),
    (NEW, "change an action item", OWED, True),
    (ADMIN, "change an action item", OPEN, False),
    # the agenda of a one-to-one
    (RAE, "see a one-to-one", TALK, True),
    (MAX, "see a one-to-one", TALK, True),
    (PEER, "see a one-to-one", TALK, False),
    (LEADER, "see a one-to-one", TALK, False),
    (ADMIN, "see a one-to-one", TALK, False),
    (ADMIN_WHO_MANAGES, "see a one-to-one", TALK, False),
    (RAE, "see a one-to-one", TALK_BEFORE, False),
    (FORMER, "see a one-to-one", TALK_BEFORE, False),
    (NEW, "see a one-to-one", TALK_BEFORE, False),
    # notes
    (MAX, "see a note", PRIVATE_OF_MAX, True),
    (RAE, "see a note", PRIVATE_OF_MAX, False),
    (ADMIN, "see a note", PRIVATE_OF_MAX, False),
    (LEADER, "see a note", PRIVATE_OF_MAX, False),
    (FORMER, "see a note", PRIVATE_OF_MAX, True),
    (NEW, "see a note", PRIVATE_OF_MAX, False),
    (RAE, "see a note", SHARED_BY_MAX, True),
    (PEER, "see a note", SHARED_BY_MAX, False),
    (ADMIN, "see a note", SHARED_BY_MAX, False),
    (RAE, "see a note", SHARED_BY_MAX_BEFORE, True),
    (FORMER, "see a note", SHARED_BY_MAX_BEFORE, True),
    (NEW, "see a note", SHARED_BY_MAX_BEFORE, False),
    (RAE, "see a note", PRIVATE_OF_RAE, True),
    (MAX, "see a note", PRIVATE_OF_RAE, False),
    (MAX, "see a note", SHARED_BY_RAE, True),
    (LEADER, "see a note", SHARED_BY_RAE, False),
    (ADMIN, "see a note", SHARED_BY_RAE, False),
    (ADMIN_WHO_MANAGES, "see a note", SHARED_BY_RAE, False),
    (FORMER, "see a note", SHARED_BY_RAE_BEFORE, False),
    (NEW, "see a note", SHARED_BY_RAE_BEFORE, False),
    (RAE, "see a note", SHARED_BY_RAE_BEFORE, True),
    (MAX, "change a note", PRIVATE_OF_MAX, True),
    (RAE, "change a note", SHARED_BY_MAX, False),
    (ADMIN, "change a note", SHARED_BY_MAX, False),
    (NEW, "change a note", SHARED_BY_MAX_BEFORE, False),
]


@pytest.mark.parametrize(("actor", "action", "subject", "allowed"), ROWS)
def test_the_access_table(actor: Actor, action: str, subject: object, allowed: bool) -> None:
    assert isinstance(may(actor, action, subject), Allowed) is allowed
