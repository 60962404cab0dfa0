"""A TakesTurns that answers by heart: every kind of Reply and Form without a database, for tests of the page alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import msgspec

from bot.answer import Answer
from bot.playground.people import DemoPerson
from bot.playground.send import PlaygroundSender
from handlers.conversation.command import Command, Shortcut
from handlers.conversation.reply import (
    Button,
    Buttons,
    Chart,
    ChartRow,
    Choice,
    ChoiceField,
    DateField,
    Fact,
    Facts,
    Form,
    Option,
    Reply,
    Table,
    Text,
    TextField,
    TimeField,
)
from handlers.conversation.request import Address, HomeOpened, Incoming, LogThis, Outcome, Pressed, Said, Submitted
from scheduled.sending import Operation

PEOPLE = (
    DemoPerson(
        external_id="rep",
        name="Priya Nair",
        email="priya@demo.example",
        title="Account executive, East",
        role="rep",
        zone="America/New_York",
    ),
    DemoPerson(
        external_id="manager",
        name="Tom O'Brien",
        email="tom@demo.example",
        title="Sales manager, East",
        role="manager",
        zone="America/New_York",
    ),
    DemoPerson(
        external_id="leader",
        name="Mara Leitner",
        email="mara@demo.example",
        title="VP Sales",
        role="leader",
        zone="America/Chicago",
    ),
    DemoPerson(
        external_id="admin",
        name="<b>Ada</b> & Co",
        email="ada@demo.example",
        title="Sales operations",
        role="admin",
        zone="Europe/London",
    ),
)


def _nothing(*_: Any) -> Outcome:
    return Outcome()


COMMANDS = (
    Command(
        name="log",
        summary="Note what you did",
        usage="[what you did]",
        examples=("/log call Acme", "/log 30 min demo with Jane at Initech, next: send the quote friday"),
        handle=_nothing,
        shortcut=Shortcut(label="Log this", summary="Note what this message says", handle=_nothing),
    ),
    Command(
        name="undo",
        summary="Take the latest back",
        usage="",
        examples=("/undo",),
        handle=_nothing,
    ),
    Command(
        name="help",
        summary="What Pacer understands",
        usage="[command]",
        examples=("help",),
        handle=_nothing,
    ),
)

LOGGED = Reply(
    text="Logged: 1 call with Acme Corp today at 10:42. Calls this week: 13 of 40.",
    parts=(
        Text("Logged: call with Acme Corp", style="strong"),
        Facts(
            (
                Fact("When", "today, 10:42"),
                Fact("Contacts", "Jane Doe"),
                Fact("Next", "send NDA, Fri 20 Nov"),
            )
        ),
        Text("13 of 40 calls this week", style="quiet"),
        Buttons((Button("Edit", "edit"), Button("Undo", "undo"))),
    ),
)
TALL = Reply(
    text="Taller than a window.",
    parts=(
        Text("Taller than a window", style="strong"),
        Text("\n".join(f"Line {number}" for number in range(80))),
        Buttons((Button("More", "more"),)),
    ),
)
EVERY_PART = Reply(
    text="Every kind of part: text, facts, a table, buttons and a choice.",
    parts=(
        Text("Headline", style="strong"),
        Text("A plain paragraph\nof two lines with <i>no markup</i>."),
        Text("Small print", style="quiet"),
        Facts((Fact("Label", "Value"), Fact("Longer label", "Another value"))),
        Table(("Activity", "Count", "Amount"), (("Calls", "12", "$1,200.00"), ("Demos", "3", "")), numeric=(1, 2)),
        Buttons(
            (Button("Plain", "plain"), Button("Primary", "primary", "primary"), Button("Danger", "danger", "danger"))
        ),
        Choice("Few?", "few", tuple(Option(f"Option {n}", str(n)) for n in range(3))),
        Choice("Many?", "many", tuple(Option(f"Option {n}", str(n)) for n in range(12))),
    ),
)
CHARTS = Reply(
    text="East has won $1,188,500 of $2,150,000; this year it stands at $812,000.",
    parts=(
        Text("East, this quarter: $1,188,500 of $2,150,000", style="strong"),
        Chart(
            "East: bookings this quarter to target",
            "bars",
            (
                ChartRow("Sam Okafor", 412_000, "$412,000", 600_000, "$600,000", 390_000, "$390,000"),
                ChartRow("Priya Nair", 655_000, "$655,000", 600_000, "$600,000", 390_000, "$390,000"),
                ChartRow("Leo Brandt", 120_500, "$120,500", 450_000, "$450,000", 292_000, "$292,000"),
                ChartRow("<b>Mia</b> & Co", 1_000, "$1,000", 500_000, "$500,000", 325_000, "$325,000"),
            ),
            "Bookings this quarter. Sam Okafor: $412,000 of $600,000. Priya Nair: $655,000 of $600,000. Leo Brandt: "
            "$120,500 of $450,000. Mia & Co: $1,000 of $500,000.",
        ),
        Chart(
            "Bookings this year, month by month",
            "trend",
            tuple(
                ChartRow(label, value, f"${value:,}", target, f"${target:,}", target * 0.9)
                for label, value, target in (
                    ("Jan", 50_000, 100_000),
                    ("Feb", 210_000, 200_000),
                    ("Mar", 260_000, 300_000),
                    ("Apr", 480_000, 400_000),
                )
            ),
            "Bookings this year: $50,000 in January, $210,000 in February, $260,000 in March, $480,000 in April.",
        ),
        Buttons((Button("By rep", "rep"),)),
    ),
)
WHICH = Reply(
    text="Which Acme: Acme Corp, Acme Labs or Acme Logistics?",
    parts=(
        Choice(
            "Which Acme do you mean?",
            "which",
            (Option("Acme Corp", "0"), Option("Acme Labs", "1"), Option("Acme Logistics", "2")),
        ),
    ),
)
FORM = Form(
    title="Log an activity",
    token="form",
    intro="What you leave empty stays empty.",
    fields=(
        ChoiceField("kind", "Kind", (Option("Call", "call"), Option("Meeting", "meeting"), Option("Demo", "demo"))),
        TextField("account", "Account", hint="A new name is offered for creation"),
        DateField("date", "Day", value="2026-11-18"),
        TimeField("time", "Time", optional=True),
        TextField("note", "Note", optional=True, multiline=True),
    ),
)
HOME = Reply(
    text="Your week: 13 of 40 calls, 3 of 8 meetings.",
    parts=(
        Text("Your week", style="strong"),
        Table(("Activity", "Done", "Expected"), (("Calls", "13", "40"), ("Meetings", "3", "8")), numeric=(1, 2)),
        Buttons((Button("Log an activity", "open", "primary"),)),
    ),
)


@dataclass
class Scripted:
    """Remembers what came in; answers by the words said or the token pressed."""

    sender: PlaygroundSender | None = None
    heard: list[Incoming] = field(default_factory=list)
    answers: dict[str, Answer] = field(default_factory=dict)

    async def take(self, incoming: Incoming) -> Answer:
        if incoming.key in self.answers:
            return msgspec.structs.replace(self.answers[incoming.key], replayed=True)
        self.heard.append(incoming)
        answer = self.answers[incoming.key] = await self._answer(incoming)
        return answer

    async def _answer(self, incoming: Incoming) -> Answer:
        match incoming.what:
            case Said(text="boom"):
                raise RuntimeError("boom")
            case Said(text="form" | ""):
                return Answer(form=FORM)
            case Said(text="parts"):
                return await self._reply(incoming, EVERY_PART)
            case Said(text="tall"):
                return await self._reply(incoming, TALL)
            case Said(text="charts"):
                return await self._reply(incoming, CHARTS)
            case Said(text="which"):
                return await self._reply(incoming, WHICH)
            case Said(text="public"):
                return await self._reply(incoming, Reply(text="For all to see.", private=False))
            case Said(text=text, command=""):
                return await self._reply(incoming, Reply(text=f"You said: {text}"))
            case Said():
                return await self._reply(incoming, LOGGED)
            case Pressed(token="edit" | "open") | LogThis():
                return Answer(form=FORM)
            case Pressed(token=token, value=value):
                return await self._reply(incoming, Reply(text=f"Pressed {token} {value}".strip() + "."))
            case Submitted(values=values):
                if values.get("account") == "?":
                    return Answer(problems={"account": "“?” is no account that I can find."})
                return await self._reply(incoming, LOGGED)
            case HomeOpened():
                await self._send(incoming, "home", HOME, Address())
        return Answer()

    async def _reply(self, incoming: Incoming, reply: Reply) -> Answer:
        if incoming.inline:
            return Answer(reply=reply)
        if incoming.pressed_on is not None:
            await self._send(incoming, "update", reply, incoming.pressed_on)
        else:
            alone = incoming.place == "channel" and reply.private
            only_to = incoming.profile.external_id if alone else ""
            await self._send(incoming, "post", reply, msgspec.structs.replace(incoming.reply_to, only_to=only_to))
        return Answer()

    async def _send(self, incoming: Incoming, operation: str, reply: Reply, address: Address) -> None:
        assert self.sender is not None
        await self.sender.send(
            Operation(
                id=f"{len(self.heard)}",
                key=incoming.key,
                operation=operation,
                install=incoming.install,
                address=address,
                user=incoming.profile.external_id,
                body=reply,
            )
        )

    async def form_missed(self, incoming: Incoming, form: Form) -> None:
        raise AssertionError("the playground opens every form")

    async def uninstalled(self, install: str) -> None:
        raise AssertionError("the playground is never uninstalled")
