"""What is said of sealed evidence, in English and in Indonesian."""

# what is missing in a contract, as the calendar and imports tell it
TERMS = (
    ("fee_rp is not entered", "fee_rp (biaya per bulan) belum diisi"),
    ("formula is not entered", "formula restitusi belum diisi"),
    (
        "formula: %(text)s is not one of %(these)s",
        "formula: %(text)s bukan salah satu dari %(these)s",
    ),
    (
        "sla is not entered, and %(formula)s goes by it",
        "sla belum diisi, padahal %(formula)s memerlukannya",
    ),
    ("sla: %(formula)s cannot go by %(n)s", "sla: %(formula)s tidak bisa memakai %(n)s"),
    (
        "tiers: expected steps such as 98:5, got %(text)s",
        "tiers: harus langkah seperti 98:5, bukan %(text)s",
    ),
    ("tiers: more than 100 in %(text)s", "tiers: lebih dari 100 pada %(text)s"),
    (
        "tiers: the last step must begin at 0, such as 99:0 95:10 0:25",
        "tiers: langkah terakhir harus mulai dari 0, seperti 99:0 95:10 0:25",
    ),
    (
        "tiers: less availability must come later, and pay back no less",
        "tiers: ketersediaan yang lebih rendah harus ditulis kemudian, dan restitusinya tidak boleh"
        " lebih kecil",
    ),
    (
        "tiers: the first step must pay back nothing, such as 99.5:0 98:5 0:25",
        "tiers: langkah pertama harus tanpa restitusi, seperti 99.5:0 98:5 0:25",
    ),
)
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
