"""When is the centre itself blind?"""

import asyncio
import socket

from collector.intake.outlook import HEARD_S, Outlook


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_without_targets_nobody_is_ever_blind() -> None:
    outlook = Outlook([], lambda: 0.0)
    asyncio.run(outlook.keep_looking(asyncio.Event()))
    assert outlook.uplink() is None


def test_before_the_first_look_nothing_is_said() -> None:
    assert Outlook([("127.0.0.1", 1)], lambda: 0.0).uplink() is None


def test_one_target_that_answers_is_enough() -> None:
    async def story() -> bool | None:
        server = await asyncio.start_server(lambda _r, w: w.close(), "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        outlook = Outlook([("127.0.0.1", closed_port()), ("127.0.0.1", port)], lambda: 0.0)
        async with server:
            await outlook.look()
        return outlook.uplink()

    assert asyncio.run(story()) is True


def test_blind_is_who_reaches_nothing_and_hears_nobody_from_elsewhere() -> None:
    now = [1000.0]
    outlook = Outlook([("127.0.0.1", closed_port()), ("name.invalid", 443)], lambda: now[0])
    asyncio.run(outlook.look())
    assert outlook.uplink() is False
    outlook.heard()
    assert outlook.uplink() is True
    now[0] += HEARD_S + 1
    assert outlook.uplink() is False
