"""What agents say of a line that is measured, in English, and the same in Indonesian."""

# what keeps a line from being measured
WHYS = (
    (
        "people use the line (%(n)s Mbit/s)",
        "jalur sedang dipakai orang (%(n)s Mbit/dtk)",
    ),
    ("people may use the line: counting", "mungkin jalur sedang dipakai orang: sedang dihitung"),
    ("the centre is busy", "pusat sedang sibuk"),
    (
        "the time was too short for three samples",
        "waktunya terlalu singkat untuk tiga kali ukur",
    ),
    (
        "the centre does not say how fast it came",
        "pusat tidak menyebut seberapa cepat data datang",
    ),
    ("only %(n)s bytes came", "hanya %(n)s byte yang datang"),
)
_LIMITS = (
    ("the centre's side was the limit", "batasnya di sisi pusat"),
    ("this machine was the limit", "batasnya di mesin ini"),
)
MEASURES = (
    ("not measured: %(why)s", "tidak terukur: %(why)s"),
    (
        "never on a line that is paid for by the byte",
        "tidak pernah diukur pada jalur yang dibayar per byte",
    ),
    ("the clock is not sure yet", "jam belum pasti"),
    (
        "the way out is a mobile modem (%(name)s)",
        "jalan keluar lewat modem seluler (%(name)s)",
    ),
    ("the way out is %(name)s, not %(wanted)s", "jalan keluar lewat %(name)s, bukan %(wanted)s"),
    *(
        (
            f"{least}%(n)s{of} Mbit/s, measured %(times)sx{limit}",
            f"{paling}%(n)s{dari} Mbit/dtk, %(times)sx ukur{batas}",
        )
        for least, paling, limit, batas in (
            *(("at least ", "paling sedikit ", f"; {en}", f"; {idn}") for en, idn in _LIMITS),
            ("", "", "", ""),
        )
        for of, dari in ((" of %(wanted)s", " dari %(wanted)s"), ("", ""))
    ),
)
