"""A value for every parameter of our library, and what Ronda gives itself."""

from playbooks.model import Command, Kind, Playbook

GIVEN = {
    "run": "7",
    "site": "35.10.06.2005",
    "noc": "noc.example.go.id",
    "guard": "/var/lib/ronda-guard/7",
    "begin": "1764403200",
}
_OF_KIND = {
    Kind.IP: "192.0.2.7",
    Kind.CIDR: "192.0.2.0/24",
    Kind.HOSTNAME: "sukamaju.desa.id",
    Kind.INTERFACE: "ether5",
    Kind.IDENTIFIER: "kantor",
    Kind.INT: "5",
    Kind.ARCHIVE: "pc+cadangkan-konfigurasi-20261128T200000Z",
    Kind.SECRET: 'it\'s $(a) "secret" \\',
}


def values(playbook: Playbook) -> dict[str, str]:
    """What somebody would give: defaults, and a sample where there is none."""
    chosen = {p.name: p.default or (p.choices or [_OF_KIND[p.kind]])[0] for p in playbook.params}
    return {**chosen, **GIVEN}


def kept(playbook: Playbook) -> dict[str, str]:
    """A sample for everything that a recipe keeps on the way."""
    return {
        step.keep.name: _OF_KIND[step.keep.kind]
        for recipe in playbook.recipes.values()
        for step in (*recipe.precheck, *recipe.snapshot)
        if isinstance(step, Command) and step.keep is not None
    }
