"""A process that writes to an index and says so after each write, until it is killed.

python edge_writer.py FOLDER
"""

import asyncio
import sys
from pathlib import Path

from contracts.passages import EmbeddingStamp
from retrieval.adapters.vectors_qdrant_edge import open_edge
from tests.support.retrieval import batch_of

STAMP = EmbeddingStamp(model_id="tiny/compass", dimension=4, revision="0123456789abcdef")
BATCH = 50


async def write(folder: Path) -> None:
    async with open_edge(folder, STAMP) as store:
        for number in range(1_000_000):
            await store.put("ws_ada", batch_of(STAMP, f"v{number}", [[1.0, 0.0, 0.0, 0.0]] * BATCH))
            if number % 3 == 0:
                await store.reveal("ws_ada", f"v{number}", 1)
            sys.stdout.write(f"{number}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(write(Path(sys.argv[1])))
