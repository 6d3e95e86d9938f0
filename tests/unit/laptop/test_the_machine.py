"""Cores, ports, folders, models: what the launcher finds out before it starts anything."""

import json
import os
import socket
import stat
from pathlib import Path

import pytest

from laptop.cores import usable_cores
from laptop.errors import AlreadyRunning, HomeUnusable, PortTaken
from laptop.home import check_ports, make_home
from laptop.models_ahead import default_chat_model
from laptop.places import FIRST_PORTS, Place
from laptop.process_table import start_ticks
from laptop.state import LauncherState, my_state, only_one, read_state, tail, write_state
from tests.support.engines import free_port


@pytest.fixture
def place(tmp_path: Path) -> Place:
    place = Place(tmp_path / "home", 0)
    make_home(place)
    return place


def test_small_machines_get_the_small_model() -> None:
    assert default_chat_model(cores=2) == "qwen2.5-coder-0.5b-instruct"
    assert default_chat_model(cores=8) == "qwen2.5-coder-1.5b-instruct"


def test_a_containers_share_counts_as_its_cores(tmp_path: Path) -> None:
    (tmp_path / "cpu.max").write_text("100000 100000\n")

    assert usable_cores(tmp_path / "cpu.max") == 1


def test_without_a_limit_all_cores_count(tmp_path: Path) -> None:
    (tmp_path / "cpu.max").write_text("max 100000\n")

    assert usable_cores(tmp_path / "cpu.max") == len(os.sched_getaffinity(0))
    assert usable_cores(tmp_path / "missing") == len(os.sched_getaffinity(0))


def test_the_home_is_private(place: Place) -> None:
    modes = {stat.S_IMODE(folder.stat().st_mode) for folder in place.folders()}

    assert modes == {stat.S_IRWXU}


def test_a_home_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(HomeUnusable, match=r"Not a directory.*set STOA_HOME to another folder"):
        make_home(Place(tmp_path / "file" / "home", 0))


def test_a_taken_port_is_named_with_its_setting() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        place = Place(Path("/nowhere"), port - FIRST_PORTS["gateway"])

        with pytest.raises(PortTaken, match=rf"Port {port}, which gateway .* STOA_PORT_OFFSET"):
            check_ports(place, ["gateway"])


def test_a_free_port_is_no_reason_to_refuse() -> None:
    check_ports(Place(Path("/nowhere"), free_port() - FIRST_PORTS["web"]), ["web"])


def test_a_state_file_of_a_dead_process_counts_as_dead(place: Place) -> None:
    mine = my_state(offset=3)
    write_state(place, mine)
    found = read_state(place)
    assert found is not None
    assert found.is_alive()

    found.ticks -= 1  # the same number, given to another process later

    assert not found.is_alive()


def test_half_a_state_file_is_none(place: Place) -> None:
    place.state_file.write_text(json.dumps({"pid": 1})[:-3])

    assert read_state(place) is None


def test_an_ended_process_has_no_start() -> None:
    assert not LauncherState(pid=2**22 + 1, ticks=5, offset=0).is_alive()
    assert start_ticks(os.getpid()) is not None


def test_one_home_has_one_launcher(place: Place) -> None:
    with only_one(place), pytest.raises(AlreadyRunning), only_one(place):
        pass


def test_the_end_of_a_log_is_read(place: Place) -> None:
    place.log("web").write_text("one\ntwo\nthree\n")

    assert tail(place.log("web"), 2) == ["two", "three"]
    assert tail(place.log("beat"), 2) == []
