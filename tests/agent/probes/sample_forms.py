"""What a recorded machine says in another tool's words, put where our readers look for it.

`ip`, `ethtool`, `df` and their like print what the kernel keeps in files, which the agent reads.
RouterOS prints on its terminal what it says over REST in other clothes.
"""

import json
import re
import tempfile
from collections.abc import Iterable
from pathlib import Path

import pytest

from agent.probes.link import Link
from tests.agent.probes.stubs import put_tree

Files = dict[str, str]
Row = dict[str, str]


def link(files: Files, interface: str, metric: str) -> float | None:
    """What the check `link` reads on a machine with these files."""
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as folder:
        put_tree(Path(folder), patch, {"/proc/net/dev": "\n\n", **files})
        values = Link("link", interfaces=(interface,)).measure({}).values
    return values.get(f'{metric}{{interface="{interface}"}}')


def of_ip(text: str) -> Files:
    """`ip link show`: carrier and state of each interface."""
    files = {}
    for name, flags, state in re.findall(
        r"^\d+: ([^:@]+)[^<]*<([^>]*)>.* state (\w+)", text, re.MULTILINE
    ):
        files[f"/sys/class/net/{name}/carrier"] = str(int("LOWER_UP" in flags.split(",")))
        files[f"/sys/class/net/{name}/operstate"] = state.lower()
    return files


def of_ethtool(text: str) -> Files:
    """`ethtool X`: carrier and speed."""
    name = re.search(r"Settings for (\S+):", text)
    speed = re.search(r"Speed: (\d+)Mb/s", text)
    assert name and speed
    folder = f"/sys/class/net/{name[1]}"
    return {
        f"{folder}/speed": speed[1],
        f"{folder}/carrier": str(int("Link detected: yes" in text)),
    }


def of_ethtool_counters(text: str) -> Files:
    """`ethtool -S X`: errors, as /proc/net/dev counts them."""
    told = dict(re.findall(r"^\s+(\w+): (\d+)$", text, re.MULTILINE))
    name = text.split()[3]
    zeros = "0 " * 13
    return {"/proc/net/dev": f"\n\n{name}: 0 {told['rx_packets']} {told['rx_errors']} {zeros}\n"}


def of_device_status(text: str) -> Files:
    """`ubus call network.device status`: carrier, speed, counters."""
    files, lines = {}, ["", ""]
    for name, told in json.loads(text).items():
        files[f"/sys/class/net/{name}/carrier"] = str(int(told["carrier"]))
        if speed := re.match(r"\d+", told.get("speed", "")):
            files[f"/sys/class/net/{name}/speed"] = speed[0]
        count = told["statistics"]
        lines.append(
            f"{name}: {count['rx_bytes']} {count['rx_packets']} {count['rx_errors']} 0 0 0 0 0 "
            f"{count['tx_bytes']} {count['tx_packets']} {count['tx_errors']} 0 0 0 0 0"
        )
    return {**files, "/proc/net/dev": "\n".join(lines)}


def of_edgeos(text: str) -> Files:
    """`show interfaces`: the second letter of S/L is the carrier."""
    files = {}
    for name, link_state in re.findall(r"^(\S+)\s.*\b[uDA]/([uD])\b", text, re.MULTILINE):
        files[f"/sys/class/net/{name}/carrier"] = str(int(link_state == "u"))
    return files


def of_edgeos_leases(text: str) -> str:
    """`show dhcp leases`: the file of leases of ISC dhcpd, which EdgeOS makes this table of."""
    rows = re.findall(r"^([\d.]+)\s+[0-9a-f:]{17}\s+(\w+) (\d+), (\d+)", text, re.MULTILINE)
    months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    return "".join(
        f"lease {address} {{\n  ends 6 {year}/{months.index(month) + 1:02}/{day} 00:00:00;\n"
        "  binding state active;\n}\n"
        for address, month, day, year in rows
    )


def of_nl80211(text: str) -> str:
    """Interfaces by the kernel's numbers (3 is an access point), as `iw dev` prints them."""
    kinds = {2: "managed", 3: "AP", 10: "P2P-device"}
    lines = ["phy#0"]
    for told in json.loads(text):
        name = told.get("name")
        lines.append(f"\tInterface {name}" if name else "\tUnnamed/non-netdev interface")
        lines.append(f"\t\ttype {kinds[told['type']]}")
        if "frequency" in told:
            lines.append(f"\t\tchannel 1 ({told['frequency']} MHz)")
    return "\n".join(lines)


def of_free(text: str) -> str:
    """`free`: the two lines of /proc/meminfo that it is made of."""
    numbers = re.search(r"^Mem:((?:\s+\d+)+)", text, re.MULTILINE)
    assert numbers
    words = numbers[1].split()
    return f"MemTotal: {words[0]} kB\nMemAvailable: {words[-1]} kB\n"


def of_systemctl(text: str, unit: str) -> str:
    """A line of `systemctl`: what `systemctl show` says of this unit."""
    line = next(line for line in text.splitlines() if line.split()[:1] == [unit])
    _, load, active, sub = line.split()[:4]
    return f"LoadState={load}\nActiveState={active}\nSubState={sub}\n"


def df(text: str) -> dict[str, tuple[int, int]]:
    """Used and available of each mount, in blocks, as statvfs tells them."""
    rows = (line.split() for line in text.splitlines()[1:])
    return {row[5]: (int(row[2]), int(row[3])) for row in rows}


def of_terminal(text: str) -> Row:
    """`name: value` lines of RouterOS."""
    pairs = (line.partition(": ") for line in text.splitlines())
    return {name.strip(): value.strip() for name, colon, value in pairs if colon}


def of_detail(text: str) -> list[Row]:
    """`print detail`: flags before, name="..." in each."""
    rows = []
    for entry in re.split(r"^ ?\d+ ", text.partition("\n")[2], flags=re.MULTILINE):
        if name := re.search(r'\bname="([^"]*)"', entry):
            flags = re.match(r"[A-Z ]*", entry)
            told = {"name": name[1], "type": _quoted(entry, "type")}
            letters = flags[0] if flags else ""
            rows.append(told | {"running": str("R" in letters), "disabled": str("X" in letters)})
    return rows


def of_lease_table(text: str) -> list[Row]:
    """`/ip dhcp-server lease print`: a table in columns."""
    lines = text.splitlines()
    head = lines[1]
    columns = {name: head.index(name) for name in ("ADDRESS", "STATUS", "LAST-SEEN")}
    return [
        {
            "address": line[columns["ADDRESS"] :].split()[0],
            "status": line[columns["STATUS"] : columns["LAST-SEEN"]].strip(),
            "disabled": str("X" in line[: columns["ADDRESS"]]),
        }
        for line in lines[2:]
    ]


def first(rows: Iterable[Row], name: str) -> Row:
    return next(row for row in rows if row["name"] == name)


def _quoted(text: str, key: str) -> str:
    match = re.search(rf'\b{key}="([^"]*)"', text)
    return match[1] if match else ""
