"""Writes the tokenizer that belongs to the E5 file, as a plain Transformers folder has it."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

from embedding.e5_file import E5File

if TYPE_CHECKING:
    from tokenizers import Tokenizer  # type: ignore[import-untyped]

# NFKC would make a full-width tilde an ASCII one; the model was trained without that, and Chinese
# text is full of them. A private-use character carries it through.
WAVE, CARRIER = "～", "\ue83a"


def write_tokenizer(source: E5File, folder: Path) -> None:
    _tokenizer(source).save(str(folder / "tokenizer.json"))
    named = {"bos": "<s>", "eos": "</s>", "cls": "<s>", "sep": "</s>", "pad": "<pad>"}
    tokens = {f"{name}_token": token for name, token in named.items()} | {"unk_token": "<unk>"}
    settings = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_input_names": ["input_ids", "attention_mask"],
        "model_max_length": source.config.positions,
        "clean_up_tokenization_spaces": False,
        **tokens,
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(settings, indent=2), "utf-8")
    (folder / "special_tokens_map.json").write_text(json.dumps(tokens, indent=2), "utf-8")


def _tokenizer(source: E5File) -> "Tokenizer":
    from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers
    from tokenizers.processors import TemplateProcessing  # type: ignore[import-untyped]

    unigram = models.Unigram(source.pieces, unk_id=source.special["<unk>"], byte_fallback=False)
    tokenizer = Tokenizer(unigram)
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.Replace(WAVE, CARRIER),
            normalizers.Nmt(),
            normalizers.NFKC(),
            normalizers.Replace(CARRIER, WAVE),
            normalizers.Replace(Regex(" {2,}"), " "),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    tokenizer.decoder = decoders.Metaspace(prepend_scheme="always")
    tokenizer.post_processor = TemplateProcessing(
        single="<s> $A </s>",
        special_tokens=[(token, source.special[token]) for token in ("<s>", "</s>")],
    )
    tokenizer.add_special_tokens(["<s>", "<pad>", "</s>", "<unk>", "<mask>"])
    return tokenizer
