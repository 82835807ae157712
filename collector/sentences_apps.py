"""What the checks of village applications say, in English and in Indonesian."""

APPS = (
    # opensid
    ("OpenSID cannot reach its database", "OpenSID tidak bisa menghubungi basis datanya"),
    (
        "OpenSID finds faults in its database and asks for a repair",
        "OpenSID menemukan kerusakan di basis datanya dan minta diperbaiki",
    ),
    (
        "the key of OpenSID does not fit its database",
        "kunci OpenSID tidak cocok dengan basis datanya",
    ),
    (
        "OpenSID is not set up: it asks to be installed",
        "OpenSID belum terpasang: yang muncul halaman pemasangan",
    ),
    ("OpenSID is in maintenance mode", "OpenSID dalam mode pemeliharaan"),
    (
        "OpenSID redirects for ever, the last time to %(place)s",
        "OpenSID berputar-putar tanpa akhir, terakhir ke %(place)s",
    ),
    (
        "OpenSID leads to its front page instead of the login: %(place)s",
        "OpenSID membuka halaman depan, bukan halaman masuk: %(place)s",
    ),
    ("OpenSID stops with an error of PHP", "OpenSID berhenti karena kesalahan PHP"),
    (
        "OpenSID cannot write its sessions: is the disk full?",
        "OpenSID tidak bisa menyimpan sesi: disk penuh?",
    ),
    ("OpenSID shows an empty page", "OpenSID menampilkan halaman kosong"),
    (
        "there is no OpenSID login here (HTTP %(code)s)",
        "halaman masuk OpenSID tidak ada di sini (HTTP %(code)s)",
    ),
    (
        "another page instead of OpenSID's login: %(text)s",
        "halaman lain muncul, bukan halaman masuk OpenSID: %(text)s",
    ),
    (
        "another page instead of OpenSID's login",
        "halaman lain muncul, bukan halaman masuk OpenSID",
    ),
    # web, defaced
    (
        "the page is not the village's: it holds %(text)s",
        "isi halaman bukan milik desa: memuat %(text)s",
    ),
    # sideka, nextcloud, webdav
    (
        "the application cannot reach its database",
        "aplikasi tidak bisa menghubungi basis datanya",
    ),
    ("the application is in maintenance", "aplikasi sedang dalam pemeliharaan"),
    (
        "the application is overloaded or stopped (HTTP %(code)s)",
        "aplikasi kewalahan atau berhenti (HTTP %(code)s)",
    ),
    (
        "another page instead of the login form: %(text)s",
        "halaman lain muncul, bukan formulir masuk: %(text)s",
    ),
    ("another page instead of the login form", "halaman lain muncul, bukan formulir masuk"),
    ("Nextcloud is not set up", "Nextcloud belum terpasang"),
    ("Nextcloud is in maintenance mode", "Nextcloud dalam mode pemeliharaan"),
    (
        "Nextcloud waits for the upgrade of its database (occ upgrade)",
        "Nextcloud menunggu pembaruan basis data (occ upgrade)",
    ),
    (
        "another page instead of Nextcloud's status: %(text)s",
        "halaman lain muncul, bukan status Nextcloud: %(text)s",
    ),
    (
        "another page instead of Nextcloud's status",
        "halaman lain muncul, bukan status Nextcloud",
    ),
    # smtp, imap, tls
    ("the mail server %(place)s answers %(text)s", "server surel %(place)s menjawab %(text)s"),
    (
        "the mail server %(place)s offers no encryption (%(code)s)",
        "server surel %(place)s tidak menawarkan enkripsi (%(code)s)",
    ),
    (
        "the mail server %(place)s offers no encryption",
        "server surel %(place)s tidak menawarkan enkripsi",
    ),
    ("%(place)s does not speak %(name)s", "%(place)s tidak berbicara %(name)s"),
    ("%(place)s answers with too much", "jawaban %(place)s terlalu panjang"),
    ("%(place)s answers in lines without an end", "jawaban %(place)s tidak ada ujungnya"),
    # mail_domain
    ("there is no domain %(name)s", "domain %(name)s tidak ada"),
    ("%(name)s names no mail server (MX)", "%(name)s tidak punya server surel (MX)"),
    (
        "%(name)s says that it takes no mail (MX .)",
        "%(name)s menyatakan tidak menerima surel (MX .)",
    ),
    (
        "mail of %(name)s goes to %(place)s, not to %(wanted)s",
        "surel %(name)s masuk ke %(place)s, bukan ke %(wanted)s",
    ),
    (
        "the mail server %(place)s of %(name)s has no address",
        "server surel %(place)s milik %(name)s tidak punya alamat",
    ),
    (
        "%(name)s has %(n)s SPF records; one is right, more count as none",
        "%(name)s punya %(n)s catatan SPF; lebih dari satu dianggap tidak ada",
    ),
    ("%(name)s has no SPF record", "%(name)s tidak punya catatan SPF"),
    ("%(name)s has no valid DMARC record", "catatan DMARC %(name)s tidak sah"),
    ("%(name)s has no DMARC record", "%(name)s tidak punya catatan DMARC"),
    # domain
    ("the domain %(name)s is not registered", "domain %(name)s tidak terdaftar"),
    ("the domain %(name)s expired %(span)s ago", "domain %(name)s habis %(span)s lalu"),
    (
        "the domain %(name)s is held back by its registry (%(code)s)",
        "domain %(name)s ditahan pengelolanya (%(code)s)",
    ),
    ("the registry does not tell: %(text)s", "pengelola domain tidak memberi tahu: %(text)s"),
    # mysql, postgres
    (
        "the database refuses everybody: %(text)s",
        "basis data menolak semua sambungan: %(text)s",
    ),
    (
        "the database has locked this machine out (flush hosts)",
        "basis data memblokir mesin ini (flush hosts)",
    ),
    ("what answers at %(place)s is not %(name)s", "yang menjawab di %(place)s bukan %(name)s"),
    # docker
    ("Docker does not run", "Docker tidak berjalan"),
    ("Docker does not answer: %(text)s", "Docker tidak menjawab: %(text)s"),
    ("no container %(name)s", "kontainer %(name)s tidak ada"),
    (
        "the container %(name)s fails and is started over and over (%(code)s)",
        "kontainer %(name)s gagal dan terus dimulai ulang (%(code)s)",
    ),
    ("the container %(name)s is paused", "kontainer %(name)s dijeda"),
    (
        "the container %(name)s does not run (%(code)s)",
        "kontainer %(name)s tidak berjalan (%(code)s)",
    ),
    ("the container %(name)s is not healthy", "kontainer %(name)s tidak sehat"),
    # backup_age
    ("there is no backup in %(place)s", "tidak ada cadangan di %(place)s"),
    (
        "the newest backup in %(place)s has only %(n)s bytes",
        "cadangan terbaru di %(place)s hanya %(n)s bita",
    ),
    (
        "the newest backup in %(place)s is %(span)s old",
        "cadangan terbaru di %(place)s berumur %(span)s",
    ),
    # of several
    (
        "more than %(n)s redirects, the last to %(place)s",
        "lebih dari %(n)s pengalihan, terakhir ke %(place)s",
    ),
    ("no login for %(name)s: %(text)s", "sandi untuk %(name)s belum ada: %(text)s"),
    ("%(place)s refuses the login of %(name)s", "%(place)s menolak sandi %(name)s"),
    ("%(place)s refuses the login", "%(place)s menolak sandinya"),
    # causes
    ("the page shows what is not the village's", "halaman memuat yang bukan milik desa"),
)
