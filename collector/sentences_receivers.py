"""What `doctor` says of receivers of numbers and alerts, in English, and the same in Indonesian."""

# why something did not go there, or that it did; inside of what is found
ANSWERS = (
    ("taken", "diterima"),
    ("its certificate is not believed: %(code)s", "sertifikatnya tidak dipercaya: %(code)s"),
    ("no answer in time", "tidak ada jawaban tepat waktu"),
    ("no answer in %(n)s s", "tidak ada jawaban dalam %(n)s dtk"),
    ("Connection refused", "sambungan ditolak"),
    ("Connection reset by peer", "sambungan diputus dari sana"),
    ("No route to host", "tidak ada rute ke sana"),
    ("Network is unreachable", "jaringan tidak terjangkau"),
    ("Name or service not known", "nama itu tidak dikenal"),
    ("Temporary failure in name resolution", "nama itu untuk sementara tidak bisa dicari"),
    ("it does not take samples: %(answer)s", "sampel tidak diterimanya: %(answer)s"),
    (
        "it took the late sample and does not give it back",
        "sampel terlambat diterimanya tetapi tidak dikembalikan",
    ),
    (
        "%(place)s is this machine: list it in allow_targets to reach it",
        "%(place)s adalah mesin ini: sebutkan di allow_targets agar terjangkau",
    ),
    ("%(place)s: %(answer)s", "%(place)s: %(answer)s"),
)
# how far a receiver was served
SENT = (
    ("%(sent)s, %(n)s dropped, the last %(at)s", "%(sent)s, %(n)s dibuang, terakhir %(at)s"),
    ("%(sent)s, %(n)s refused (%(answer)s)", "%(sent)s, %(n)s ditolak (%(answer)s)"),
    (
        "%(place)s: %(n)s samples sent since %(at)s, %(size)s of %(all)s MiB wait",
        "%(place)s: %(n)s sampel dikirim sejak %(at)s, %(size)s MiB dari %(all)s MiB menunggu",
    ),
)
RECEIVERS = (
    ("nothing was sent to %(place)s yet", "belum ada yang dikirim ke %(place)s"),
    (
        "mend the setting; nothing is sent without",
        "betulkan setelannya; tanpa itu tidak ada yang dikirim",
    ),
    (
        "%(sent)s; what is newer than %(at)s waits: %(answer)s",
        "%(sent)s; yang lebih baru dari %(at)s menunggu: %(answer)s",
    ),
    (
        "see the reason; what waits is kept, outward_mb at most",
        "lihat alasannya; yang menunggu disimpan, paling banyak outward_mb",
    ),
    (
        "%(sent)s; nothing goes there now",
        "%(sent)s; sekarang tidak ada yang dikirim ke sana",
    ),
    ("start the centre, see its log", "jalankan pusat, lihat lognya"),
    ("%(sent)s; %(n)s s behind", "%(sent)s; tertinggal %(n)s dtk"),
    ("wait; it catches up", "tunggu; akan terkejar"),
    (
        "see why it was away so long, or raise outward_mb",
        "lihat mengapa ia begitu lama tidak ada, atau naikkan outward_mb",
    ),
    *SENT,
)
