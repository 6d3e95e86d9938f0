"""Turns the 4-bit E5 file into a folder that SentenceTransformer(folder, backend="onnx") loads."""

import json
import shutil
from pathlib import Path

from contracts.passages import EmbeddingStamp
from embedding.e5_file import E5File, read_e5
from embedding.e5_graph import encoder_graph
from embedding.e5_tokenizer import write_tokenizer
from embedding.e5_weights import write_weights
from embedding.stamps import revision_of, write_stamp

CONVERSION = b"e5-int8-1"  # raise it when vectors change: every index is then made anew
GRAPH_DATA, MAPPED_BYTES = "model.onnx_data", 64 * 1024
QUESTION_PREFIX, PASSAGE_PREFIX = "query: ", "passage: "


def convert_e5(source: Path, target: Path, model_id: str, *, with_weights: bool = False) -> None:
    """Make `target` in one step, from a folder beside it: there is never half a model.

    with_weights: also 470 MB of full-precision weights, for backends other than ONNX.
    """
    file = read_e5(source)
    work = target.with_name(f".{target.name}.part")
    shutil.rmtree(work, ignore_errors=True)
    (work / "onnx").mkdir(parents=True)
    try:
        _write_graph(file, work / "onnx")
        write_tokenizer(file, work)
        _write_settings(file, work)
        if with_weights:
            write_weights(file, work)
        prefixes = f"{QUESTION_PREFIX}|{PASSAGE_PREFIX}".encode()
        revision = revision_of(source.read_bytes(), CONVERSION, prefixes)
        dimension = file.config.width
        write_stamp(work, EmbeddingStamp(model_id=model_id, dimension=dimension, revision=revision))
        shutil.rmtree(target, ignore_errors=True)
        work.rename(target)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _write_graph(source: E5File, folder: Path) -> None:
    """Weights lie beside the graph: processes map that file and share its pages."""
    import onnx

    onnx.save_model(
        encoder_graph(source),
        folder / "model.onnx",
        save_as_external_data=True,
        location=GRAPH_DATA,
        size_threshold=MAPPED_BYTES,
    )
    (folder / GRAPH_DATA).chmod(0o644)  # onnx makes it private, unlike its neighbours


def _write_settings(source: E5File, folder: Path) -> None:
    config = source.config
    package = "sentence_transformers.models"
    modules = [
        {"idx": 0, "name": "0", "path": "", "type": f"{package}.Transformer"},
        {"idx": 1, "name": "1", "path": "1_Pooling", "type": f"{package}.Pooling"},
        {"idx": 2, "name": "2", "path": "2_Normalize", "type": f"{package}.Normalize"},
    ]
    bert = {
        "architectures": ["BertModel"],
        "model_type": "bert",
        "hidden_size": config.width,
        "num_hidden_layers": config.layers,
        "num_attention_heads": config.heads,
        "intermediate_size": config.inner_width,
        "vocab_size": config.words,
        "max_position_embeddings": config.positions,
        "type_vocab_size": config.token_types,
        "layer_norm_eps": config.epsilon,
        "pad_token_id": source.special["<pad>"],
        "torch_dtype": "float32",
        # Unless a version up to 4.57.2 stands here, transformers 4.57 takes every tokenizer for
        # Mistral's faulty one.
        "transformers_version": "4.57.1",
    }
    prompts = {"query": QUESTION_PREFIX, "document": PASSAGE_PREFIX}
    _write(folder / "config.json", bert)
    _write(folder / "modules.json", modules)
    _write(folder / "config_sentence_transformers.json", {"prompts": prompts})
    _write(folder / "sentence_bert_config.json", {"max_seq_length": config.positions})
    pooling = {"word_embedding_dimension": config.width, "pooling_mode_mean_tokens": True}
    _write(folder / "1_Pooling" / "config.json", pooling)
    (folder / "2_Normalize").mkdir()


def _write(path: Path, content: object) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(content, indent=2) + "\n", "utf-8")
