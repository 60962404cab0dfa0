"""`help` and `help log`, made from the commands themselves."""

from __future__ import annotations

from handlers.conversation.command import Command
from handlers.conversation.reply import Fact, Facts, Part, Reply, Text
from handlers.conversation.request import Outcome, Request
from handlers.conversation.route import Router, plain
from storage.database import Transaction


def help_command(others: tuple[Command, ...]) -> Command:
    """The command that explains `others` and itself."""

    def handle(request: Request, tx: Transaction) -> Outcome:
        mine = [command for command in (*others, own) if command.roles & request.actor.roles]
        name = request.text.strip()
        if not name:
            return Outcome(reply=_overview(mine, request))
        command = Router(mine, request.company.command_prefix).named(name)
        command = command or next((one for one in mine if plain(name) in one.shorthands), None)
        if command is None:
            overview = _overview(mine, request)
            lead = f"I know no command “{name}”."
            return Outcome(reply=Reply(text=f"{lead} {overview.text}", parts=(Text(lead), *overview.parts)))
        return Outcome(reply=_one(command))

    own = Command(
        name="help",
        summary="Show what I understand, or explain one command",
        usage="[command]",
        examples=("help", "help log"),
        handle=handle,
        shorthands=dict.fromkeys(("what can you do", "what can i say", "commands", "menu"), ""),
        slash=False,
    )
    return own


def typed(command: Command) -> str:
    """The command as it is typed: with a slash where it has one of its own."""
    return f"/{command.name}" if command.slash else command.name


def _overview(mine: list[Command], request: Request) -> Reply:
    rows = tuple(Fact(f"{typed(c)} {c.usage}".strip(), c.summary) for c in mine)
    lead = "This is what I understand, as a command or in a direct message:"
    more = "“help log” explains one of them."
    summary = "; ".join(f"{typed(command)}: {command.summary[0].lower()}{command.summary[1:]}" for command in mine)
    return Reply(text=f"{lead} {summary}. {more}", parts=(Text(lead, style="strong"), Facts(rows), Text(more, "quiet")))


def _one(command: Command) -> Reply:
    title = f"{typed(command)} {command.usage}".strip()
    examples = "\n".join(command.examples)
    parts: list[Part] = [Text(title, style="strong"), Text(f"{command.summary}.")]
    if command.explain:
        parts.append(Text(command.explain))
    parts.append(Text(f"For example:\n{examples}"))
    sentence = " ".join(
        piece for piece in (f"{title}: {command.summary}.", command.explain, f"For example: {examples}") if piece
    )
    return Reply(text=sentence.replace("\n", "; "), parts=tuple(parts))
