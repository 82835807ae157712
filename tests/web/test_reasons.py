"""What agents and the centre give as reason, in the reader's language."""

import pytest

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
