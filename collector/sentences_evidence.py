"""What is said of sealed evidence, in English and in Indonesian."""

EVIDENCE = (
    (
        "record %(n)s is signed with a key that is not this centre's; %(count)s records, sealed up"
        " to %(day)s, head %(head)s",
        "catatan %(n)s ditandatangani kunci yang bukan milik pusat ini; %(count)s catatan, disegel"
        " sampai %(day)s, ujung %(head)s",
    ),
    (
        "%(days)s days are to be sealed; %(count)s records, sealed up to %(day)s, head %(head)s",
        "%(days)s hari belum disegel; %(count)s catatan, disegel sampai %(day)s, ujung %(head)s",
    ),
    (
        "%(count)s records, sealed up to %(day)s, head %(head)s",
        "%(count)s catatan, disegel sampai %(day)s, ujung %(head)s",
    ),
    (
        "if it was restored without its key: %(command)s",
        "bila dipulihkan tanpa kuncinya: %(command)s",
    ),
    (
        "wait for the engine; if it stays so, read its log",
        "tunggu mesin pusat; bila tetap begitu, baca catatannya",
    ),
)
