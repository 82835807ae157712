"""What the alerts floor writes of its decisions, in English, and the same in Indonesian."""

_ENDS = (
    ("it is good again", "sudah normal lagi"),
    ("it passed", "sudah lewat"),
    ("nobody looks at it any more", "tidak diperiksa lagi"),
    ("there is no such rule any more", "aturannya sudah tidak ada"),
    ("the rule is switched off there", "aturannya dimatikan di sana"),
    ("nobody could see it for a day", "sehari tidak bisa dilihat"),
    ("its alarm is gone", "peringatannya sudah tidak ada"),
    ("the site is back", "lokasi melapor lagi"),
    ("the site does not count any more", "lokasi tidak dihitung lagi"),
    ("what was bad is good again", "yang terganggu sudah normal"),
    ("all members are good again", "semua anggota sudah normal"),
    ("nine tenths of the members are good again", "sembilan dari sepuluh anggota sudah normal"),
)
_CITIZENS = (
    (
        "an open incident of this site explains it",
        "dijelaskan gangguan lokasi ini yang belum selesai",
    ),
    ("enough people say the same", "cukup banyak warga melaporkan hal yang sama"),
    ("a probe agrees", "pemeriksaan membenarkan"),
    (
        "rules are given a minute to tell it first",
        "menunggu semenit, siapa tahu aturan mengenalinya",
    ),
    ("nobody else says so yet", "belum ada warga lain yang melaporkan"),
    ("planned work", "pekerjaan terencana"),
    ("a suggestion raises nothing", "usul tidak membuka gangguan"),
    ("its incident is over", "gangguannya sudah pulih"),
    (
        "handled, and nobody has complained since",
        "tertangani, dan tidak ada keluhan lagi sejak itu",
    ),
    ("nobody has complained for half a day", "setengah hari tidak ada keluhan"),
    ("no citizen says so any more", "tidak ada warga yang melaporkannya lagi"),
)
_CHANNELS = (
    ("a drill: messages are kept in %(file)s", "latihan: pesan hanya disimpan di %(file)s"),
)
_BEGINNINGS = (
    ("its own agent tells it over a working uplink", "agennya melapor lewat jalur yang bekerja"),
    ("it shares nothing with others", "tidak berbagi jalur dengan yang lain"),
    ("too few others of its parents fell with it", "terlalu sedikit yang ikut terganggu"),
    (
        "a large share of the parent's children fell together",
        "sebagian besar yang bergantung padanya terganggu bersamaan",
    ),
    (
        "many children of the parent fell together",
        "banyak yang bergantung padanya terganggu bersamaan",
    ),
    ("the parent's own alarm", "peringatan dari induknya sendiri"),
    ("it is a member already", "sudah menjadi anggota"),
    ("its parent is known to be down", "induknya memang sedang terganggu"),
    (
        "it fell together with the members, whose parent still explains most",
        "terganggu bersamaan dengan anggota lain",
    ),
    (
        "a wider parent explains the members and those that fell after them",
        "induk yang lebih luas menjelaskan semua anggota",
    ),
    ("%(n)s joined: %(why)s", "%(n)s bergabung: %(why)s"),
    ("part of #%(n)s", "bagian dari #%(n)s"),
    ("of #%(n)s", "dari #%(n)s"),
    ("%(site)s is #%(n)s now", "%(site)s sekarang #%(n)s"),
)
_TELLING = (
    ("it has just opened", "baru dikenali"),
    ("nobody has said that they have it", "belum ada yang mengakui"),
    ("the deadline is near, and it is not handled", "batas waktu dekat dan belum tertangani"),
    ("nobody can be reached", "tidak ada yang bisa dihubungi"),
    ("it goes up and down: told once", "naik-turun: diberitahukan satu kali"),
    ("not sent: it goes up and down", "tidak dikirim: naik-turun"),
    ("it has settled: told as it is now", "sudah stabil: diberitahukan apa adanya"),
    ("not sent: its beginning was not told", "tidak dikirim: awalnya pun tidak diberitahukan"),
    ("not sent: older than the restore of the centre", "tidak dikirim: lebih tua dari pemulihan"),
    ("not sent: part of #%(n)s", "tidak dikirim: bagian dari #%(n)s"),
    ("not sent: %(why)s", "tidak dikirim: %(why)s"),
    ("not needed: it is over", "tidak perlu: sudah pulih"),
    ("not needed: over before its reader woke", "tidak perlu: pulih sebelum pembacanya bangun"),
    ("held until quiet hours end", "ditahan sampai jam tenang selesai"),
    (
        "somebody asked for silence (mute %(n)s by %(by)s: %(why)s)",
        "dibisukan %(by)s (nomor %(n)s): %(why)s",
    ),
    (
        "planned work (window %(n)s by %(by)s: %(why)s)",
        "pekerjaan terencana %(n)s oleh %(by)s: %(why)s",
    ),
    ("in their village %(note)s", "di desanya: %(note)s"),
    ("in their village", "di desanya"),
    ("to make room for newer ones", "memberi tempat untuk foto yang lebih baru"),
    ("not a phone number", "bukan nomor telepon"),
)
ALERTS = (*_CITIZENS, *_CHANNELS, *_ENDS, *_BEGINNINGS, *_TELLING)
