"""How near a listing must be to a question to be shown for its meaning: what the number in
`gateway.catalog.rules.meaning` misses, and what it shows in vain.

`python bench/meanings.py [--json]`: made-up listings in English and Chinese, questions that share
few words with what answers them, half of them in the other language, and questions that nothing
answers. Embedded by the model of the installation; a minute, without services.
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from embedding.adapters.embedder_sentence_transformers import SentenceTransformersEmbedder
from embedding.port import Vector
from gateway.catalog.rules.meaning import (
    NEAREST,
    SHELVES,
    Near,
    Said,
    near_enough,
    shelf_of,
    text_of,
)

MODEL_ID = "multilingual-e5-small"
MODEL = Path("var/models") / MODEL_ID / "sentence-transformers"
LISTINGS = {
    "trains": Said(
        "Atlas", "Plans journeys by rail across Europe.", ["Where to in May?"], ["rail"]
    ),
    "tenancy": Said(
        "Tenant's friend",
        "Explains rental contracts and what landlords may demand.",
        ["Must I repaint when I move out?"],
        ["housing", "law"],
    ),
    "taxes": Said("Form helper", "Walks you through the yearly income tax return.", [], ["tax"]),
    "tests": Said(
        "Green bar",
        "Writes unit tests for Python code and explains failures.",
        ["Write a test for this function"],
        ["python", "pytest"],
    ),
    "sql": Said("Query doctor", "Makes slow SQL queries fast.", ["Why is this join slow?"], []),
    "letters": Said("Cover letters", "Drafts job applications in your own tone.", [], ["career"]),
    "garden": Said(
        "Green thumb",
        "Tells when to sow, prune and harvest vegetables.",
        ["What can I plant in March?"],
        ["garden"],
    ),
    "algebra": Said(
        "Patient tutor",
        "School mathematics step by step, without giving the answer away.",
        ["Help me with fractions"],
        ["school", "maths"],
    ),
    "sleep": Said("Night owl", "Habits for better sleep and calmer evenings.", [], ["health"]),
    "wine": Said("Cellar", "Chooses wines for a menu.", ["What goes with duck?"], []),
    "minutes": Said(
        "Minute taker",
        "Turns notes of meetings into decisions and tasks.",
        ["Summarise this meeting"],
        ["meetings"],
    ),
    "privacy": Said(
        "Privacy clerk",
        "Answers questions about data protection law in companies.",
        ["May we keep applicants' files?"],
        ["gdpr"],
    ),
    "dog": Said("Good boy", "Training plans for puppies and stubborn dogs.", [], ["pets"]),
    "poems": Said("Sonnet", "Writes verse for birthdays and weddings.", [], ["verse"]),
    "guitar": Said(
        "Six strings", "Guitar lessons: chords, rhythm and practice plans.", [], ["music"]
    ),
    "onboarding": Said(
        "First week",
        "Shows new colleagues the handbook: holidays, expenses and equipment.",
        ["How many days off do I have?"],
        ["staff"],
    ),
    "菜谱": Said(
        "家常菜师傅", "根据冰箱里的食材推荐菜谱和做法。", ["鸡蛋和番茄能做什么？"], ["烹饪"]
    ),
    "合同": Said("合同审查员", "审阅商务合同，指出风险条款。", ["帮我看看这份协议"], ["法律"]),
    "古诗": Said("诗词先生", "讲解唐诗宋词的意境与典故。", ["《静夜思》讲了什么？"], ["语文"]),
    "高考": Said("志愿填报顾问", "根据高考分数推荐大学和专业。", ["600分能上什么学校？"], ["升学"]),
    "股票": Said("财报分析师", "解读上市公司财务报表。", ["这家公司盈利如何？"], ["投资"]),
    "育儿": Said("新手爸妈", "解答婴幼儿喂养和睡眠的问题。", ["宝宝夜里总醒怎么办？"], ["育儿"]),
    "中医": Said("节气养生", "按二十四节气介绍饮食调养。", [], ["养生"]),
    "英语": Said("口语陪练", "陪你练习英语对话并纠正发音和语法。", ["模拟一次面试"], ["英语"]),
    "文案": Said("小红书写手", "为社交媒体写吸引人的推广文案。", ["写一篇护肤品笔记"], ["营销"]),
    "爬虫": Said("爬虫工匠", "用Python抓取网页数据并清洗。", ["抓取商品价格"], ["编程"]),
    "旅行": Said("自驾游规划", "规划川藏线自驾路线和住宿。", ["五天怎么安排？"], ["旅行"]),
    "论文": Said("论文润色", "修改学术论文的语言和结构。", ["润色这段摘要"], ["学术"]),
    "健身": Said("私人教练", "制定在家健身和减脂计划。", ["一周练几次？"], ["运动"]),
    "装修": Said("装修管家", "控制家装预算，选择材料和施工队。", [], ["家居"]),
    "心理": Said("倾听者", "陪你聊聊压力和情绪。", ["最近很焦虑"], ["心理"]),
    "会计": Said("记账助手", "帮小店主记账、开发票和报税。", ["怎么开增值税发票？"], ["财务"]),
}
"""By a word for each."""

ANSWERED = (
    ("plan a holiday without flying", "trains"),
    ("my landlord keeps the deposit", "tenancy"),
    ("what can I deduct from my salary", "taxes"),
    ("check that my software still works", "tests"),
    ("the database takes minutes to answer", "sql"),
    ("I want to change my employer, what do I send them", "letters"),
    ("when are tomatoes ripe", "garden"),
    ("my daughter cannot solve equations", "algebra"),
    ("I lie awake until three", "sleep"),
    ("which bottle to bring for dinner", "wine"),
    ("who has to do what after our talk", "minutes"),
    ("are we allowed to store customer addresses", "privacy"),
    ("my puppy bites the furniture", "dog"),
    ("something that rhymes for grandma's party", "poems"),
    ("learn to play an instrument", "guitar"),
    ("rules for employees who have just started", "onboarding"),
    ("what to cook with leftovers", "菜谱"),
    ("find risks in an agreement with a supplier", "合同"),
    ("explain classical Chinese poetry", "古诗"),
    ("which university should I apply to", "高考"),
    ("read the annual report of a company", "股票"),
    ("our baby does not want to eat", "育儿"),
    ("traditional food for each season", "中医"),
    ("practise speaking a foreign language", "英语"),
    ("advertise my products on social media", "文案"),
    ("collect prices from web shops automatically", "爬虫"),
    ("road trip through the mountains of Tibet", "旅行"),
    ("improve the style of my thesis", "论文"),
    ("lose weight at home", "健身"),
    ("renovate my flat without spending too much", "装修"),
    ("I feel stressed and need to talk", "心理"),
    ("bookkeeping for a small shop", "会计"),
    ("坐火车去欧洲玩", "trains"),
    ("房东不退押金怎么办", "tenancy"),
    ("个人所得税怎么申报", "taxes"),
    ("怎样检查代码有没有错误", "tests"),
    ("数据库查询太慢了", "sql"),
    ("帮我写一封求职信", "letters"),
    ("阳台上什么时候种菜", "garden"),
    ("孩子数学成绩不好", "algebra"),
    ("晚上总是睡不着", "sleep"),
    ("吃牛排配什么酒", "wine"),
    ("把开会内容整理成待办事项", "minutes"),
    ("公司如何保护客户的个人信息", "privacy"),
    ("小狗不听话怎么训练", "dog"),
    ("给朋友婚礼写几句祝福的诗", "poems"),
    ("零基础学弹吉他", "guitar"),
    ("新员工入职要知道什么", "onboarding"),
    ("今晚吃什么好呢", "菜谱"),
    ("签字之前请人把把关", "合同"),
    ("李白的作品怎么理解", "古诗"),
    ("成绩出来后选哪所院校", "高考"),
    ("上市企业赚不赚钱", "股票"),
    ("孩子半夜哭闹不停", "育儿"),
    ("冬天应该吃些什么补身体", "中医"),
    ("想和外国人流利聊天", "英语"),
    ("怎么在网上推销我的产品", "文案"),
    ("自动收集网站上的信息", "爬虫"),
    ("开车去西藏几天合适", "旅行"),
    ("毕业文章写得不通顺", "论文"),
    ("怎么减掉肚子上的肉", "健身"),
    ("新房子刷墙铺地板要花多少钱", "装修"),
    ("工作压力大心情不好", "心理"),
    ("小生意怎么管账", "会计"),
)
"""A question, and what answers it."""

UNANSWERED = (
    "how do I repair a diesel engine",
    "history of the Roman legions",
    "knit a pullover from wool",
    "interpret my radiology images",
    "rules of ice hockey",
    "draw a portrait with charcoal",
    "build a telescope mirror",
    "identify birds by their song",
    "wiring diagram of a dishwasher",
    "asdf qwer zxcv uiop",
    "who won the election in Brazil",
    "sail a small boat in strong wind",
    "aluminium welding temperature table",
    "crochet patterns for beginners",
    "飞机发动机的工作原理",
    "围棋定式有哪些",
    "怎么修理漏水的水龙头",
    "恐龙为什么会灭绝",
    "世界杯冠军是哪支球队",
    "学习素描要准备什么工具",
    "鲸鱼怎样在海里呼吸",
    "摩托车驾照怎么考",
    "量子力学的基本假设",
    "集邮应该怎样入门",
    "罗马帝国的军队制度",
    "望远镜镜片怎么打磨",
)
"""Of nothing that is listed."""


MARGINS = (-0.015, -0.01, -0.005, 0.0, 0.005, 0.01, 0.015)
"""Added to the numbers in force, to see what others would do."""


class Fit(NamedTuple):
    """What a threshold does between two scripts. answered, missed: questions with a listing there,
    and those that do not show it. wrong: listings shown beside. idle, disturbed: questions without
    a listing there, and those that show one nevertheless."""

    asked: str
    shelf: str
    margin: float
    answered: int
    missed: int
    wrong: int
    idle: int
    disturbed: int


def main() -> None:
    """Print what the numbers in force do, and their neighbours."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    is_json = parser.parse_args().json
    embedder = SentenceTransformersEmbedder(MODEL, threads=2)
    shelves = shelved(embedder)
    questions = [(text, name, embedder.embed_question(text)) for text, name in ANSWERED]
    questions += [(text, "", embedder.embed_question(text)) for text in UNANSWERED]
    fits = [
        fit(shelves, questions, asked, shelf, margin)
        for asked in SHELVES
        for shelf in SHELVES
        for margin in MARGINS
    ]
    if is_json:
        print(json.dumps([each._asdict() for each in fits]))
        return
    for each in fits:
        print("  ".join(f"{name} {value}" for name, value in each._asdict().items()))


