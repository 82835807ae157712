"""The fold: from the journal to everything that is concluded from it."""

from collector.fold.fold import Fold

__all__ = ["Fold"]
