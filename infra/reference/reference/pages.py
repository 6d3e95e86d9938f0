"""The generated pages: settings, error codes, endpoints, metrics."""

import importlib
import inspect
import types
from collections.abc import Iterator
from typing import Annotated, Any, get_args, get_origin

from fastapi import FastAPI
from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined
from pydantic_settings import BaseSettings

from reference.error_codes import ErrorCode, error_codes
from runtime.metrics import Declared, declared
from runtime.problems import HTTP_STATUS
from runtime.settings import SharedSettings

SERVICES = ("gateway", "retrieval", "inference", "ingest", "web")
_METRIC_SECTIONS = ("every HTTP process", "gateway", "retrieval", "inference", "ingest")
_HEAD = "<!-- Made from the code by `make docs`; a test holds it against the code. -->\n"


def all_pages() -> dict[str, str]:
    """File name under docs/ -> text."""
    return {
        "configuration.md": configuration_page(),
        "errors.md": errors_page(),
        "endpoints.md": endpoints_page(),
        "metrics.md": metrics_page(),
    }


def configuration_page() -> str:
    """Every setting: variable, type, default."""
    parts = [
        _HEAD,
        "# Configuration\n",
        "Every process reads the environment once, at start; a wrong value is named in one "
        "sentence and the process ends. On a laptop `make up` sets all of it. Each variable may "
        "come from a file: `NAME_FILE=/path` stands for `NAME` with the content of the file.\n",
        _settings_table("All processes", SharedSettings),
    ]
    parts += [_settings_table(name.capitalize(), *_settings_of(name)) for name in SERVICES]
    return "\n".join(parts)


def errors_page() -> str:
    """Every error code: status, type, and the fact it stands for."""
    rows = [_error_row(error) for error in error_codes()]
    table = ["| code | status | type | fact |", "|---|---|---|---|", *rows]
    text = "Failed calls answer `{error: {message, type, param, code}, request_id}`."
    return "\n".join([_HEAD, "# Errors\n", f"{text}\n", *table, ""])


def endpoints_page() -> str:
    """Every route of the gateway's public API."""
    from gateway.main import build_app  # needs no settings until it is wired
    from gateway.settings import Settings

    shared = SharedSettings(service_secret=SecretStr("for reading routes only, never served"))
    app = build_app(Settings(database_url=SecretStr("postgresql+asyncpg://"), shared=shared))
    rows = sorted(_endpoint_rows(app))
    table = ["| path | method | does |", "|---|---|---|", *rows]
    return "\n".join([_HEAD, "# Endpoints of the gateway\n", *table, ""])


def metrics_page() -> str:
    """Every metric: name, type, labels, meaning, by the process that has it."""
    for service in _METRIC_SECTIONS[1:]:
        importlib.import_module(f"{service}.metrics")
    parts = [
        _HEAD,
        "# Metrics\n",
        "`GET /metrics` of web, gateway, retrieval and inference, and of worker and beat when "
        "`INGEST_METRICS_PORT` is set. Beside these each process has Prometheus' own `process_*` "
        "and `python_*`. Labels are bounded: routes are templates, never addresses with ids.\n",
    ]
    # Modules may have been loaded in any order before; the page has one.
    for service in sorted({each.service for each in declared}, key=_METRIC_SECTIONS.index):
        rows = [_metric_row(each) for each in declared if each.service == service]
        title = service[0].upper() + service[1:]
        head = ["| metric | type | labels | meaning |", "|---|---|---|---|"]
        parts.append("\n".join([f"## {title}\n", *head, *rows, ""]))
    return "\n".join(parts)


def _metric_row(each: Declared) -> str:
    labels = ", ".join(f"`{label}`" for label in each.labels)
    return f"| `{each.name}` | {each.kind} | {labels} | {each.meaning} |"


def _settings_of(service: str) -> list[type[BaseSettings]]:
    """The settings classes a service defines itself, in the order of their names."""
    module = importlib.import_module(f"{service}.settings")
    return [
        kind
        for _, kind in inspect.getmembers(module, inspect.isclass)
        if issubclass(kind, BaseSettings) and kind.__module__ == module.__name__
    ]


def _settings_table(title: str, *classes: type[BaseSettings]) -> str:
    rows = [
        f"| `{name}` | {kind} | {default} | {note} |"
        for settings in classes
        for name, kind, default, note in _variables(
            settings, str(settings.model_config.get("env_prefix", ""))
        )
    ]
    head = ["| variable | type | default | note |", "|---|---|---|---|"]
    return "\n".join([f"## {title}\n", *head, *rows, ""])


def _variables(model: type[BaseModel], prefix: str) -> Iterator[tuple[str, str, str, str]]:
    for name, field in model.model_fields.items():
        kind = field.annotation
        if inspect.isclass(kind) and issubclass(kind, SharedSettings):
            continue
        if inspect.isclass(kind) and issubclass(kind, BaseModel):
            yield from _variables(kind, f"{prefix}{name}__".upper())
            continue
        yield (f"{prefix}{name}".upper(), _type_name(kind), _default(field), _note(field))


def _type_name(kind: Any) -> str:
    name = kind.__name__ if inspect.isclass(kind) else str(_bare(kind))
    return name.replace("|", "or").replace("pathlib.", "").replace("pydantic.types.", "")


def _bare(kind: Any) -> Any:
    """The type without what pydantic checks beside it, at any depth.

    Checks are functions; their text holds an address in memory, another one at each start.
    """
    if get_origin(kind) is Annotated:
        return _bare(get_args(kind)[0])
    if get_origin(kind) is tuple:
        return types.GenericAlias(tuple, tuple(_bare(part) for part in get_args(kind)))
    return kind


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    if field.default is PydanticUndefined:
        return "made at start"
    return f"`{field.default}`"


def _note(field: FieldInfo) -> str:
    return (field.description or "").replace("\n", " ")


def _error_row(error: ErrorCode) -> str:
    status, openai_type = HTTP_STATUS[error.kind]
    return f"| `{error.code}` | {status} | `{openai_type}` | {error.fact} |"


def _endpoint_rows(app: FastAPI) -> Iterator[str]:
    for path, methods in app.openapi()["paths"].items():
        if not path.startswith("/internal"):
            for method, operation in methods.items():
                summary = operation.get("description", "").splitlines()
                yield f"| `{path}` | {method.upper()} | {summary[0] if summary else ''} |"
