"""Memory of a running Stoa as proportional set size, process by process.

`python bench/footprint.py --launcher PID [--json]`: everything below the launcher, itself included.
"""

import argparse
import json
import os
from pathlib import Path

PROC = Path("/proc")


def family(root: int) -> list[int]:
    """The process and all its descendants."""
    parents: dict[int, int] = {}
    for entry in PROC.iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text()
            except OSError:
                continue  # it ended while we looked
            parents[int(entry.name)] = int(stat.rpartition(")")[2].split()[1])
    found = [root]
    for pid in found:
        found.extend(child for child, parent in parents.items() if parent == pid)
    return found


def pss_bytes(pid: int) -> int:
    """Proportional set size: shared pages are divided among those who share them."""
    for line in (PROC / str(pid) / "smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    return 0


def name_of(pid: int) -> str:
    """The command, short."""
    words = (PROC / str(pid) / "cmdline").read_bytes().split(b"\0")
    return " ".join(Path(word.decode(errors="replace")).name for word in words if word)[:60]


def measure(root: int) -> list[dict[str, object]]:
    """One row a process, largest first."""
    rows = []
    for pid in family(root):
        try:
            rows.append({"pid": pid, "name": name_of(pid), "pss_bytes": pss_bytes(pid)})
        except OSError:
            continue  # it ended while we looked
    return sorted(rows, key=lambda row: -int(str(row["pss_bytes"])))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--launcher", type=int, required=True, help="the launcher's process id")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    rows = measure(arguments.launcher)
    total = sum(int(str(row["pss_bytes"])) for row in rows)
    load = os.getloadavg()
    if arguments.json:
        print(json.dumps({"total_pss_bytes": total, "load": load, "processes": rows}))
        return
    for row in rows:
        print(f"{int(str(row['pss_bytes'])) / 2**20:8.1f} MiB  {row['name']}")
    print(f"{total / 2**20:8.1f} MiB  in all, load {load[0]:.2f}")


if __name__ == "__main__":
    main()
