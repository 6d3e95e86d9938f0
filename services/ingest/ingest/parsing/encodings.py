"""Which encoding a text file is in. Reads bytes, never asks the file's name."""

import codecs
import re

from ingest.errors import InvalidFile, UnsupportedFile

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAMPLE_BYTES = 1 << 16
_PAIRED_SHARE = 0.6
_HIGH = re.compile(rb"[\x80-\xff]")
_HIGH_RUN = re.compile(rb"[\x80-\xff]{2,}")
_DECLARED = re.compile(rb"""charset\s{0,9}=\s{0,9}["']?([A-Za-z0-9_.:-]{2,40})""", re.IGNORECASE)


def decoded(content: bytes) -> str:
    """The text of a file, or InvalidFile / UnsupportedFile when it is none."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return _strictly(content, encoding)
    if b"\0" in content[:_SAMPLE_BYTES]:
        return _strictly(content, _unmarked_utf16(content[:_SAMPLE_BYTES]))
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return _legacy(content)


def decoded_html(content: bytes) -> str:
    """As `decoded`, but a page's own declaration counts when it is not UTF-8."""
    declared = _DECLARED.search(content[:4096])
    if declared and not content.startswith(tuple(mark for mark, _ in _MARKS)):
        try:
            return content.decode(_widened(declared.group(1).decode("ascii")))
        except (LookupError, UnicodeDecodeError):
            return decoded(content)
    return decoded(content)


def _widened(encoding: str) -> str:
    """Pages that say GB2312 mean its superset, as browsers have long assumed."""
    return "gb18030" if encoding.lower() in ("gb2312", "gbk", "x-gbk") else encoding


def _strictly(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise InvalidFile(f"The file says it is {encoding.upper()} text but is not.") from error


def _unmarked_utf16(sample: bytes) -> str:
    evens, odds = sample[0::2].count(0), sample[1::2].count(0)
    if odds > len(sample) // 8 and evens < odds // 8:
        return "utf-16-le"
    if evens > len(sample) // 8 and odds < evens // 8:
        return "utf-16-be"
    raise UnsupportedFile("The file is not text: it has NUL bytes in it.")


def _legacy(content: bytes) -> str:
    """GB18030 or Windows Western: in Chinese the high bytes stand together, in French alone."""
    sample = content[:_SAMPLE_BYTES]
    paired = sum(len(run) for run in _HIGH_RUN.findall(sample))
    if paired >= _PAIRED_SHARE * len(_HIGH.findall(sample)):
        try:
            return content.decode("gb18030")
        except UnicodeDecodeError:
            pass
    return content.decode("cp1252", errors="replace")
