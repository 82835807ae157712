"""What is wrong is named and refused, and its neighbours are kept."""

import json
import math
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.strict import Refused
from collector.intake.names import Layout, Names
from collector.intake.scrutiny import inspect, parse
from collector.intake.validate import Judged, Sender, glance
from collector.intake.wire import MAX_ENTRIES, Report, read_report, write

Make = Callable[..., dict[str, Any]]
NAMES = Names()
# a tenth of what `make soak` gives them
EXAMPLES = settings().max_examples
# of a soak's own, three times as many as of other tests
THOROUGH = 3 if EXAMPLES > 100 else 1


def sender(layouts: dict[str, Layout] | None = None, *granted: str) -> Sender:
    return Sender(frozenset({"own", *granted}), layouts or {}, NAMES)


def judge(body: bytes | dict[str, Any], who: Sender | None = None) -> Judged:
    """As the server does: a glance, and the close look when that does not do."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    who = who or sender()
    try:
        judged = glance(read_report(data), who)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        judged = None
    return judged or inspect(parse(data), who)


def frame(n: int = 1, **parts: Any) -> dict[str, Any]:
    return {"n": n, "at": 5.0, "up": 1.0, "layout": "L", "values": [1, 2.5], **parts}


def finding(n: int = 1, **parts: Any) -> dict[str, Any]:
    return {"n": n, "at": 5.0, "check": "sideka", "verdict": "bad", **parts}


def rejected(judged: Judged) -> list[tuple[int, str]]:
    return [(r.n, r.reason) for r in judged.rejected]


def test_a_good_report_needs_no_second_look(report: Make) -> None:
    judged = glance(read_report(json.dumps(report()).encode()), sender())
    assert judged is not None
    assert judged.fresh["k7Qx81Zp0aBc"].count == 2
    assert not judged.rejected
    assert not judged.need_layouts


def test_both_looks_see_the_same_in_a_good_report(report: Make) -> None:
    body = report(findings=[finding(2, reason="HTTP 502", up=3)], dropped=4)
    data = json.dumps(body).encode()
    quick = glance(read_report(data), sender())
    assert quick is not None
    assert inspect(parse(data), sender()).report == quick.report


BAD_FRAMES = {
    "too few values": ({"values": [1]}, "frames[1].values: expected 2 numbers, got 1"),
    "no values": ({"values": None}, "frames[1].values: expected a list of numbers, got null"),
    "a word": ({"values": [1, "x"]}, "frames[1].values[1]: expected a number or null, got 'x'"),
    "a truth": ({"values": [True, 1]}, "frames[1].values[0]: expected a number or null, got true"),
    "a list": ({"values": [1, [2]]}, "frames[1].values[1]: expected a number or null, got a list"),
    "no time": ({"at": None}, "frames[1].at: expected a number, got null"),
    "time in words": ({"at": "now"}, "frames[1].at: expected a number, got 'now'"),
    "endless uptime": ({"up": math.inf}, "frames[1].up: expected a number, got inf"),
    "not a number": ({"values": [math.nan, 1]}, "frames[1].values[0]: expected a number or null"),
    "huge whole number": ({"values": [1, 10**400]}, "frames[1].values[1]: expected a number"),
    "layout is a number": ({"layout": 3}, "frames[1].layout: expected text, got 3"),
    "a layout nobody can have": ({"layout": "ü"}, "frames[1].layout: an id is 1 to 32"),
}


@pytest.mark.parametrize(("parts", "reason"), BAD_FRAMES.values(), ids=BAD_FRAMES)
def test_a_bad_frame_is_named_and_its_neighbours_stay(
    report: Make, parts: dict[str, Any], reason: str
) -> None:
    frames = [frame(1), frame(2, **parts), frame(3)]
    judged = judge(report(layouts={"L": ["a", "b"]}, frames=frames))
    assert [f.n for f in judged.report.frames] == [1, 3]
    assert [r.n for r in judged.rejected] == [2]
    assert judged.rejected[0].reason.startswith(reason)


def test_an_overflowing_number_rejects_only_its_frame(report: Make) -> None:
    text = json.dumps(report(layouts={"L": ["a", "b"]}, frames=[frame(1), frame(2, values=[7, 8])]))
    for number in ("1e999", "-1e999", "NaN", "Infinity", "9" * 400, "9" * 5000):
        judged = judge(text.replace("[7, 8]", f"[7, {number}]").encode())
        assert [f.n for f in judged.report.frames] == [1]
        assert judged.rejected[0].reason.startswith("frames[1].values[1]: expected a number")


BAD_NUMBERS: list[Any] = [0, -1, 2**53 + 1, 1.0, True, None, "1", [1], 10**30]


@pytest.mark.parametrize("n", BAD_NUMBERS, ids=repr)
def test_an_entry_without_a_usable_number_is_rejected(report: Make, n: Any) -> None:
    judged = judge(report(layouts={"L": ["a", "b"]}, frames=[frame(n), frame(2)]))
    assert [f.n for f in judged.report.frames] == [2]
    assert judged.rejected[0].n == 0
    assert judged.rejected[0].reason.startswith("frames[0].n: expected a whole number")


def test_the_same_n_twice_keeps_the_first(report: Make) -> None:
    frames, findings = [frame(4), frame(4), frame(5)], [finding(5), finding(6)]
    judged = judge(report(layouts={"L": ["a", "b"]}, frames=frames, findings=findings))
    assert [f.n for f in judged.report.frames] == [4, 5]
    assert [f.n for f in judged.report.findings] == [6]
    assert rejected(judged) == [
        (4, "frames[1].n: 4 stands twice in this report"),
        (5, "findings[0].n: 5 stands twice in this report"),
    ]


BAD_FINDINGS = {
    "no check": ({"check": ""}, "findings[0].check: expected 1 to 100 printable characters"),
    "a check of bytes": ({"check": "a\x00b"}, "findings[0].check: expected 1 to 100 printable"),
    "half a character": ({"check": "\ud800"}, "findings[0].check: expected 1 to 100 printable"),
    "verdict": ({"verdict": "ok"}, "findings[0].verdict: 'ok' is not one of good, bad, unknown"),
    "reason": ({"reason": 5}, "findings[0].reason: expected text, got 5"),
    "site": ({"site": "other"}, "findings[0].site: 'other' is not granted to this agent"),
    "time": ({"at": [1]}, "findings[0].at: expected a number, got a list of 1"),
}


@pytest.mark.parametrize(("parts", "reason"), BAD_FINDINGS.values(), ids=BAD_FINDINGS)
def test_a_bad_finding_is_named(report: Make, parts: dict[str, Any], reason: str) -> None:
    judged = judge(report(frames=[], findings=[finding(1, **parts), finding(2)]))
    assert [f.n for f in judged.report.findings] == [2]
    assert judged.rejected[0].n == 1
    assert judged.rejected[0].reason.startswith(reason)


def test_long_reasons_are_cut_and_control_characters_become_spaces(report: Make) -> None:
    body = report(frames=[], findings=[finding(1, reason="x\x1b[2J\n" + "y" * 600)])
    (kept,) = judge(body).report.findings
    assert kept.reason == "x [2J " + "y" * 494
    assert read_report(write(judge(body).report)).findings == [kept]


def test_no_entry_is_rejected_for_its_time(report: Make) -> None:
    times = [0.0, -1e9, 4.1e9, 1e300]
    frames = [frame(n, at=at) for n, at in enumerate(times, 1)]
    assert judge(report(layouts={"L": ["a", "b"]}, frames=frames)).rejected == []


BAD_LAYOUTS: dict[str, tuple[Any, str]] = {
    "twice": (["a", "b", "a"], "layouts.L[2]: a stands twice"),
    "twice in two spellings": (
        ['a{x="1",y="2"}', 'a{y="2",x="1"}'],
        'layouts.L[1]: a{y="2",x="1"} stands twice',
    ),
    "reserved": (['a{isp="x"}', "b"], "layouts.L[0]: label isp is the collector's own"),
    "the name as a label": (
        ['a{__name__="b"}', "c"],
        "layouts.L[0]: label __name__ is the collector's own",
    ),
    "site": (['a{site="other"}', "b"], "layouts.L: site 'other' is not granted to this agent"),
    "long": (["a" * 513, "b"], "layouts.L[0]: 513 bytes; 512 are the most"),
    "many": ([f"a{i}" for i in range(2001)], "layouts.L: 2001 series; 1 to 2000 in a layout"),
    "none": ([], "layouts.L: 0 series"),
    "no list": ({"a": 1}, "layouts.L: expected a list of series names"),
    "no texts": (["a", 5], "layouts.L: expected a list of series names"),
    "syntax": (["a{", "b"], "layouts.L[0]: a{: labels stand between"),
    "line break": (["a\nb", "c"], "layouts.L[0]: control characters"),
    "half a character": (["\ud800", "c"], "layouts.L[0]: control characters or broken text"),
}


@pytest.mark.parametrize(("names", "reason"), BAD_LAYOUTS.values(), ids=BAD_LAYOUTS)
def test_a_bad_layout_takes_only_its_frames_with_it(report: Make, names: Any, reason: str) -> None:
    body = report(
        layouts={"L": names, "good": ["x"]}, frames=[frame(1), frame(2, layout="good", values=[1])]
    )
    judged = judge(body)
    assert [f.n for f in judged.report.frames] == [2]
    assert list(judged.report.layouts) == ["good"]
    assert [n for n, _ in rejected(judged)] == [0, 1]
    assert rejected(judged)[0][1].startswith(reason)
    assert rejected(judged)[1][1].startswith(f"frames[0].layout: {reason}")


def test_a_layout_id_of_other_characters_is_refused(report: Make) -> None:
    judged = judge(report(layouts={"a b": ["x"]}, frames=[]))
    assert rejected(judged) == [(0, "layouts: an id is 1 to 32 of A-Z a-z 0-9 _ -")]


def test_another_list_under_a_known_id_is_refused(report: Make) -> None:
    known = {"L": NAMES.judge(["a", "c"], "")}
    judged = judge(report(layouts={"L": ["a", "b"]}, frames=[frame(1)]), sender(known))
    assert [n for n, _ in rejected(judged)] == [0, 1]
    assert rejected(judged)[0][1] == "layouts.L: another list of series under a known id"
    assert judge(report(layouts={"L": ["a", "c"]}, frames=[frame(1)]), sender(known)).fresh == {}


def test_an_unknown_layout_is_asked_for_and_its_frames_wait(report: Make) -> None:
    judged = judge(report(layouts={}, frames=[frame(1), frame(2)], findings=[finding(3)]))
    assert judged.need_layouts == ["L"]
    assert not judged.rejected
    assert not judged.report.frames
    assert [f.n for f in judged.report.findings] == [3]


def test_granted_sites_may_be_spoken_for(report: Make) -> None:
    body = report(
        layouts={"L": ['a{site="other"}', "b"]},
        frames=[frame(1)],
        findings=[finding(2, site="own")],
    )
    assert judge(body, sender({}, "other")).rejected == []
    taken_back = judge(
        {**body, "layouts": {}}, sender({"L": NAMES.judge(body["layouts"]["L"], "")})
    )
    assert rejected(taken_back) == [
        (1, "frames[0].layout: a site in it is not granted to this agent")
    ]


# a million where there is time for it
@pytest.mark.slow
def test_layouts_are_bounded_in_a_report_and_for_an_agent(report: Make) -> None:
    count = 1000 * EXAMPLES
    many = {f"L{i}": ["a"] for i in range(count)}
    judged = inspect({**report(frames=[frame(1, layout="L9")]), "layouts": many}, sender())
    assert rejected(judged) == [(0, f"layouts: {count} in one report; the first 8 are taken")]
    assert (len(judged.fresh), judged.need_layouts) == (8, ["L9"])
    known = {f"K{i}": NAMES.judge([f"k{i}"], "") for i in range(60)}
    judged = judge(report(layouts={f"L{i}": ["a"] for i in range(8)}, frames=[]), sender(known))
    assert len(judged.fresh) == 4
    assert rejected(judged)[0] == (0, "layouts.L4: this agent has 64 layouts already")


BAD_ENVELOPES: dict[str, tuple[bytes | dict[str, Any], str]] = {
    "not JSON": (b'{"v":1,', "not JSON: Expecting property name"),
    "not UTF-8": (b'{"v":"\xff"}', "the body is not UTF-8"),
    "empty": (b"", "not JSON"),
    "nested": (b"[" * 100_000, "not JSON we read: nested too deeply"),
    "a list": (b"[]", "expected an object, got a list of 0"),
    "v missing": ({"v": ...}, "v: missing"),
    "v of tomorrow": ({"v": 2}, "v: expected 1, got 2"),
    "v true": ({"v": True}, "v: expected 1, got true"),
    "spool missing": ({"spool": ...}, "spool: missing"),
    "spool empty": ({"spool": ""}, "spool: expected 1 to 64 printable characters"),
    "spool long": ({"spool": "x" * 65}, "spool: expected 1 to 64 printable characters"),
    "sent_at missing": ({"sent_at": ...}, "sent_at: missing"),
    "sent_at words": ({"sent_at": "now"}, "sent_at: expected a number, got 'now'"),
    "sent_at endless": ({"sent_at": math.inf}, "sent_at: expected a number, got inf"),
    "frames no list": ({"frames": 5}, "frames: expected a list, got 5"),
    "layouts no object": ({"layouts": []}, "layouts: expected an object, got a list of 0"),
    "too many entries": (
        {"frames": [{}] * (MAX_ENTRIES + 1)},
        "frames: 5001 entries; 5000 in a report are the most",
    ),
}


@pytest.mark.parametrize(("parts", "problem"), BAD_ENVELOPES.values(), ids=BAD_ENVELOPES)
def test_an_unusable_envelope_is_refused_whole(
    report: Make, parts: bytes | dict[str, Any], problem: str
) -> None:
    body: bytes | dict[str, Any] = parts
    if isinstance(parts, dict):
        body = {k: v for k, v in report(**parts).items() if v is not ...}
    with pytest.raises(Refused) as caught:
        judge(body)
    assert str(caught.value).startswith(problem)


def test_helpers_of_placing_that_are_wrong_cost_no_entry(report: Make) -> None:
    judged = judge(report(boot=5, up="long", dropped=-1))
    assert (judged.report.boot, judged.report.up, judged.report.dropped) == ("", None, 0)
    assert len(judged.report.frames) == 1
    assert rejected(judged) == [
        (0, "boot: expected up to 64 printable characters, got 5"),
        (0, "up: expected a number, got 'long'"),
        (0, "dropped: expected a whole number, got -1"),
    ]


def test_what_a_later_agent_adds_is_ignored(report: Make) -> None:
    body = report(colour="red", frames=[{**report()["frames"][0], "mood": {"x": [1]}}])
    assert judge(body).rejected == []


def test_an_agent_cannot_say_goodbye_in_the_body(report: Make) -> None:
    assert judge(report(bye=True)).report.bye is False


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["L", "good", "bad", "own", "1e999"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=8,
)
entries = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "n": st.integers(0, 9) | anything,
            "at": st.floats() | anything,
            "up": st.floats() | anything,
            "layout": st.just("L") | anything,
            "values": st.lists(st.floats() | anything, max_size=3) | anything,
            "check": st.just("c") | anything,
            "verdict": st.sampled_from(["good", "bad", "unknown"]) | anything,
            "reason": st.text() | anything,
            "site": anything,
        },
    )
    | anything,
    max_size=5,
)
reports = st.fixed_dictionaries(
    {"v": st.just(1), "spool": st.just("s"), "sent_at": st.just(1.0)},
    optional={
        "boot": anything,
        "up": anything,
        "dropped": anything,
        "layouts": st.dictionaries(
            st.just("L") | st.text(max_size=4), st.lists(st.text(max_size=4)) | anything, max_size=3
        )
        | anything,
        "frames": entries | anything,
        "findings": entries | anything,
    },
)


def known_layouts() -> dict[str, Layout]:
    return {"L": NAMES.judge(["a", "b"], "")}


def check_outcome(data: bytes) -> None:
    try:
        judged = judge(data, sender(known_layouts()))
    except Refused as refused:
        assert "\n" not in str(refused)
        return
    kept = judged.report
    again = read_report(write(kept))
    assert again == kept
    numbers = [f.n for f in kept.frames] + [f.n for f in kept.findings]
    assert len(set(numbers)) == len(numbers)
    assert all(math.isfinite(v) for f in kept.frames for v in f.values if v is not None)
    assert isinstance(msgspec.json.encode(judged.rejected), bytes)
    assert all("\n" not in r.reason and len(r.reason) < 300 for r in judged.rejected)
    given = [json.loads(data)[k] or () for k in ("frames", "findings") if k in json.loads(data)]
    unlisted = sum(map(len, given)) - len(numbers)
    named = [r for r in judged.rejected if r.reason.startswith(("frames[", "findings["))]
    assert len(named) <= unlisted
    assert len(named) == unlisted or judged.need_layouts


@pytest.mark.slow
@settings(max_examples=2 * THOROUGH * EXAMPLES, deadline=None)
@given(reports)
def test_every_entry_is_kept_rejected_or_waits_for_its_layout(body: dict[str, Any]) -> None:
    check_outcome(json.dumps(body).encode())


@pytest.mark.slow
@settings(max_examples=THOROUGH * EXAMPLES, deadline=None)
@given(anything)
def test_any_json_is_judged_or_refused_in_one_line(body: Any) -> None:
    check_outcome(json.dumps(body).encode())


@pytest.mark.slow
@settings(max_examples=THOROUGH * EXAMPLES, deadline=None)
@given(st.binary(max_size=60), st.integers(0, 400), st.integers(0, 60))
def test_broken_bytes_are_judged_or_refused(noise: bytes, at: int, cut: int) -> None:
    good: Report = inspect(
        {"v": 1, "spool": "s", "sent_at": 1.0, "frames": [frame(1)], "findings": [finding(2)]},
        sender(known_layouts()),
    ).report
    data = write(good)
    try:
        judge(data[:at] + noise + data[at + cut :], sender(known_layouts()))
    except Refused as refused:
        assert "\n" not in str(refused)


@pytest.mark.parametrize(
    ("key", "value", "kept"),
    [
        ("every_s", 240, True),
        ("every_s", 7200, False),
        ("every_s", "often", False),
        ("used", {"day": "2026-11-29", "today": 5, "month": 9}, True),
        ("used", {"day": "today", "today": 5, "month": 9}, False),
        ("used", {"day": "2026-11-29", "today": -5, "month": 9}, False),
        ("used", 7, False),
    ],
)
def test_what_an_agent_says_of_itself_costs_no_entry(
    report: Make, key: str, value: object, kept: bool
) -> None:
    judged = judge(report(**{key: value}))
    assert len(judged.report.frames) == 1
    assert (getattr(judged.report, key) is not None) is kept
    assert (judged.rejected == []) is kept
    if kept:
        assert getattr(read_report(write(judged.report)), key) == getattr(judged.report, key)
