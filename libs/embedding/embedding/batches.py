"""Groups texts of similar length, so that little of a batch is padding and none is too large."""

from collections.abc import Iterator


def batches_by_length(lengths: list[int], limit_tokens: int) -> Iterator[list[int]]:
    """Positions in `lengths`, longest first; rows times the longest row stays within the limit.

    Equal lengths keep their order, so the same texts always meet in the same batches.
    """
    order = sorted(range(len(lengths)), key=lambda position: -lengths[position])
    batch: list[int] = []
    for position in order:
        if batch and (len(batch) + 1) * lengths[batch[0]] > limit_tokens:
            yield batch
            batch = []
        batch.append(position)
    if batch:
        yield batch
