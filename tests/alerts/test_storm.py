"""Stories of storms: how many incidents there are, and who hears how often."""

import random
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alerts.faults import Fault, Gather, Open, Parent, Why, shared_by
from alerts.storm import decide
from tests.alerts.desk import Desk
from tests.each import for_each

T = 1_790_000_000.0
POP = Parent("upstream", "POP-Genteng")
FEEDER = Parent("feeder", "GI-Srono")
TELKOM = Parent("isp", "Telkom|35.10.07")
ICON = Parent("isp", "Icon+|35.10.07")
SERVER = Parent("service", "opensid-server")


def site(name: str, at: float, *parents: Parent, noticed: float | None = None) -> Fault:
    return Fault(f"{name}|uplink", name, T + at, T + (at if noticed is None else noticed), parents)


def sites(count: int, times: Iterable[float], *parents: Parent, name: str = "s") -> list[Fault]:
    return [site(f"{name}{n}", at, *parents) for n, at in zip(range(count), times, strict=False)]


def service(name: str, at: float) -> Fault:
    return Fault(f"{name}|opensid", name, T + at, T + at, (SERVER,), alone=True)


def own(parent: Parent, at: float, *parents: Parent, alone: bool = True) -> Fault:
    return Fault(f"own|{parent.name}", "", T + at, T + at, parents, alone=alone, own=parent)


def census_of(*groups: Sequence[Fault]) -> dict[Parent, int]:
    return dict(Counter(parent for faults in groups for one in faults for parent in one.parents))


def even(count: int, within: float) -> list[float]:
    return [within * number / count for number in range(count)]


@pytest.mark.slow
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32), every_s=st.sampled_from([1.0, 5.0]))
def test_300_sites_of_one_pop_in_any_order_are_one_message(seed: int, every_s: float) -> None:
    lots = random.Random(seed)
    faults = [site(f"s{n}", lots.random() * 60, POP, FEEDER, TELKOM) for n in range(300)]
    lots.shuffle(faults)
    desk = Desk({POP: 300, FEEDER: 400, TELKOM: 1000})
    desk.play(faults, every_s)
    assert desk.noc == ["storm #1 POP-Genteng"]
    assert [len(members) for members in desk.members.values()] == [300]
    assert set(desk.villages.values()) == {1} and len(desk.villages) == 300
    first = min(fault.noticed for fault in faults)
    opened = next(d for d in desk.history if d.gather)
    assert max(f.noticed for f in opened.gather[0].faults) - first <= 20 + every_s


@pytest.mark.slow
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    times=st.lists(st.floats(0, 60), min_size=20, max_size=20),
    suspects=st.booleans(),
    children=st.sampled_from([20, 60]),
)
def test_whatever_the_timing_there_is_one_incident(
    times: list[float], suspects: bool, children: int
) -> None:
    desk = Desk({POP: children})
    faults = [site(f"s{n}", at, POP) for n, at in enumerate(times)]
    desk.play(faults, 1.0, suspects)
    (incident,) = desk.open.values()
    assert incident.parent == POP and len(incident.keys) == 20
    # early ones may have been told; the storm is one message that names them all
    singles = [line for line in desk.noc if line.startswith("single")]
    assert len(desk.noc) == len(singles) + 1
    assert desk.noc[-1].count("replaces") == len(singles) <= 9
    assert set(desk.villages.values()) == {1} and len(desk.villages) == 20


def test_order_of_the_input_changes_nothing() -> None:
    faults = sites(40, even(40, 60), POP, FEEDER) + sites(30, even(30, 90), TELKOM, name="t")
    expected = decide(faults, [], census_of(faults), {}, T + 200)
    for seed in range(20):
        random.Random(seed).shuffle(faults)
        found = decide(faults, [], census_of(faults), {}, T + 200)
        assert found == expected


def test_the_parents_own_alarm_comes_a_minute_late_and_joins() -> None:
    desk = Desk({POP: 300})
    desk.play(sites(300, even(300, 60), POP), 5.0)
    desk.play([own(POP, 120)], 5.0)
    assert desk.noc == ["storm #1 POP-Genteng"]
    assert desk.history[-1].join[0].why is Why.OWN_ALARM


def test_the_parents_own_alarm_comes_first_and_all_join() -> None:
    desk = Desk({POP: 300})
    desk.play([own(POP, 0), *sites(300, even(300, 60), POP)], 1.0)
    assert desk.noc == ["storm #1 POP-Genteng"]
    assert len(desk.members[1]) == 301
    assert desk.history[0].gather[0].why is Why.OWN_ALARM


def test_a_parents_own_alarm_explains_two_children_that_wait() -> None:
    desk = Desk({POP: 300})
    desk.play([*sites(2, [0, 1], POP), own(POP, 3)], 1.0)
    assert desk.noc == ["storm #1 POP-Genteng"] and len(desk.members[1]) == 3


