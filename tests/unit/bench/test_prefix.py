"""What the prefix bench makes of the engine's counts."""

from prefix import Turn, best_of, order_of, passages_of

FIRST = Turn(prompt_tokens=900, cached_tokens=0, reusable_tokens=60)


def test_the_first_turn_has_nothing_to_reuse_and_does_not_count() -> None:
    order = order_of([FIRST, Turn(1_000, 500, 500), Turn(2_000, 1_000, 1_500)])

    assert order.reused_share == 1_500 / 2_000
    assert order.hit_rate == 1_500 / 3_000


def test_what_is_cached_of_the_newest_message_is_no_reuse() -> None:
    assert order_of([FIRST, Turn(1_000, 510, 500)]).reused_share == 1


def test_a_chat_of_one_turn_has_no_share() -> None:
    assert (order_of([FIRST]).reused_share, order_of([FIRST]).hit_rate) == (0, 0)


def test_paragraphs_stand_where_the_manual_has_them() -> None:
    manual = "Short.\n\n" + "Backups are made by night. " * 6 + "\n\n" + "Keys are revoked. " * 9
    passages = passages_of("a.md", manual)

    assert [manual[each.start : each.end] for each in passages] == [each.text for each in passages]
    assert len(passages) == 2
    assert [each.text[:7] for each in best_of(passages, "When are backups made?")] == ["Backups"]
