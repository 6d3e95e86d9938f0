"""What this machine's processor can do that decides how a model is run."""

from pathlib import Path

BF16_FLAGS = {"avx512_bf16", "amx_bf16"}


def has_native_bf16(cpu_facts: Path = Path("/proc/cpuinfo")) -> bool:
    """Without these instructions bf16 is about a hundred times slower than fp32."""
    try:
        lines = cpu_facts.read_text().splitlines()
    except OSError:
        return False
    flags = next((line for line in lines if line.startswith("flags")), "")
    return not BF16_FLAGS.isdisjoint(flags.partition(":")[2].split())
