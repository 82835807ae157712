"""What pages refuse to write down, in English and Indonesian."""

PAGES = (
    (
        "%(code)s is no area of the inventory; near it are %(areas)s",
        "%(code)s bukan wilayah di inventaris; yang dekat: %(areas)s",
    ),
    ("must be at most %(n)s characters, got %(m)s", "paling banyak %(n)s huruf, ini %(m)s"),
    ("must be 1 to %(n)s characters", "harus 1 sampai %(n)s huruf"),
    ("%(n)s views are kept; delete one first", "tampilan paling banyak %(n)s; hapus satu dahulu"),
    (
        "a site keeps %(n)s notes; change one of them",
        "satu lokasi paling banyak %(n)s catatan; ubah salah satunya",
    ),
    (
        "a note is changed at most %(n)s times; write another",
        "satu catatan diubah paling banyak %(n)s kali; tulis yang baru",
    ),
    (
        "its agent is too old for %(name)s of checks of kind %(kind)s",
        "agennya terlalu tua untuk %(name)s pada pemeriksaan %(kind)s",
    ),
    (
        "a script does not know %(name)s of checks of kind %(kind)s",
        "skrip tidak mengenal %(name)s dari pemeriksaan jenis %(kind)s",
    ),
    (
        "a script does not know checks of kind %(kind)s",
        "skrip tidak mengenal pemeriksaan jenis %(kind)s",
    ),
    (
        "its agent is too old for checks of kind %(kind)s",
        "agennya terlalu tua untuk pemeriksaan %(kind)s",
    ),
    ("its password goes over TLS only", "sandinya hanya dikirim lewat TLS"),
    ("the password %(name)s is not set", "sandi %(name)s belum diisi"),
    (
        "the password %(name)s is given to no area: bind it to one that holds %(place)s",
        "sandi %(name)s tidak diberikan ke wilayah mana pun: ikat ke wilayah yang memuat %(place)s",
    ),
    (
        "the password %(name)s is given to %(area)s, which does not hold every site",
        "sandi %(name)s diberikan ke %(area)s, bukan ke semua lokasi",
    ),
    (
        "the password %(name)s is given to %(area)s, which does not hold %(place)s",
        "sandi %(name)s diberikan ke %(area)s, yang tidak memuat %(place)s",
    ),
    (
        "the password %(name)s is not given to the target %(host)s",
        "sandi %(name)s tidak diberikan ke tujuan %(host)s",
    ),
    (
        "a password of this name is kept for another place",
        "sandi dengan nama ini disimpan untuk tempat lain",
    ),
    ("must lie in your areas", "harus berada di wilayah Anda"),
    (
        "expected the code of an area or a site, got %(text)s",
        "harus kode wilayah atau lokasi, bukan %(text)s",
    ),
    ("%(n)s targets at most", "tujuan paling banyak %(n)s"),
    (
        "expected addresses, networks like 10.20.0.0/16, names or *.name with | between, "
        "got %(text)s",
        "harus alamat, jaringan seperti 10.20.0.0/16, nama, atau *.nama dengan | di antaranya, "
        "bukan %(text)s",
    ),
    ("there is no password %(name)s", "tidak ada sandi %(name)s"),
    (
        "not %(n)s to %(m)s printable characters",
        "harus %(n)s sampai %(m)s huruf yang tercetak",
    ),
    (
        "expected the name of a password (letters, digits, . _ -), got %(text)s",
        "harus nama sandi (huruf, angka, . _ -), ini %(text)s",
    ),
    ("there is a community already", "sudah ada community"),
    ("is for v3, which names a user", "hanya untuk v3, yang menyebut nama pengguna"),
    (
        "is for a community; a user (v3) has none",
        "untuk community; pengguna (v3) tidak punya versi",
    ),
    ("needs an auth_secret", "perlu auth_secret"),
    ("there is nobody to ask", "tidak ada yang bisa ditanya"),
    (
        "%(n)s people are too many at once, %(m)s are the most",
        "%(n)s orang terlalu banyak sekaligus, paling banyak %(m)s",
    ),
    (
        "these people were asked less than ten minutes ago",
        "mereka ditanya kurang dari sepuluh menit yang lalu",
    ),
    ("there is no note %(n)s of %(place)s", "catatan %(n)s tidak ada di %(place)s"),
)
