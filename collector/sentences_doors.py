"""What `doctor` says of doors that speak in the clear, in English and Indonesian."""

DOORS = (
    (
        "public_url is not set: messages carry no link, links to sign in lead to this machine "
        "alone, nobody follows a public page",
        "public_url belum diisi: pesan tanpa tautan, tautan masuk hanya membuka mesin ini sendiri, "
        "halaman publik tidak bisa diikuti",
    ),
    (
        "%(url)s is the machine that reads it: no link opens anywhere else",
        "%(url)s berarti mesin pembacanya sendiri: tautan tidak terbuka di tempat lain",
    ),
    (
        "agents reach %(place)s in the clear, their tokens too",
        "agen menjangkau %(place)s tanpa enkripsi, token mereka juga",
    ),
    (
        "set own_ca, or cert and key, or a proxy with TLS (proxies)",
        "setel own_ca, atau cert dan key, atau proksi dengan TLS (proxies)",
    ),
    (
        "people reach %(place)s in the clear, their passwords too",
        "orang menjangkau %(place)s tanpa enkripsi, kata sandi mereka juga",
    ),
    (
        "put a proxy with TLS before it and list it in proxies, or bind it to 127.0.0.1",
        "pasang proksi dengan TLS di depannya dan sebutkan di proxies, atau pasang di 127.0.0.1",
    ),
)
