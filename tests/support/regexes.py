"""Every regular expression of the product, found in its source, and the texts worst for it.

    for regex in regexes(): …            # each literal with the way it is used
    for text in worst_texts(regex.pattern, 20_000): …

Worst are long runs of what a repetition accepts, ended by what it does not: a backtracking engine
then tries every division of the run.
"""

import ast
import importlib
import re
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from re import _constants, _parser  # Python's own parser of regexes
from types import FrameType
from typing import Any, TypeGuard

ROOT = Path(__file__).parents[2]
MEMBERS = (
    "libs/contracts", "libs/runtime", "libs/embedding", "libs/lexical", "services/gateway",
    "services/ingest",
    "services/retrieval", "services/inference", "web", "infra/laptop", "infra/seed",
    "infra/reference",
)  # fmt: skip
_CALLS = frozenset((
    "compile", "search", "match", "fullmatch", "sub", "subn", "split", "findall", "finditer",
))  # fmt: skip


ENDS = ("", "\x00", "!\n", " (")
_THROUGH = frozenset(("sub", "subn", "split", "findall", "finditer"))


@dataclass(frozen=True)
class Regex:
    """A literal of the source. place: file and line; uses: the methods it is called with."""

    place: str
    pattern: re.Pattern[Any]
    uses: frozenset[str]


class TooSlow(Exception):
    """A match went on beyond its time."""


def regexes() -> list[Regex]:
    """All of them. One that cannot be worked out from its module alone is an error here."""
    return [regex for member in MEMBERS for path in _modules(member) for regex in _of(path)]


