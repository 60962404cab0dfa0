"""The playground's way out: what delivery sends appears in the transcript."""

from __future__ import annotations

from math import inf

from bot.playground.transcript import PACER, Shown, Transcript, direct
from handlers.conversation.request import Address
from scheduled.sending import NotThere, Operation, Refused, Result, Sent


class PlaygroundSender:
    """A `scheduled.sending.Sender` without a network: it cannot fail half-way, and it has no limits to keep."""

    lane_interval: float = 0.0
    install_per_minute: float = inf

    def __init__(self, transcript: Transcript) -> None:
        self._transcript = transcript

    async def send(self, operation: Operation) -> Result:
        """Show, change or remove a message, or draw a Home page."""
        address, transcript = operation.address, self._transcript
        match operation.operation:
            case "post":
                return Sent(self._show(operation, _message_id(operation), edited=False))
            case "update":
                # After a restart the message is no longer shown: it appears again as it now stands.
                return Sent(self._show(operation, address.message, edited=True))
            case "delete":
                transcript.remove(address.message)
                return Sent(address)
            case "home":
                transcript.draw_home(address.only_to or operation.user, operation.body)
                return Sent(address)
            case "upload":
                # The page draws the pictures where the charts stand, and fetches documents from where they are named.
                for file, content in operation.contents.items():
                    transcript.keep(file, content)
                return Sent(address)
            case unknown:
                return Refused(f"the playground has no operation {unknown!r}")

    async def find(self, operation: Operation) -> Sent | NotThere:
        """A message's id is made from the operation's, so whether it was shown is always known."""
        shown = self._transcript.get(_message_id(operation))
        if shown is None:
            return NotThere()
        return Sent(Address(conversation=shown.conversation, message=shown.id, only_to=shown.only_to))

    def lane(self, operation: Operation) -> str:
        """Each conversation keeps its own order."""
        return operation.address.conversation or direct(operation.user)

    def _show(self, operation: Operation, id: str, *, edited: bool) -> Address:
        before = self._transcript.get(id)
        address = operation.address
        shown = Shown(
            id=id,
            conversation=before.conversation if before else address.conversation or direct(operation.user),
            author=PACER,
            at=self._transcript.clock(),
            text=operation.body.text,
            reply=operation.body,
            only_to=before.only_to if before else address.only_to,
            edited=edited,
        )
        self._transcript.put(shown)
        return Address(conversation=shown.conversation, message=shown.id, only_to=shown.only_to)


def _message_id(operation: Operation) -> str:
    return f"m-{operation.id}"
