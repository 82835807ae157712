"""What may stand in the cells of a contract that refunds go by."""

from collector.evidence.terms import EXCLUSIONS, NONE, tiers_of


def tiers(text: str) -> str:
    """Steps of availability and refund, `99.5:0 98:5 0:25`, in one spelling."""
    spaced = " ".join(text.replace("|", " ").replace("%", "").split())
    tiers_of(spaced)
    return spaced.replace(",", ".")


def exclusions(text: str) -> str:
    """What the provider does not answer for, `|` between; `none` for nothing."""
    parts = [part.strip().lower() for part in text.split("|")]
    if parts == [NONE]:
        return NONE
    for part in parts:
        if part not in EXCLUSIONS:
            raise ValueError(f"expected {NONE} or some of {', '.join(EXCLUSIONS)}, got {part!r}")
    return "|".join(name for name in EXCLUSIONS if name in parts)
