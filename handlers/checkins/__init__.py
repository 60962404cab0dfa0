"""Check-ins: a rep answers a few questions on a rhythm, the manager reads them beside the facts and answers."""
