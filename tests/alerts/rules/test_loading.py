"""What a centre runs: our rules, its own over them, and never less because of one bad file."""

import os
from pathlib import Path

from alerts.rules.loading import load
from alerts.rules.watching import Watch

OWN = """groups:
  - name: mine
    rules:
      - {alert: DiskFull, expr: ronda_host_disk_used_ratio > 0.7, labels: {severity: info}}
      - {alert: Mine, expr: up == 0}
"""


def put(data: Path, name: str, text: str, at: float | None = None) -> Path:
    path = data / "rules" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    if at is not None:
        os.utime(path, (at, at))
    return path


def test_our_rules_are_in_order_and_found_without_a_folder(tmp_path: Path) -> None:
    loaded = load(str(tmp_path))
    assert loaded.problems == () and len(list(loaded.rules)) > 35
    assert len({rule.name for rule in loaded.rules}) == len(list(loaded.rules))


def test_an_alert_of_the_centre_takes_the_place_of_ours(tmp_path: Path) -> None:
    put(tmp_path, "mine.yml", OWN)
    loaded = load(str(tmp_path))
    found = [rule for rule in loaded.rules if rule.name == "DiskFull"]
    assert [(rule.severity, rule.file) for rule in found] == [("info", "rules/mine.yml")]
    assert [rule.file for rule in loaded.replaced] == ["alerts/rules/device.yml"]
    assert loaded.rules.find("InodesFull") is not None


def test_a_bad_file_stops_no_other(tmp_path: Path) -> None:
    put(tmp_path, "a.yml", "groups: [\n")
    put(tmp_path, "b.yaml", OWN)
    put(tmp_path, "notes.txt", "groups: [")
    loaded = load(str(tmp_path))
    assert loaded.rules.find("Mine") is not None
    assert [str(problem) for problem in loaded.problems] == [
        "rules/a.yml:2: YAML: did not find expected node content"
    ]


def test_alerts_that_cannot_be_told_apart_are_said(tmp_path: Path) -> None:
    put(tmp_path, "a.yml", OWN)
    put(tmp_path, "b.yml", OWN)
    told = [str(problem) for problem in load(str(tmp_path)).problems]
    assert told[1].endswith("rule Mine: the same name and labels as in rules/a.yml:5")


def test_the_first_look_finds_the_rules_and_the_next_nothing(tmp_path: Path) -> None:
    watch = Watch(str(tmp_path))
    found = watch.look(1000.0)
    assert found is not None and found.find("UplinkDown") is not None
    assert watch.look(1002.0) is None and watch.look(1010.0) is None


def test_a_changed_file_is_seen_and_a_touched_one_is_not(tmp_path: Path) -> None:
    path = put(tmp_path, "mine.yml", OWN, 500.0)
    watch = Watch(str(tmp_path))
    watch.look(1000.0)
    os.utime(path, (900.0, 900.0))
    assert watch.look(1010.0) is None
    put(tmp_path, "mine.yml", OWN.replace("Mine", "Ours"), 1015.0)
    found = watch.look(1020.0)
    assert found is not None and found.find("Ours") is not None and found.find("Mine") is None


def test_a_change_within_the_same_instant_and_size_is_seen(tmp_path: Path) -> None:
    put(tmp_path, "mine.yml", OWN, 999.0)
    watch = Watch(str(tmp_path))
    watch.look(1000.0)
    put(tmp_path, "mine.yml", OWN.replace("Mine", "Ours"), 999.0)
    assert watch.look(1001.0) is None, "it looks at most every two seconds"
    found = watch.look(1002.0)
    assert found is not None and found.find("Ours") is not None


def test_a_bad_change_leaves_what_was_before(tmp_path: Path) -> None:
    path = put(tmp_path, "mine.yml", OWN, 500.0)
    watch = Watch(str(tmp_path))
    watch.look(1000.0)
    put(tmp_path, "mine.yml", OWN + "      - {alert: Bad, expr: 'up =='}\n", 1005.0)
    assert watch.look(1010.0) is None, "the rules have not changed"
    assert watch.loaded.rules.find("Mine") is not None
    told = [str(problem) for problem in watch.problems]
    assert told[0].startswith("rules/mine.yml:6: group mine, rule Bad: expr: parse error")
    assert told[1] == "rules/mine.yml:6: the rules of its last good version run on"
    put(tmp_path, "mine.yml", OWN, 1015.0)
    assert watch.look(1020.0) is None and watch.problems == ()
    path.unlink()
    found = watch.look(1030.0)
    assert found is not None and found.find("Mine") is None and watch.replaced == ()


def test_a_new_file_that_is_bad_changes_nothing_and_is_told(tmp_path: Path) -> None:
    watch = Watch(str(tmp_path))
    watch.look(1000.0)
    put(tmp_path, "bad.yml", "groups: [", 1005.0)
    assert watch.look(1010.0) is None
    assert [problem.file for problem in watch.problems] == ["rules/bad.yml"]
