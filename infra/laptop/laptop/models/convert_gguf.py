"""Turns a GGUF file into the plain Transformers folder that vLLM loads. Runs in `.venv-vllm` only.

The weights are those of the GGUF, de-quantised; tokenizer and chat template come along.
"""

import argparse
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import gguf  # type: ignore[import-not-found,unused-ignore]  # only in .venv-vllm
import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM, AutoTokenizer

# llama.cpp ends an answer at each of these, a GGUF names only one of them.
ENDS = ("<|im_end|>", "<|endoftext|>", "<|eot_id|>", "<end_of_turn>", "</s>")
TIED_TO_THE_EMBEDDING = "lm_head.weight"
TEMPLATE_FIELD = "tokenizer.chat_template"


class PlainReader(gguf.GGUFReader):  # type: ignore[misc,unused-ignore]
    """Slices a plain array: slicing a memory map a million times takes most of a minute."""

    @property
    def data(self) -> NDArray[Any]:
        return self._plain

    @data.setter
    def data(self, mapped: NDArray[Any]) -> None:
        self._plain = np.asarray(mapped)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--source", type=Path, required=True)
    parser.add_argument("--target", type=Path, required=True)
    parser.add_argument("--dtype", choices=("float32", "bfloat16"), required=True)
    asked = parser.parse_args(arguments)
    # Transformers asks for a reader four times, and each parses the whole file.
    gguf.GGUFReader = cache(PlainReader)
    convert(asked.source, asked.target, getattr(torch, asked.dtype))


def convert(source: Path, target: Path, dtype: torch.dtype) -> None:
    where: dict[str, Any] = {"gguf_file": source.name, "local_files_only": True}
    load_tokenizer: Callable[..., Any] = AutoTokenizer.from_pretrained
    tokenizer = load_tokenizer(source.parent, **where)
    _check_template(source, tokenizer.chat_template)
    # A folder of this machine, its file checked by hash: there is no revision to pin.
    model = AutoModelForCausalLM.from_pretrained(  # nosec B615
        source.parent, dtype=torch.float32, **where
    )
    config = model.config
    del config.quantization_config  # plain weights from here on
    config.dtype = dtype
    config.architectures = [type(model).__name__]
    generation: Any = model.generation_config
    generation.eos_token_id = _ends_of(tokenizer)
    left_out = {TIED_TO_THE_EMBEDDING} if config.tie_word_embeddings else set()
    weights = {
        name: tensor.to(dtype).contiguous()
        for name, tensor in model.state_dict().items()
        if name not in left_out
    }
    target.mkdir(parents=True)
    save_file(weights, target / "model.safetensors", metadata={"format": "pt"})
    config.save_pretrained(target)
    generation.save_pretrained(target)
    tokenizer.save_pretrained(target)


def _check_template(source: Path, template: str | None) -> None:
    field = gguf.GGUFReader(str(source)).fields.get(TEMPLATE_FIELD)
    if field is None or template != field.contents():
        raise SystemExit("its chat template did not come along")


def _ends_of(tokenizer: Any) -> list[int]:
    special = set(tokenizer.all_special_tokens) | set(tokenizer.added_tokens_encoder)
    found = {tokenizer.convert_tokens_to_ids(each) for each in ENDS if each in special}
    return sorted({tokenizer.eos_token_id, *found})


if __name__ == "__main__":
    main()
