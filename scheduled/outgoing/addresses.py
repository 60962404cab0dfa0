"""The one secret of an address, its response URL: opened right before its platform is spoken to, sealed before it is
written down."""

from __future__ import annotations

import msgspec

from handlers.conversation.request import Address
from scheduled.sending import Operation
from storage.vault import Vault


def opened(vault: Vault, operation: Operation) -> Operation:
    """The operation with its response URL in the clear; itself where it has none."""
    if not operation.address.response_url:
        return operation
    url = vault.open(operation.address.response_url)
    return msgspec.structs.replace(operation, address=msgspec.structs.replace(operation.address, response_url=url))


def sealed(vault: Vault, address: Address) -> Address:
    """The address as it may be stored."""
    if not address.response_url:
        return address
    return msgspec.structs.replace(address, response_url=vault.seal(address.response_url))
