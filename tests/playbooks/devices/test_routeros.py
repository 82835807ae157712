"""The stand-in for RouterOS answers as its console does, faults included."""

import time

import paramiko
import pytest

from tests.each import for_each
from tests.playbooks.devices.routeros.box import Box
from tests.playbooks.devices.routeros.console import PASSWORD, Router
from tests.playbooks.devices.routeros.scanning import Fault
from tests.playbooks.devices.telling import Teller

ANSWERS = {
    "a string with values in it": (':local a 5; :put "$a, $[:len "xyz"], $($a + 1)"', "5, 3, 6"),
    "escapes": (r':put "\"\$x\\ \41\_\?"', '"$x\\ A ?'),
    "numbers and what binds closer": (":put (2 + 3 * 4 - 10 / 5)", "12"),
    "spans of time": (":put (1d2h + 90s)", "1d02:01:30"),
    "spans compared": (":put (1w2d03:04:05 > [:totime \"1d\"])", "true"),
    "and, or, not": (":put (!(1 > 2) and (2 = 2 || false))", "true"),
    "text matched": (':put ("ronda-7-armed" ~ "^ronda-7-(armed|again)")', "true"),
    "an array and its length": (':put [:len {"a";"b";"c"}]', "3"),
    "an array by name": (':local r {"up"=1;"down"=2}; :put ($r->"down")', "2"),
    "a resource by name": (':local r [/system resource get]; :put ($r->"board-name")', "hAP"),
    "each of an array": (":foreach i in={1;2} do={:put ($i * 2)}", "2\n4"),
    "from one to three": (":for i from=1 to=3 do={:put $i}", "1\n2\n3"),
    "while": (":local i 0; :while ($i < 2) do={:put $i; :set i ($i + 1)}", "0\n1"),
    "a function": (":local f do={:return ($1 * $n)}; :put [$f 3 n=4]", "12"),
    "either": (':if (1 = 2) do={:put "a"} else={:put "b"}', "b"),
    "an error caught": (':do {:error "x"} on-error={:put "caught"}', "caught"),
    "a text that is code": (':local f [:parse ":put 7"]; $f', "7"),
    "a path with spaces": ('/ip route print count-only where comment="ISP1"', "1"),
    "a path with slashes": ("/ip/route/print count-only where distance=10", "1"),
    "a path that stays": ("/ip dns\nset servers=1.1.1.1\n:put [get servers]", "1.1.1.1"),
    "two conditions": ('/ip hotspot host print count-only where authorized=no bypassed=no', "1"),
    "yes and no": (':put [/ip hotspot get [find name="hs1"] invalid]', "false"),
    "two servers": (":local a 1.1.1.1; /ip dns set servers=$a,8.8.8.8; :put [/ip dns get servers]",
                    "1.1.1.1,8.8.8.8"),
    "several names": ("/ip service; disable ftp,api; print count-only where disabled=yes", "2"),
    "nothing found, nothing done": ("/ip route remove [find comment=none]; :put done", "done"),
    "an item added tells its id": (":local id [/ip dns static add name=a.id address=10.0.0.1]; "
                                   ":put [/ip dns static get $id address]", "10.0.0.1"),
    "ping": (":put [/ping 1.1.1.1 count=2]", "2"),
}  # fmt: skip
FAULTS = {
    "no such menu": ("/foo bar", "bad command name foo (line 1 column 2)"),
    "no such command": (":put 1\n:frobnicate 2", "bad command name frobnicate (line 2 column 1)"),
    "no such parameter": ("/ip route add nix=3", "expected end of command (line 1 column 15)"),
    "no such item": ("/system script set nix name=b", "no such item"),
    "no such id": ("/ip route set *FFF distance=1", "no such item"),
    "a name twice": ("/system script add name=a source=b; /system script add name=a source=b",
                     "failure: already have script with such name"),
    "a brace that stays open": (":if (true) do={:put", "expected closing brace (line 1 column 20)"),
    "nothing before a fault": (":put 1; /nix", "bad command name nix (line 1 column 10)"),
    "division": (":put (1 / 0)", "division by zero"),
    "only in version 7": ("/interface wifi print", ""),
}  # fmt: skip


@for_each(("text", "answer"), ANSWERS.values(), ids=ANSWERS.keys())
def test_it_answers(text: str, answer: str) -> None:
    printed, failed = Box().run(text)
    assert (printed.removesuffix("\n").splitlines()[-len(answer.splitlines()) :], failed) == (
        answer.splitlines(),
        False,
    )


@pytest.mark.parametrize(("text", "fault"), FAULTS.values(), ids=FAULTS.keys())
def test_it_says_what_is_wrong(text: str, fault: str) -> None:
    printed, failed = Box().run(text)
    assert (printed, failed) == (f"{fault}\n", True) if fault else not failed


