"""What an agent says it knows is what it has."""

from agent import __version__
from agent.knows import vocabulary
from tests.agent.knowing import known


def test_what_is_written_down_is_true() -> None:
    told = "run: python -m tests.agent.knowing"
    release, *kinds = vocabulary().split(";")
    assert kinds == known(), told
    assert release == f"release:{__version__}"
