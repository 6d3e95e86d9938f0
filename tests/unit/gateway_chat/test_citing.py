"""A citing writer: markers, annotations and quotes, however the text arrives."""

import itertools
from collections.abc import AsyncIterator

import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.clients.retrieval import RetrievalClient
from contracts.principal import Principal
from gateway.citations.rules.silence import Silence
from gateway.citations.service import CitationService, CitingWriter
from runtime.outgoing import known_authorities
from tests.unit.gateway_chat.passages import LEAVE, LEAVE_ZH, TRAVEL, passage

ANSWER = (
    "Here is what the handbook says:\n\n- Annual leave is 25 days a year [3].\n"
    "- Taxis are repaid only between 22:00 and 6:00.\n\nThe moon is made of cheese. "
    "Part-time staff get leave in proportion to their hours."
)
MARKED = (
    "Here is what the handbook says:\n\n- Annual leave is 25 days a year. [1]\n"
    "- Taxis are repaid only between 22:00 and 6:00. [2]\n\nThe moon is made of cheese. "
    "Part-time staff get leave in proportion to their hours. [1]"
)
PASSAGES = (passage(LEAVE, "a"), passage(TRAVEL, "b"), passage(LEAVE_ZH, "c"))
WORDS = ("The documents do not say.", "文档中没有提到。")


@pytest.fixture
async def citations() -> AsyncIterator[CitationService]:
    # Nobody listens there: words must do, as they must when retrieval is away.
    async with httpx2.AsyncClient(
        base_url="http://127.0.0.1:9", timeout=1, verify=known_authorities()
    ) as http:
        yield CitationService(RetrievalClient(http, lambda _: "token"))


def writer_of(
    citations: CitationService,
    *,
    is_strict: bool = False,
    question: str = "How much leave is there?",
) -> CitingWriter:
    silence = Silence(words=WORDS, shown=WORDS[0], is_strict=is_strict)
    passages = PASSAGES[:2] if is_strict else PASSAGES
    return citations.writer(Principal(), [(each,) for each in passages], silence, question)


async def written(writer: CitingWriter, *pieces: str) -> str:
    shown = [await writer.write(piece) for piece in pieces]
    return "".join(shown) + await writer.finish()


async def test_each_supported_sentence_is_marked(citations: CitationService) -> None:
    assert await written(writer_of(citations), ANSWER) == MARKED


async def test_quotes_are_verbatim_and_places_are_right(citations: CitationService) -> None:
    writer = writer_of(citations)
    content = await written(writer, ANSWER)
    by_id = {each.passage_id: each for each in PASSAGES}

    assert [each.index for each in writer.annotations] == [1, 2, 1]
    for annotation in writer.annotations:
        citation = annotation.file_citation
        source = by_id[citation.passage_id]
        local = slice(citation.start - source.start, citation.end - source.start)
        marker = content[annotation.start_index : annotation.end_index]
        assert (source.text[local], marker) == (citation.quote, f"[{annotation.index}]")


@settings(deadline=None, max_examples=40)
@given(cuts=st.lists(st.integers(0, len(ANSWER)), max_size=12))
async def test_pieces_do_not_matter(cuts: list[int]) -> None:
    async with httpx2.AsyncClient(
        base_url="http://127.0.0.1:9", timeout=1, verify=known_authorities()
    ) as http:
        citations = CitationService(RetrievalClient(http, lambda _: "token"))
        borders = [0, *sorted(cuts), len(ANSWER)]
        pieces = [ANSWER[a:b] for a, b in itertools.pairwise(borders)]

        assert await written(writer_of(citations), *pieces) == MARKED


LEAVE_AGAIN = "For full-time staff annual leave is 25 days a year, says the works council."


@pytest.mark.parametrize(
    ("marker", "cited"),
    [
        ("[2]", ["psg_d_100"]),  # another passage supports it as well: it stays
        ("【2†council】", ["psg_d_100"]),
        ("[1][2]", ["psg_a_100", "psg_d_100"]),
        ("[3]", ["psg_a_100"]),  # it says nothing of the kind: moved to the best
        ("[9]", ["psg_a_100"]),  # there is no such passage
        ("", ["psg_a_100"]),
    ],
)
async def test_a_models_own_marker_is_checked_like_any_other(
    citations: CitationService, marker: str, cited: list[str]
) -> None:
    passages = [passage(LEAVE, "a"), passage(LEAVE_AGAIN, "d"), passage(TRAVEL, "b")]
    silence = Silence(words=WORDS, shown=WORDS[0])
    writer = citations.writer(
        Principal(), [(each,) for each in passages], silence, "How much leave is there?"
    )
    await written(writer, f"Annual leave is 25 days a year for full-time staff{marker}.")

    assert sorted(each.file_citation.passage_id for each in writer.annotations) == cited


