"""What others see of somebody by their own choice: their wins, and their place on leaderboards."""

from __future__ import annotations

import re
from typing import Final, Literal

from handlers.conversation.reply import ChoiceField, Fact, Field, Form, Option, Reply
from handlers.conversation.request import Outcome, Request
from handlers.settings.buttons import issuer
from storage import kudos, wins
from storage.database import Transaction
from storage.wins import VISIBILITIES, Visibility

Chosen = Literal["public", "private", "none", "shown", "hidden"]
"""The first three of wins, the others of leaderboards."""

WINS: Final[dict[Visibility, str]] = {
    "public": "for everybody in their channels",
    "private": "for your manager and who helped",
    "none": "for nobody",
}
BOARD_LABEL: Final = "Leaderboards"
BOARDS: Final = {True: "you are on them", False: "you are on nobody else's"}
_MY_WINS: Final = r"(?:all )?(?:of )?my wins"
_BOARDS: Final = r"(?:the |your |our |all |every )?(?:leader ?)?boards?"
_SAID: Final[dict[Chosen, str]] = {
    "private": rf"(?:keep|make|set) {_MY_WINS} (?:to )?private|my wins (?:are|stay|should be) private",
    "public": rf"(?:keep|make|set) {_MY_WINS} (?:to )?public|announce {_MY_WINS}|my wins (?:are|should be) public",
    "none": rf"(?:don't|do not|never) (?:announce|post|share|tell (?:anybody|anyone|people) (?:of|about)) {_MY_WINS}"
    rf"|tell nobody (?:of|about) {_MY_WINS}"
    rf"|hide {_MY_WINS}(?: from (?:the )?(?:others|everybody|everyone|all|people|(?:my )?(?:colleagues|peers|team)))?"
    r"|(?:i )?(?:don't|do not) want (?:others|everybody|everyone|people|anyone|anybody|my colleagues) to"
    rf" (?:see|know(?: of| about)?|hear of) {_MY_WINS}",
    "hidden": rf"(?:leave|take|keep) me off (?:of )?{_BOARDS}|(?:remove|hide) me from {_BOARDS}"
    rf"|(?:i )?(?:don't|do not) (?:want|wish|like) to be (?:shown |listed |ranked |seen )?(?:on|in) {_BOARDS}"
    rf"|(?:i )?(?:don't|do not) (?:show|list|put|rank|include) me (?:on|in) {_BOARDS}"
    r"|(?:stop|turn off|opt out of|no) (?:the |all |your )?leader ?boards?(?: for me)?",
    "shown": rf"put me (?:back )?on {_BOARDS}(?: again)?|(?:i want to )?be (?:back )?on {_BOARDS}(?: again)?",
}
_BACK: Final[dict[Chosen, str]] = {
    "none": " “keep my wins private” lets your manager and who helped hear of them.",
    "hidden": " Your own place is still shown to you; “put me back on leaderboards” puts you on again.",
}
_READ: Final = {chosen: re.compile(pattern, re.I) for chosen, pattern in _SAID.items()}


def said(text: str) -> Chosen | None:
    """What a sentence chooses; None for any other."""
    return next((chosen for chosen, pattern in _READ.items() if pattern.fullmatch(text)), None)


def facts(request: Request, tx: Transaction) -> tuple[Fact, ...]:
    """As it stands; of wins only where they are announced somewhere."""
    me = request.actor.person
    of_wins = (Fact("My wins", WINS[wins.choice(tx, me) or "public"]),) if _announced(request) else ()
    return (*of_wins, Fact(BOARD_LABEL, BOARDS[_on_boards(request, tx)]))


def _announced(request: Request) -> bool:
    return bool(request.company.wins.routes)


def _on_boards(request: Request, tx: Transaction) -> bool:
    return not kudos.off_boards(tx, [request.actor.person])


def form_button(request: Request, tx: Transaction) -> Outcome:
    """*What others see*: both in one form."""
    fields: list[Field] = []
    if _announced(request):
        options = tuple(Option(f"{WINS[one][0].upper()}{WINS[one][1:]}", one) for one in VISIBILITIES)
        now = wins.choice(tx, request.actor.person) or "public"
        fields.append(
            ChoiceField("wins", "My wins", options, now, "You see each one that you tell of before it goes out.")
        )
    shown = "shown" if _on_boards(request, tx) else "hidden"
    boards = (Option("I am on them", "shown"), Option("Leave me off", "hidden"))
    fields.append(ChoiceField("boards", "Leaderboards", boards, shown, "Your own place is always shown to you."))
    return Outcome(form=Form("What others see", issuer.token_for(request, tx, "seen", {}), tuple(fields)))


def form_sent(request: Request, tx: Transaction) -> Outcome:
    """The form was sent."""
    problems = {}
    if _announced(request) and request.values.get("wins") not in WINS:
        problems["wins"] = "Choose one."
    if request.values.get("boards") not in ("shown", "hidden"):
        problems["boards"] = "Choose one."
    if problems:
        return Outcome(problems=problems)
    if _announced(request):
        _keep(request, tx, request.values["wins"])
    _keep(request, tx, request.values["boards"])
    return Outcome(reply=_stands(request, tx))


def choose(request: Request, tx: Transaction, chosen: Chosen) -> Outcome:
    """In words."""
    _keep(request, tx, chosen)
    if chosen in WINS and not _announced(request):
        return Outcome(reply=Reply(f"Kept for your next wins: {WINS[chosen]}. Wins are announced nowhere so far."))
    (row,) = (row for row in facts(request, tx) if (row.label == BOARD_LABEL) == (chosen not in WINS))
    return Outcome(reply=Reply(f"Saved. {row.label}: {row.value}.{_BACK.get(chosen, '')}"))


def _keep(request: Request, tx: Transaction, chosen: str) -> None:
    me = request.actor.person
    if chosen in ("shown", "hidden"):
        if _on_boards(request, tx) != (chosen == "shown"):
            kudos.show_on_boards(tx, me, shown=chosen == "shown", at=request.now)
        return
    for one in VISIBILITIES:
        # What was never chosen is left so where it comes to the same.
        if one == chosen and one != (wins.choice(tx, me) or "public"):
            wins.choose(tx, me, one, at=request.now)


def _stands(request: Request, tx: Transaction) -> Reply:
    told = "; ".join(f"{row.label}: {row.value}" for row in facts(request, tx))
    return Reply(f"Saved. {told}.")
