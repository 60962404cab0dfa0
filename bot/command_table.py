"""The README's table of commands, from the commands. `python -m bot.command_table README.md` writes it in place."""

from __future__ import annotations

import sys
from pathlib import Path

from handlers import COMMANDS
from handlers.help import typed

BEGIN, END = "<!-- commands: made by python -m bot.command_table -->", "<!-- end of commands -->"


def table() -> str:
    """A Markdown table of all commands, in the order of the tuple."""
    rows = ["| command | what it does | for example |", "| --- | --- | --- |"]
    for command in COMMANDS:
        name = f"{typed(command)} {command.usage}".strip().replace("|", "\\|")
        rows.append(f"| `{name}` | {command.summary} | `{command.examples[0]}` |")
    return "\n".join(rows)


def refreshed(text: str) -> str:
    """The page with the table as it is now. Raises ValueError where the marks are missing."""
    before, _, rest = text.partition(BEGIN)
    _, mark, after = rest.partition(END)
    if not mark:
        raise ValueError("the marks of the table of commands are missing")
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


if __name__ == "__main__":
    page = Path(sys.argv[1] if len(sys.argv) > 1 else "README.md")
    page.write_text(refreshed(page.read_text("utf-8")), "utf-8")
