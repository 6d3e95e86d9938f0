"""Passages of a small staff handbook, in English and Chinese."""

from gateway.knowledge.rules import LoadedPassage

LEAVE = (
    "Annual leave is 25 days a year for full-time staff. Part-time staff get leave in proportion "
    "to their hours. Leave that is not taken by 31 March is lost."
)
TRAVEL = (
    "Travel expenses are repaid within 30 days when receipts are handed in. Hotels up to 140 euros "
    "a night need no approval. Taxis are repaid only between 22:00 and 6:00."
)
LEAVE_ZH = "全职员工每年享有25天年假。兼职员工按工作时间比例享有年假。未在3月31日前休完的年假作废。"
TRAVEL_ZH = "差旅费在提交收据后30天内报销。每晚140欧元以内的酒店无需审批。"


def passage(
    text: str,
    name: str = "a",
    start: int = 100,
    page: int | None = 3,
    index: int = 0,
    header: str = "",
) -> LoadedPassage:
    """A passage of document `name` that begins at `start` of its text."""
    return LoadedPassage(
        passage_id=f"psg_{name}_{start}",
        file_id=f"file-{name}",
        filename=f"{name}.pdf",
        document_id=f"file-{name}",
        document_version_id=f"dv_{name}",
        document_version=2,
        title=f"Handbook {name}",
        page=page,
        header=header,
        start=start,
        end=start + len(text),
        text=text,
        index=index,
    )
