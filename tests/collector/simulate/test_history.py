"""The past goes in whole, through the same door, and the present follows without a gap."""

import asyncio

import pytest
import uvloop

from agent.strict import Refused
from collector.simulate.history import Past
from tests.collector.simulate.centre import Centre, Fleet, centre, fleet

pytestmark = pytest.mark.slow

START = 1_790_000_123.0


class Clock:
    """Time that moves a little whenever somebody looks."""

    def __init__(self, step_s: float = 0.01) -> None:
        self.now, self._step_s = START, step_s

    def __call__(self) -> float:
        self.now += self._step_s
        return self.now


async def filled(refusals: int = 0) -> tuple[Centre, Fleet]:
    clock = Clock()
    async with centre() as there, fleet(there, START, 3) as here:
        there.refuse = [(429, "Retry-After: 1\r\n")] * refusals
        before = await Past(here.agents, here.post).fill(clock, days=0.5)
        here.live.begin(clock.now, before)
        await here.drive(clock.now, 300)
        return there, here


@pytest.mark.parametrize("refusals", [0, 5], ids=["a willing centre", "a busy centre"])
def test_half_a_day_and_five_minutes_arrive_once_and_without_a_gap(refusals: int) -> None:
    there, here = uvloop.run(filled(refusals))
    for token in here.tokens:
        frames = sorted(there.frames_of(token), key=lambda f: f["n"])
        times = sorted(frame["at"] for frame in frames)
        assert all(
            b - a == pytest.approx(60, abs=0.01) for a, b in zip(times, times[1:], strict=False)
        )
        assert len(times) == pytest.approx(725, abs=2)
        assert len({frame["at"] - frame["up"] for frame in frames}) < 4, "one boot"
    assert there.repeats == 0
    assert here.figures.failures["429"] == refusals
    assert here.figures.entries_acked == len(there.frames)


def test_batches_are_of_one_hour_and_at_most_sixty_frames() -> None:
    there, here = uvloop.run(filled())
    sizes = [len(report["frames"]) for _, report in there.reports]
    assert max(sizes) == 60 and sizes.count(60) >= 3 * 11
    for _, report in there.reports:
        assert len({frame["at"] // 3600 for frame in report["frames"]}) <= 1


def test_a_centre_that_keeps_nothing_is_given_up() -> None:
    async def story() -> None:
        async with fleet(Centre(port=1), START, 2) as here:
            await Past(here.agents, here.post).fill(Clock(step_s=20.0), days=0.1)
            await asyncio.sleep(0)

    with pytest.raises(Refused, match="the centre kept nothing for 300 s"):
        uvloop.run(story())
