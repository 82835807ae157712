"""What `doctor` says of doors that speak in the clear, in English and Indonesian."""

DOORS = (
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
