"""What others recorded and published. It is no part of the project: some tests need it beside this.

Where it is not, they are not run, and the last line of a run counts them.
"""

from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "shared" / "data"
NOT_HERE = "what others recorded is not beside the project"


def needed(kind: str) -> pytest.MarkDecorator:
    """For a test that looks at what is in this folder of it."""
    return pytest.mark.skipif(not (FOLDER / kind).is_dir(), reason=NOT_HERE)
