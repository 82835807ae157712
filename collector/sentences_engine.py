"""What `doctor` finds about the external engine and receivers, in English and Indonesian."""

from collector.sentences_receivers import RECEIVERS

ENGINE = (
    *RECEIVERS,
    ("not asked yet", "belum ditanya"),
    ("start the centre; its engine does it", "jalankan pusat; mesinnya yang menanyai"),
    (
        "see the reason; here are the newest %(n)s days and what stays",
        "lihat alasannya; di sini ada %(n)s hari terbaru dan yang tetap di sini",
    ),
    (
        "%(place)s: %(n)s days of sites are there alone, %(stays)s stay here; "
        "it keeps nothing that comes 31 days late: %(answer)s",
        "%(place)s: %(n)s hari tempat hanya ada di sana, %(stays)s tetap di sini; "
        "yang terlambat 31 hari tidak disimpannya: %(answer)s",
    ),
    (
        "%(place)s; it keeps nothing that comes 31 days late: %(answer)s",
        "%(place)s; yang terlambat 31 hari tidak disimpannya: %(answer)s",
    ),
    (
        "%(place)s: %(n)s days of sites are there alone, %(stays)s stay here; "
        "asked last %(minutes)s min ago",
        "%(place)s: %(n)s hari tempat hanya ada di sana, %(stays)s tetap di sini; "
        "terakhir ditanya %(minutes)s mnt lalu",
    ),
    (
        "%(place)s: %(n)s days of sites are there alone, %(stays)s stay here; "
        "it does not tell where series end",
        "%(place)s: %(n)s hari tempat hanya ada di sana, %(stays)s tetap di sini; "
        "ia tidak memberi tahu di mana deret berakhir",
    ),
    (
        "%(place)s: %(n)s days of sites are there alone, %(stays)s stay here",
        "%(place)s: %(n)s hari tempat hanya ada di sana, %(stays)s tetap di sini",
    ),
    (
        "let it take late samples; until then such days stay here",
        "izinkan ia menerima sampel terlambat; sampai saat itu hari seperti itu tetap di sini",
    ),
    ("see the log of the engine", "lihat log mesin"),
    (
        "one looks %(days)s days back, %(n)s are kept here",
        "ada yang melihat %(days)s hari ke belakang, di sini disimpan %(n)s",
    ),
    ("it cannot be asked: %(why)s", "tidak bisa ditanya: %(why)s"),
    (
        "%(place)s: it does not take samples: %(answer)s",
        "%(place)s: tidak menerima sampel: %(answer)s",
    ),
    ("%(place)s: it cannot be asked: %(answer)s", "%(place)s: tidak bisa ditanya: %(answer)s"),
    (
        "%(place)s: it takes samples and does not give them back",
        "%(place)s: menerima sampel dan tidak mengembalikannya",
    ),
    (
        "%(place)s: it takes longer than %(n)s s",
        "%(place)s: perlu lebih dari %(n)s dtk",
    ),
    ("%(place)s: it answers %(why)s", "%(place)s: jawabannya %(why)s"),
)