def test_one_early_site_and_299_later_are_two_messages() -> None:
    desk = Desk({POP: 300, TELKOM: 900})
    early = site("early", 0, POP, TELKOM)
    desk.play([early, *sites(299, [40 + at for at in even(299, 20)], POP, TELKOM)], 1.0)
    assert desk.noc == ["single early|uplink", "storm #2 POP-Genteng replaces #1"]
    assert set(desk.villages.values()) == {1} and len(desk.villages) == 300
    assert [one.parent for one in desk.open.values()] == [POP]


def test_an_early_site_that_nobody_heard_of_is_absorbed() -> None:
    desk = Desk({POP: 300}, tells=False)
    desk.play([site("early", 0, POP), *sites(299, [40 + at for at in even(299, 20)], POP)], 1.0)
    assert desk.noc == ["storm #2 POP-Genteng"]
    assert len(desk.villages) == 300


def test_a_site_that_fell_long_before_stays_by_itself() -> None:
    desk = Desk({POP: 300})
    desk.play([site("early", 0, POP)], 1.0)
    desk.play(sites(299, [400 + at for at in even(299, 20)], POP), 1.0)
    assert desk.noc == ["single early|uplink", "storm #2 POP-Genteng"]
    assert len(desk.open) == 2


def thirty_pops(*shared: Parent) -> list[Fault]:
    """300 sites of 30 POPs within a minute, in no order."""
    lots = random.Random(7)
    faults = [
        site(f"s{n}", lots.random() * 60, Parent("upstream", f"POP-{n % 30}"), *shared)
        for n in range(300)
    ]
    lots.shuffle(faults)
    return faults


def test_300_sites_of_30_pops_that_share_nothing_else_are_30() -> None:
    faults = thirty_pops()
    desk = Desk(census_of(faults))
    desk.play(faults, 1.0, suspects=True)
    assert len(desk.open) == 30 == sum(line.startswith("storm") for line in desk.noc)
    assert {len(members) for members in desk.members.values()} == {10}
    # where one fell long before the others of its POP it had been told, and is named
    early = sum(line.startswith("single") for line in desk.noc)
    assert early == sum(line.count("replaces") for line in desk.noc) <= 3


def test_300_sites_of_30_pops_of_one_provider_and_district_are_one() -> None:
    faults = thirty_pops(TELKOM)
    desk = Desk(census_of(faults))
    desk.play(faults, 1.0)
    assert desk.noc == ["storm #1 Telkom|35.10.07"]


def test_pop_after_pop_of_one_provider_is_one_incident_that_rises() -> None:
    desk = Desk({TELKOM: 30} | {Parent("upstream", f"POP-{n}"): 10 for n in range(3)})
    for number in range(3):
        pop = Parent("upstream", f"POP-{number}")
        times = [number * 100 + at for at in even(10, 4)]
        desk.play(sites(10, times, pop, TELKOM, name=f"p{number}-"), 1.0)
    assert desk.noc == ["storm #1 POP-0"]
    assert desk.open[1].parent == TELKOM and len(desk.open[1].keys) == 30
    rises = [(r.parent, r.why) for made in desk.history for r in made.rise]
    assert rises == [(TELKOM, Why.WIDER)]


def test_one_feeder_across_two_providers_is_the_feeder() -> None:
    faults = sites(24, even(24, 50), FEEDER, TELKOM) + sites(
        16, even(16, 50), FEEDER, ICON, name="i"
    )
    random.Random(3).shuffle(faults)
    desk = Desk({FEEDER: 40, TELKOM: 60, ICON: 60})
    desk.play(faults, 5.0)
    assert desk.noc == ["storm #1 GI-Srono"] and len(desk.members[1]) == 40


def test_first_one_provider_of_a_feeder_then_the_other_rises() -> None:
    desk = Desk({FEEDER: 40, TELKOM: 22, ICON: 60})
    desk.play(sites(20, even(20, 5), FEEDER, TELKOM), 1.0)
    assert desk.noc == ["storm #1 Telkom|35.10.07"]
    desk.play(sites(20, [60 + at for at in even(20, 5)], FEEDER, ICON, name="i"), 1.0)
    assert len(desk.noc) == 1 and desk.open[1].parent == FEEDER


def test_the_narrowest_that_covers_four_fifths_is_the_parent() -> None:
    faults = sites(16, even(16, 10), POP, TELKOM) + sites(4, even(4, 10), TELKOM, name="t")
    made = decide(faults, [], {POP: 16, TELKOM: 60}, {}, T + 60)
    assert [(one.parent, len(one.faults)) for one in made.gather] == [(POP, 20)]
    faults += sites(1, [3], TELKOM, name="one-more")
    made = decide(faults, [], {POP: 16, TELKOM: 60}, {}, T + 60)
    assert [(one.parent, len(one.faults)) for one in made.gather] == [(TELKOM, 21)]


