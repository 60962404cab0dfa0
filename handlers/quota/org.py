"""The company's own names for reading questions: shared with other features (handlers/figures/org.py)."""

from handlers.figures.org import org_of

__all__ = ["org_of"]
