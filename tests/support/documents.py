"""Real sample documents of several pages for everybody's tests, in English and Chinese.

    Document("harbour-rules.pdf", content)   # name and bytes, ready to upload
    english_pdf(), chinese_docx(), …         # one for each kind and language
    all_documents()                          # the ten of them

Both languages tell the rules of the harbour of Lindwick, an invented town, section by section:
`ENGLISH` and `CHINESE` hold title, headings and paragraphs, so that a test can ask for a fact
(the night berth costs 42 crowns, 夜间泊位费为四十二克朗) and knows where it stands.
"""

import io
from dataclasses import dataclass
from html import escape
from typing import Any

import docx
from reportlab.lib.pagesizes import A5  # type: ignore[import-untyped]  # ships no types
from reportlab.lib.pdfencrypt import StandardEncryption  # type: ignore[import-untyped]
from reportlab.lib.styles import ParagraphStyle  # type: ignore[import-untyped]
from reportlab.pdfbase import pdfmetrics  # type: ignore[import-untyped]
from reportlab.pdfbase.cidfonts import UnicodeCIDFont  # type: ignore[import-untyped]
from reportlab.platypus import (  # type: ignore[import-untyped]
    PageBreak,
    Paragraph,
    SimpleDocTemplate,
)


@dataclass(frozen=True)
class Story:
    """A text in sections, before it is a file."""

    title: str
    sections: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class Document:
    """A file to upload."""

    name: str
    content: bytes


ENGLISH = Story(
    "Rules of the Harbour of Lindwick",
    (
        (
            "Opening hours",
            (
                "The harbour office opens at seven in the morning and closes at nine in the "
                "evening, from the first of April to the last day of October. In winter it opens "
                "at nine and closes at four in the afternoon.",
                "On the eve of the lantern feast the office stays closed. Whoever arrives that "
                "day reports by radio on channel twelve and is shown a place by the night watch.",
                "The watch tower is manned day and night. Its telephone number is posted at the "
                "gate of the eastern mole and may be called by anyone who sees a boat in "
                "distress.",
            ),
        ),
        (
            "Berths and fees",
            (
                "A berth for one night costs 42 crowns for boats of up to ten metres. Each "
                "further metre costs three crowns more. Children's dinghies pay nothing.",
                "The fee is due before noon of the day after arrival. Who pays for a whole week "
                "receives the seventh night free of charge.",
                "Electricity is paid by the kilowatt hour at the pillar on the quay. Drinking "
                "water is free, but hoses may not be left running without somebody beside them.",
            ),
        ),
        (
            "Safety on the water",
            (
                "Inside the moles no boat goes faster than three knots. The ferry to Osterholm "
                "always has the right of way, whatever the wind may be.",
                "Every child under twelve wears a life jacket on the jetties. The harbour lends "
                "jackets without a fee; they hang in the blue shed behind the crane.",
                "Fireworks are forbidden in the whole harbour. Flares are kept for distress "
                "alone, and a false alarm is charged with 500 crowns.",
            ),
        ),
        (
            "The crane",
            (
                "The crane lifts eight tonnes. It works from Monday to Friday and only in the "
                "hands of the harbour master, Edda Brandt, or her deputy.",
                "A lift is ordered two days ahead at the office. Above wind force six the crane "
                "stands still, and the order moves to the next calm day.",
            ),
        ),
        (
            "Waste and cleanliness",
            (
                "Oil, paint and batteries go into the red containers beside the fuel pump. Bilge "
                "water is pumped out on Tuesdays by the tank boat Marie.",
                "Fish is cleaned at the stone tables on the western mole only. What the gulls "
                "leave is washed away with the hose that hangs there.",
            ),
        ),
    ),
)

CHINESE = Story(
    "林德维克港口章程",
    (
        (
            "开放时间",
            (
                "港务处自四月一日至十月底，每天早上七点开门，晚上九点关门。冬季则改为上午九点开门，下午四点关门。",
                "灯节前夜港务处不办公。当天抵达的船只须通过无线电第十二频道报到，由夜间值班员安排泊位。",
                "瞭望塔昼夜有人值守。电话号码张贴在东防波堤的大门上，任何人发现遇险船只都可以拨打。",
            ),
        ),
        (
            "泊位与收费",
            (
                "长度不超过十米的船只，夜间泊位费为四十二克朗。每超出一米加收三克朗。儿童小艇免费停泊。",
                "费用应在抵达次日中午之前缴清。一次付清整周费用者，第七夜免费。",
                "岸电按千瓦时在码头电柱处计费。饮用水免费供应，但水管无人看管时不得一直开着。",
            ),
        ),
        (
            "水上安全",
            (
                "防波堤以内任何船只航速不得超过三节。开往奥斯特霍尔姆的渡轮无论风向如何始终享有优先通行权。",
                "十二岁以下儿童在栈桥上必须穿救生衣。港口免费出借救生衣，救生衣挂在起重机后面的蓝色小屋里。",
                "整个港区禁止燃放烟花。信号弹只供遇险时使用，误报一次收费五百克朗。",
            ),
        ),
        (
            "起重机",
            (
                "起重机的起重能力为八吨。周一至周五运行，只能由港务长艾达·布兰特或其副手操作。",
                "吊装须提前两天在港务处预约。风力超过六级时起重机停止作业，预约顺延至下一个无风日。",
            ),
        ),
        (
            "垃圾与清洁",
            (
                "废油、油漆和电池须投入加油泵旁的红色容器。舱底水每逢周二由玛丽号油水船抽取。",
                "鱼只能在西防波堤的石台上清理。海鸥吃剩的东西用挂在那里的水管冲走。",
            ),
        ),
    ),
)


