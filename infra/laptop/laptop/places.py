"""Where one installation keeps its files and listens: everything follows from home and offset."""

from dataclasses import dataclass
from pathlib import Path

FIRST_PORTS = {
    "web": 8000,
    "gateway": 8080,
    "retrieval": 8081,
    "inference": 8082,
    "llamacpp": 8083,  # inference's own child
    "vllm": 8084,
    "postgres": 54329,
    "valkey": 54379,
}


@dataclass(frozen=True)
class Place:
    """One installation on this machine."""

    home: Path
    offset: int

    def port(self, name: str) -> int:
        return FIRST_PORTS[name] + self.offset

    def address(self, name: str) -> str:
        return f"http://127.0.0.1:{self.port(name)}"

    def secret_file(self, purpose: str) -> Path:
        return self.home / "secrets" / purpose

    def log(self, name: str) -> Path:
        return self.home / "logs" / f"{name}.log"

    @property
    def state_file(self) -> Path:
        return self.home / "run" / "launcher.json"

    @property
    def lock_file(self) -> Path:
        return self.home / "run" / "launcher.lock"

    def folders(self) -> tuple[Path, ...]:
        names = ("secrets", "logs", "run", "blobs", "index", "models")
        return (self.home, *(self.home / name for name in names))
