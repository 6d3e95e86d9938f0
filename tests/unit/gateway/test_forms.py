"""Multipart forms read as they arrive, however the network cuts them."""

from collections.abc import AsyncIterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.multipart import FIELD_BYTES, Form, MalformedForm, PartBegins, read_form

TYPE = "multipart/form-data; boundary=cut"
BODY = (
    b'--cut\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nassistants\r\n'
    b'--cut\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n'
    b"Content-Type: text/plain\r\n\r\nline one\r\n--not the end\r\n\r\n--cut--\r\n"
)


async def _keep(_: PartBegins, data: AsyncIterator[bytes]) -> bytes:
    return b"".join([block async for block in data])


async def _cut(body: bytes, places: list[int]) -> AsyncIterator[bytes]:
    edges = [0, *sorted(place % len(body) for place in places), len(body)]
    for start, end in pairwise(edges):
        yield body[start:end]


async def _read(body: bytes, content_type: str = TYPE) -> Form[bytes]:
    return await read_form(content_type, _cut(body, []), _keep)


@given(st.lists(st.integers(min_value=0, max_value=400), max_size=12))
async def test_a_form_reads_the_same_however_it_is_cut(places: list[int]) -> None:
    form = await read_form(TYPE, _cut(BODY, places), _keep)

    assert form.fields == {"purpose": "assistants"}
    assert form.files == {"file": b"line one\r\n--not the end\r\n"}


@pytest.mark.parametrize(
    "body",
    [
        BODY[:-30],
        b"no form at all",
        b'--cut\r\nContent-Disposition: form-data; name="f"\r\n\r\n'
        + b"x" * (FIELD_BYTES + 1)
        + b"\r\n--cut--\r\n",
        b'--cut\r\nContent-Disposition: form-data; name="f"\r\n\r\nx\r\n' * 30 + b"--cut--\r\n",
    ],
)
async def test_a_malformed_form_is_refused(body: bytes) -> None:
    with pytest.raises(MalformedForm):
        await _read(body)


@pytest.mark.parametrize(
    "content_type", ["", "text/plain", "multipart/form-data", f"{TYPE}{'x' * 5_000}"]
)
async def test_a_body_of_another_type_is_refused(content_type: str) -> None:
    with pytest.raises(MalformedForm):
        await _read(BODY, content_type)
