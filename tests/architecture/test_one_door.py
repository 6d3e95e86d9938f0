"""One door: what people name by id is loaded by `policy.loading`, and by nothing beside it.

Every place where the gateway compares the id of one of these tables with a value is found in the
source. It is on the list below with its reason, or it fails.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

GATEWAY = Path(__file__).parents[2] / "services" / "gateway" / "gateway"
GUARDED = {
    "Assistant": ("id", "slug"),
    "Collection": ("id",),
    "Conversation": ("id",),
    "Document": ("id", "file_id"),
    "DocumentVersion": ("id",),
    "File": ("id",),
    "FileBatch": ("id",),
    "Group": ("id",),
    "Invite": ("id",),
    "Key": ("id",),
    "Message": ("id",),
    "Passage": ("id",),
    "Turn": ("id",),
}
LOADED = "rows of an object that came through the door in the same transaction"
WORKER = "a worker names a version, with a service token and a fence; no person's id reaches this"
OWN_SQL = "under the SQL condition of the same rules"
NAMES = "names for rows that the reader sees already"
RESTORE = "a restore, which acts for nobody"
BOOKS = "counts and ids alone, of all turns, for operators and the nightly look"
WRITER = "the writer of a turn that was begun through the door"

ALLOWED = {
    "accounts.repository:is_origin_named": "whether any key names a web site; tells nothing else",
    "accounts.repository:touch_key": "the key that was just shown as a token",
    "accounts.repository:assistant_names": NAMES,
    "bundles.repository:collections": OWN_SQL,
    "assistant_api.repository:page": LOADED,
    "assistant_api.repository:held": LOADED,
    "assistant_api.repository:published": LOADED,
    "assistants.repository:is_slug_taken": "whether a slug is free in the whole installation",
    "assistants.repository:_linked": "a part of the policy's own condition",
    "assistants.repository:epochs": "which of a draft's collections exist; no row of them is given",
    "catalog.repository.listings:cards": OWN_SQL,
    "catalog.repository.listings:_cards": OWN_SQL,
    "catalog.repository.listings:_places": "of public ones, in an order; only ids leave it",
    "catalog.repository.listings:words": "words of public ones for the index; only ids leave it",
    "catalog.repository.meaning:take_changed": "words of public ones for the index of meanings",
    "catalog.repository.ratings:note_use": WRITER,
    "catalog.repository.shown:shown": LOADED,
    "conversations.repository.branches:past_lines": WRITER,
    "conversations.repository.branches:shown": LOADED,
    "conversations.repository.branches:end_below": LOADED,
    "conversations.repository.branches:message": LOADED,
    "conversations.repository.branches:_path": LOADED,
    "conversations.repository.conversations:partners": LOADED,
    "conversations.repository.conversations:contents": LOADED,
    "conversations.repository.conversations:hold": WRITER,
    "conversations.repository.conversations:touch": WRITER,
    "conversations.repository.erasing:erase": "what is over, whoever's it was",
    "conversations.repository.feedback:conversation_of": LOADED,
    "conversations.repository.turns:has_other_answers": WRITER,
    "conversations.repository.turns:renew": WRITER,
    "conversations.repository.turns:ask_to_stop": LOADED,
    "conversations.repository.turns:finish": WRITER,
    "conversations.repository.turns:write_message": WRITER,
    "doors.repository:_is_called": "a door's name, under the condition that the door is open",
    "knowledge.repository.attached:files": LOADED,
    "knowledge.repository.collections:lock": LOADED,
    "knowledge.repository.documents:find": LOADED,
    "knowledge.repository.documents:of_collection": LOADED,
    "knowledge.repository.documents:attributes_of": LOADED,
    "knowledge.repository.documents:alive_in": LOADED,
    "knowledge.repository.documents:replaced": LOADED,
    "knowledge.repository.file_batches:find": LOADED,
    "knowledge.repository.file_batches:counts": LOADED,
    "knowledge.repository.file_batches:unfinished": LOADED,
    "knowledge.repository.documents:is_latest": "a join with an alias",
    "knowledge.repository.files:collections_using": LOADED,
    "knowledge.repository.files:forget": LOADED,
    "knowledge.repository.files:lock": WORKER,
    "knowledge.repository.passages:switch": LOADED,
    "knowledge.repository.job_list:page": "of the workspace that was asked for, or an operator's;"
    " names are given under the SQL condition of the same rules",
    "knowledge.repository.jobs:lock": WORKER,
    "knowledge.repository.jobs:find": WORKER,
    "knowledge.repository.jobs:source": WORKER,
    "knowledge.repository.jobs:current_beside": WORKER,
    "knowledge.repository.passages:granted": "the second lock: under the grants of the assistant",
    "knowledge.repository.passages:origin": LOADED,
    "knowledge.repository.passages:read_by": OWN_SQL,
    "knowledge.repository.passages:_where": OWN_SQL,
    "knowledge.repository.passages:_loaded_all": LOADED,
    "knowledge.repository.passages:_index_of": "a cursor: the answer is a number, and stays here",
    "knowledge.repository.restored:files": RESTORE,
    "knowledge.repository.restored:documents": RESTORE,
    "knowledge.repository.restored:forget_texts": RESTORE,
    "leaving.repository:attached": "a member's own, for their export",
    "leaving.repository:files": "a member's own, for their export",
    "members.repository:offer": LOADED,
    "members.repository:open_ones": "names for invites of the workspace that was asked for",
    "versions.repository:names": OWN_SQL,
    "moderation.repository:shown": "for operators, what the listings of cases say to everybody",
    "policy.repository.grants:group_names": "names the workspace in the query, for those who share",
    "budgets.repository:is_there": "whether a workspace has it, for those who run the workspace",
    "budgets.repository:names": NAMES,
    "reporting.repository.names:assistants": NAMES,
    "reporting.repository.names:keys": NAMES,
    "reporting.repository.names:conversation": "when the conversation of a call was, never a word",
    "reconciling.repository:rows_without_turn": BOOKS,
    "reconciling.repository:turns_that_differ": BOOKS,
    "reconciling.repository:uncharged": BOOKS,
}


def test_whatever_is_loaded_by_its_id_came_through_the_door() -> None:
    found = dict(places())
    beside = {name: line for name, line in found.items() if name not in ALLOWED}

    assert beside == {}, "load it by gateway.policy.loading, or write its reason above"


def test_the_list_holds_nothing_that_is_gone() -> None:
    assert set(ALLOWED) - {name for name, _ in places()} == set()


def test_a_new_way_to_an_object_is_found() -> None:
    for query in (
        "select(File).where(File.id == wanted)",
        "select(Collection).where(Collection.id.in_(ids))",
        "tx.get(Conversation, wanted)",
        "select(Assistant).where(Assistant.slug == name)",
        "update(Turn).where(Turn.id == wanted)",
        "select(Key).filter_by(id=wanted)",
    ):
        tree = ast.parse(f"async def sneak(tx, wanted):\n    return {query}")

        assert [name for name, _ in functions_naming_ids(tree)] == ["sneak"], query
    join = "select(File).join(Document, Document.file_id == File.id)"
    assert list(functions_naming_ids(ast.parse(f"def fine():\n    return {join}"))) == []


def places() -> Iterator[tuple[str, int]]:
    """`module:function`, and the line, of every comparison of a guarded id with a value."""
    for path in sorted(GATEWAY.rglob("*.py")):
        module = ".".join(path.relative_to(GATEWAY).with_suffix("").parts)
        if module == "policy.loading":
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for function, line in functions_naming_ids(tree):
            yield f"{module}:{function}", line


def functions_naming_ids(tree: ast.AST) -> Iterator[tuple[str, int]]:
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        lines = [
            node.lineno
            for node in ast.walk(function)
            if isinstance(node, ast.Compare | ast.Call) and _names_an_id(node)
        ]
        if lines:
            yield function.name, lines[0]


def _names_an_id(node: ast.Compare | ast.Call) -> bool:
    if isinstance(node, ast.Compare):
        sides = [node.left, *node.comparators]
        # Two columns are a join: neither of them comes from a request.
        return any(map(_is_guarded, sides)) and not all(map(_is_column, sides))
    if not isinstance(node.func, ast.Attribute):
        return False
    if node.func.attr in ("in_", "is_", "like"):
        return _is_guarded(node.func.value)
    if node.func.attr == "get":
        return any(isinstance(each, ast.Name) and each.id in GUARDED for each in node.args[:1])
    return node.func.attr == "filter_by" and any(each.arg == "id" for each in node.keywords)


def _is_guarded(node: ast.AST) -> bool:
    if not _is_column(node) or not isinstance(node, ast.Attribute):
        return False
    table = node.value
    return isinstance(table, ast.Name) and node.attr in GUARDED.get(table.id, ())


def _is_column(node: ast.AST) -> bool:
    """`Table.column`: a capitalised name with an attribute."""
    return (
        isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id[:1].isupper()
    )
