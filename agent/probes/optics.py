"""How much light does a module of this machine get and give? From the text of `ethtool -m`."""

import re

_DBM = re.compile(r"(-?\d+(?:\.\d+)?)\s*dBm|-inf\s*dBm")
_RECEIVED = ("Receiver signal average optical power", "Rcvr signal avg optical power")
_SENT = ("Laser output power", "Transmit avg optical power")
# what a module says that gets no light at all, in hundredths of microwatts
_DARK_DBM = -40.0


def optics(text: str) -> dict[str, float | None]:
    """`rx` and `tx` in dBm; empty for a module that does not measure. Of several lanes the worst.

    A receiver in the dark reads 0.0000 mW, which is minus infinity: -40 dBm, as others show it.
    """
    found: dict[str, float | None] = {}
    for line in text.splitlines():
        key, colon, value = line.partition(":")
        key = key.strip()
        for name, beginnings in (("rx", _RECEIVED), ("tx", _SENT)):
            if colon and _is_reading(key, beginnings):
                dbm = _dbm(value)
                known = found.get(name)
                found[name] = dbm if known is None else min(known, known if dbm is None else dbm)
    return found


def _is_reading(key: str, beginnings: tuple[str, ...]) -> bool:
    """The value itself or that of a channel, not an alarm or its threshold."""
    for beginning in beginnings:
        if key == beginning or re.fullmatch(rf"{re.escape(beginning)} ?\(Channel \d+\)", key):
            return True
    return False


def _dbm(value: str) -> float | None:
    match = _DBM.search(value)
    if match is None:
        return None
    return max(float(match[1]), _DARK_DBM) if match[1] else _DARK_DBM
