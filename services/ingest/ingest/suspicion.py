"""Passages that read like instructions to a model, in English and Chinese.

A flag is a hint for the builder, no wall: whoever knows the rules can write around them. What keeps
an obeying model harmless is that an answer has no way out of the page. Every pattern is bounded, so
that no text makes one slow.
"""

import re
import unicodedata
from collections.abc import Iterator

from contracts.jobs import PassageSpan
from contracts.passages import PassageFlag

_SPACE = re.compile(r"\s+")
# Seen by a tokenizer and not by a reader: zero-width and direction characters, variation selectors
# and Unicode's invisible copies of the ASCII letters.
_INVISIBLE = re.compile(
    "[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\U000e0000-\U000e007f]"
)
_HIDDEN = re.compile(
    "[\u202d\u202e]"
    "|[\U000e0020-\U000e007e]{4}"
    "|[\u200b\u2060-\u2064\ufeff]{3}"
    "|(?:[A-Za-z][\u00ad\u200b-\u200d\u2060]{1,3}){3}"
)
_FLAG_LETTERS = re.compile("\U0001f3f4[\U000e0020-\U000e007e]{1,8}\U000e007f")  # flags of regions
_LOOK_ALIKES = str.maketrans("аеорсухіјѕԁһӏοανε", "aeopcyxijsdhloave")

_DATA = (
    r"(?:conversation|chat history|chat log|transcript|dialogue|system prompt|previous "
    r"(?:message|answer|question)s?|user'?s (?:question|message|name|e-?mail|data|address)|"
    r"api[ -]keys?|passwords?|credentials|secrets|everything (?:above|so far|you know))"
)
_ZH_DATA = r"(?:对话|聊天记录|历史消息|系统提示|提示词|密码|密钥|口令|用户的|以上内容|上述内容)"
_LINK = r"(?:https?://|www\.|!\[)"

