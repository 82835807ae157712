"""What only scripts of routers say of a check, in English, and the same in Indonesian."""

SCRIPTS = (
    ("%(place)s gives no page", "%(place)s tidak memberi halaman"),
    (
        "this RouterOS cannot look at ports, 7.4 and newer can",
        "RouterOS ini tidak bisa memeriksa port, versi 7.4 ke atas bisa",
    ),
    ("not looked at yet", "belum diperiksa"),
    ("no default route", "tidak ada rute ke luar"),
    ("the centre was not reached", "pusat tidak terhubung"),
)
