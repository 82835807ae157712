"""A child process ends when its parent does, however the parent ended."""

import contextlib
import os
import threading
from collections.abc import Callable

VARIABLE = "RONDA_LIFELINE"


def watch(parent_gone: Callable[[], None]) -> None:
    """Call `parent_gone` once the pipe named in RONDA_LIFELINE closes; nothing to do without one.

    The parent holds the writing end and never writes: the kernel closes it when the parent
    dies, also by SIGKILL.
    """
    text = os.environ.get(VARIABLE, "")
    if not text.isdigit():
        return
    descriptor = int(text)

    def wait() -> None:
        with contextlib.suppress(OSError):
            os.read(descriptor, 1)
        parent_gone()

    threading.Thread(target=wait, name="lifeline", daemon=True).start()
