"""What agents and the centre give as reason, in the reader's language."""

import pytest

from collector import cause
from collector.judge import Sign
from web import reasons
from web.tongue import speaking

TABLE = [
    ("no answer from 192.168.88.1", "192.168.88.1 tidak menjawab"),
    ("no answer from DNS server 8.8.8.8", "server DNS 8.8.8.8 tidak menjawab"),
    ("HTTP 502 instead of 200", "HTTP 502, seharusnya 200"),
    ("127.0.0.1:3306 refuses the connection", "127.0.0.1:3306 menolak sambungan"),
    ("certificate expired 3 days ago", "sertifikat habis 3 hari lalu"),
    ("12% of packets are lost", "12% paket hilang"),
    (
        "the page lacks 'OpenSID' in its first 64 kB",
        "halaman tidak memuat 'OpenSID' di 64 kB pertamanya",
    ),
    ("never reported", "belum pernah lapor"),
    ("something nobody foresaw (code 7)", "something nobody foresaw (code 7)"),
    ("100% (sure)", "100% (sure)"),
    ("", ""),
]


@pytest.mark.parametrize(("given", "said"), TABLE)
def test_reasons_in_indonesian(given: str, said: str) -> None:
    with speaking("id"):
        assert reasons.say(given) == said


@pytest.mark.parametrize("given", [given for given, _ in TABLE])
def test_reasons_in_english_stay(given: str) -> None:
    with speaking("en"):
        assert reasons.say(given) == given


def evidence() -> list[str]:
    """Every sentence the causes can give, with one neighbour and with several."""
    groups = [
        cause.Neighbours(shared, count, frozenset(isps))
        for shared in ("the district Cluring", "the power feeder")
        for count, isps in ((1, ["Telkom"]), (3, ["Telkom", "ICON+"]), (2, []))
    ]
    found = [cause.at_silence(sign, "Telkom", []) for sign in Sign]
    found += [cause.at_silence(0, isp, [group]) for isp in ("Telkom", "") for group in groups]
    for spell_s in (30, 500, 9000, 900000):
        found += [cause.at_return(cause.UNKNOWN, spell_s, spell_s, up) for up in (True, False)]
    found += [cause.of_down(sign) for sign in Sign]
    return sorted({line for each in found for line in each.evidence})


@pytest.mark.parametrize("line", evidence())
def test_all_evidence_of_causes_is_known(line: str) -> None:
    with speaking("id"):
        said = reasons.say(line)
    assert said != line
    english = {"the", "silent", "provider", "its", "district", "feeder", "days"}
    assert not english & set(said.replace(",", "").split())
