"""What pages refuse to write down, in English and Indonesian."""

PAGES = (
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
    ("there is no note %(n)s of %(place)s", "catatan %(n)s tidak ada di %(place)s"),
)
