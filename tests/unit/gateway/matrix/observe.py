"""Prints the table as the gateway answers now: `python -m tests.unit.gateway.matrix.observe`.

With a word: only the routes that hold it.

For whoever adds a route: read each cell before it goes into `table.txt`. The test judges by the
file, not by this.
"""

import sys
import tempfile
from pathlib import Path

from tests.support.engines import postgres_server
from tests.support.gateway import Databases
from tests.unit.gateway.matrix.table import Row, written
from tests.unit.gateway.matrix.test_matrix import asked, routes
from tests.unit.gateway.matrix.world import PEOPLE, a_world


def main() -> None:
    with (
        postgres_server() as postgres,
        tempfile.TemporaryDirectory() as folder,
        a_world(Databases(postgres).fresh(), Path(folder)) as world,
    ):
        wanted = [route for route in routes() if sys.argv[1:] == [] or sys.argv[1] in route[1]]
        for route in sorted(wanted, key=lambda route: (route[1], route[0])):
            found = {who: asked(world, route, who) for who in PEOPLE}
            remarks = {name: cell for name, (cell, _) in found.items() if len(cell) > 1}
            acts = sorted({act for cell, act in found.values() if cell == "o"})
            cells = {name: cell[0] for name, (cell, _) in found.items()}
            row = written(route, Row(cells, "|".join(acts) or "-"))
            sys.stdout.write(f"{row}  {remarks or ''}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