_PATTERNS: dict[PassageFlag, tuple[str, ...]] = {
    PassageFlag.OVERRIDE: (
        r"\b(?:ignore|disregard|forget|override|bypass)\b[^.!?]{0,40}?\b(?:previous|prior|above|"
        r"earlier|preceding|all|any|your|system)\b[^.!?]{0,30}?\b(?:instruction|prompt|rule|"
        r"direction|directive|guideline)s?\b",
        r"\b(?:new|updated|real|actual) (?:system )?(?:instructions?|prompt|task)\s?:",
        r"(?:忽略|无视|忘记|忘掉|不要理会|不必理会|抛开|跳过|覆盖).{0,12}?(?:之前|以前|上面|上述|以上|"
        r"先前|前面|所有|全部|系统|你的|原有).{0,12}?(?:指令|指示|提示|规则|要求|说明|设定|命令)",
    ),
    PassageFlag.ROLE: (
        r"\byou are (?:now|no longer)\b[^.!?]{0,60}?\b(?:assistant|ai|bot|model|chatbot|system|"
        r"admin\w{0,10}|developer|dan|unrestricted|free|jailbroken)\b",
        r"\b(?:act|behave|respond|answer|pretend) (?:as|to be|like|as if you were) (?:an? |the )?"
        r"(?:unrestricted|uncensored|unfiltered|evil|jailbroken|different (?:assistant|ai|model)|"
        r"(?:system )?administrator|developer)\b",
        r"\b(?:enter|enable|activate|switch (?:in)?to)\b[^.!?]{0,20}?\b(?:developer|debug|dan|god|"
        r"jailbreak|unrestricted|admin) mode\b",
        r"(?:你现在是|你不再是|从现在(?:开始|起)[,，]?.{0,6}?你(?:是|将|要|必须|只)|"
        r"(?:请你?|你要|你来|你必须|你将)扮演|进入.{0,6}?(?:开发者|调试|管理员|越狱|无限制)模式)",
    ),
    PassageFlag.MARKER: (
        r"<[|｜]\s?[a-z][\w▁ ]{0,30}\s?[|｜]>",
        r"\[/?(?:inst|system_prompt|tool_calls|available_tools)\]",
        r"<</?sys>>|</?(?:start|end)_of_turn>|</?(?:im_start|im_end|tool_call|tool_response)>",
        r"</?\s?passages?\b[^>]{0,60}>",
        r"#{2,4} ?(?:system|instruction|response|assistant) ?(?::|$|#)",
        r"\b(?:system|assistant|developer) ?: (?:you (?:are|must|will|should)|ignore|always|never|"
        r"from now on)\b",
        r"(?:系统|助手|开发者)(?:提示|消息|指令)? ?: ?(?:你(?:是|必须|将|要|应)|忽略|从现在)",
    ),
    PassageFlag.DISCLOSURE: (
        r"\b(?:reveal|print|show|repeat|output|tell|leak|display|disclose|expose|list|quote)\b"
        r"[^.!?]{0,40}?\b(?:system prompt|(?:hidden|initial|original|secret) (?:instructions?|"
        r"prompt)|your (?:instructions|prompt|rules|configuration)|(?:text|words|instructions) "
        r"above)\b",
        r"(?:输出|显示|告诉我|泄露|复述|重复|打印|公开|说出|列出).{0,12}?(?:系统提示|提示词|系统指令|"
        r"隐藏指令|你的指令|初始指令|原始指令|上面的指令)",
    ),
    PassageFlag.CONCEALMENT: (
        r"\b(?:do not|don'?t|never|without)\b[^.!?]{0,20}?\b(?:tell(?:ing)?|mention(?:ing)?|"
        r"inform(?:ing)?|warn(?:ing)?|let(?:ting)?|alert(?:ing)?)\b[^.!?]{0,30}?\bthe "
        r"(?:user|reader|human|person asking)\b",
        r"(?:不要|切勿|不得|禁止|请勿|别).{0,6}?(?:告诉|透露给|告知|提醒|让).{0,6}?"
        r"(?:用户|读者|提问者|提问的人)",
    ),
    PassageFlag.SENDING: (
        rf"\b(?:send|post|forward|append|include|attach|embed|encode|transmit|upload|submit|put)\b"
        rf"[^!?]{{0,60}}?{_DATA}[^!?]{{0,80}}?{_LINK}",
        rf"{_LINK}[^\s]{{0,200}}?[?&=/][\[{{<(]{{1,2}}[^\]}}>)]{{0,20}}?{_DATA}",
        rf"{_LINK}[^!?]{{0,120}}?\b(?:replac\w{{1,3}}|with|containing|followed by)\b[^!?]{{0,40}}?"
        rf"{_DATA}",
        rf"(?:发送|发到|发给|上传|附加|附上|拼接|传给|转发|提交|编码).{{0,40}}?{_ZH_DATA}.{{0,60}}?{_LINK}",
        rf"(?:把|将).{{0,10}}?{_ZH_DATA}.{{0,30}}?(?:发送|发到|发给|上传|附加|附在|拼接|传给|转发|提交|编码)"
        rf".{{0,40}}?{_LINK}",
    ),
}
_RULES = {
    flag: tuple(re.compile(pattern) for pattern in patterns) for flag, patterns in _PATTERNS.items()
}


def flags_of(text: str) -> list[PassageFlag]:
    """What in the text reads like an instruction; hidden characters first."""
    return list(_found(text))


def flagged(text: str, spans: list[PassageSpan]) -> list[PassageSpan]:
    """The passages of a document with their flags."""
    return [
        span.model_copy(update={"flags": flags_of(text[span.start : span.end])}) for span in spans
    ]


def _found(text: str) -> Iterator[PassageFlag]:
    if _HIDDEN.search(_FLAG_LETTERS.sub("", text)):
        yield PassageFlag.HIDDEN
    plain = _plain(text)
    for flag, patterns in _RULES.items():
        if any(pattern.search(plain) for pattern in patterns):
            yield flag


def _plain(text: str) -> str:
    """The text as a model takes it: look-alikes, widths and invisible characters undone."""
    spelled = _INVISIBLE.sub(_unveiled, text)
    folded = unicodedata.normalize("NFKC", spelled).casefold().translate(_LOOK_ALIKES)
    return _SPACE.sub(" ", folded)


def _unveiled(found: re.Match[str]) -> str:
    code = ord(found.group()) - 0xE0000
    return chr(code) if 0x20 <= code < 0x7F else ""
