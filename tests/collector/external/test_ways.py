"""Raw samples as engines write them; what is none is told, in bounds."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import cast

import cramjam
import numpy as np
import pytest

from collector.external.borrowing import Borrowed, External, by_column
from collector.external.line import Line, TooLong, Unanswered
from collector.external.naming import Names, matchers
from collector.external.place import Place
from collector.external.ways import Lent, Question, export, query, remote_read
from collector.outward.post import Receiver
from collector.promql.plan import Matcher
from tests.collector import write_request
from tests.collector.external.fake import fake, hangs, says
from tests.each import for_each

LOAD = Question((Matcher("site", "=", "35.10"), Matcher("__name__", "=~", "a|b")), 1000, 5000, 1.0)
NAMES = ["a", 'a{port="1"}', 'b{site="x"}', "c"]


def test_words_among_the_numbers_of_an_export_are_numbers() -> None:
    told = (
        b'{"metric":{"__name__":"a","x":"NaN,Inf]"},"values":[1.5,null,NaN,+Inf,-Inf,"Infinity",7],'
        b'"timestamps":[1000,2000,3000,4000,4500,5000,5001]}\n\n'
        b'{"metric":{"__name__":"b"},"values":[2],"timestamps":[1000]}\n'
    )
    with fake(export=says(200, told)) as engine:
        first, second = export(Line(engine.place()), LOAD)
    assert first.labels == {"__name__": "a", "x": "NaN,Inf]"}
    assert first.times_ms.tolist() == [1000, 2000, 3000, 4000, 4500, 5000]
    expected = [1.5, np.nan, np.nan, np.inf, -np.inf, np.inf]
    np.testing.assert_array_equal(first.values, expected)
    assert (second.times_ms.tolist(), second.values.tolist()) == ([1000], [2.0])


def test_a_query_asks_for_a_stretch_and_is_cut_to_it() -> None:
    asked: list[dict[str, list[str]]] = []
    told = (
        b'{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"__name__":"a"},'
        b'"values":[[0.999,"1"],[1,"2"],[5,"NaN"]]}]}}'
    )
    with fake(query=lambda form: (asked.append(dict(form)), (200, told))[1]) as engine:
        (one,) = query(Line(engine.place()), LOAD)
    assert asked == [{"query": ['{site="35.10",__name__=~"a|b"}[4001ms]'], "time": ["5.000"]}]
    assert one.times_ms.tolist() == [1000, 5000]
    np.testing.assert_array_equal(one.values, [2.0, np.nan])


SAMPLES = {
    "usual": [(1_790_000_000_000 + n, 1.5 * n) for n in range(50)],
    "ends": [(1_790_000_000_000, 1.0), (1_790_000_000_001, 0x7FF0000000000002)],
    "of 1970 and before": [(1000, 1.0), (0, 2.0), (-5, 0.0), (1_790_000_000_000, 3.0)],
    "none": [],
}


@pytest.mark.parametrize("samples", SAMPLES.values(), ids=SAMPLES)
def test_a_remote_read_gives_every_sample(samples: list[tuple[int, float | int]]) -> None:
    series = write_request.request(({"__name__": "a", "b": ""}, samples), ({"c": "d"}, []))
    told = bytes(cramjam.snappy.compress_raw(write_request.piece(1, series)))
    with fake(read=says(200, told)) as engine:
        line, ever = Line(engine.place()), replace(LOAD, start_ms=-10, end_ms=1_800_000_000_000)
        one, other = remote_read(line, ever)
        cut, _ = remote_read(line, LOAD)
    assert cut.times_ms.tolist() == [time for time, _ in samples if 1000 <= time <= 5000]
    assert (one.labels, other.labels) == ({"__name__": "a", "b": ""}, {"c": "d"})
    assert one.times_ms.tolist() == [time for time, _ in samples]
    assert len(other.times_ms) == 0
    expected = [np.nan if value == 0x7FF0000000000002 else value for _, value in samples]
    np.testing.assert_array_equal(one.values, expected)


BROKEN = {
    "no snappy": (remote_read, b"<html>", "its answer to a remote read is none: "),
    "no protobuf": (remote_read, bytes(cramjam.snappy.compress_raw(b"html")), "not a ReadResponse"),
    "cut short": (remote_read, bytes(cramjam.snappy.compress_raw(b"\x0a\x70a")), "cut short"),
    "an endless length": (
        remote_read,
        bytes(cramjam.snappy.compress_raw(b"\x0a" + b"\xff" * 2_000_000)),
        "a length of more than 32 bits",
    ),
    "countless series": (
        remote_read,
        bytes(cramjam.snappy.compress_raw(write_request.piece(1, b"\x0a\x00" * 60_000))),
        "more than 50000 series",
    ),
    "no time": (
        export,
        b'{"metric":{},"values":[1],"timestamps":[18446744073709551615]}',
        "its export cannot be read: ",
    ),
    "too deep": (export, b'{"x":' + b"[" * 100_000, "its export cannot be read: "),
    "no end of time": (
        query,
        b'{"status":"s","data":{"result":[{"metric":{},"values":[[1e300,"1"]]}]}}',
        "its answer to a query cannot be read: ",
    ),
    "no export": (export, b"<html>", "its export cannot be read: "),
    "unequal": (export, b'{"metric":{},"values":[1],"timestamps":[]}', "as many times as values"),
    "no matrix": (query, b'{"status":"success"}', "its answer to a query cannot be read: "),
    "no number": (
        query,
        b'{"status":"s","data":{"result":[{"metric":{},"values":[[1,"x"]]}]}}',
        "could not convert",
    ),
}


@pytest.mark.slow
@for_each(("way", "body", "why"), BROKEN.values(), ids=BROKEN)
def test_what_is_no_answer_is_told(
    way: Callable[[Line, Question], list[Lent]], body: bytes, why: str
) -> None:
    with (
        fake(read=says(200, body), export=says(200, body), query=says(200, body)) as engine,
        pytest.raises(Unanswered, match=why),
    ):
        way(Line(engine.place()), LOAD)


def test_no_answer_is_waited_for_longer_than_it_may_and_then_not_at_all_for_a_while() -> None:
    at = [0.0]
    with fake(export=hangs(0.6), query=says(401, b"no: s3cret")) as engine:
        line = Line(engine.place(secret="s3cret"), lambda: at[0])
        with pytest.raises(Unanswered, match=r"^it answers 401 no: \*\*\*$"):
            query(line, LOAD)
        quick = Question(LOAD.matchers, 0, 1, 0.2)
        for _ in range(2):
            with pytest.raises(Unanswered, match="longer than 0 s"):
                export(line, quick)
        assert engine.asked.count("/api/v1/export") == 1
        at[0] = 11.0
        with pytest.raises(Unanswered, match="401"):
            query(line, LOAD)
        assert engine.seen[0] == "Bearer s3cret"


@contextmanager
def raw(answer: Callable[[socket.socket, bytes], None]) -> Iterator[str]:
    """An address where one caller is answered with bytes as they are."""
    with socket.create_server(("127.0.0.1", 0)) as door:

        def serve() -> None:
            with contextlib.suppress(OSError), door.accept()[0] as caller:
                answer(caller, caller.recv(65536))
                # closing on what was not read would throw away what was answered
                caller.shutdown(socket.SHUT_WR)
                while caller.recv(65536):
                    pass

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{door.getsockname()[1]}"
        thread.join()


def test_an_answer_in_drops_ends_in_time() -> None:
    over = threading.Event()

    def drip(caller: socket.socket, _: bytes) -> None:
        caller.sendall(b"HTTP/1.1 200 OK\r\nX: ")
        while not over.wait(0.05):
            caller.sendall(b"a")

    with raw(drip) as url:
        try:
            with pytest.raises(Unanswered, match="longer than 0 s"):
                query(Line(Place(url, Receiver(url), 1.0)), replace(LOAD, limit_s=0.3))
        finally:
            over.set()


@pytest.mark.parametrize("user", ["", "ronda"])
def test_what_an_engine_throws_back_shows_neither_our_secret_nor_signs_for_a_terminal(
    user: str,
) -> None:
    def echo(caller: socket.socket, asked: bytes) -> None:
        told = next(line for line in asked.split(b"\r\n") if line.startswith(b"Authorization"))
        caller.sendall(b"\x1b]0;" + told + b"\x07\r\n\r\n")

    with raw(echo) as url, pytest.raises(Unanswered) as caught:
        query(Line(Place(url, Receiver(url, user, "s3cret"), 1.0)), LOAD)
    kind = "Basic" if user else "Bearer"
    assert str(caught.value) == f"it cannot be asked: ]0;Authorization: {kind} ***"
    # what anybody is told who may ask for numbers
    assert caught.value.why == "it cannot be asked"


def test_half_of_an_answer_is_none() -> None:
    def half(caller: socket.socket, _: bytes) -> None:
        row = b'{"metric":{"__name__":"a"},"values":[2],"timestamps":[1000]}\n'
        caller.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (2 * len(row)) + row)

    with raw(half) as url, pytest.raises(Unanswered, match="cannot be asked: IncompleteRead"):
        export(Line(Place(url, Receiver(url), 1.0)), LOAD)


def test_too_much_at_once_is_refused_before_it_is_unpacked() -> None:
    body = bytes(cramjam.snappy.compress_raw(bytes(13 << 20)))
    with fake(read=says(200, body)) as engine, pytest.raises(TooLong, match="12 MiB"):
        remote_read(Line(engine.place()), LOAD)


def test_a_series_is_known_by_the_labels_of_its_column_alone() -> None:
    def lent(times: list[int], **labels: str) -> Lent:
        return Lent({"__name__": "a", **labels}, np.array(times), np.array(times) / 1000)

    found = by_column(
        [
            # labels of the site when it was sent, and what was put beside them on the way
            lent([1000, 2000], site="35.10", isp="Telkom", tenant_id="t"),
            lent([2000, 3000], site="35.10", isp="XL"),
            lent([1000], site="35.10", port="1"),
            lent([1000], site="35.10", port="2"),
        ],
        {0: "a", 1: 'a{port="1"}'},
        Names(NAMES),
    )
    assert {c: times.tolist() for c, (times, _) in found.items()} == {0: [1, 2, 3], 1: [1]}


def test_one_column_is_asked_for_by_its_own_labels_and_many_by_their_names() -> None:
    assert matchers(["35.10.06.2005"], ['a{port="1"}']) == (
        Matcher("site", "=", "35.10.06.2005"),
        Matcher("__name__", "=", "a"),
        Matcher("port", "=", "1"),
    )
    assert matchers(["35.1", "35.2"], ['a{port="1"}', "a", "c"]) == (
        Matcher("site", "=~", r"35\.1|35\.2"),
        Matcher("__name__", "=~", "a|c"),
    )


class Slow:
    """An engine with a clock of its own, which takes three seconds to say that it is too much."""

    def __init__(self) -> None:
        self.at, self.asked = 0.0, list[float]()
        self.line = Line(Place("http://e", Receiver("http://e"), 10.0), lambda: self.at)

    def way(self) -> Callable[[Line, Question], list[Lent]]:
        return self._answer

    def codes(self, _: int) -> list[str]:
        return ["35.10"]

    def names(self) -> Names:
        return Names(NAMES)

    def _answer(self, _: Line, question: Question) -> list[Lent]:
        if question.limit_s <= 0:
            raise Unanswered("too late")
        self.asked.append(question.limit_s)
        self.at += 3.0
        if question.end_ms - question.start_ms > 7_200_000:
            raise TooLong("too much")
        return []


def test_all_parts_of_what_is_too_much_at_once_share_the_time_of_one_question() -> None:
    engine = Slow()
    lent = Borrowed(cast(External, engine))
    assert lent.samples(0, {0: "a"}, 0.0, 86400.0 * 300) == {}
    assert (engine.asked, lent.why) == ([10.0, 7.0, 4.0, 1.0], "too late")