def english_markdown() -> Document:
    return Document("harbour-rules.md", _markdown(ENGLISH).encode())


def chinese_markdown() -> Document:
    return Document("港口章程.md", _markdown(CHINESE).encode())


def english_text() -> Document:
    return Document("harbour-rules.txt", plain_text(ENGLISH).encode())


def chinese_text(encoding: str = "utf-8") -> Document:
    return Document("港口章程.txt", plain_text(CHINESE).encode(encoding))


def english_html() -> Document:
    return Document("harbour-rules.html", _html(ENGLISH, "en").encode())


def chinese_html() -> Document:
    return Document("港口章程.html", _html(CHINESE, "zh").encode())


def english_pdf(password: str | None = None) -> Document:
    return Document("harbour-rules.pdf", _pdf(ENGLISH, "Helvetica", password))


def chinese_pdf() -> Document:
    return Document("港口章程.pdf", _pdf(CHINESE, "STSong-Light", None))


def english_docx() -> Document:
    return Document("harbour-rules.docx", _docx(ENGLISH))


def chinese_docx() -> Document:
    return Document("港口章程.docx", _docx(CHINESE))


def all_documents() -> list[Document]:
    """One of each kind in each language."""
    return [
        *(english_markdown(), english_text(), english_html(), english_pdf(), english_docx()),
        *(chinese_markdown(), chinese_text(), chinese_html(), chinese_pdf(), chinese_docx()),
    ]


def picture() -> bytes:
    """A real PNG of one grey point."""
    return bytes.fromhex(
        "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b55"
        "0000000a49444154789c63680000008200817762c1860000000049454e44ae426082"
    )


def plain_text(story: Story) -> str:
    """The story without any markup."""
    blocks = [story.title]
    for heading, paragraphs in story.sections:
        blocks += [heading, *paragraphs]
    return "\n\n".join(blocks) + "\n"


def _markdown(story: Story) -> str:
    blocks = [f"# {story.title}"]
    for heading, paragraphs in story.sections:
        blocks += [f"## {heading}", *paragraphs]
    return "\n\n".join(blocks) + "\n"


def _html(story: Story, language: str) -> str:
    sections = "".join(
        f"<h2>{escape(heading)}</h2>{''.join(f'<p>{escape(words)}</p>' for words in paragraphs)}"
        for heading, paragraphs in story.sections
    )
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        f"<title>{escape(story.title)}</title><style>p {{ color: navy }}</style></head><body>"
        "<nav><a href='/'>Home</a> <a href='/map'>Map</a></nav>"
        f"<main><h1>{escape(story.title)}</h1>{sections}</main>"
        "<script>alert('tide')</script></body></html>"
    )


def _pdf(story: Story, font: str, password: str | None) -> bytes:
    """A section a page, on small pages, as a printed booklet has them."""
    if font not in pdfmetrics.standardFonts:
        pdfmetrics.registerFont(UnicodeCIDFont(font))
    body = ParagraphStyle("body", fontName=font, fontSize=11, leading=16, spaceAfter=8)
    if font not in pdfmetrics.standardFonts:
        body.wordWrap = "CJK"
    large = ParagraphStyle("large", parent=body, fontSize=16, leading=22)
    flow: list[Any] = [Paragraph(story.title, large)]
    for number, (heading, paragraphs) in enumerate(story.sections):
        if number:
            flow.append(PageBreak())
        flow.append(Paragraph(heading, large))
        flow += [Paragraph(words, body) for words in paragraphs]
    target = io.BytesIO()
    lock = StandardEncryption(password, ownerPassword=password) if password else None
    SimpleDocTemplate(target, pagesize=A5, title=story.title, encrypt=lock, invariant=1).build(flow)
    return target.getvalue()


def _docx(story: Story) -> bytes:
    document = docx.Document()
    document.core_properties.title = story.title
    document.add_heading(story.title, 0)
    for heading, paragraphs in story.sections:
        document.add_heading(heading, 1)
        for words in paragraphs:
            document.add_paragraph(words)
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()