def test_a_shared_server_with_196_dependents_is_one_message() -> None:
    desk = Desk({SERVER: 196})
    desk.play([service(f"s{n}", at) for n, at in enumerate(even(196, 14))], 1.0)
    assert desk.noc == ["storm #1 opensid-server"] and len(desk.members[1]) == 196
    assert set(desk.villages.values()) == {1} and len(desk.villages) == 196


@pytest.mark.parametrize("late_s", [-30.0, 3.0, 60.0], ids=["before", "among", "after"])
def test_the_servers_own_check_adds_no_message(late_s: float) -> None:
    desk = Desk({SERVER: 196})
    faults = [service(f"s{n}", at) for n, at in enumerate(even(196, 14))]
    desk.play([*faults, own(SERVER, late_s)], 1.0)
    assert desk.noc == ["storm #1 opensid-server"] and len(desk.members[1]) == 197


@pytest.mark.parametrize(
    ("fault", "dependents", "why"),
    [
        (service("s", 0), 1, Why.OWN_WORD),
        (service("s", 0), 2, None),
        (replace(service("s", 0), parents=()), 0, Why.OWN_WORD),
        (replace(service("s", 0), parents=(POP,)), 0, Why.OWN_WORD),
        (site("s", 0), 0, Why.NOTHING_SHARED),
        (site("s", 0, SERVER), 1, Why.NOTHING_SHARED),
        (own(SERVER, 0), 0, Why.OWN_WORD),
    ],
    ids=[
        "the only dependent",
        "one of two dependents holds",
        "a service that depends on nothing",
        "by its own agent's word a POP is no excuse",
        "a silence that shares nothing",
        "a silence whose parent has no other child",
        "the own check of what nothing depends on",
    ],
)
def test_what_is_told_at_once(fault: Fault, dependents: int, why: Why | None) -> None:
    made = decide([fault], [], {SERVER: dependents}, {}, T)
    assert [one.why for one in made.alone] == ([why] if why else [])
    assert len(made.wait) == (0 if why else 1)


def test_two_unrelated_faults_at_once_stay_two() -> None:
    other = Parent("upstream", "POP-Srono")
    desk = Desk({POP: 10, other: 10})
    desk.play([site("a", 0, POP), site("b", 0, other)])
    assert desk.noc == ["single a|uplink", "single b|uplink"] and len(desk.open) == 2


def test_two_of_five_are_two() -> None:
    desk = Desk({POP: 5})
    desk.play(sites(2, [0, 1], POP))
    assert len(desk.noc) == 2 and [one.parent for one in desk.open.values()] == [None, None]


@pytest.mark.parametrize(
    ("fallen", "children", "storm"),
    [(3, 15, Why.A_SHARE), (3, 16, None), (9, 46, None), (10, 1000, Why.MANY), (3, 0, Why.A_SHARE)],
    ids=["a fifth", "under a fifth", "nine of many", "ten of any", "a parent nobody counted"],
)
def test_how_many_make_a_storm(fallen: int, children: int, storm: Why | None) -> None:
    made = decide(sites(fallen, even(fallen, 5), POP), [], {POP: children}, {}, T + 30)
    assert [one.why for one in made.gather] == ([storm] if storm else [])
    assert len(made.alone) == (0 if storm else fallen)


@pytest.mark.parametrize(
    ("times", "gathered"),
    [([0, 90, 180], 3), ([0, 90, 180.5], 0), ([0, 100, 150, 250, 260], 5), ([0, 500, 1000], 0)],
    ids=["in three minutes", "in more", "enough of them, and the others with them", "far apart"],
)
def test_children_count_within_three_minutes_of_each_other(
    times: list[float], gathered: int
) -> None:
    faults = [site(f"s{n}", at, POP, noticed=1000) for n, at in enumerate(times)]
    made = decide(faults, [], {POP: 5}, {}, T + 1008)
    assert sum(len(one.faults) for one in made.gather) == gathered


