"""`import`: an admin attaches a file and gets a preview, *Apply* and *Roll back*; alone it lists the last imports.

Everything that takes time is a job (chat_jobs.py); a turn keeps the file, asks for the job and says so.
"""

from __future__ import annotations

import hashlib
from typing import Final, cast
from zoneinfo import ZoneInfo

import msgspec

from handlers.conversation.command import Command
from handlers.conversation.errors import UserError
from handlers.conversation.reply import Buttons, Part, Reply, Table, Text
from handlers.conversation.request import JobWanted, Outcome, Request
from handlers.conversation.wording import Days, listed
from handlers.imports import chat_preview
from handlers.imports.asked import Asked, digest_of
from handlers.imports.chat_preview import ISSUER, WAITS, Kept, about, data_of
from handlers.imports.dates import Order
from handlers.imports.fields import Kind
from handlers.imports.headers import KINDS
from handlers.imports.home import home
from storage import files, imports, jobs, people
from storage.database import Transaction
from storage.imports import Import
from storage.tables import new_id

NAME: Final = "import"
_LISTED: Final = 10
_HOW: Final = (
    "Attach a CSV or XLSX file to a message to me, and I show what it would change before anything is written."
)


class FileGone(UserError):
    """{name} is not kept any more: a file waits for {days} days. Nothing was imported; please attach it again."""


class ImportGone(UserError):
    """That import is not known any more. Type “import” to see the last ones."""


class RolledBackBefore(UserError):
    """{name} was rolled back before, so there is nothing left to take back."""


def takes_files(request: Request, tx: Transaction) -> Outcome:
    """Keeps the files and looks through each in a job of its own."""
    what = request.incoming.what
    attached = getattr(what, "files", ())
    word = request.text.strip().lower()
    asked = Asked(kind=word) if word in KINDS else Asked()
    wanted = []
    for number, file in enumerate(attached):
        identifier = files.keep(
            tx,
            name=file.name,
            content=file.content,
            person=request.actor.person,
            at=request.now,
            until=request.now + WAITS,
        )
        kept = Kept(identifier, file.name, digest_of(file.content))
        key = f"import preview:{identifier}"
        wanted.append(JobWanted("import preview", key, data_of(kept, asked), edits=number == 0))
    said = f"Reading {listed([file.name for file in attached])} …"
    return Outcome(reply=Reply(said), jobs=tuple(wanted))


def handle(request: Request, tx: Transaction) -> Outcome:
    """The last imports, and what became of each."""
    found = imports.last(tx, _LISTED)
    if not found:
        return Outcome(reply=Reply(f"Nothing was imported yet. {_HOW}"))
    days, zone = Days.of(request.basis), request.basis.zone
    lines = [_row(tx, one, days, zone) for one in found]
    first = found[0]
    number = "import" if len(found) == 1 else f"{len(found)} imports"
    head = f"The last {number}; the latest is {first.name}, {first.state}."
    table = Table(("When", "File", "Kind", "State", "What it did", "By"), tuple(lines))
    parts: list[Part] = [Text(head, style="strong"), table, Text(_HOW, style="quiet")]
    latest = imports.latest(tx)
    if latest is not None and latest.state != "applying":
        button = chat_preview.roll_back_button(request, tx, latest.id)
        parts.append(Buttons((msgspec.structs.replace(button, label=f"Roll back {latest.name}"),)))
    return Outcome(
        reply=Reply(" ".join([head, *(": ".join(row[:2]) + f" ({row[3]}, {row[4]})." for row in lines)]), tuple(parts))
    )


def _row(tx: Transaction, one: Import, days: Days, zone: ZoneInfo) -> tuple[str, ...]:
    at, report = one.at.astimezone(zone), one.report
    did = "–"
    if "made" in report:
        did = f"{report['made']:,} made, {report['changed']:,} changed, {report['bad']:,} left out"
    who = people.person(tx, one.by) if one.by else None
    by = who.name if who else one.settings.get("watched", "command line")
    return days.moment(at.date(), at.time()), one.name, one.kind, one.state, did, by


# ---------------------------------------------------------------- the buttons of a preview


def _again(request: Request, tx: Transaction, asked: Asked) -> Outcome:
    """The file is looked through once more, as it is to be read now."""
    kept = _kept(tx, request)
    # A job of its own each time: what is around the file may have changed since it was read the same way.
    key = f"import preview:{kept.file}:{new_id()}"
    wanted = JobWanted("import preview", key, data_of(kept, asked))
    return Outcome(reply=Reply(f"Reading {kept.name} again …"), jobs=(wanted,))


def _kept(tx: Transaction, request: Request) -> Kept:
    kept, _ = about(request.data)
    if not files.keep_until(tx, kept.file, request.now + WAITS):
        raise FileGone(name=kept.name, days=WAITS.days)
    return kept


