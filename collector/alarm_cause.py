"""Why does a check or a rule complain at a site that is up? Pure: known facts in, a cause out.

The alerts floor calls `of_alarm` when it opens an incident on something behind a working uplink.
A site that is silent or down has its cause in its state; nothing here is asked then.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from collector.cause import UNKNOWN, Cause, spell

# gone for so long while the rest of the site works: not broken, but not there any more
GONE_S = 86400.0
_ADDRESS_KINDS = frozenset(("ping",))
_NAMES = re.compile(r"name|resolve|DNS", re.IGNORECASE)
_CERTIFICATE = re.compile(r"certificate|TLS", re.IGNORECASE)
_CLOCK = re.compile(r"certificate is valid only in|clock", re.IGNORECASE)
_SILENT = re.compile(r"^no answer|^no route|broke the connection|says nothing", re.IGNORECASE)
_OTHER_PAGE = re.compile(r"instead of the centre|another page", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Beside:
    """Another check of the same site: its kind, its target where known, and its verdict."""

    name: str
    kind: str
    verdict: str  # good, bad, unknown
    target: str = ""


@dataclass(frozen=True, slots=True)
class Alarm:
    """What is known of one alarm; what is not known is left at its default.

    `subject` is the rule's label (uplink, hotspot, service, power, device, agent), `kind` the kind
    of the check, `reason` its words in English, `labels` those of the series that complains (with
    `__name__` for its metric), `lasted_s` for how long it has been so. `near` and `far` are the
    verdicts of the same service as its village and as the centre see it, `depends_on` the verdict
    of what the service depends on, named `parent`. `battery`: the site runs on battery now.
    """

    subject: str = "service"
    kind: str = "other"
    reason: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    target: str = ""
    lasted_s: float = 0.0
    near: str = ""
    far: str = ""
    depends_on: str = ""
    parent: str = ""
    beside: Sequence[Beside] = ()
    battery: bool = False

    @property
    def metric(self) -> str:
        return self.labels.get("__name__", "")


_SERVICES = frozenset(
    ("http", "tcp", "service", "other", "web", "opensid", "sideka", "nextcloud", "webdav", "tls")
    + ("smtp", "imap", "mail_domain", "domain", "mysql", "postgres", "docker", "backup_age")
)


def of_alarm(alarm: Alarm) -> Cause:
    """The cause of a fault at a site whose uplink works."""
    if alarm.depends_on == "bad":
        name = alarm.parent or "another service"
        return Cause("server", 0.85, (f"it depends on {name}, which is down",))
    for way in (_clock, _of_subject, _wrong_page, _dns, _service):
        if (cause := way(alarm)) is not None:
            return cause
    return UNKNOWN


def _clock(alarm: Alarm) -> Cause | None:
    if alarm.kind == "clock" or "clock" in alarm.metric:
        return Cause("clock", 0.9, ("the clock of its agent is wrong",))
    if _CLOCK.search(alarm.reason):
        return Cause("clock", 0.6, ("a certificate that is good elsewhere seems too new here",))
    return None


def _of_subject(alarm: Alarm) -> Cause | None:
    if alarm.subject == "power" or alarm.metric.startswith("ronda_power"):
        return Cause("power", 0.9, ("the UPS of the site reports it",))
    if alarm.subject == "hotspot" or alarm.metric.startswith(("ronda_wifi", "ronda_hotspot")):
        return _wifi(alarm)
    if alarm.metric.startswith("ronda_dhcp"):
        return Cause("wifi", 0.8, ("hardly an address is left for phones",))
    if alarm.metric.startswith("ronda_host") or "mount" in alarm.labels:
        return Cause("server", 0.7, ("the machine of the agent says so itself",))
    if alarm.subject == "device":
        return _device(alarm)
    if alarm.metric.startswith("ronda_uplink_optical"):
        return Cause("fiber", 0.8, ("the optical receiver saw less and less light",))
    return None


def _wifi(alarm: Alarm) -> Cause:
    step = alarm.labels.get("step", "")
    if step == "dns":
        return Cause("dns", 0.6, ("phones on the hotspot find no names",))
    if step == "internet":
        return Cause("isp", 0.4, ("phones sign in and reach nothing beyond",))
    if step:
        return Cause("wifi", 0.8, (f"the way of a phone into the hotspot ends at {step}",))
    if alarm.labels.get("ap") or alarm.metric == "ronda_wifi_up":
        return _device(alarm, Cause("wifi", 0.7, ("the site works, its access point does not",)))
    return Cause("wifi", 0.5, ("the site works, its hotspot does not",))


def _device(alarm: Alarm, otherwise: Cause | None = None) -> Cause:
    gone = alarm.metric in ("ronda_device_up", "ronda_wifi_up") or _SILENT.search(alarm.reason)
    if gone and alarm.lasted_s >= GONE_S:
        line = f"the site works, this has been gone for {spell(alarm.lasted_s)}"
        return Cause("theft", 0.4, (line,))
    others = [each for each in alarm.beside if each.kind in ("device", "ap", "snmp", "routeros")]
    dark = [each for each in others if each.verdict == "bad"]
    if gone and len(dark) > 1 and len(dark) == len(others):
        line = f"all {len(dark) + 1} devices went, its agent did not"
        return Cause("power", 0.5, (line,))
    if gone and alarm.battery:
        return Cause("power", 0.7, ("the site runs on battery",))
    return otherwise or Cause("device", 0.7, ("the site works, this device does not",))


def _wrong_page(alarm: Alarm) -> Cause | None:
    if alarm.kind == "known" or alarm.metric == "ronda_uplink_content_ok":
        if _NAMES.search(alarm.reason):
            return Cause("dns", 0.6, ("names are not found",))
        line = "a page of the provider came instead of the right one"
        return Cause("suspended", 0.7 if _OTHER_PAGE.search(alarm.reason) else 0.6, (line,))
    return None


def _dns(alarm: Alarm) -> Cause | None:
    if alarm.kind != "dns" and not alarm.metric.startswith("ronda_uplink_dns"):
        return None
    answers = [each.verdict for each in alarm.beside if each.kind in _ADDRESS_KINDS]
    if "good" in answers:
        return Cause("dns", 0.8, ("addresses answer, names are not found",))
    if answers and set(answers) == {"bad"}:
        return Cause("isp", 0.4, ("neither names nor addresses answer",))
    return Cause("dns", 0.6, ("names are not found",))


def _service(alarm: Alarm) -> Cause | None:
    if alarm.kind == "defaced":
        return Cause("app", 0.8, ("the page shows what is not the village's",))
    if alarm.subject == "uplink" or alarm.kind not in _SERVICES:
        return None
    if alarm.near == "good" and alarm.far == "bad":
        return _between(alarm)
    bad = [each for each in alarm.beside if each.verdict == "bad"]
    if any(each.kind == "dns" for each in bad) and alarm.near != "bad":
        return Cause("dns", 0.6, ("names are not found",))
    if (suspended := _suspended(bad)) is not None and alarm.near != "bad":
        return suspended
    same = [e for e in alarm.beside if alarm.target and _host(e.target) == _host(alarm.target)]
    if len(same) > 0 and all(each.verdict == "bad" for each in same):
        count = len(same) + 1
        return Cause("server", 0.7, (f"all {count} services of this machine are down",))
    if alarm.near == "bad":
        return _within(alarm)
    return _app(alarm, 0.5, "the site works, this service does not")


def _between(alarm: Alarm) -> Cause:
    line = "it works in its own village and not from outside"
    if _CERTIFICATE.search(alarm.reason):
        return Cause("app", 0.7, (line, "its certificate is refused"))
    if _NAMES.search(alarm.reason):
        return Cause("dns", 0.7, (line, "its name is not found"))
    return Cause("isp", 0.5, (line,))


def _within(alarm: Alarm) -> Cause:
    if alarm.far != "good":
        return _app(alarm, 0.8, "in its own village it does not work either")
    line = "it works from outside and not in its own village"
    if _NAMES.search(alarm.reason):
        return Cause("dns", 0.7, (line, "its name is not found"))
    return Cause("device", 0.4, (line,))


def _app(alarm: Alarm, sure: float, line: str) -> Cause:
    if alarm.near != "bad" and _NAMES.search(alarm.reason):
        return Cause("dns", sure, (line, "its name is not found"))
    if _CERTIFICATE.search(alarm.reason):
        return Cause("app", sure, (line, "its certificate is refused"))
    if _SILENT.search(alarm.reason):
        return Cause("server", sure, (line, "the machine it runs on does not answer"))
    return Cause("app", sure, (line,))


def _suspended(bad: Sequence[Beside]) -> Cause | None:
    if any(each.kind == "known" for each in bad):
        return Cause("suspended", 0.6, ("a page of the provider came instead of the right one",))
    return None


def _host(target: str) -> str:
    """The machine in `http://host:80/path`, `host:3306` or `host`."""
    rest = target.partition("://")[2] or target
    return re.split(r"[/:?]", rest, maxsplit=1)[0].lower()