@for_each(
    ("others", "soft", "now", "until"),
    [
        ([], [], 0, 8),
        ([2], [], 2, 8),
        ([5], [], 5, 10),
        ([5, 9], [], 9, 14),
        ([5, 9, 13, 17], [], 17, 20),
        ([9], [], 9, None),
        ([], [-5], 5, 8),
        ([], [-5], 8, 13),
        ([], [-5], 13, 18),
        ([], [-5], 18, 20),
        ([], [-5], 20, None),
        ([], [-500], 8, None),
    ],
    ids=[
        "eight seconds",
        "one that falls early prolongs nothing",
        "five from one that falls late",
        "and again",
        "twenty at most",
        "what falls when it is over does not count",
        "a suspect before the end changes nothing yet",
        "a suspect at the end: five more",
        "still suspect",
        "twenty at most even so",
        "then it is told",
        "a suspect of long before",
    ],
)
def test_how_long_a_fault_is_held(
    others: list[float], soft: list[float], now: float, until: float | None
) -> None:
    one = site("one", 0, POP)
    waiting = [one, *(site(f"s{at}", at, POP) for at in others)]
    made = decide(waiting, [], {POP: 1000}, {POP: [T + at for at in soft]}, T + now)
    held = {wait.fault.site: wait.until - T for wait in made.wait}
    assert held.get("one") == until
    if until is not None:
        assert made.again_at is not None


def test_a_storm_that_grows_for_twenty_minutes_is_one_message() -> None:
    desk = Desk({FEEDER: 70, TELKOM: 300})
    # ten without a battery, then one battery after the other is empty
    times = [*even(10, 5), *(20.0 * number for number in range(1, 60))]
    desk.play(sites(len(times), times, FEEDER, TELKOM), 5.0)
    assert desk.noc == ["storm #1 GI-Srono"]
    assert len(desk.members[1]) == 69


def test_children_of_hours_later_join_without_a_message() -> None:
    desk = Desk({POP: 20})
    desk.play(sites(10, even(10, 5), POP), 1.0)
    desk.play([site("late", 7200, POP)], 1.0)
    assert desk.noc == ["storm #1 POP-Genteng"]
    assert desk.history[-1].join[0].why is Why.CHILD
    assert desk.villages["late"] == 1


def test_recovery_with_a_tenth_of_stragglers_and_a_second_storm() -> None:
    desk = Desk({POP: 300})
    faults = sites(300, even(300, 60), POP)
    desk.play(faults, 5.0)
    good = {fault.key: T + 600 for fault in faults[:270]}
    assert not desk.recover(1, good, T + 659).over
    assert desk.recover(1, good, T + 660).over
    assert desk.noc == ["storm #1 POP-Genteng", "over #1 without 30"]
    assert len(desk.open) == 30
    again = [replace(fault, at=fault.at + 1000, noticed=fault.noticed + 1000) for fault in faults]
    desk.play(again[:270], 5.0)
    assert desk.noc[2:] == ["storm #32 POP-Genteng"]
    assert len(desk.open) == 31, "stragglers of the first storm stay what they are"


def test_after_a_restart_what_is_known_already_stays_where_it_is() -> None:
    desk = Desk({POP: 300})
    faults = sites(300, even(300, 60), POP)
    desk.play(faults[:100], 5.0)
    desk.tick(T + 100, faults)
    assert desk.noc == ["storm #1 POP-Genteng"]
    assert {one.why for one in desk.history[-1].join} == {Why.MEMBER, Why.CHILD}
    assert len(desk.members[1]) == 300


def test_a_late_tick_decides_as_one_in_time() -> None:
    faults = sites(12, even(12, 5), POP)
    (gathered,) = decide(faults, [], {POP: 12}, {}, T + 3600).gather
    assert isinstance(gathered, Gather) and len(gathered.faults) == 12


def test_a_pops_own_alarm_moves_an_incident_there() -> None:
    faults = sites(9, even(9, 5), POP, FEEDER)
    incident = Open(4, FEEDER, frozenset(f.key for f in faults), T, T + 5, True, shared_by(faults))
    made = decide([own(POP, 30)], [incident], {POP: 10, FEEDER: 9}, {}, T + 30)
    assert [(one.incident, one.parent, one.why) for one in made.rise] == [(4, POP, Why.OWN_ALARM)]


def test_nothing_waits_nothing_is_decided() -> None:
    assert decide([], [], {}, {}, T).again_at is None


@pytest.mark.slow
@pytest.mark.parametrize(("count", "limit_s"), [(300, 0.01), (83_763, 1.0)])
def test_a_whole_fleet_at_one_tick_is_quick(count: int, limit_s: float) -> None:
    faults = [
        site(
            f"s{n}",
            n % 60,
            Parent("upstream", f"P{n // 10}"),
            Parent("feeder", f"F{n // 24}"),
            Parent("isp", f"Telkom|{n // 12}"),
            noticed=60,
        )
        for n in range(count)
    ]
    census = census_of(faults)

    def took(now: float) -> float:
        begun = time.process_time()
        made = decide(faults, [], census, {}, now)
        assert bool(made.wait) == (now < T + 68)
        return time.process_time() - begun

    # twice the figure, and the best of three: the machine may be busy with other work
    assert any(took(T + 60) < 2 * limit_s for _ in range(3))
    assert any(took(T + 68) < 2 * limit_s for _ in range(3))
