"""A commission plan that was attached in chat: what is wrong with it line by line, or what it does; then applied."""

from __future__ import annotations

from handlers.conversation.job import Running
from handlers.conversation.reply import Buttons, Part, Reply, Text
from handlers.imports import chat_preview
from handlers.imports.asked import Asked
from handlers.imports.chat_preview import Kept
from handlers.imports.plan_apply import all_problems, apply_plan, import_plan, standing
from handlers.imports.plan_file import Problems, read_plan
from handlers.imports.plan_preview import covered, headline, told
from handlers.imports.telling import listed
from handlers.numbers.periods import day_in
from storage.database import Transaction
from storage.files import File
from storage.rehearsal import rehearsal


def preview(job: Running, kept: Kept, asked: Asked, file: File) -> None:
    """What the plan's file says, tried on copies of the rows."""
    read = read_plan(file.content, kept.name)
    wrong = job.read(lambda tx: all_problems(tx, read))
    if wrong or isinstance(read, Problems):
        said = (
            f"{kept.name}: {len(wrong)} {'thing is' if len(wrong) == 1 else 'things are'} wrong. Nothing was imported."
        )
        lines = Text(listed([str(one) for one in wrong[:30]]))
        _end(job, Reply(f"{said} {' '.join(str(one) for one in wrong[:5])}", (Text(said, style="strong"), lines)))
        return
    with rehearsal(job.database) as tx:
        before = standing(tx, read)
        apply_plan(tx, read, by=job.person, at=job.now(), import_id="")
        whose = covered(tx, job.company, read.plan, day_in(job.company.zone, job.now()))
    head = headline(before, read.plan)
    lines_ = [*told(before, read.plan, job.company), *whose]
    parts: tuple[Part, ...] = (Text(head, style="strong"), Text(listed(lines_)))
    data = chat_preview.data_of(kept, asked)

    def show(tx: Transaction) -> None:
        request = job.request(tx)
        cancel = ("Cancel", "cancel", data)
        if before == read.plan:
            buttons = chat_preview.ISSUER.lasting(request, tx, [cancel])
        else:
            apply = ("Apply", "apply", data)
            buttons = chat_preview.ISSUER.once_and_lasting(request, tx, apply, chat_preview.WAITS, [cancel])
        text = f"{head} {' '.join(lines_)} Nothing is written yet."
        job.say(tx, Reply(text, (*parts, Buttons(tuple(buttons)))))
        job.finish(tx)

    job.write(show)


def apply(job: Running, kept: Kept, file: File) -> None:
    """Put it into force."""

    def put(tx: Transaction) -> None:
        read = read_plan(file.content, kept.name)
        wrong = all_problems(tx, read)
        if wrong or isinstance(read, Problems):
            said = f"{kept.name} was not imported: {' '.join(str(one) for one in wrong[:5])}"
            job.say(tx, Reply(said))
        elif (made := import_plan(tx, read, file.content, by=job.person, at=job.now())) is None:
            job.say(tx, Reply(f"{kept.name}: the plan holds as it is already, so nothing was changed."))
        else:
            whose = covered(tx, job.company, read.plan, day_in(job.company.zone, job.now()))
            said = f"{kept.name} is imported: the commission plan “{read.plan.name}” is in force."
            button = chat_preview.roll_back_button(job.request(tx), tx, made)
            parts: tuple[Part, ...] = (Text(said, style="strong"), *map(Text, whose), Buttons((button,)))
            job.say(tx, Reply(" ".join([said, *whose]), parts))
        job.finish(tx)

    job.write(put)


def _end(job: Running, reply: Reply) -> None:
    def say(tx: Transaction) -> None:
        job.say(tx, reply)
        job.finish(tx)

    job.write(say)
