"""`python -m embedding.convert --source e5-small-q4.bin --target DIR`: done once per machine."""

import argparse
import sys
from pathlib import Path

from embedding.convert_e5 import convert_e5
from embedding.e5_file import NotAnE5File


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m embedding.convert", description=__doc__)
    parser.add_argument("--source", type=Path, required=True, help="the fetched model file")
    parser.add_argument("--target", type=Path, required=True, help="the folder to make")
    parser.add_argument("--model-id", default="multilingual-e5-small")
    parser.add_argument("--with-weights", action="store_true", help="full-precision weights too")
    asked = parser.parse_args(arguments)
    try:
        convert_e5(asked.source, asked.target, asked.model_id, with_weights=asked.with_weights)
    except (NotAnE5File, OSError) as refusal:
        sys.stderr.write(f"{refusal}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
