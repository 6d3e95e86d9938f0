"""`python -m laptop.models list|fetch|verify`: what `make models` runs."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from laptop.models.catalogue import ModelEntry, entry_named, read_catalogue
from laptop.models.conversion import embedding_folder
from laptop.models.errors import ModelUnavailable
from laptop.models.fetching import fetch, is_present
from laptop.models.settings import read_settings
from laptop.models.stamps import hash_of
from laptop.models.terminal_progress import terminal_progress

Verb = Callable[[list[ModelEntry], Path], bool]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m laptop.models", description=__doc__)
    parser.add_argument("verb", choices=tuple(VERBS), help="what to do")
    parser.add_argument("ids", nargs="*", help="models; all of the catalogue when none is named")
    asked = parser.parse_args(arguments)
    try:
        entries = [entry_named(each) for each in asked.ids] or list(read_catalogue().values())
        return 0 if VERBS[asked.verb](entries, read_settings().home) else 1
    except ModelUnavailable as refusal:
        print(refusal, file=sys.stderr)
        return 1


def list_models(entries: list[ModelEntry], home: Path) -> bool:
    for entry in entries:
        state = "here" if is_present(entry, home / "models") else "not fetched"
        print(f"{entry.id}  [{entry.kind}]  {state}")
        print(f"  licence {entry.licence}")
        print(f"  size {entry.size_bytes:,} bytes, {entry.download_bytes:,} to download")
        print(f"  sha256 {entry.sha256}")
    return True


def fetch_models(entries: list[ModelEntry], home: Path) -> bool:
    with terminal_progress() as progress:
        for entry in entries:
            fetch(entry, home, progress)
            if entry.kind == "embedding":
                embedding_folder(entry, home, progress)
    return True


def verify_models(entries: list[ModelEntry], home: Path) -> bool:
    """Hash every fetched model again; those that were never fetched are no fault."""
    verdicts = [_verify(entry, home / "models" / entry.id / entry.file) for entry in entries]
    return all(verdicts)


def _verify(entry: ModelEntry, path: Path) -> bool:
    path = read_settings().path_for(entry.id) or path
    if not path.exists():
        print(f"{entry.id}: not fetched")
        return True
    is_right = hash_of(path) == entry.sha256
    print(f"{entry.id}: {'the bytes are right' if is_right else 'BROKEN, fetch it again'}")
    return is_right


VERBS: dict[str, Verb] = {"list": list_models, "fetch": fetch_models, "verify": verify_models}

if __name__ == "__main__":
    sys.exit(main())
