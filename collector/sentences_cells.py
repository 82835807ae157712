"""What is wrong with what somebody typed: `collector/inventory` says it in English."""

from collector.sentences_evidence import TERMS

CELLS = (
    *TERMS,
    ("is empty", "belum diisi"),
    ("longer than %(n)s characters", "lebih dari %(n)s karakter"),
    ("holds a character that cannot be printed", "memuat karakter yang tidak dapat dicetak"),
    ("must be one of %(these)s, got %(text)s", "harus salah satu dari %(these)s, bukan %(text)s"),
    ("must be one of %(these)s", "harus salah satu dari %(these)s"),
    (
        "must be a whole number, %(low)s to %(high)s, got %(text)s",
        "harus bilangan bulat, %(low)s sampai %(high)s, bukan %(text)s",
    ),
    (
        "must be %(low)s to %(high)s, got %(text)s",
        "harus %(low)s sampai %(high)s, bukan %(text)s",
    ),
    ("expected a number, got %(text)s", "harus angka, bukan %(text)s"),
    (
        "expected http://... or https://..., got %(text)s",
        "harus http://... atau https://..., bukan %(text)s",
    ),
    ("expected HOST:PORT, got %(text)s", "harus HOST:PORT, bukan %(text)s"),
    (
        "expected a host name or address, got %(text)s",
        "harus nama atau alamat host, bukan %(text)s",
    ),
    (
        "expected a domain like sukamaju.desa.id, got %(text)s",
        "harus domain seperti sukamaju.desa.id, bukan %(text)s",
    ),
    ("expected a path from /, got %(text)s", "harus alamat berkas mulai dari /, bukan %(text)s"),
    (
        "expected a unit or process:NAME, got %(text)s",
        "harus unit atau process:NAME, bukan %(text)s",
    ),
    (
        "expected up to 64 letters, digits, spaces or . : / _ -, got %(text)s",
        "hanya sampai 64 huruf, angka, spasi, atau . : / _ -, bukan %(text)s",
    ),
    (
        "expected a site code, an area code, isp:NAME or profile:NAME, got %(text)s",
        "harus kode lokasi, kode wilayah, isp:NAME, atau profile:NAME, bukan %(text)s",
    ),
    (
        "expected four groups like 35.10.12.2004, with -suffix if need be, got %(text)s",
        "harus empat kelompok seperti 35.10.12.2004, bila perlu dengan -akhiran, bukan %(text)s",
    ),
    ("a password has no place in an address", "sandi tidak boleh ada di dalam alamat"),
    ("a check of kind %(kind)s has no %(name)s", "pemeriksaan jenis %(kind)s tidak punya %(name)s"),
    ("%(code)s is %(new)s now", "%(code)s kini berkode %(new)s"),
    ("no area %(code)s; import it first", "wilayah %(code)s tidak dikenal; impor dulu"),
    ("no site %(code)s; import it first", "lokasi %(code)s tidak dikenal; impor dulu"),
    (
        "%(name)s is a check every agent has; choose another name",
        "%(name)s adalah pemeriksaan setiap agen; pilih nama lain",
    ),
    ("luar ... is a service seen from outside", "luar ... adalah layanan yang dilihat dari luar"),
    (
        "a service of scope %(scope)s is in no village",
        "layanan berlingkup %(scope)s tidak berada di satu desa",
    ),
    (
        "a service of scope %(scope)s has its address in target",
        "layanan berlingkup %(scope)s alamatnya diisi di target",
    ),
    (
        "a public name is that of one site; fill in its code in site",
        "alamat publik milik satu lokasi; isi kodenya di site",
    ),
    (
        "a check of kind %(kind)s looks from the village only",
        "pemeriksaan jenis %(kind)s hanya melihat dari desa",
    ),
    (
        "only for what is seen from outside; fill in public",
        "hanya untuk yang dilihat dari luar; isi public",
    ),
    (
        "a password needs encryption and a certificate that is verified",
        "sandi memerlukan enkripsi dan sertifikat yang diperiksa",
    ),
    (
        "somebody changed it meanwhile; look at it again",
        "sementara itu ada yang mengubahnya; lihat lagi",
    ),
    (
        "there is a check of this name there already",
        "di sana sudah ada pemeriksaan bernama ini",
    ),
    ("there is no such check", "tidak ada pemeriksaan itu"),
    (
        "%(code)s would have %(n)s services to check, %(most)s at most",
        "%(code)s akan memeriksa %(n)s layanan, paling banyak %(most)s",
    ),
)
