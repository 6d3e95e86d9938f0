"""How many processor cores this installation may really use."""

import os
from pathlib import Path

CGROUP_LIMIT = Path("/sys/fs/cgroup/cpu.max")


def usable_cores(limit_file: Path = CGROUP_LIMIT) -> int:
    """Cores of this process; in a container its share, which the kernel keeps in `limit_file`."""
    cores = len(os.sched_getaffinity(0))
    try:
        quota, period = limit_file.read_text().split()
    except (OSError, ValueError):
        return cores
    return cores if quota == "max" else max(1, min(cores, int(quota) // int(period)))
