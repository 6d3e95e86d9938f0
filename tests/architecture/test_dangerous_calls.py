"""No path from what people or models write to code, a shell, a template or SQL (T30)."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PRODUCT = ("libs", "services", "web", "infra")

CALLS = {
    "eval",
    "exec",
    "compile",
    "__import__",
    "os.system",
    "os.popen",
    "pickle.load",
    "pickle.loads",
    "marshal.loads",
    "shelve.open",
    "yaml.load",
    "yaml.unsafe_load",
    "jinja2.Template",
    "Template",
    "from_string",
    "subprocess.getoutput",
    "torch.load",
    "joblib.load",
}
"""Calls that turn text or bytes into code."""

MODULES = {"pickle", "cPickle", "dill", "marshal", "shelve", "cloudpickle"}
"""Modules that nothing of the product imports."""


def modules() -> Iterator[tuple[str, ast.Module]]:
    for folder in PRODUCT:
        for path in sorted((ROOT / folder).rglob("*.py")):
            name = str(path.relative_to(ROOT))
            yield name, ast.parse(path.read_text(encoding="utf-8"))


def dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return ""


def calls(tree: ast.Module) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def test_nothing_turns_text_into_code() -> None:
    found = [
        f"{name}:{call.lineno} {dotted(call.func)}"
        for name, tree in modules()
        for call in calls(tree)
        if dotted(call.func) in CALLS or dotted(call.func).rpartition(".")[2] == "from_string"
    ]

    assert found == []


def test_no_module_that_unpickles_is_imported() -> None:
    found = []
    for name, tree in modules():
        for node in ast.walk(tree):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module:
                names.append(node.module)
            found += [f"{name}: {module}" for module in names if module.split(".")[0] in MODULES]

    assert found == []


def test_no_program_is_started_through_a_shell() -> None:
    found = [
        f"{name}:{call.lineno}"
        for name, tree in modules()
        for call in calls(tree)
        for keyword in call.keywords
        if keyword.arg == "shell"
        and not (isinstance(keyword.value, ast.Constant) and keyword.value.value is False)
    ]

    assert found == []


def test_no_sql_is_put_together_from_strings() -> None:
    """`text(…)` gets a literal or a constant of its module; what callers say is a parameter."""
    found = [
        f"{name}:{call.lineno}"
        for name, tree in modules()
        for call in calls(tree)
        if dotted(call.func) in ("text", "sa.text", "sqlalchemy.text")
        and call.args
        and isinstance(call.args[0], ast.JoinedStr | ast.BinOp | ast.Call)
        and name not in BUILT_SQL
    ]

    assert found == []


BUILT_SQL = {
    # Names of tables out of the database's own catalogue, quoted; there is no parameter for them.
    "services/gateway/gateway/backups/snapshot.py",
    "services/gateway/gateway/backups/restoring.py",
}
