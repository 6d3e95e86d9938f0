"""How a history gives way when it no longer fits: from its start, and in steps."""

from collections.abc import Sequence

_STEPS = 4


def first_kept(sizes: Sequence[int], starts: Sequence[int], room: int) -> int:
    """From which message on a history is kept. starts: where its exchanges begin.

    Each step takes a quarter of the room at least: dropping one exchange a turn would move the
    start of the prompt at every turn, and no prefix cache would ever hold.
    """
    step, excess = max(room // _STEPS, 1), sum(sizes) - room
    to_drop = -(-excess // step) * step if excess > 0 else 0
    return next((start for start in starts if sum(sizes[:start]) >= to_drop), len(sizes))
