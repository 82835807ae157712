"""What `doctor` finds about the centre, in English, and the same in Indonesian.

Only for its findings: some of these would fit what people write elsewhere.
"""

from collector.sentences_centres import CENTRES
from collector.sentences_clock import CLOCK
from collector.sentences_contacts import CONTACTS
from collector.sentences_doors import DOORS
from collector.sentences_engine import ENGINE
from collector.sentences_evidence import EVIDENCE

_MACHINE = (
    *CLOCK,
    ("no folder %(place)s", "folder %(place)s tidak ada"),
    ("start the centre once: ronda up", "jalankan pusat sekali: ronda up"),
    ("%(place)s cannot be written", "%(place)s tidak bisa ditulis"),
    ("give it to the user of ronda: %(place)s", "berikan kepada pengguna ronda: %(place)s"),
    ("a dying disk turns read-only: see dmesg", "disk rusak hanya bisa dibaca: lihat dmesg"),
    (
        "others on this machine may look into %(place)s (mode %(mode)s)",
        "orang lain di mesin ini bisa melihat isi %(place)s (mode %(mode)s)",
    ),
    ("a restore was cut short", "pemulihan terputus di tengah"),
    ("begin it again: ronda restore --force", "mulai lagi: ronda restore --force"),
    ("%(free)s GiB of %(all)s GiB free", "%(free)s GiB dari %(all)s GiB masih kosong"),
    (
        "make room: agents are sent away once it is full",
        "kosongkan ruang: bila penuh, agen ditolak",
    ),
    ("not made yet", "belum dibuat"),
    ("in place, readable by its owner only", "ada, hanya terbaca pemiliknya"),
    ("%(place)s has %(n)s bytes, not %(wanted)s", "%(place)s berisi %(n)s bita, bukan %(wanted)s"),
    (
        "bring it back from a backup; agents enrol anew without it",
        "kembalikan dari cadangan; tanpa itu agen mendaftar ulang",
    ),
    (
        "%(place)s can be read by others (mode %(mode)s)",
        "%(place)s terbaca orang lain (mode %(mode)s)",
    ),
    ("unlimited", "tanpa batas"),
    ("%(n)s a process", "%(n)s per proses"),
    (
        "raise it: ulimit -n 65536, or LimitNOFILE in the unit",
        "naikkan: ulimit -n 65536, atau LimitNOFILE di unit",
    ),
    ("no %(place)s", "tidak ada %(place)s"),
    (
        "start PostgreSQL, or correct database_url",
        "jalankan PostgreSQL, atau betulkan database_url",
    ),
    ("bring it back from a backup", "kembalikan dari cadangan"),
    (
        "%(place)s at revision %(n)s, this version needs %(wanted)s",
        "%(place)s pada revisi %(n)s, versi ini memerlukan %(wanted)s",
    ),
    ("%(place)s at revision %(n)s", "%(place)s pada revisi %(n)s"),
    (
        "a newer ronda was here: install that version",
        "ronda yang lebih baru pernah dipakai: pasang versi itu",
    ),
    (
        "start the centre: it brings the database up to date",
        "jalankan pusat: basis data diperbarui sendiri",
    ),
    ("in order", "benar"),
)
_DATA = (
    ("not begun", "belum dimulai"),
    (
        "%(n)s segments, %(size)s MiB, end %(end)s, %(torn)s torn bytes",
        "%(n)s potong, %(size)s MiB, sampai %(end)s, %(torn)s bita terputus",
    ),
    ("%(n)s segments, %(size)s MiB, end %(end)s", "%(n)s potong, %(size)s MiB, sampai %(end)s"),
    (
        "the centre does not run; %(n)s bytes wait for it",
        "pusat tidak berjalan; %(n)s bita menunggunya",
    ),
    (
        "position %(at)s, %(n)s bytes behind, lag %(lag)s s, silent",
        "posisi %(at)s, tertinggal %(n)s bita dan %(lag)s dtk, diam",
    ),
    (
        "position %(at)s, %(n)s bytes behind, lag %(lag)s s",
        "posisi %(at)s, tertinggal %(n)s bita dan %(lag)s dtk",
    ),
    (
        "see the log of the engine: it does not fold",
        "lihat log mesin penilai: laporan tidak diolah",
    ),
    (
        "wait; if it stays so, this machine is too slow",
        "tunggu; bila tetap begitu, mesin ini terlalu lambat",
    ),
    (
        "%(n)s MiB, %(free)s free in it, of it up to %(most)s MiB decoded in the memory of each"
        " process%(rest)s; it is",
        "%(n)s MiB, %(free)s kosong di dalamnya, paling banyak %(most)s MiB di memori tiap"
        " proses%(rest)s; sekarang lewat batas",
    ),
    (
        "%(n)s MiB, %(free)s free in it, of it up to %(most)s MiB decoded in the memory of each"
        " process, %(rest)s",
        "%(n)s MiB, %(free)s kosong di dalamnya, paling banyak %(most)s MiB di memori tiap"
        " proses, %(rest)s",
    ),
    (
        "%(n)s MiB, %(free)s free in it, of it up to %(most)s MiB decoded in the memory of each"
        " process",
        "%(n)s MiB, %(free)s kosong di dalamnya, paling banyak %(most)s MiB di memori tiap proses",
    ),
    (
        "the oldest go tonight, or raise the budget",
        "yang tertua dihapus malam ini, atau naikkan batasnya",
    ),
    ("sealed with another key: %(names)s", "disegel dengan kunci lain: %(names)s"),
    (
        "enter them again: ronda services password NAME",
        "isi lagi: ronda services password NAMA",
    ),
    (
        "kept from their agents: %(row)s of %(place)s (%(why)s)",
        "ditahan dari agennya: %(row)s di %(place)s (%(why)s)",
    ),
    (
        "ronda services password NAME --bind --area CODE, or change the row",
        "ronda services password NAMA --bind --area KODE, atau ubah barisnya",
    ),
    ("%(n)s kept for checks", "%(n)s disimpan untuk pemeriksaan"),
)
_WORK = (
    (
        "none yet; the first one comes in the night",
        "belum ada; yang pertama dibuat malam nanti",
    ),
    ("one serial number at two places: %(names)s", "satu nomor seri di dua tempat: %(names)s"),
    (
        "see which of them is right, and mend the other",
        "lihat mana yang benar, betulkan yang lain",
    ),
    ("none yet", "belum ada"),
    ("start the centre; its engine sends it", "jalankan pusat; mesin penilainya yang mengirim"),
    ("to %(place)s, %(n)s s ago: %(says)s", "ke %(place)s, %(n)s dtk lalu: %(says)s"),
    (
        "see the reason; the address must be reachable from here",
        "lihat alasannya; alamat itu harus terjangkau dari sini",
    ),
    ("the engine does not beat: see its log", "mesin penilai tidak mengirimnya: lihat log"),
    ("none evaluated yet", "belum ada yang dinilai"),
    ("start the centre; its engine does it", "jalankan pusat; mesin penilainya yang mengerjakan"),
    (
        "mend the file; the engine reads it again by itself",
        "betulkan berkasnya; dibaca ulang dengan sendirinya",
    ),
    ("see ronda rules list", "lihat ronda rules list"),
    (
        "%(n)s in order, a round takes %(ms)s ms",
        "%(n)s benar, satu putaran %(ms)s milidetik",
    ),
    (
        "%(open)s of %(most)s open, %(own)s of one reader; %(rest)s",
        "%(open)s dari %(most)s terbuka, %(own)s milik satu pembaca; %(rest)s",
    ),
    (
        "%(open)s of %(most)s open, %(own)s of one reader",
        "%(open)s dari %(most)s terbuka, %(own)s milik satu pembaca",
    ),
    (
        "close some, or give people accounts of their own",
        "tutup sebagian, atau beri setiap orang akun sendiri",
    ),
    ("close pages that nobody reads", "tutup halaman yang tidak dibaca"),
    (
        "none is made by itself: backup_folder is not set; what this disk loses is lost",
        "tidak dibuat otomatis: backup_folder belum diisi; yang hilang dari disk ini tetap hilang",
    ),
    (
        "failed %(at)s: %(error)s; the last good one %(good)s",
        "gagal %(at)s: %(error)s; terakhir berhasil %(good)s",
    ),
    (
        "failed %(at)s: %(error)s; none was good yet",
        "gagal %(at)s: %(error)s; belum pernah berhasil",
    ),
    (
        "start the centre; its engine does it, or: see ronda backup list, then: %(do)s",
        "jalankan pusat; dikerjakan sendiri, atau: lihat ronda backup list, lalu: %(do)s",
    ),
    ("see ronda backup list, then: %(do)s", "lihat ronda backup list, lalu: %(do)s"),
    ("overdue; %(rest)s", "terlambat; %(rest)s"),
    (
        "journal up to %(at)s; %(n)s old removed; left out: %(names)s",
        "jurnal sampai %(at)s; %(n)s lama dihapus; dilewati: %(names)s",
    ),
    (
        "journal up to %(at)s; left out: %(names)s",
        "jurnal sampai %(at)s; dilewati: %(names)s",
    ),
    ("journal up to %(at)s; %(n)s old removed", "jurnal sampai %(at)s; %(n)s lama dihapus"),
    ("journal up to %(at)s", "jurnal sampai %(at)s"),
    ("%(n)s brought there", "%(n)s dikirim ke sana"),
    (
        "%(at)s, from a backup of %(made)s; enrol again: %(sites)s",
        "%(at)s, dari cadangan %(made)s; daftarkan lagi: %(sites)s",
    ),
    ("%(at)s, from a backup of %(made)s", "%(at)s, dari cadangan %(made)s"),
    (
        "not in the backup, enter again: %(names)s",
        "tidak ada di cadangan, isi lagi: %(names)s",
    ),
)
_AGENTS = (
    (
        "%(n)s enrolled, %(mute)s without a report: %(sites)s",
        "%(n)s terdaftar, %(mute)s belum pernah lapor: %(sites)s",
    ),
    ("%(n)s enrolled", "%(n)s terdaftar"),
    (
        "start ronda-agent run there, and see that it reaches ingest",
        "jalankan ronda-agent run di sana, dan pastikan pusat terjangkau",
    ),
    ("refused by %(sites)s", "ditolak oleh %(sites)s"),
    ("mend it in the inventory", "betulkan di inventaris"),
    ("nobody looks at %(names)s", "tidak ada yang memeriksa %(names)s"),
    (
        "name a site with an agent in column vantage",
        "isi kolom vantage dengan lokasi yang punya agen",
    ),
    ("not granted: %(names)s", "belum diizinkan: %(names)s"),
    ("%(n)s central services and public names", "%(n)s layanan pusat dan nama publik"),
    ("%(n)s of %(all)s are left out: %(names)s", "%(n)s dari %(all)s dilewati: %(names)s"),
    (
        "mend them in the console or import them again",
        "betulkan di konsol atau impor lagi",
    ),
    ("%(n)s rows", "%(n)s baris"),
    ("lines by their last night: %(rest)s", "jalur menurut malam terakhirnya: %(rest)s"),
    ("off (setting beacons)", "dimatikan (setelan beacons)"),
    (
        "%(n)s agents heard, %(missing)s of them missing",
        "%(n)s agen terdengar, %(missing)s di antaranya hilang",
    ),
    (
        "let UDP to port %(n)s through, on the way there too",
        "loloskan UDP ke porta %(n)s, juga di sepanjang jalan",
    ),
    ("%(n)s agents count them; most: %(rest)s", "%(n)s agen menghitungnya; terbanyak: %(rest)s"),
    (
        "fewer checks there, profile hemat, or raise cap_..._mb",
        "kurangi pemeriksaan di sana, profil hemat, atau naikkan cap_..._mb",
    ),
    ("use profile hemat", "pakai profil hemat"),
)
_PEOPLE = (
    (
        "sealed with another key, these are told nothing: %(names)s",
        "disegel dengan kunci lain, ini tidak diberi tahu: %(names)s",
    ),
    (
        "enter their secrets again, on the page of webhooks",
        "isi lagi rahasianya di halaman webhook",
    ),
    (
        "sealed with another key, nobody of these gets in: %(names)s",
        "disegel dengan kunci lain, mereka tidak bisa masuk: %(names)s",
    ),
    (
        "ronda users reset NAME --second-step",
        "ronda users reset NAMA --second-step",
    ),
    (
        "act %(act)s is not as it was written; %(n)s acts, %(blanked)s without a name, head"
        " %(head)s",
        "tindakan %(act)s tidak seperti saat ditulis; %(n)s tindakan, %(blanked)s tanpa nama,"
        " ujung %(head)s",
    ),
    (
        "act %(act)s was rewritten by no act; %(n)s acts, %(blanked)s without a name, head"
        " %(head)s",
        "tindakan %(act)s ditulis ulang tanpa tindakan yang menyebutnya; %(n)s tindakan,"
        " %(blanked)s tanpa nama, ujung %(head)s",
    ),
    (
        "act %(act)s rewrote others than it says; %(n)s acts, %(blanked)s without a name, head"
        " %(head)s",
        "tindakan %(act)s menulis ulang yang lain daripada yang disebutnya; %(n)s tindakan,"
        " %(blanked)s tanpa nama, ujung %(head)s",
    ),
    (
        "%(n)s acts are being followed, look again in a minute",
        "%(n)s tindakan sedang ditelusuri, lihat lagi satu menit lagi",
    ),
    (
        "%(n)s acts, %(blanked)s without a name, head none, all followed %(moment)s",
        "%(n)s tindakan, %(blanked)s tanpa nama, semua ditelusuri %(moment)s",
    ),
    (
        "%(n)s acts, %(blanked)s without a name, head %(head)s, all followed %(moment)s",
        "%(n)s tindakan, %(blanked)s tanpa nama, ujung %(head)s, semua ditelusuri %(moment)s",
    ),
    (
        "%(n)s acts, %(blanked)s without a name, head none",
        "%(n)s tindakan, %(blanked)s tanpa nama",
    ),
    (
        "%(n)s acts, %(blanked)s without a name, head %(head)s",
        "%(n)s tindakan, %(blanked)s tanpa nama, ujung %(head)s",
    ),
    (
        "compare with a backup, and ask who had access",
        "bandingkan dengan cadangan, dan tanyakan siapa yang punya akses",
    ),
    (
        "say that they know other checks over and over, left out: %(names)s",
        "berulang kali menyebut pemeriksaan lain yang dikenalnya, dilewati: %(names)s",
    ),
    (
        "see whether two agents share a token there, or install the agent again",
        "periksa apakah dua agen memakai token yang sama di sana, atau pasang ulang agennya",
    ),
)
DOCTOR = (
    *(*EVIDENCE, *CENTRES, *CONTACTS, *DOORS, *ENGINE),
    *(*_PEOPLE, *_MACHINE, *_DATA, *_WORK, *_AGENTS),
)
