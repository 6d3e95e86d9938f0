"""Finds what a wheel installed without importing the wheel."""

from importlib.util import find_spec
from pathlib import Path

from laptop.errors import EngineRefused


def folder_of(package: str) -> Path:
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise EngineRefused(f"The package {package} is not installed; run `make up` again.")
    return Path(spec.submodule_search_locations[0])
