"""What a probe says of an engine, and when the next is due."""

import json
from collections.abc import Mapping

import pytest

from collector.external import probe as probing
from collector.external.line import Line
from collector.external.probe import due, probe
from collector.external.standing import Standing
from tests.collector.external.fake import Answer, fake, says

NOW = 1_795_990_000.0
OLD = NOW - probing.LATE_S


def shows(*times: float) -> Answer:
    """An export that has the probes of these moments."""

    def answer(form: Mapping[str, list[str]]) -> tuple[int, bytes]:
        first, last = float(form["start"][0]), float(form["end"][0])
        some = [at for at in times if first <= at <= last]
        values = [probing._value(at) for at in some]
        row = {"metric": {}, "values": values, "timestamps": [round(at * 1000) for at in some]}
        return 200, json.dumps(row).encode() if some else b""

    return answer


TAKES = says(204)
CASES: dict[str, tuple[dict[str, Answer], tuple[bool, bool, str, str]]] = {
    "all is well": ({"write": TAKES, "export": shows(NOW, OLD)}, (True, True, "export", "")),
    "late ones are dropped": (
        {"write": TAKES, "export": shows(NOW)},
        (True, False, "export", "it took the late sample and does not give it back"),
    ),
    "all are dropped": (
        {"write": TAKES, "export": shows()},
        (False, False, "query", "it takes samples and does not give them back"),
    ),
    "nobody may write": (
        {"write": says(401, b"who are you")},
        (False, False, "query", "it does not take samples: 401 who are you"),
    ),
    "nobody may read": (
        {"write": TAKES, "read": says(403, b"not you")},
        (False, False, "query", "it answers 403 not you"),
    ),
    "nothing is read there": (
        {"write": TAKES},
        (False, False, "query", "it answers 404 no such path"),
    ),
}


@pytest.mark.parametrize(("answers", "expected"), CASES.values(), ids=CASES)
def test_a_probe_says_what_an_engine_does(
    answers: dict[str, Answer], expected: tuple[bool, bool, str, str]
) -> None:
    waited: list[float] = []
    with fake(**answers) as engine:
        found = probe(Line(engine.place()), "c", NOW, waited.append, known="query")
        assert (found.works, found.late, found.way, found.said) == expected
        assert found.host == f"127.0.0.1:{engine.port}"
    assert sum(waited) <= 2 * sum(probing.WAITS_S)


def test_a_probe_is_due_each_hour_and_sooner_while_it_fails() -> None:
    assert due(None, NOW)
    works = Standing("h", NOW, True, True, "export")
    fails = Standing("h", NOW, False, False, "")
    assert (due(works, NOW + 3599), due(works, NOW + 3600)) == (False, True)
    assert (due(fails, NOW + 299), due(fails, NOW + 300)) == (False, True)
    assert due(works, NOW - 1)
