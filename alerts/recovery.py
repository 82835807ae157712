"""When is an incident of many over? Pure arithmetic on when its members became good again."""

from collections.abc import Sequence

SHARE = 0.9
STEADY_S = 60.0


def recovered_at(good_at: Sequence[float | None], now: float) -> float | None:
    """Since when nine of ten members have been good, if that is so for a minute; else None.

    `good_at`: of each member, None where it is still bad.
    """
    good = sorted(at for at in good_at if at is not None)
    # a sum of floats must not ask for ten of ten
    needed = max(1, -int(-(SHARE * len(good_at) - 1e-9) // 1))
    if len(good) < needed:
        return None
    since = good[needed - 1]
    return since if now - since >= STEADY_S else None
