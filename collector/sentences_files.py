"""What is wrong with a file of the inventory, and why rows stay: said in English by its reader."""

_TEXT = "format the column as text and enter it again"
_TEKS = "atur kolom sebagai teks lalu isi lagi"

FILES = (
    # the file
    (
        "saved as Unicode text; save it as CSV UTF-8",
        "disimpan sebagai teks Unicode; simpan sebagai CSV UTF-8",
    ),
    (
        "neither UTF-8 nor Windows text; save it as CSV UTF-8",
        "bukan UTF-8 dan bukan teks Windows; simpan sebagai CSV UTF-8",
    ),
    ("larger than %(n)s MiB", "lebih dari %(n)s MiB"),
    ("more than %(n)s rows", "lebih dari %(n)s baris"),
    ("more than %(n)s columns", "lebih dari %(n)s kolom"),
    ("%(what)s; is a quote left open?", "tanda kutip tidak ditutup? (%(what)s)"),
    (
        "no header; the first line names the columns",
        "tidak ada judul kolom; baris pertama menyebut nama kolom",
    ),
    ("column %(name)s is missing", "kolom %(name)s tidak ada"),
    ("column %(name)s has no name", "kolom %(name)s tidak bernama"),
    ("column %(name)s stands twice", "kolom %(name)s ada dua kali"),
    (
        "unknown column %(name)s; known are %(these)s",
        "kolom %(name)s tidak dikenal; yang dikenal: %(these)s",
    ),
    (
        "%(cells)s cells, but %(columns)s columns; put quotes around a cell with a comma",
        "%(cells)s sel, tetapi %(columns)s kolom; beri tanda kutip pada sel yang berisi koma",
    ),
    ("%(name)s stands on line %(n)s too", "%(name)s juga ada di baris %(n)s"),
    ("%(name)s stands on feature %(n)s too", "%(name)s juga ada di bentuk %(n)s"),
    ("not GeoJSON: %(why)s", "bukan GeoJSON: %(why)s"),
    ("expected a FeatureCollection", "harus FeatureCollection"),
    ("expected a list of up to %(n)s features", "harus daftar paling banyak %(n)s bentuk"),
    (
        "its serial number stands at %(code)s already",
        "nomor serinya sudah tercatat di %(code)s",
    ),
    (
        "its serial number is of a device that is missing at %(code)s",
        "nomor serinya milik perangkat yang hilang di %(code)s",
    ),
    (
        "its serial number is of a device that is stolen at %(code)s",
        "nomor serinya milik perangkat yang dicuri di %(code)s",
    ),
    ("is missing or no text", "tidak ada atau bukan teks"),
    (
        "geometry: expected a Polygon or MultiPolygon in degrees",
        "geometry: harus Polygon atau MultiPolygon dalam derajat",
    ),
    # cells that spreadsheets changed
    (
        f"a spreadsheet turned this into %(text)s: {_TEXT}",
        f"lembar kerja mengubahnya menjadi %(text)s: {_TEKS}",
    ),
    (
        f"expected %(wanted)s, got %(text)s; a spreadsheet drops zeros: {_TEXT}",
        f"harus %(wanted)s, bukan %(text)s; lembar kerja membuang angka nol: {_TEKS}",
    ),
    (
        "expected %(wanted)s, got %(text)s; write %(right)s",
        "harus %(wanted)s, bukan %(text)s; tulis %(right)s",
    ),
    (
        "must be %(low)s to %(high)s, got %(text)s; is the decimal point lost?",
        "harus %(low)s sampai %(high)s, bukan %(text)s; apakah koma desimalnya hilang?",
    ),
    (
        "%(text)s may mean two things; write it without the dot",
        "%(text)s dapat berarti dua hal; tulis tanpa titik",
    ),
    (
        "%(text)s may mean two things; write it without dot and comma",
        "%(text)s dapat berarti dua hal; tulis tanpa titik dan koma",
    ),
    # cells
    ("a name is missing beside | in %(text)s", "ada nama yang kosong di samping | pada %(text)s"),
    ("a name stands twice in %(text)s", "satu nama ada dua kali pada %(text)s"),
    (
        "expected a date like 2026-12-25 or 25/12/2026, got %(text)s",
        "harus tanggal seperti 2026-12-25 atau 25/12/2026, bukan %(text)s",
    ),
    (
        "a phone number begins with 0, 62 or +, got %(text)s",
        "nomor telepon diawali 0, 62, atau +, bukan %(text)s",
    ),
    (
        "a phone number has 8 to 15 digits, got %(text)s",
        "nomor telepon terdiri dari 8 sampai 15 angka, bukan %(text)s",
    ),
    ("expected a phone number, got %(text)s", "harus nomor telepon, bukan %(text)s"),
    (
        "expected a chat number or @name, got %(text)s",
        "harus nomor obrolan atau @nama, bukan %(text)s",
    ),
    ("expected an e-mail address, got %(text)s", "harus alamat surel, bukan %(text)s"),
    (
        "expected groups like 35, 35.10, 35.10.12 or 35.10.12.2004, got %(text)s",
        "harus kelompok seperti 35, 35.10, 35.10.12, atau 35.10.12.2004, bukan %(text)s",
    ),
    (
        "expected a site code, an area code, isp:NAME, service:NAME or *, got %(text)s",
        "harus kode lokasi, kode wilayah, isp:NAME, service:NAME, atau *, bukan %(text)s",
    ),
    (
        "expected 24h or days and times like Sen-Jum 07.30-15.30, got %(text)s",
        "harus 24h atau hari dan jam seperti Sen-Jum 07.30-15.30, bukan %(text)s",
    ),
    ("the end lies before the start in %(text)s", "akhir mendahului awal pada %(text)s"),
    ("%(text)s is not a time of day", "%(text)s bukan jam"),
    (
        "%(text)s is not one of Sen, Sel, Rab, Kam, Jum, Sab, Min",
        "%(text)s bukan salah satu dari Sen, Sel, Rab, Kam, Jum, Sab, Min",
    ),
    ("%(code)s has level %(right)s, got %(text)s", "%(code)s bertingkat %(right)s, bukan %(text)s"),
    ("%(code)s has parent %(right)s, got %(text)s", "%(code)s berinduk %(right)s, bukan %(text)s"),
    # what checks go by
    ("expected the name of a container, got %(text)s", "harus nama kontainer, bukan %(text)s"),
    ("expected a name with * and ?, got %(text)s", "harus nama dengan * dan ?, bukan %(text)s"),
    (
        "expected an address like 10.0.0.1, got %(text)s",
        "harus alamat seperti 10.0.0.1, bukan %(text)s",
    ),
    (
        "expected an interface like wlan0, got %(text)s",
        "harus antarmuka seperti wlan0, bukan %(text)s",
    ),
    (
        "expected own, or an address like 02:00:00:00:00:01, got %(text)s",
        "harus own, atau alamat seperti 02:00:00:00:00:01, bukan %(text)s",
    ),
    ("expected NAME=VALUE, got %(text)s", "harus NAME=VALUE, bukan %(text)s"),
    ("expected the name of a UPS, got %(text)s", "harus nama UPS, bukan %(text)s"),
    (
        "expected the 64 hex digits of a SHA-256, got %(text)s",
        "harus 64 digit heksadesimal SHA-256, bukan %(text)s",
    ),
    (
        "expected a name of 32 characters or fewer, got %(text)s",
        "harus nama paling panjang 32 karakter, bukan %(text)s",
    ),
    (
        "expected a name like sukamaju.desa.id, got %(text)s",
        "harus nama seperti sukamaju.desa.id, bukan %(text)s",
    ),
    ("must be %(most)s characters or fewer", "paling banyak %(most)s karakter"),
    (
        "must be %(n)s texts or fewer, %(most)s characters",
        "paling banyak %(n)s teks, %(most)s karakter",
    ),
    (
        "write the host in ASCII (xn--...), got %(text)s",
        "tulis host dalam ASCII (xn--...), bukan %(text)s",
    ),
    ("no page is at port 0, got %(text)s", "tidak ada halaman di port 0: %(text)s"),
    (
        "name the login page that a password may go to",
        "sebut halaman masuk yang boleh menerima sandi",
    ),
    (
        "a machine that is exempt has nowhere to sign in",
        "perangkat yang dikecualikan tidak perlu masuk",
    ),
    ("goes with login", "berlaku bersama login"),
    (
        "must be http://, no hotspot can lead away from https",
        "harus http://, hotspot tidak dapat mengalihkan https",
    ),
    ("a hotspot is in a village", "hotspot berada di desa"),
    ("no site or area %(code)s yet", "belum ada lokasi atau wilayah %(code)s"),
    # an import as a whole
    ("%(place)s lies outside your areas", "%(place)s di luar wilayah Anda"),
    (
        "the inventory changed meanwhile; look at what it would change now",
        "sementara itu inventaris berubah; lihat apa yang akan berubah sekarang",
    ),
    ("rows are refused; nothing was imported", "ada baris yang ditolak; tidak ada yang diimpor"),
    # a row edited by hand
    ("%(name)s is there already", "%(name)s sudah ada"),
    ("a code stays what it is", "kode tidak dapat diubah"),
    ("there is no such row", "tidak ada baris itu"),
    # villages set to work
    ("choose 1 to %(most)s sites", "pilih 1 sampai %(most)s lokasi"),
    ("this agent does not wait any more", "agen ini tidak menunggu lagi"),
    # rows of an import that cannot go back
    ("somebody changed it since", "sejak itu ada yang mengubahnya"),
    ("it was removed since", "sejak itu sudah dihapus"),
    ("it lies outside your areas", "di luar wilayah Anda"),
    ("an agent enrolled there", "sudah ada agen yang terdaftar di sana"),
    ("an incident is about it", "ada gangguan yang menyangkutnya"),
    ("something else in the inventory names it", "masih disebut oleh baris inventaris lain"),
)

# what a code should have been
WANTED = (
    (
        "four groups like 35.10.12.2004, with -suffix if need be",
        "empat kelompok seperti 35.10.12.2004, bila perlu dengan -akhiran",
    ),
    (
        "groups like 35, 35.10, 35.10.12 or 35.10.12.2004",
        "kelompok seperti 35, 35.10, 35.10.12, atau 35.10.12.2004",
    ),
    (
        "a site code, an area code, isp:NAME or profile:NAME",
        "kode lokasi, kode wilayah, isp:NAME, atau profile:NAME",
    ),
    (
        "a site code, an area code, isp:NAME, service:NAME or *",
        "kode lokasi, kode wilayah, isp:NAME, service:NAME, atau *",
    ),
)
