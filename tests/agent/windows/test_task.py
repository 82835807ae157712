"""What installs the agent on Windows, as far as it can be read here: a task, and a script."""

import re
import xml.etree.ElementTree as tree
from pathlib import Path

from agent.setup.words import tables

FOLDER = Path(__file__).parents[3] / "deploy" / "windows"
SCRIPT = (FOLDER / "install.ps1").read_text()
NAMES = {"t": "http://schemas.microsoft.com/windows/2004/02/mit/task"}


def of_task(path: str) -> str:
    found = tree.parse(FOLDER / "ronda-agent.xml").getroot().find(path, NAMES)
    assert found is not None and found.text is not None, path
    return found.text


def test_the_task_runs_for_years_under_an_account_that_owns_nothing() -> None:
    assert of_task("t:Principals/t:Principal/t:UserId") == "S-1-5-19"
    assert of_task("t:Principals/t:Principal/t:RunLevel") == "LeastPrivilege"
    settings = "t:Settings/t:"
    assert of_task(settings + "ExecutionTimeLimit") == "PT0S"
    assert of_task(settings + "MultipleInstancesPolicy") == "IgnoreNew"
    for name in ("DisallowStartIfOnBatteries", "StopIfGoingOnBatteries", "RunOnlyIfIdle"):
        assert of_task(settings + name) == "false"
    assert of_task("t:Triggers/t:BootTrigger/t:Enabled") == "true"
    assert of_task("t:Triggers/t:TimeTrigger/t:Repetition/t:Interval") == "PT5M"


def test_the_task_starts_the_file_that_the_script_puts_there() -> None:
    assert of_task("t:Actions/t:Exec/t:Command") == "@PYTHON@"
    words = of_task("t:Actions/t:Exec/t:Arguments")
    assert words == r'-I -S "%ProgramFiles%\Ronda\ronda-agent.pyz" run'
    assert 'Join-Path $env:ProgramFiles "Ronda"' in SCRIPT
    assert '.Replace("@PYTHON@"' in SCRIPT


def test_the_script_is_one_that_windows_powershell_reads_right() -> None:
    assert SCRIPT.isascii()
    text = re.sub(r'"(?:`.|[^"`])*"|\'[^\']*\'|#.*', "", SCRIPT)
    for opened, closed in ("{}", "()", "[]"):
        assert text.count(opened) == text.count(closed)
    defined = set(re.findall(r"^function ([A-Za-z-]+)", SCRIPT, re.M))
    used = set(
        re.findall(
            r"\b(?:Stop-With|Find-Python|Invoke-Agent|Get-Status|\w+-Agent|Wait-Report)\b", SCRIPT
        )
    )
    assert used == defined


def test_the_account_of_the_task_may_write_what_the_agent_keeps() -> None:
    assert '"*S-1-5-19:(OI)(CI)M"' in SCRIPT and "/inheritance:r" in SCRIPT


def test_it_says_what_is_said_on_debian() -> None:
    words = tables()["id"]
    said = ("sum_wrong", "removed", "forgotten", "starting")
    assert [name for name in said if words[name] not in SCRIPT] == []


def test_both_languages_of_the_installer_have_the_same_sentences() -> None:
    indonesian, english = (
        {name: set(re.findall(r"{(\w+)}", text)) for name, text in table.items() if name != "why"}
        for table in tables().values()
    )
    assert indonesian == english
