"""The real Ansible reads what goes out, and what it prints comes in again."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from collector.settings import Settings
from tests.stores import migrated

pytestmark = pytest.mark.slow
SCRIPT = Path(__file__).parents[3] / "deploy" / "ansible" / "ronda-inventory"
RONDA = Path(sys.executable).parent / "ronda"
CODE = "35.10.12.2004"
SITES = f"code,name,lat,isp\n{CODE},Benculuk {{{{ 6 * 7 }}}},-8.5,Telkom\n"
DEVICES = f"site,name,host\n{CODE},router,10.0.0.1\n"


@pytest.fixture(scope="module")
def env(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Of commands that find one centre and their own home."""
    folder = tmp_path_factory.mktemp("ansible")
    migrated(Settings(data=str(folder / "var")))
    told = {"RONDA_DATA": str(folder / "var"), "RONDA": str(RONDA), "HOME": str(folder)}
    # Ansible asks for a UTF-8 locale
    made = {**os.environ, **told, "LC_ALL": "C.UTF-8"}
    for name, text in (("sites", SITES), ("devices", DEVICES)):
        (folder / f"{name}.csv").write_text(text)
        run(made, str(RONDA), name, "import", str(folder / f"{name}.csv"))
    return made


def run(env: dict[str, str], *command: str) -> str:
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=90)
    assert done.returncode == 0, done.stderr
    return done.stdout


def listed(env: dict[str, str], source: Path) -> Any:
    told = run(env, "ansible-inventory", "-i", str(source), "--list")
    return json.loads(told)


def test_file_and_script_tell_ansible_the_same(env: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "villages.json"
    file.write_text(run(env, str(RONDA), "sites", "export", "--format", "ansible"))
    by_file, by_script = listed(env, file), listed(env, SCRIPT)
    told = by_file["_meta"]["hostvars"][CODE]
    assert (told["ronda_lat"], told["ronda_devices"][0]["host"]) == (-8.5, "10.0.0.1")
    assert by_file["isp_telkom"]["hosts"] == by_file["district_35_10_12"]["hosts"] == [CODE]
    assert by_script["_meta"] == by_file["_meta"]
    assert by_script["isp_telkom"] == by_file["isp_telkom"]
    # what it prints comes in as it was
    again = tmp_path / "again.json"
    again.write_text(json.dumps(by_file))
    for name in ("sites", "devices"):
        words = (name, "import", str(again), "--format", "ansible", "--dry-run", "--json")
        counts = json.loads(run(env, str(RONDA), *words))
        assert (counts["new"], counts["changed"], counts["same"]) == (0, 0, 1), name


def test_a_name_runs_nothing_in_a_template(env: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "villages.json"
    file.write_text(run(env, str(RONDA), "sites", "export", "--format", "ansible"))
    words = ("-i", str(file), CODE, "-c", "local", "-m", "debug", "-a", "msg={{ ronda_name }}")
    said = run(env, "ansible", *words)
    assert "Benculuk { { 6 * 7 }}" in said and "42" not in said
