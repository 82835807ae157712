"""What may be imported for a check is what an agent takes: it refuses all its checks for one."""

from dataclasses import replace

import pytest

from agent.config import read
from agent.probes.snmp.profile import names
from collector import passwords
from collector.inventory import Service, targets
from collector.inventory.check_settings import SETTINGS
from collector.inventory.probes import checks_of, problems
from tests.each import for_each

PAGE, NAME, DOMAIN = "https://app.sukamaju.desa.id/", "10.0.0.1", "sukamaju.desa.id"
TARGETS = {
    **dict.fromkeys(("http", "web", "defaced", "opensid", "sideka", "nextcloud", "webdav"), PAGE),
    **dict.fromkeys(("tls", "smtp", "imap", "mysql", "postgres", "dns", "ping"), NAME),
    **dict.fromkeys(("mail_domain", "domain"), DOMAIN),
    **dict.fromkeys(("snmp", "routeros", "power"), NAME),
    **{"tcp": "10.0.0.1:80", "journey": "http://login.desa/", "wifi": "any"},
    **{"docker": "app", "backup_age": "/srv/backup", "service": "nginx"},
}
TEXTS = (
    *(
        "true",
        "0",
        "0.2",
        "1",
        "5",
        "5,5",
        "30",
        "60",
        "200",
        "599",
        "65535",
        "86400",
        "A",
        "a",
        "MX",
    ),
    *("a b", "a|b", "|", "'", "/", "*", "..", ".", "a..b", "-a", "a=b", "a:b", "é", "x" * 64),
    *("x" * 101, "x" * 201, "x" * 256, "x" * 500, "|".join(f"w{n}" for n in range(101))),
    *("|".join(f"{n}{'x' * 400}" for n in range(11)), "10.0.0.1", "::1", "fe80::1", "wlan0", "own"),
    *("http://a.id/", "https://a.id/x", "http://désa.id/", "http://a.id:0/", "http://a.id:65536/"),
    *("http://[x]/", "http://u:p@a.id/", "https://[::1]:8443/", "/etc/ssl/ca.pem", "/etc/../x"),
    *("auto", "mikrotik", "../mikrotik", "tls", "none", "nut", "02:00:00:00:00:01", "f" * 64),
    *(
        "[::1]:80",
        "a.id:80",
        "a.id:0",
        "a-.id",
        f"{'x' * 64}.id",
        "1.2",
        "process:nginx",
        "gateway",
    ),
)


def accepted(service: Service) -> bool:
    values = {
        **{"name": service.name, "kind": service.kind, "scope": service.scope, "site": ""},
        **{"target": service.target, "settings": service.settings},
    }
    return not list(problems(values))


@pytest.mark.slow
@for_each("kind", SETTINGS)
def test_what_is_accepted_here_is_accepted_by_agents(kind: str) -> None:
    plain = Service("apl", "", "desa", "", "", kind, TARGETS[kind])
    wishes = [plain, *(replace(plain, target=text) for text in TEXTS)]
    wishes += [replace(plain, settings={key: text}) for key in SETTINGS[kind] for text in TEXTS]
    fine = [one for one in wishes if accepted(one)]
    assert plain in fine
    for one in fine:
        told = checks_of(one)
        read({"checks": [passwords.given(check, Every()) for check in told]})


class Every(dict[str, str]):
    """Every password is kept."""

    def __contains__(self, name: object) -> bool:
        return True

    def __missing__(self, name: str) -> str:
        return "kata sandi satu"


def test_the_profiles_of_devices_are_those_that_agents_have() -> None:
    assert list(targets.PROFILES) == names()


def test_a_row_of_before_that_no_agent_would_take_is_left_out() -> None:
    row = Service("surat", "", "desa", "", "", "dns", DOMAIN, settings={"type": "MX"})
    assert checks_of(row) == []
