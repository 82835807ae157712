"""VictoriaMetrics' vmalert takes our rule files.

Debian's (1.79) is older than `keep_firing_for`, which it refuses by name; it is left out for it.
"""

import re
import subprocess
from pathlib import Path

import pytest

from alerts.rules.loading import PACK, files

pytestmark = pytest.mark.slow
_NEWER = re.compile(r"^ *keep_firing_for:.*\n", re.MULTILINE)


def vmalert(path: Path) -> tuple[bool, str]:
    command = ["vmalert", "-dryRun", f"-rule={path}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    return done.returncode == 0, done.stdout + done.stderr


def test_it_takes_our_rules_but_for_what_is_newer_than_it(tmp_path: Path) -> None:
    for path in files(PACK):
        taken, said = vmalert(path)
        # nothing else is foreign to it
        assert taken or set(re.findall(r"unknown fields in rule: (\w+)", said)) == {
            "keep_firing_for"
        }, f"{path.name}: {said}"
        older = tmp_path / path.name
        older.write_text(_NEWER.sub("", path.read_text()))
        taken, said = vmalert(older)
        assert taken, f"{path.name}: {said}"


def test_it_refuses_what_is_no_expression(tmp_path: Path) -> None:
    """The check above would be worth nothing if it took anything."""
    bad = tmp_path / "bad.yml"
    bad.write_text("groups: [{name: g, rules: [{alert: A, expr: 'sum('}]}]\n")
    assert not vmalert(bad)[0]
