"""Writes the encoder straight as an int8 ONNX graph: torch and its exporter would take a minute."""

import math

import numpy as np
import onnx

from embedding.e5_file import E5File, Floats
from embedding.e5_outliers import loud_neurons
from embedding.graph_pieces import Graph

HIDDEN_MASK = -1e9


def encoder_graph(source: E5File) -> onnx.ModelProto:
    """`input_ids` and `attention_mask` in, `last_hidden_state` out, as a BertModel has them."""
    return _Encoder(source).build()


class _Encoder:
    """A BertModel of twelve layers; names follow the file's tensors."""

    def __init__(self, source: E5File) -> None:
        self._config = source.config
        self._tensors = source.tensors
        self._graph = Graph()
        self._loud = loud_neurons(source)

    def build(self) -> onnx.ModelProto:
        state = self._embeddings()
        mask = self._mask()
        for layer in range(self._config.layers):
            mixed = self._attention(f"l{layer}", state, mask)
            state = self._normalised(f"l{layer}.aln", state, mixed)
            inner = self._inner(layer, state)
            state = self._normalised(f"l{layer}.oln", state, inner)
        self._graph.node("Identity", [state], "last_hidden_state")
        inputs = ["input_ids", "attention_mask"]
        return self._graph.model(inputs, "last_hidden_state", self._config.width)

    def _embeddings(self) -> str:
        graph, width = self._graph, self._config.width
        table = self._tensors["emb.word"].reshape(-1, width)
        words = graph.quantised_rows(table, "input_ids", "emb.word")
        # Every token is of type 0, so that row is added to the positions beforehand.
        places = self._tensors["emb.pos"].reshape(-1, width) + self._tensors["emb.type"][:width]
        first, second = graph.constant("zero", _ints(0)), graph.constant("one", _ints(1))
        shape = graph.node("Shape", ["input_ids"], "shape")
        length = graph.node("Gather", [shape, second], "length", axis=0)
        positions = graph.node(
            "Slice", [graph.constant("emb.pos", places), first, length], "emb.pos.y"
        )
        return self._normalised("emb.ln", words, positions)

    def _mask(self) -> str:
        """Zero where there is a token, and far below every score where there is padding."""
        graph = self._graph
        there = graph.node("Cast", ["attention_mask"], "mask.f", to=onnx.TensorProto.FLOAT)
        one = graph.constant("mask.one", np.array(1, np.float32))
        absent = graph.node("Sub", [one, there], "mask.absent")
        low = graph.constant("mask.low", np.array(HIDDEN_MASK, np.float32))
        scores = graph.node("Mul", [absent, low], "mask.scores")
        return graph.node("Unsqueeze", [scores, graph.constant("axes", _ints(1, 2))], "mask")

    def _attention(self, layer: str, state: str, mask: str) -> str:
        graph, heads, width = self._graph, self._config.heads, self._config.width
        weights = np.concatenate([self._weights(f"{layer}.{part}", width) for part in "qkv"])
        bias = np.concatenate([self._tensors[f"{layer}.{part}.b"] for part in "qkv"])
        # Divide the queries beforehand: their scale is free, a node over all scores is not.
        weights[:width] /= math.sqrt(width // heads)
        bias[:width] /= math.sqrt(width // heads)
        joined = graph.quantised_linear(state, weights, bias, f"{layer}.qkv")
        thirds = graph.constant("thirds", _ints(width, width, width))
        names = [f"{layer}.{part}" for part in "qkv"]
        parts = graph.split_node("Split", [joined, thirds], names, axis=2)
        orders = ((0, 2, 1, 3), (0, 2, 3, 1), (0, 2, 1, 3))
        query, key, value = (
            self._heads(part, order) for part, order in zip(parts, orders, strict=True)
        )
        scores = graph.node("MatMul", [query, key], f"{layer}.scores")
        masked = graph.node("Add", [scores, mask], f"{layer}.masked")
        shares = graph.node("Softmax", [masked], f"{layer}.shares", axis=-1)
        mixed = graph.node("MatMul", [shares, value], f"{layer}.mixed")
        ordered = graph.node("Transpose", [mixed], f"{layer}.ordered", perm=(0, 2, 1, 3))
        rows = graph.constant("rows", _ints(0, 0, width))
        context = graph.node("Reshape", [ordered, rows], f"{layer}.context")
        return self._linear(context, f"{layer}.ao", width)

    def _heads(self, part: str, order: tuple[int, ...]) -> str:
        heads = self._config.heads
        shape = self._graph.constant("heads", _ints(0, 0, heads, self._config.width // heads))
        split = self._graph.node("Reshape", [part, shape], f"{part}.split")
        return self._graph.node("Transpose", [split], f"{part}.heads", perm=order)

    def _inner(self, layer: int, state: str) -> str:
        graph, name, loud = self._graph, f"l{layer}", self._loud[layer]
        inner = self._linear(state, f"{name}.fi", self._config.width)
        active = graph.node("Gelu", [inner], f"{name}.gelu")
        if loud is None:
            return self._linear(active, f"{name}.fo", self._config.inner_width)
        # The loud neuron goes round the integers: alone, in full precision.
        column = graph.constant(f"{name}.loud", _ints(loud))
        alone = graph.node("Gather", [active, column], f"{name}.alone", axis=2)
        row = self._weights(f"{name}.fo", self._config.inner_width)[:, loud][None, :]
        aside = graph.node(
            "MatMul", [alone, graph.constant(f"{name}.aside.w", row)], f"{name}.aside"
        )
        quiet = np.ones(self._config.inner_width, np.float32)
        quiet[loud] = 0
        calm = graph.node("Mul", [active, graph.constant(f"{name}.quiet", quiet)], f"{name}.calm")
        rest = self._linear(calm, f"{name}.fo", self._config.inner_width)
        return graph.node("Add", [rest, aside], f"{name}.whole")

    def _linear(self, source: str, name: str, inputs: int) -> str:
        bias = self._tensors[f"{name}.b"]
        return self._graph.quantised_linear(source, self._weights(name, inputs), bias, name)

    def _normalised(self, name: str, first: str, second: str) -> str:
        gain, bias = (
            self._graph.constant(f"{name}.{part}", self._tensors[f"{name}.{part}"]) for part in "wb"
        )
        total = self._graph.node("Add", [first, second], f"{name}.sum")
        epsilon = self._config.epsilon
        return self._graph.node(
            "LayerNormalization", [total, gain, bias], f"{name}.y", axis=-1, epsilon=epsilon
        )

    def _weights(self, name: str, inputs: int) -> Floats:
        return self._tensors[f"{name}.w"].reshape(-1, inputs)


def _ints(*values: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.array(values, np.int64)
