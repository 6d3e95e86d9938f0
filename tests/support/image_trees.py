"""What an image would hold, built in a folder: the files of its COPY lines, its own packages only.

tree = ImageTree(read_dockerfile(ROOT / "web/Dockerfile"), tmp_path)
tree.run("import web.__main__")     # a process that sees nothing else
"""

import importlib.metadata
import json
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.support.compose import ROOT, Dockerfile

_REQUIREMENTS = re.compile(r"-r (requirements/\S+\.txt)")
_IN_THE_IMAGE = """
import json, sys
order = json.loads(sys.stdin.read())
# The development environment knows where the repository's own packages lie; an image does not.
outside = [place for place in sys.path if not place.startswith(order["root"])]
sys.path[:] = [*order["paths"], *outside, order["packages"]]

class Foreign:
    def find_spec(self, name, path=None, target=None):
        if path is None and name in order["foreign"]:
            raise ModuleNotFoundError(f"No module named {name!r} in this image", name=name)

sys.meta_path.insert(0, Foreign())
exec(order["code"])
"""


class ImageTree:
    """An image's own files in a folder, and the packages its requirements name."""

    def __init__(self, dockerfile: Dockerfile, folder: Path) -> None:
        self._folder = folder
        self.final = dockerfile.final
        packages = next(stage for stage in dockerfile.stages if stage.name == "packages")
        (folder / "build").mkdir(parents=True)
        self._copy(packages.copies, folder / "build")
        self._copy(self.final.copies, folder)
        [requirements] = _REQUIREMENTS.findall(" ".join(packages.runs))
        self._requirements = folder / "build" / requirements

    def python_path(self) -> list[str]:
        places = self.final.environment["PYTHONPATH"].split(":")
        return [str(self._inside(place)) for place in places]

    @property
    def work_folder(self) -> Path:
        """Its WORKDIR."""
        return self._inside("/app")

    def run(self, code: str) -> subprocess.CompletedProcess[str]:
        """Run Python code with this image's modules and no others."""
        foreign = set(_owners()) - _modules_of(_installed(self._requirements))
        order = {
            "code": code,
            "root": str(ROOT),
            "paths": self.python_path(),
            "packages": sysconfig.get_path("purelib"),
            "foreign": sorted(foreign),
        }
        return subprocess.run(
            [sys.executable, "-I", "-c", _IN_THE_IMAGE],
            input=json.dumps(order),
            capture_output=True,
            text=True,
            timeout=120,
            env={"PATH": "/usr/bin:/bin", "HOME": str(self._folder), "OMP_NUM_THREADS": "1"},
            check=False,
        )

    def _copy(self, copies: list[tuple[str, str]], where: Path) -> None:
        for source, target in copies:
            origin = ROOT / source
            place = self._inside(target) if target.startswith("/") else where / target
            if origin.is_dir():
                ignore = shutil.ignore_patterns("__pycache__", "*.mo")
                shutil.copytree(origin, place, dirs_exist_ok=True, ignore=ignore)
            else:
                place.mkdir(parents=True, exist_ok=True)
                shutil.copy(origin, place)

    def _inside(self, place: str) -> Path:
        return self._folder / place.lstrip("/")


def _installed(requirements: Path) -> set[str]:
    """The distributions that pip would install for a file of requirements, by canonical name."""
    wanted: set[tuple[str, str]] = set()
    waiting = [(each, extra) for each in _read(requirements) for extra in _extras(each)]
    while waiting:
        requirement, extra = waiting.pop()
        name = canonicalize_name(requirement.name)
        if (name, extra) in wanted:
            continue
        wanted.add((name, extra))
        needs = [Requirement(each) for each in importlib.metadata.requires(name) or []]
        waiting += [
            (need, found)
            for need in needs
            if need.marker is None or need.marker.evaluate({"extra": extra})
            for found in _extras(need)
        ]
    return {name for name, _ in wanted}


def _extras(requirement: Requirement) -> list[str]:
    return ["", *requirement.extras]


def _read(path: Path) -> list[Requirement]:
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        bare = line.partition("#")[0].strip()
        if bare.startswith("-r "):
            found += _read(path.parent / bare.removeprefix("-r "))
        elif bare:
            found.append(Requirement(bare))
    return found


@cache
def _owners() -> Mapping[str, list[str]]:
    return importlib.metadata.packages_distributions()


def _modules_of(distributions: set[str]) -> set[str]:
    return {
        module
        for module, owners in _owners().items()
        if {canonicalize_name(owner) for owner in owners} & distributions
    }
