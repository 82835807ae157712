"""How often something is tried: few times in `make test`, ten times as often in `make soak`."""

from hypothesis import settings

# of the profile of this run: 100 for `make test`, 1000 for `make soak`
_EXAMPLES = settings().max_examples


def times(few: int) -> int:
    """`few`, or ten times `few` in a soak."""
    return few * _EXAMPLES // 100