def worst_texts(pattern: re.Pattern[Any], size: int, ends: Sequence[str] = ENDS) -> Iterator[Any]:
    """Long texts for a pattern, in its own kind (str or bytes)."""
    is_text = isinstance(pattern.pattern, str)
    # latin-1 keeps every byte of a bytes pattern what it is.
    source = pattern.pattern if is_text else pattern.pattern.decode("latin-1")
    parsed = _parser.parse(source, pattern.flags & ~re.DEBUG)
    lead = _sample(parsed)[:200]
    for pump in _pumps(parsed):
        for end in ends:
            for text in (pump * (size // len(pump)) + end, lead + pump * (size // len(pump)) + end):
                yield text if is_text else text.encode("latin-1", "replace")


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Ends a match that takes longer: the regex engine looks for signals now and then."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise TooSlow

    former = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, former)


def slowest(
    regex: Regex, size: int, seconds: float, ends: Sequence[str] = ENDS
) -> tuple[float, str]:
    """The most CPU time that one use took on a worst text, and that text's beginning."""
    worst = (0.0, "")
    for text in worst_texts(regex.pattern, size, ends):
        started = time.process_time()
        try:
            with deadline(seconds):
                _use(regex, text)
        except TooSlow:
            return seconds, repr(text[:60])
        worst = max(worst, (time.process_time() - started, repr(text[:60])))
    return worst


def _use(regex: Regex, text: Any) -> None:
    if regex.uses & _THROUGH:
        for _ in regex.pattern.finditer(text):
            pass
    if "search" in regex.uses:
        regex.pattern.search(text)
    if "match" in regex.uses:
        regex.pattern.match(text)
    if "fullmatch" in regex.uses:
        regex.pattern.fullmatch(text)


def _modules(member: str) -> Iterator[Path]:
    for path in sorted((ROOT / member).rglob("*.py")):
        if "migrations" not in path.parts:
            yield path


def _of(path: Path) -> Iterator[Regex]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    calls = [node for node in ast.walk(tree) if _is_regex_call(node)]
    if not calls:
        return
    module, file = importlib.import_module(_name_of(path)), str(path.relative_to(ROOT))
    names = _names(tree)
    for call in calls:
        function = call.func
        assert isinstance(function, ast.Attribute)
        if file in RUNTIME_PATTERNS and not _is_known(call.args[0], module):
            continue
        flags = [_value(each, module) for each in _flags(call, function.attr)]
        pattern = re.compile(_value(call.args[0], module), flags[0] if flags else 0)
        uses = _uses(tree, names.get(call)) if function.attr == "compile" else {function.attr}
        yield Regex(f"{file}:{call.lineno}", pattern, frozenset(uses or _CALLS))
    # Tables of patterns that are compiled in a loop.
    for name in _TABLES.get(file, ()):
        for key, patterns in getattr(module, name).items():
            for number, pattern in enumerate(patterns):
                yield Regex(f"{file} {key}:{number}", re.compile(pattern), frozenset({"search"}))


def _flags(call: ast.Call, function: str) -> list[ast.expr]:
    place = {"compile": 1, "sub": 4, "subn": 4, "split": 3}.get(function, 2)
    named = [each.value for each in call.keywords if each.arg == "flags"]
    return named or list(call.args[place : place + 1])


def _names(tree: ast.Module) -> dict[ast.expr, str]:
    """compile call -> the module's name for it."""
    return {
        node.value: target.id
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def _uses(tree: ast.Module, name: str | None) -> set[str]:
    """The methods a compiled regex is called with; none known: it is used elsewhere."""
    return {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == name
        and node.attr in _CALLS
    }


RUNTIME_PATTERNS = {
    "web/web/known_sentences.py": "our own sentences, escaped, their gaps a bounded wildcard",
    "libs/runtime/runtime/envelope.py": "path prefixes from our own settings, escaped",
    "services/inference/inference/adapters/engine_simulator.py": "the simulator's own script",
    "services/ingest/ingest/suspicion.py": "a table of patterns, taken from the table itself",
}
"""Patterns that are no literals, and why each may be."""

_TABLES = {"services/ingest/ingest/suspicion.py": ("_PATTERNS",)}


def _is_regex_call(node: ast.AST) -> TypeGuard[ast.Call]:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "re"
        and node.func.attr in _CALLS
    )


def _is_known(node: ast.expr, module: object) -> bool:
    try:
        _value(node, module)
    except NameError:
        return False
    return True


def _value(node: ast.expr, module: object) -> Any:
    code = compile(ast.Expression(node), "<regex>", "eval")
    return eval(code, dict(vars(module)))  # noqa: S307 - our own source


def _name_of(path: Path) -> str:
    member = next(ROOT / each for each in MEMBERS if (ROOT / each) in path.parents)
    parts = path.relative_to(member).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _pumps(parsed: Any) -> list[str]:
    found = {" ", "a", "0", "\n", "<", "a ", "中", "\\", "[", ".", ",", "-", "_", "a.", "0,"}
    for body in _repeated(parsed):
        sample = _sample(body)
        if sample:
            found |= {sample[:40], sample[0], sample[-1]}
    return sorted(found)


_REPEATS = (_constants.MAX_REPEAT, _constants.MIN_REPEAT, _constants.POSSESSIVE_REPEAT)


def _repeated(parsed: Any) -> Iterator[Any]:
    for operation, argument in parsed:
        if operation in _REPEATS:
            yield argument[2]
            yield from _repeated(argument[2])
        else:
            for part in _parts(operation, argument):
                yield from _repeated(part)


def _parts(operation: Any, argument: Any) -> list[Any]:
    if operation is _constants.SUBPATTERN:
        return [argument[3]]
    if operation is _constants.BRANCH:
        return list(argument[1])
    if operation in (_constants.ASSERT, _constants.ASSERT_NOT):
        return [argument[1]]
    if operation is _constants.ATOMIC_GROUP:
        return [argument]
    return []


def _sample(parsed: Any) -> str:
    """Something short that the pattern accepts, or nearly."""
    return "".join(_piece(operation, argument) for operation, argument in parsed)


def _piece(operation: Any, argument: Any) -> str:
    if operation is _constants.LITERAL:
        return chr(argument)
    if operation in (_constants.NOT_LITERAL, _constants.ANY):
        return "a" if argument != ord("a") else "b"
    if operation is _constants.IN:
        return _member(argument)
    if operation in _REPEATS:
        least, most, body = argument
        return "".join([_sample(body)] * min(max(least, 1), most, 20))
    if operation is _constants.BRANCH:
        return _sample(argument[1][0])
    if operation is _constants.SUBPATTERN:
        return _sample(argument[3])
    return ""


def _member(choices: Any) -> str:
    if choices[0][0] is _constants.NEGATE:
        pattern = re.compile("[^" + "".join(_class(each) for each in choices[1:]) + "]")
    else:
        pattern = re.compile("[" + "".join(_class(each) for each in choices) + "]")
    for code in (*range(32, 0x3100), 0, 9, 10, *range(0x3100, 0xFFFF)):
        if pattern.match(chr(code)):
            return chr(code)
    return next((chr(code) for code in range(0x10000, 0xE1000) if pattern.match(chr(code))), "a")


def _class(choice: Any) -> str:
    operation, argument = choice
    if operation is _constants.RANGE:
        return f"{re.escape(chr(argument[0]))}-{re.escape(chr(argument[1]))}"
    if operation is _constants.LITERAL:
        return re.escape(chr(argument))
    names = {
        _constants.CATEGORY_DIGIT: r"\d", _constants.CATEGORY_NOT_DIGIT: r"\D",
        _constants.CATEGORY_SPACE: r"\s", _constants.CATEGORY_NOT_SPACE: r"\S",
        _constants.CATEGORY_WORD: r"\w", _constants.CATEGORY_NOT_WORD: r"\W",
    }  # fmt: skip
    return names[argument]


if __name__ == "__main__":
    for one in regexes():
        seconds, text = slowest(one, int(sys.argv[1]), float(sys.argv[2]))
        if seconds > float(sys.argv[2]) / 4:
            print(f"{seconds:.2f} {one.place} {text}")  # noqa: T201 - a program's output
