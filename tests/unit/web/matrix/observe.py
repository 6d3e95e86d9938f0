"""Prints the table as web answers now: `python -m tests.unit.web.matrix.observe [WORD]`.

For whoever adds a page: read each cell before it goes into `table.txt`. The test judges by the
file, not by this.
"""

import sys
import tempfile
from pathlib import Path

from tests.support.engines import postgres_server
from tests.support.gateway import Databases
from tests.unit.web.matrix.stage import PEOPLE, a_stage
from tests.unit.web.matrix.table import written
from tests.unit.web.matrix.test_web_matrix import asked, rows


def main() -> None:
    with (
        postgres_server() as postgres,
        tempfile.TemporaryDirectory() as folder,
        a_stage(Databases(postgres).fresh(), Path(folder)) as stage,
    ):
        for row in sorted(rows(), key=lambda row: (row[1], row[0])):
            if sys.argv[1:] and sys.argv[1] not in row[1]:
                continue
            cells = {who: asked(stage, row, who) for who in PEOPLE}
            sys.stdout.write(written(row, cells) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
