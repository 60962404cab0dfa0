"""The pipeline's steps and how likely a deal in each is to be won (GLOSSARY: *stage*)."""

from __future__ import annotations

from fractions import Fraction

STAGES: dict[str, Fraction] = {
    "prospecting": Fraction(10, 100),
    "qualified": Fraction(25, 100),
    "proposal": Fraction(50, 100),
    "negotiation": Fraction(75, 100),
    "won": Fraction(1),
    "lost": Fraction(0),
}
WON, LOST = "won", "lost"
OPEN = tuple(stage for stage in STAGES if stage not in (WON, LOST))


def probability(stage: str) -> Fraction:
    """Of an open deal in that stage; a stage that the settings do not know counts nothing."""
    return STAGES.get(stage, Fraction(0))
