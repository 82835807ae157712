"""What is said of centres above and below, in English and Indonesian."""

# why a centre tells nothing of itself; first as reasons of a check, then as doctor finds them
REASONS = (
    ("the engine of the centre does not fold", "mesin pusat tidak mengolah laporan"),
    ("the database of the centre cannot be read", "basis data pusat tidak bisa dibaca"),
)
CENTRES = (
    (
        "%(n)s report here, %(silent)s are silent: %(names)s",
        "%(n)s melapor ke sini, %(silent)s diam: %(names)s",
    ),
    ("%(n)s report here, %(silent)s are silent", "%(n)s melapor ke sini, %(silent)s diam"),
    ("ask there: ronda parent status", "tanyakan di sana: ronda parent status"),
    ("not enrolled at %(place)s", "belum terdaftar di %(place)s"),
    (
        "get a code there, then: ronda parent enrol CODE",
        "minta kode di sana, lalu: ronda parent enrol KODE",
    ),
    ("enrol again: ronda parent enrol CODE", "daftarkan lagi: ronda parent enrol KODE"),
    ("nothing goes there now", "sekarang tidak ada yang dikirim ke sana"),
    ("start the centre", "jalankan pusat"),
    (
        "%(n)s entries wait for it, %(dropped)s were dropped; nothing arrived lately",
        "%(n)s entri menunggu, %(dropped)s dibuang; akhir-akhir ini tidak ada yang sampai",
    ),
    (
        "%(n)s entries wait for it, %(dropped)s were dropped: %(why)s",
        "%(n)s entri menunggu, %(dropped)s dibuang: %(why)s",
    ),
    (
        "%(n)s entries wait for it, %(dropped)s were dropped",
        "%(n)s entri menunggu, %(dropped)s dibuang",
    ),
    ("see the reason; nothing is lost yet", "lihat alasannya; belum ada yang hilang"),
    ("see the log of the centre", "baca catatan pusat"),
    (
        "%(n)s figures are too many and left out",
        "%(n)s angka terlalu banyak dan ditinggalkan",
    ),
    (
        "let fewer areas report through one centre",
        "kurangi wilayah yang melapor lewat satu pusat",
    ),
)
