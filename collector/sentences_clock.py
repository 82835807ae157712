"""What `doctor` finds about the centre's clock, in English, and the same in Indonesian."""

CLOCK = (
    ("set it: timedatectl, NTP", "setel: timedatectl, NTP"),
    ("if it is wrong, set it: timedatectl, NTP", "bila salah, setel: timedatectl, NTP"),
    ("was set back by %(n)s s at %(at)s", "dimundurkan %(n)s dtk pada %(at)s"),
    (
        "see why: the hardware clock in UTC, and systemd-time-wait-sync before the centre",
        "cari sebabnya: jam perangkat keras dalam UTC, systemd-time-wait-sync sebelum pusat",
    ),
    (
        "went ahead by %(n)s days at %(at)s;"
        " no day is sealed and nothing is forgotten before %(to)s",
        "maju %(n)s hari pada %(at)s;"
        " tidak ada hari disegel dan tidak ada yang dihapus sebelum %(to)s",
    ),
    ("before this software was written", "sebelum perangkat lunak ini dibuat"),
    (
        "%(n)s s behind what it was when the last record came",
        "%(n)s dtk di belakang saat catatan terakhir datang",
    ),
)
