"""Error codes read from the source, because importing a worker would start it."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from contracts.errors import ErrorKind

ROOT = Path(__file__).parents[3]
PLACES = ("libs", "services", "web")


@dataclass(frozen=True)
class ErrorCode:
    """A code, what kind of error it is, and the fact it stands for."""

    code: str
    kind: ErrorKind
    fact: str


@dataclass(frozen=True)
class _Class:
    bases: tuple[str, ...]
    kind: str | None
    code: str | None
    fact: str


def error_codes() -> list[ErrorCode]:
    """Every code that can reach a caller, in order."""
    classes = dict(_classes())
    found = {
        ErrorCode(each.code, ErrorKind[kind], each.fact)
        for each in classes.values()
        if each.code is not None and (kind := _kind_of(each, classes)) is not None
    }
    return sorted(found, key=lambda each: (each.code, each.fact))


def _classes() -> Iterator[tuple[str, _Class]]:
    for place in PLACES:
        for path in sorted((ROOT / place).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.ClassDef):
                    yield node.name, _read(node)


def _read(node: ast.ClassDef) -> _Class:
    kind = code = None
    for statement in node.body:
        name, value = _assigned(statement)
        if name == "kind" and isinstance(value, ast.Attribute):
            kind = value.attr
        if name == "code" and isinstance(value, ast.Constant):
            code = str(value.value)
    bases = tuple(base.id for base in node.bases if isinstance(base, ast.Name))
    fact = (ast.get_docstring(node) or "").split("\n\n")[0].replace("\n", " ")
    return _Class(bases, kind, code, fact)


def _assigned(statement: ast.stmt) -> tuple[str | None, ast.expr | None]:
    if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
        return statement.targets[0].id, statement.value
    if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
        return statement.target.id, statement.value
    return None, None


def _kind_of(each: _Class, classes: dict[str, _Class]) -> str | None:
    """Its own kind, or that of the class it stands on; None for what is no StoreError."""
    if each.kind is not None:
        return each.kind
    for base in each.bases:
        if base in classes and (kind := _kind_of(classes[base], classes)) is not None:
            return kind
    return None
