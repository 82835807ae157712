"""What `doctor` finds of who can be told, in English and Indonesian."""

CONTACTS = (
    (
        "nobody is told of anything: there are none",
        "tidak ada yang diberi tahu apa pun: kontak tidak ada",
    ),
    (
        "enter whom to tell: ronda contacts import FILE",
        "isi siapa yang diberi tahu: ronda contacts import FILE",
    ),
    (
        "nobody is told of anything: no channel reaches any of %(n)s",
        "tidak ada yang diberi tahu apa pun: tidak satu pun dari %(n)s terjangkau saluran",
    ),
    (
        "set up a channel in channels.toml that serves what the contacts have",
        "pasang saluran di channels.toml yang melayani alamat kontak",
    ),
    (
        "nobody is told of anything: no channel that reaches them works: %(names)s",
        "tidak ada yang diberi tahu apa pun: saluran yang menjangkau mereka rusak: %(names)s",
    ),
    (
        "see why, and try it: ronda contacts test NAME",
        "lihat sebabnya, lalu coba: ronda contacts test NAMA",
    ),
    ("%(n)s, told by %(names)s", "%(n)s, diberi tahu lewat %(names)s"),
)
