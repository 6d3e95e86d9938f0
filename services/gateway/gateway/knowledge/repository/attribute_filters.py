"""OpenAI's attribute filters as SQL over a document's labels."""

from sqlalchemy import ColumnElement, and_, func, literal, or_
from sqlalchemy.dialects.postgresql import JSONB

from contracts.vector_search import ComparisonFilter, Filter, Value
from gateway.knowledge.tables import Document


def matches(wanted: Filter) -> ColumnElement[bool]:
    """Whether a document's attributes satisfy a filter.

    A document without the attribute is not equal to anything and compares with nothing; a number
    is never greater than a text.
    """
    if isinstance(wanted, ComparisonFilter):
        return _compared(wanted)
    combined = and_ if wanted.type == "and" else or_
    return combined(*(matches(each) for each in wanted.filters))


def _compared(wanted: ComparisonFilter) -> ColumnElement[bool]:
    values = wanted.value if isinstance(wanted.value, list) else [wanted.value]
    if wanted.type in ("eq", "in"):
        return or_(*(_equals(wanted.key, value) for value in values))
    if wanted.type in ("ne", "nin"):
        return and_(*(~_equals(wanted.key, value) for value in values))
    return or_(*(_ordered(wanted, value) for value in values))


def _equals(key: str, value: Value) -> ColumnElement[bool]:
    # Containment is never NULL, so its negation holds for documents without the attribute.
    return Document.attributes.contains({key: value})


def _ordered(wanted: ComparisonFilter, value: Value) -> ColumnElement[bool]:
    found, given = Document.attributes[wanted.key], literal(value, JSONB)
    compared = {
        "gt": found > given,
        "gte": found >= given,
        "lt": found < given,
        "lte": found <= given,
    }[wanted.type]
    return and_(func.jsonb_typeof(found) == func.jsonb_typeof(given), compared)