def shelved(embedder: SentenceTransformersEmbedder) -> dict[str, dict[str, Vector]]:
    """Script -> the vectors of its listings."""
    texts = {name: text_of(said) for name, said in LISTINGS.items()}
    vectors = embedder.embed_passages(list(texts.values()))
    found: dict[str, dict[str, Vector]] = {shelf: {} for shelf in SHELVES}
    for (name, text), vector in zip(texts.items(), vectors, strict=True):
        found[shelf_of(text) or ""][name] = vector
    return found


def fit(
    shelves: Mapping[str, Mapping[str, Vector]],
    questions: Sequence[tuple[str, str, Vector]],
    asked: str,
    shelf: str,
    margin: float,
) -> Fit:
    """What questions in one script show of the listings in another."""
    least = {(asked, shelf): NEAREST[MODEL_ID][asked, shelf] + margin}
    answered = missed = wrong = idle = disturbed = 0
    for text, right, vector in questions:
        if shelf_of(text) != asked:
            continue
        near = [Near(name, product(vector, other)) for name, other in shelves[shelf].items()]
        shown = near_enough(asked, {shelf: near}, least)
        others = [name for name in shown if name != right]
        wrong += len(others)
        if right in shelves[shelf]:
            answered += 1
            missed += right not in shown
        else:
            idle += 1
            disturbed += bool(others)
    return Fit(asked, shelf, margin, answered, missed, wrong, idle, disturbed)


def product(one: Vector, other: Vector) -> float:
    """The cosine of two unit vectors."""
    return sum(a * b for a, b in zip(one, other, strict=True))


if __name__ == "__main__":
    main()
