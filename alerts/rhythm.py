"""What is done every so often, by steps that come when they come: each late one makes no other
late."""


def begun(before: float, every_s: float, now: float) -> float:
    """What is done at `now` counts as begun then, or when it was due, if that was lately. Pure.

    `before`: the same of the time before; minus infinity for none.
    """
    due = before + every_s
    return due if 0 <= now - due < every_s else now
