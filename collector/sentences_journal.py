"""What `doctor` finds about a journal on NATS, engines and their window, in two languages."""

_ENGINES = (
    ("no engine works", "tidak ada engine yang bekerja"),
    (
        "start one: ronda up, or ronda serve --role engine",
        "jalankan satu: ronda up, atau ronda serve --role engine",
    ),
    (
        "the engine of this machine works; none stands by",
        "engine mesin ini bekerja; tidak ada cadangannya",
    ),
    (
        "the engine of this machine works; %(names)s stands by",
        "engine mesin ini bekerja; %(names)s siap menggantikan",
    ),
    (
        "the engine of %(name)s works; this machine's stands by",
        "engine di %(name)s bekerja; engine mesin ini siap menggantikan",
    ),
    (
        "the engine of %(name)s works; none of this machine stands by",
        "engine di %(name)s bekerja; di mesin ini tidak ada yang siap menggantikan",
    ),
)
_WINDOW = (
    ("%(n)s minutes, for %(sites)s sites", "%(n)s menit, untuk %(sites)s tempat"),
    ("%(n)s minutes, as window_minutes says", "%(n)s menit, menurut window_minutes"),
    (
        "%(n)s minutes; from the next start %(then)s, for %(sites)s sites",
        "%(n)s menit; mulai start berikutnya %(then)s, untuk %(sites)s tempat",
    ),
    (
        "%(n)s minutes; from the next start %(then)s, as window_minutes says",
        "%(n)s menit; mulai start berikutnya %(then)s, menurut window_minutes",
    ),
    ("start the engine again when it suits", "jalankan ulang mesin pada saat yang tepat"),
)

JOURNAL = (
    *_WINDOW,
    *_ENGINES,
    (
        "stream %(name)s, %(n)s messages, %(size)s MiB, end %(end)s; not in step: %(names)s",
        "aliran %(name)s, %(n)s pesan, %(size)s MiB, sampai %(end)s; tertinggal: %(names)s",
    ),
    (
        "stream %(name)s, %(n)s messages, %(size)s MiB, end %(end)s",
        "aliran %(name)s, %(n)s pesan, %(size)s MiB, sampai %(end)s",
    ),
    (
        "start these servers; with one more away nothing is kept",
        "jalankan server itu; bila satu lagi mati, tidak ada yang tersimpan",
    ),
    ("no stream yet", "belum ada aliran"),
    (
        "see whether the servers of NATS run, and RONDA_JOURNAL",
        "periksa apakah server NATS berjalan, dan RONDA_JOURNAL",
    ),
    (
        "not durable: on %(n)s server; a disk that breaks takes it along",
        "tidak tahan: di %(n)s server; disk yang rusak membawanya hilang",
    ),
    (
        "three servers and RONDA_JOURNAL_REPLICAS=3",
        "tiga server dan RONDA_JOURNAL_REPLICAS=3",
    ),
    ("not durable: the stream is in memory", "tidak tahan: aliran hanya di memori"),
    ("make it anew on disk", "buat ulang di disk"),
    ("not known to be durable: %(why)s", "tidak diketahui apakah tahan: %(why)s"),
    (
        "%(what)s, in the jetstream block of each server (2.10 or newer);"
        " RONDA_JOURNAL_MONITOR names all of them",
        "%(what)s, di blok jetstream tiap server (2.10 atau lebih baru);"
        " RONDA_JOURNAL_MONITOR menyebut semuanya",
    ),
    (
        "each record is on the disks of most of %(n)s servers before the answer",
        "tiap catatan ada di disk sebagian besar dari %(n)s server sebelum dijawab",
    ),
    (
        "the centre does not run; %(n)s messages wait for it",
        "pusat tidak berjalan; %(n)s pesan menunggunya",
    ),
    (
        "position %(at)s, %(n)s messages behind, lag %(lag)s s, silent",
        "posisi %(at)s, tertinggal %(n)s pesan dan %(lag)s dtk, diam",
    ),
    (
        "position %(at)s, %(n)s messages behind, lag %(lag)s s",
        "posisi %(at)s, tertinggal %(n)s pesan dan %(lag)s dtk",
    ),
)
