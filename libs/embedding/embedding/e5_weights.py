"""Writes the encoder in full precision, as any BertModel stores it."""

from pathlib import Path

from embedding.e5_file import E5File

EMBEDDING_NAMES = {
    "emb.word": "embeddings.word_embeddings.weight",
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}
LAYER_NAMES = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
SUFFIXES = {"w": "weight", "b": "bias"}


def write_weights(source: E5File, folder: Path) -> None:
    from safetensors.numpy import save_file

    tensors = {}
    for name, values in source.tensors.items():
        is_matrix = name in ("emb.word", "emb.pos", "emb.type") or (
            name.endswith(".w") and ".aln" not in name and ".oln" not in name and ".ln" not in name
        )
        inputs = source.config.inner_width if ".fo." in name else source.config.width
        tensors[_bert_name(name)] = values.reshape(-1, inputs) if is_matrix else values
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})


def _bert_name(name: str) -> str:
    if name in EMBEDDING_NAMES:
        return EMBEDDING_NAMES[name]
    layer, part, suffix = name.split(".")
    return f"encoder.layer.{layer.removeprefix('l')}.{LAYER_NAMES[part]}.{SUFFIXES[suffix]}"
