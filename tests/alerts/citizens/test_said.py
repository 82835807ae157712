"""Messages of strangers are read: what is wrong, where; or how is my report."""

from alerts.citizens.report import Kind
from alerts.citizens.said import Asks, Reports, parse
from tests.each import for_each

NUMBER = "K7M-PQ3-HXT"

SAID = [
    ("LAPOR Benculuk internet mati", Reports("Benculuk", Kind.DEAD, "internet mati")),
    ("lapor desa benculuk wifi lemot pak", Reports("benculuk", Kind.SLOW, "wifi lemot pak")),
    ("Lapor: Ds. Sumber Agung, inet putus", Reports("Sumber Agung", Kind.DEAD, "inet putus")),
    ("LAPOR 35.10.12.2004 aplikasi error", Reports("35.10.12.2004", Kind.APP, "aplikasi error")),
    ("LAPOR 35.10.12.2004-2 mati", Reports("35.10.12.2004-2", Kind.DEAD, "mati")),
    ("lapor Benculuk opensid tidak bisa dibuka",
     Reports("Benculuk", Kind.APP, "opensid tidak bisa dibuka")),
    ("lapor Benculuk wifi tidak bisa", Reports("Benculuk", Kind.DEAD, "wifi tidak bisa")),
    ("lapor Benculuk usul tambah wifi", Reports("Benculuk", Kind.IDEA, "usul tambah wifi")),
    ("LAPOR Benculuk", Reports("Benculuk", None, "Benculuk")),
    ("LAPOR internet mati", Reports("", Kind.DEAD, "internet mati")),
    ("lapor", Reports("", None, "")),
    (f"CEK {NUMBER}", Asks(NUMBER)),
    (f"cek {NUMBER.replace('-', '').lower()}", Asks(NUMBER)),
    (NUMBER, Asks(NUMBER)),
    ("cek dqf-wpb-dsz", Asks("DQF-WPB-DSZ")),
    ("CEK 123", Asks("")),
    ("cek modem dulu", None),
    ("laporan sudah saya kirim", None),
    ("OK 4821", None),
    ("terima kasih", None),
    ("", None),
]  # fmt: skip


@for_each("text, said", SAID, ids=[text or "nothing" for text, _ in SAID])
def test_what_a_message_says(text: str, said: Asks | Reports | None) -> None:
    assert parse(text) == said
