"""A child that keeps dying is started less and less often; one that was well, at once."""

import pytest

from collector.supervise import LONGEST_BACK_OFF_S, next_back_off_s


@pytest.mark.parametrize(
    ("last_s", "lived_s", "expected_s"),
    [
        pytest.param(0.0, 600.0, 0.0, id="was well"),
        pytest.param(0.0, 0.1, 0.2, id="died at once"),
        pytest.param(0.2, 0.1, 0.4, id="died again"),
        pytest.param(8.0, 0.1, LONGEST_BACK_OFF_S, id="never longer than the longest"),
        pytest.param(8.0, 6.0, 0.0, id="was well after all"),
    ],
)
def test_back_off(last_s: float, lived_s: float, expected_s: float) -> None:
    assert next_back_off_s(last_s, lived_s) == pytest.approx(expected_s)
