"""What an operator may set about models. No pydantic here: this runs before it is installed."""

import os
import re
from dataclasses import dataclass, field
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[4]
CATALOGUE = REPOSITORY / "services" / "inference" / "inference" / "models"
PATHS_PREFIX = "STOA_MODEL_PATHS__"


@dataclass(frozen=True)
class ModelSettings:
    """STOA_HOME, STOA_MODEL_PATHS__<ID> (an operator's own files), HF_ENDPOINT (a hub)."""

    home: Path
    hub_url: str
    paths: dict[str, Path] = field(default_factory=dict)

    def path_for(self, model_id: str) -> Path | None:
        return self.paths.get(variable_name(model_id))


def variable_name(model_id: str) -> str:
    """`qwen2.5-coder` is QWEN2_5_CODER in a variable's name."""
    return re.sub(r"[^A-Z0-9]+", "_", model_id.upper())


def read_settings() -> ModelSettings:
    environment = os.environ  # noqa: TID251 - this is a settings module
    paths = {
        name.removeprefix(PATHS_PREFIX): Path(value).expanduser().resolve()
        for name, value in environment.items()
        if name.startswith(PATHS_PREFIX) and value
    }
    return ModelSettings(
        home=Path(environment.get("STOA_HOME") or REPOSITORY / "var").expanduser().resolve(),
        hub_url=(environment.get("HF_ENDPOINT") or "https://huggingface.co").rstrip("/"),
        paths=paths,
    )


def pip_environment(temporary: Path) -> dict[str, str]:
    """The caller's own environment, pip's configuration included; its temporary folder moves."""
    return {**os.environ, "TMPDIR": str(temporary)}  # noqa: TID251 - this is a settings module
