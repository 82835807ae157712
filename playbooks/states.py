"""How a run stands, and each of its devices, in one word."""

from enum import StrEnum


class RunState(StrEnum):
    """A run as a whole; it has ended when it is DONE, FAILED or STOPPED."""

    PROPOSED = "proposed"  # waits for a second person
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"  # every device is
    FAILED = "failed"  # at least one is not
    STOPPED = "stopped"  # too many failed, or a person stopped it


class HostState(StrEnum):
    """A run on one device."""

    WAITING = "waiting"
    RUNNING = "running"
    # nobody leads it any more; the net on the device may still be armed, and is read
    SETTLING = "settling"
    DONE = "done"
    FAILED = "failed"  # nothing stayed changed, or nothing can be taken back
    ROLLED_BACK = "rolled_back"
    INTERRUPTED = "interrupted"
    UNKNOWN = "unknown"  # the device could not be asked how it ended
    BLOCKED = "blocked"
    SKIPPED = "skipped"


class StepState(StrEnum):
    """One step."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


OPEN_RUNS = (RunState.PROPOSED, RunState.WAITING, RunState.RUNNING)
WORKING = (HostState.RUNNING, HostState.SETTLING)
OPEN_HOSTS = (HostState.WAITING, *WORKING)
