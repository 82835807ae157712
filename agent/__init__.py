"""The agent: runs alone in a village, needs nothing but Python."""

__version__ = "0.1.0"