async def test_a_marker_of_merged_passages_means_the_one_that_supports_the_sentence(
    citations: CitationService,
) -> None:
    blocks = [(passage(TRAVEL, "b"),), (passage(LEAVE_ZH, "c"), passage(LEAVE, "a"))]
    silence = Silence(words=WORDS, shown=WORDS[0])
    writer = citations.writer(Principal(), blocks, silence, "How much leave is there?")
    await written(writer, "Annual leave is 25 days a year for full-time staff [2].")

    assert [each.file_citation.passage_id for each in writer.annotations] == ["psg_a_100"]


async def test_a_marker_that_nothing_supports_is_removed(citations: CitationService) -> None:
    writer = writer_of(citations)

    assert await written(writer, "The moon is made of cheese [1].") == "The moon is made of cheese."
    assert writer.annotations == []


async def test_a_number_that_stands_nowhere_is_flagged(citations: CitationService) -> None:
    writer = writer_of(citations)
    content = await written(
        writer, "- Leave is 25 days.\n- 年假是 33 天。\n- It pays 77 euros [2]!"
    )
    flagged = [content[each.start_index : each.end_index] for each in writer.unsupported]

    assert flagged == ["年假是 33 天。", "It pays 77 euros!"]


async def test_without_embeddings_nothing_is_flagged_for_its_meaning(
    citations: CitationService,
) -> None:
    writer = writer_of(citations)
    await written(writer, "The moon is made of green cheese.")

    assert writer.unsupported == []


async def test_without_passages_every_claim_is_flagged(citations: CitationService) -> None:
    silence = Silence(words=WORDS, shown=WORDS[0], ends_answer=False)
    writer = citations.writer(Principal(), (), silence, "What is the moon made of?")
    content = await written(writer, f"{WORDS[0]} The moon is made of green cheese.")
    flagged = [content[each.start_index : each.end_index] for each in writer.unsupported]

    assert flagged == ["The moon is made of green cheese."]


async def test_a_full_width_stop_needs_no_blank(citations: CitationService) -> None:
    assert await written(writer_of(citations), "全职员工每年享有25天年假。请注意。") == (
        "全职员工每年享有25天年假。[1]请注意。"
    )


async def test_silence_is_said_in_the_words_for_the_question(
    citations: CitationService,
) -> None:
    writer = writer_of(citations)
    content = await written(writer, "文档中没有", "提到。但是……")

    assert (content, writer.is_silent, writer.annotations) == (WORDS[0], True, [])


async def test_a_small_model_that_makes_things_up_is_not_shown(
    citations: CitationService,
) -> None:
    writer = writer_of(citations, is_strict=True)

    assert await written(writer, "The chief executive ", "is John Doe. He is nice.") == WORDS[0]


async def test_a_small_model_that_reads_is_shown(citations: CitationService) -> None:
    content = await written(writer_of(citations, is_strict=True), "Leave is 25 days a year.")

    assert content == "Leave is 25 days a year. [1]"


@pytest.mark.parametrize(
    ("question", "answer", "shown"),
    [
        ("How many days of annual leave are there a year?", "25.", "25. [1]"),
        ("What does a taxi to the moon cost?", "25.", "25."),
        ("How often does the committee meet?", "handbook", "handbook"),
    ],
)
async def test_a_short_answer_is_judged_together_with_its_question(
    citations: CitationService, question: str, answer: str, shown: str
) -> None:
    assert await written(writer_of(citations, question=question), answer) == shown


async def test_a_small_models_short_answer_to_something_else_is_not_shown(
    citations: CitationService,
) -> None:
    writer = writer_of(citations, is_strict=True, question="How many moons orbit Jupiter?")

    assert await written(writer, "6") == WORDS[0]


async def test_a_small_models_invented_number_is_not_shown_in_any_language(
    citations: CitationService,
) -> None:
    silence = Silence(words=WORDS, shown=WORDS[1], is_strict=True)
    question = "打车的费用上限是多少?"
    writer = citations.writer(Principal(), [(each,) for each in PASSAGES], silence, question)

    assert await written(writer, "打车的费用上限是999元。") == WORDS[1]
