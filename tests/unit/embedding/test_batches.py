"""Texts of similar length share a batch."""

from embedding.batches import batches_by_length


def test_every_text_is_in_one_batch() -> None:
    lengths = [5, 300, 17, 512, 1, 1, 80, 300]
    batches = list(batches_by_length(lengths, 600))

    assert sorted(position for batch in batches for position in batch) == list(range(8))


def test_padding_counts_towards_the_limit() -> None:
    lengths = [100, 10, 10, 10]

    assert list(batches_by_length(lengths, 200)) == [[0, 1], [2, 3]]


def test_a_text_longer_than_the_limit_travels_alone() -> None:
    assert list(batches_by_length([900, 10], 500)) == [[0], [1]]


def test_no_texts_make_no_batch() -> None:
    assert list(batches_by_length([], 500)) == []
