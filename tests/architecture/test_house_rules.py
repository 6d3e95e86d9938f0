"""Rules of the house that no other tool checks: sizes, names, and one HTTP client."""

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PRODUCT = ("libs", "services", "web", "infra")
BANNED_NAMES = {"utils", "helpers", "common", "misc", "base", "manager", "core"}
MODULE_LINES, TEST_LINES, TEMPLATE_LINES, FUNCTION_LINES = 350, 500, 120, 50


def _tracked(*patterns: str) -> list[Path]:
    # Files not yet committed count too: the rule should speak before the commit.
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).exists()]


def _product_modules() -> list[Path]:
    return [
        path
        for path in _tracked("*.py")
        if path.relative_to(ROOT).parts[0] in PRODUCT and "migrations" not in path.parts
    ]


def _line_count(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def _too_long(paths: list[Path], limit: int) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}: {_line_count(path)}"
        for path in paths
        if _line_count(path) > limit
    ]


def _functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_modules_stay_readable() -> None:
    assert _too_long(_product_modules(), MODULE_LINES) == []


def test_tests_stay_readable() -> None:
    assert _too_long(_tracked("tests/*.py"), TEST_LINES) == []


def test_templates_stay_readable() -> None:
    assert _too_long(_tracked("web/*.html"), TEMPLATE_LINES) == []


def test_functions_stay_readable() -> None:
    long = [
        f"{path.relative_to(ROOT)}:{function.lineno} {function.name}"
        for path in _product_modules()
        for function in _functions(path)
        if (function.end_lineno or 0) - function.lineno + 1 > FUNCTION_LINES
    ]

    assert long == []


def test_no_file_has_a_name_that_says_nothing() -> None:
    names = [
        str(path.relative_to(ROOT))
        for path in _tracked("*.py")
        if {path.stem, *path.relative_to(ROOT).parts} & BANNED_NAMES
    ]

    assert names == []


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in _product_modules()
        if path.read_text(encoding="utf-8").strip()
        and ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) is None
    ]

    assert silent == []


@pytest.mark.parametrize("word", ["import httpx\n", "from httpx import", "import requests"])
def test_our_code_uses_one_http_client(word: str) -> None:
    users = [
        str(path.relative_to(ROOT))
        for path in _product_modules()
        if word in path.read_text(encoding="utf-8")
    ]

    assert users == []


def test_commits_happen_in_one_place() -> None:
    strays = [
        str(path.relative_to(ROOT))
        for path in _product_modules()
        # Migrations run outside any service, under their own lock.
        if ".commit(" in path.read_text(encoding="utf-8")
        and path.name not in {"db.py", "migrate.py"}
    ]

    assert strays == []


def test_every_member_is_typed() -> None:
    members = [path.parent for path in _tracked("*/py.typed", "*/*/py.typed", "*/*/*/py.typed")]

    assert len({member.name for member in members}) == 11


def test_commands_of_redis_lose_no_cancellation() -> None:
    """redis-py sends them through `asyncio.wait_for`, which loses one now and then."""
    careless = [
        str(path.relative_to(ROOT))
        for path in _product_modules()
        if "from redis.asyncio" in (text := path.read_text(encoding="utf-8"))
        and "with not_to_be_lost():" not in text
    ]

    assert careless == []
