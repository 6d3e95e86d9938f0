"""Builds ONNX graphs piece by piece: each call adds nodes and answers with their output's name."""

from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

MICROSOFT = "com.microsoft"  # operators every ONNX Runtime has
OPSET, IR_VERSION = 20, 9

# Seven bits, not eight: without VNNI, AVX2 adds two products in sixteen bits and eight would
# overflow. So one file serves every machine, and its vectors may move between them.
LARGEST_WEIGHT = 63


class Graph:
    """Nodes and constants under construction."""

    def __init__(self) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._constants: dict[str, onnx.TensorProto] = {}

    def constant(self, name: str, value: NDArray[Any]) -> str:
        if name not in self._constants:
            self._constants[name] = numpy_helper.from_array(np.ascontiguousarray(value), name)
        return name

    def node(self, operator: str, inputs: list[str], output: str, **attributes: Any) -> str:
        return self.split_node(operator, inputs, [output], **attributes)[0]

    def split_node(
        self, operator: str, inputs: list[str], outputs: list[str], **attributes: Any
    ) -> list[str]:
        self._nodes.append(
            helper.make_node(operator, inputs, outputs, name=outputs[0], **attributes)
        )
        return outputs

    def quantised_linear(
        self, source: str, weights: NDArray[np.float32], bias: NDArray[np.float32], name: str
    ) -> str:
        """`source` times the transposed `weights` [out, in], in integers, plus `bias`."""
        scales = _scales(weights, LARGEST_WEIGHT)
        steps = np.rint(weights / scales[:, None]).astype(np.int8)
        inputs = [
            source,
            self.constant(f"{name}.w", steps.T),
            self.constant(f"{name}.s", scales),
            self.constant(f"{name}.z", np.zeros(len(weights), np.int8)),
            self.constant(f"{name}.b", bias),
        ]
        return self.node("DynamicQuantizeMatMul", inputs, f"{name}.y", domain=MICROSOFT)

    def quantised_rows(self, table: NDArray[np.float32], picks: str, name: str) -> str:
        """Rows of a large table kept in eight bits each, with a scale a row."""
        scales = _scales(table, 127)
        steps = np.rint(table / scales[:, None]).astype(np.int8)
        rows = self.node("Gather", [self.constant(name, steps), picks], f"{name}.q")
        scale = self.constant(f"{name}.s", scales[:, None])
        picked = self.node("Gather", [scale, picks], f"{name}.sq")
        floats = self.node("Cast", [rows], f"{name}.f", to=onnx.TensorProto.FLOAT)
        return self.node("Mul", [floats, picked], f"{name}.y")

    def model(self, inputs: list[str], output: str, width: int) -> onnx.ModelProto:
        shape = ["batch", "length"]
        takes = [
            helper.make_tensor_value_info(name, onnx.TensorProto.INT64, shape) for name in inputs
        ]
        gives = helper.make_tensor_value_info(output, onnx.TensorProto.FLOAT, [*shape, width])
        constants = list(self._constants.values())
        return helper.make_model(
            helper.make_graph(self._nodes, "encoder", takes, [gives], constants),
            opset_imports=[helper.make_opsetid("", OPSET), helper.make_opsetid(MICROSOFT, 1)],
            ir_version=IR_VERSION,
        )


def _scales(rows: NDArray[np.float32], largest: int) -> NDArray[np.float32]:
    peaks: NDArray[np.float32] = np.abs(rows).max(axis=1) / np.float32(largest)
    peaks[peaks == 0] = 1
    return peaks
