"""Whoever waits for a loop outside hears it go round, and only the loop."""

import asyncio
import math
import threading

from collector import pulse


def test_a_loop_says_that_it_goes_round_until_it_ends() -> None:
    heard: list[int] = []

    async def run() -> None:
        beating = asyncio.create_task(pulse.beat(lambda: heard.append(1), 0.001))
        while len(heard) < 3:
            await asyncio.sleep(0.001)
        beating.cancel()

    asyncio.run(run())
    assert len(heard) >= 3


def test_nothing_is_said_where_nobody_waits() -> None:
    heard: list[int] = []
    asyncio.run(pulse.beat(lambda: heard.append(1), math.inf))
    assert heard == []


def test_only_the_main_thread_speaks_for_its_loop() -> None:
    heard: list[int] = []
    stop = pulse.Asked(lambda: heard.append(1))
    assert not stop.is_set()
    other = threading.Thread(target=stop.is_set)
    other.start()
    other.join()
    assert heard == [1]
    stop.set()
    assert stop.is_set() and stop.wait(0)
