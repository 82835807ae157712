"""Scripts of RouterOS 6.49 and 7."""

from collections.abc import Sequence

from agent.strict import Refused
from collector.micro.model import Choices, File, Steps

_NOT_YET = Refused("--platform", "routeros is not in this version")


class RouterOs:
    """Scheduler and scripts of a MikroTik router."""

    knows = "*:every_s,kind,uplink"

    def files(self, choices: Choices) -> Sequence[File]:
        raise _NOT_YET

    def script(self, choices: Choices) -> str:
        raise _NOT_YET

    def steps(self, choices: Choices) -> Steps:
        raise _NOT_YET

    def sample(self, choices: Choices) -> str:
        raise _NOT_YET
