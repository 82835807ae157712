"""What an agent says it knows is what it has."""

from agent.knows import vocabulary
from tests.agent.knowing import known


def test_what_is_written_down_is_true() -> None:
    told = "run: python -m tests.agent.knowing"
    assert vocabulary().split(";") == known(), told
