"""What a guest's way into the hotspot says, in English and in Indonesian."""

HOTSPOT = (
    ("phones get no address: %(why)s", "HP tidak dapat alamat: %(why)s"),
    ("no DHCP server offers one on %(name)s", "tidak ada server DHCP yang menjawab di %(name)s"),
    ("%(place)s has no address left", "alamat di %(place)s habis"),
    ("the DHCP server has no address left", "alamat di server DHCP habis"),
    (
        "%(place)s offers one without a gateway",
        "%(place)s memberi alamat tanpa gateway",
    ),
    ("names are not found: %(why)s", "nama situs tidak ditemukan: %(why)s"),
    ("%(place)s names no DNS server", "%(place)s tidak menyebut server DNS"),
    ("the login page does not appear: %(why)s", "halaman login tidak muncul: %(why)s"),
    ("the internet opens without it", "internet terbuka tanpa halaman itu"),
    ("the login page answers HTTP %(code)s", "halaman login menjawab HTTP %(code)s"),
    ("the login page has no form", "halaman login tidak punya formulir"),
    ("the login page lacks %(text)s", "halaman login tidak memuat %(text)s"),
    (
        "the provider's billing page comes instead of the login page",
        "halaman tagihan ISP muncul, bukan halaman login",
    ),
    (
        "the provider's billing page comes instead of the internet",
        "halaman tagihan ISP muncul, bukan internet",
    ),
    (
        "another page comes instead of the login page: %(text)s",
        "halaman lain muncul, bukan halaman login: %(text)s",
    ),
    (
        "another page comes instead of the internet: %(text)s",
        "halaman lain muncul, bukan internet: %(text)s",
    ),
    (
        "the login fails: %(place)s answers HTTP %(code)s",
        "login gagal: %(place)s menjawab HTTP %(code)s",
    ),
    ("the login fails: %(why)s", "login gagal: %(why)s"),
    ("the login page comes again", "halaman login muncul lagi"),
    (
        "signed in, but no internet: %(why)s",
        "sudah masuk, internet tidak jalan: %(why)s",
    ),
    (
        "no internet behind the hotspot: %(why)s",
        "tidak ada internet di balik hotspot: %(why)s",
    ),
    (
        "this machine is to be exempt, and is led to the login page",
        "mesin ini seharusnya bebas login, tetapi dialihkan ke halaman login",
    ),
    (
        "the login page sends to %(place)s, which is not configured for it",
        "halaman login mengirim ke %(place)s, yang tidak diizinkan di setelan",
    ),
    (
        "no right to ask DHCP on %(name)s: it takes CAP_NET_RAW",
        "tidak berhak bertanya DHCP di %(name)s: perlu CAP_NET_RAW",
    ),
    (
        "no right to go out through %(name)s: before Linux 5.7 it takes CAP_NET_RAW",
        "tidak berhak keluar lewat %(name)s: sebelum Linux 5.7 perlu CAP_NET_RAW",
    ),
    (
        "no default route, and no interface is named",
        "tidak ada rute bawaan, dan antarmuka tidak disebut",
    ),
    (
        "this machine has no address or no default route on %(name)s",
        "mesin ini tidak punya alamat atau rute bawaan di %(name)s",
    ),
    ("no interface %(name)s", "antarmuka %(name)s tidak ada"),
    ("no link on %(name)s", "%(name)s tidak tersambung"),
    ("no DNS server is known", "tidak ada server DNS yang diketahui"),
    ("no answer in time", "tidak ada jawaban tepat waktu"),
    ("led to %(place)s, which is no web address", "dialihkan ke %(place)s, bukan alamat web"),
)
