"""Reasons and evidence in the language that is being spoken."""

from collector import reasons
from web.tongue import spoken


def say(text: str) -> str:
    """The sentence in the language spoken."""
    return reasons.say(text, spoken())


def find(text: str) -> str:
    """The same of what doctor found."""
    return reasons.find(text, spoken())


def run(text: str) -> str:
    """The same of what is said of a run."""
    return reasons.run(text, spoken())