def answer(request: Request, tx: Transaction) -> Outcome:
    """A question about the file is answered."""
    _, asked = about(request.data)
    match request.data["about"]:
        case "kind":
            asked = msgspec.structs.replace(asked, kind=cast("Kind", request.value))
        case "date_order":
            asked = msgspec.structs.replace(asked, date_order=cast("Order", request.value))
        case _:
            said = request.data["said"][int(request.value)]
            asked = msgspec.structs.replace(asked, mapping=(*asked.mapping, said))
    return _again(request, tx, asked)


def columns(request: Request, tx: Transaction) -> Outcome:
    """*Choose columns*: a form with a menu for each thing that the file says."""
    _kept(tx, request)
    token = ISSUER.token_for(request, tx, "mapped", request.data)
    return Outcome(form=chat_preview.columns_form(request.data, token))


def mapped(request: Request, tx: Transaction) -> Outcome:
    """The form was sent."""
    _, asked = about(request.data)
    asked, wrong = chat_preview.mapped(asked, request.data, request.values)
    return Outcome(problems=wrong) if wrong else _again(request, tx, asked)


def cancel(request: Request, tx: Transaction) -> Outcome:
    """*Cancel*."""
    return Outcome(reply=Reply(f"Cancelled: nothing of {request.data['name']} was imported."))


def apply(request: Request, tx: Transaction) -> Outcome:
    """*Apply*: once for a file and a way of reading it, whoever presses."""
    kept, (_, asked) = _kept(tx, request), about(request.data)
    key = f"import apply:{kept.file}:{hashlib.sha256(msgspec.json.encode(asked)).hexdigest()[:16]}"
    if (before := jobs.get(tx, key)) is not None:
        state = {"done": "was imported already", "failed": "was tried already and failed"}.get(
            before.state, "is being imported already"
        )
        return Outcome(reply=Reply(f"{kept.name} {state}. Type “import” to see what became of it."))
    wanted = JobWanted("import apply", key, data_of(kept, asked))
    return Outcome(reply=Reply(f"Importing {kept.name} …"), jobs=(wanted,))


# ---------------------------------------------------------------- rolling back


def _import(tx: Transaction, request: Request) -> Import:
    found = imports.get(tx, str(request.data["import"]))
    if found is None:
        raise ImportGone
    if found.state == "rolled back":
        raise RolledBackBefore(name=found.name)
    return found


def roll_back(request: Request, tx: Transaction) -> Outcome:
    """*Roll back* asks first: it undoes what may be thousands of rows."""
    found = _import(tx, request)
    if found.state == "applying":
        return Outcome(reply=Reply(f"{found.name} is still being imported. Roll it back when it is in."), replace=False)
    report = found.report
    did = f" It made {report['made']:,} and changed {report['changed']:,}." if "made" in report else ""
    asks = (
        f"Roll back {found.name} ({found.kind})?{did} What others have changed since keeps their change, and what "
        "other rows refer to by now stays."
    )
    data = {"import": found.id}
    yes, no = ISSUER.once_and_lasting(
        request, tx, ("Roll it back", "rolled back", data), WAITS, [("Keep it", "keep", data)]
    )
    buttons = Buttons((msgspec.structs.replace(yes, style="danger"), no))
    return Outcome(reply=Reply(asks, (Text(asks), buttons)), replace=False)


def keep(request: Request, tx: Transaction) -> Outcome:
    """*Keep it*."""
    return Outcome(reply=Reply(f"{_import(tx, request).name} stays as it is."))


def rolled_back(request: Request, tx: Transaction) -> Outcome:
    """*Roll it back*: once for an import, whoever presses."""
    found = _import(tx, request)
    key = f"import undo:{found.id}"
    before = jobs.get(tx, key)
    if before is not None and before.state != "failed":
        return Outcome(reply=Reply(f"{found.name} is being rolled back already."))
    if before is not None:
        key = f"{key}:{new_id()}"
    wanted = JobWanted("import undo", key, {"import": found.id})
    return Outcome(reply=Reply(f"Rolling {found.name} back …"), jobs=(wanted,))


COMMAND = Command(
    name=NAME,
    summary="Bring in people, targets, deals and more from a file",
    usage="[with a file attached]",
    examples=("import",),
    explain=(
        "Attach a CSV or XLSX file as a CRM or a spreadsheet writes it: people, accounts, targets, deals, revenue, "
        "cost or rates. You see what each column was read as and what would change: *Apply* writes it, *Roll back* "
        "takes it back as one. A commission plan is a .yaml file."
    ),
    roles=frozenset({"admin"}),
    handle=handle,
    home=home,
    takes_files=takes_files,
    actions={
        "answer": answer,
        "columns": columns,
        "mapped": mapped,
        "cancel": cancel,
        "apply": apply,
        "roll back": roll_back,
        "rolled back": rolled_back,
        "keep": keep,
    },
    slash=False,
)
