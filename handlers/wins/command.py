"""`/win`: a win told in one line, and the buttons below what would go out. What is understood of the line, and which
deal it is, the feature of deals knows: handlers/__init__.py hands that in."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from handlers.conversation.command import Command, Handler
from handlers.conversation.company import Company
from handlers.conversation.request import Basis, Outcome, Request
from handlers.wins import bare, form, own_target, preview, second_story
from storage.database import Transaction


def win_command(handle: Handler, prepare: Callable[[str, Basis, Company], object]) -> Command:
    """The command, with how a line is read and kept."""

    def said(request: Request, tx: Transaction) -> Outcome:
        if isinstance(request.prepared, bare.Bare):
            return bare.ask(request, tx, preview.NAME, request.prepared)
        # Every plain sentence is read for a bare win, so a whole line is read only where it is one of this command's.
        line = prepare(request.text, request.basis, request.company)
        return handle(msgspec.structs.replace(request, prepared=line), tx)

    return Command(
        name=preview.NAME,
        summary="Say a win: it is claimed, and announced when you have seen how it reads",
        usage="[account, amount, with whom, how it went]",
        examples=(
            "/win Acme $50k",
            "/win Globex 120k with @sam, they chose us for the onboarding",
            "/win",
        ),
        explain=(
            "I take the account's open deal as won, or add one, and ask where it may be one that I know. The win is "
            "claimed: it counts once a manager, an admin or an import confirms it. Before anything goes out you see "
            "how it reads, and announce it, keep it private or leave it; I keep that for your next win. A correction "
            "of the deal corrects the announcement, and so does taking it back. “/win” alone opens a form."
        ),
        handle=said,
        prepare=lambda text, basis, company: bare.read(text),
        understands=lambda read: isinstance(read, bare.Bare),
        asked_first=True,
        everyday_name=True,
        recognises=lambda request, tx: False,
        answer=bare.answered(handle, prepare),
        actions={
            "answer": bare.pressed,
            "announce": preview.announce_button,
            "private": preview.private_button,
            "hold": preview.hold_button,
            "edit": form.edit_button,
            "edited": form.edited,
            "add words": second_story.add_button,
            "tell quota": own_target.tell_button,
        },
    )