def test_version_6_knows_no_menus_of_version_7() -> None:
    assert Box("6.49.10").run("/interface wifi print") == (
        "bad command name wifi (line 1 column 12)\n",
        True,
    )


def test_its_clock_begins_in_1970_after_a_power_cut_while_uptime_counts() -> None:
    box = Box()
    box.run(":global kept 1; /ip dns set servers=1.1.1.1")
    box.restart()
    box.advance(30)
    printed, _ = box.run(":put [/system clock get date]; :put $kept; :put [/ip dns get servers]")
    assert printed == "1970-01-02\n\n1.1.1.1\n"
    assert box.run(":put [/system resource get uptime]")[0] == "00:00:38\n"


def test_a_schedule_runs_in_time_and_goes_by_the_clock() -> None:
    box = Box()
    box.run('/system scheduler add name=s interval=10s on-event=":global n; :set n (\\$n + 1)"')
    box.advance(35)
    assert box.globals["n"] == 3
    box.set_clock(box.wall - 3600)
    box.advance(60)
    assert box.globals["n"] == 3
    box.set_clock(box.wall + 7200)
    box.advance(1)
    assert box.globals["n"] == 4


def test_a_job_goes_on_beside_others_and_can_be_ended() -> None:
    box = Box()
    box.run(':execute {:delay 10s; :global a 1}; :execute script=":delay 20s; :global b 1"')
    box.advance(15)
    assert (box.globals, len(box.jobs)) == ({"a": 1}, 1)
    box.run("/system script job remove [find]")
    box.advance(15)
    assert (box.globals, box.jobs) == ({"a": 1}, [])


def test_it_cannot_be_reached_where_a_change_shuts_the_centre_out() -> None:
    for text in (
        "/ip service disable ssh",
        "/ip route disable [find]",
        "/interface disable ether1",
        "/ip firewall filter add chain=input action=drop protocol=tcp dst-port=22",
    ):
        box = Box()
        assert box.reachable
        box.run(text)
        assert not box.reachable, text


def test_an_export_has_no_secrets_and_what_was_set() -> None:
    box = Box()
    box.run('/ip hotspot user set warga password="rahasia"; /ip dns set servers=9.9.9.9')
    printed, failed = box.run("/export")
    assert not failed
    assert "servers=9.9.9.9" in printed
    assert "rahasia" not in printed


def test_any_text_is_read_or_refused() -> None:
    for text in ('"', "{", "[", "(", "/", ":", "$", ":put", ":put (", "/ip route set", "=", ":if"):
        try:
            Box().run(text)
        except (Fault, AssertionError) as error:
            raise AssertionError(text) from error


def test_commands_are_answered_over_ssh_with_a_status_in_version_7_alone() -> None:
    for version, codes in (("7.15.3", (0, 1)), ("6.49.10", (-1, -1))):
        router = Router(Box(version))
        client = _client(router, "admin")
        teller = Teller(client)
        assert teller.told(":put 7") == ("7\r\n", codes[0])
        fault = "bad command name nix (line 1 column 2)\r\n"
        assert teller.told("/nix") == (fault, codes[1])
        client.close()
        router.close()


@pytest.mark.parametrize(("login", "coloured"), [("admin", True), ("admin+ct511w4098h", False)])
def test_the_console_prompts_repaints_and_asks_before_a_restart(login: str, coloured: bool) -> None:
    router = Router(Box(), slow_s=0.01)
    client = _client(router, login)
    shell = client.invoke_shell()
    screen = _Screen(shell)
    first = screen.until("> ")
    assert ("\x1b[36m" in first) is coloured
    shell.send(b":put 7\r")
    assert ":put\x1b[K" in screen.until("\r\n7\r\n")
    screen.until("> ")
    shell.send(b"/system reboot\r")
    screen.until("Reboot, yes? [y/N]: ")
    shell.send(b"n")
    screen.until("cancelled")
    screen.until("> ")
    assert router.box.restarts == 0
    shell.send(b"/system reboot\r")
    screen.until("Reboot, yes? [y/N]: ")
    shell.send(b"y")
    for _ in range(250):
        if router.box.restarts:
            break
        time.sleep(0.02)
    assert router.box.restarts == 1
    client.close()
    router.close()


def _client(router: Router, login: str) -> paramiko.SSHClient:
    client = paramiko.SSHClient()
    client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
    client.connect(
        "127.0.0.1", router.port, login, PASSWORD, timeout=5, allow_agent=False, look_for_keys=False
    )
    return client


class _Screen:
    """What a console has shown; `until` gives it up to a sign, the rest is for the next."""

    def __init__(self, shell: paramiko.Channel) -> None:
        self.shell, self.text = shell, ""
        shell.settimeout(5)

    def until(self, sign: str) -> str:
        while sign not in self.text:
            data = self.shell.recv(4096)
            assert data, self.text
            self.text += data.decode()
        seen, _, self.text = self.text.partition(sign)
        return seen + sign
