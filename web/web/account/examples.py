"""A first call with a key, ready to be pasted: for a terminal, for Python, for JavaScript."""

import json
import shlex
from dataclasses import dataclass

PLACEHOLDER = "sk-stoa-your-key"


@dataclass(frozen=True)
class Call:
    """What is asked of whom. base_url: with its `/v1`."""

    base_url: str
    key: str
    model: str
    question: str


@dataclass(frozen=True)
class Sample:
    """A call in one language. name: that language's own."""

    name: str
    id: str
    text: str


def samples(call: Call) -> list[Sample]:
    """The call in every language there is."""
    return [
        Sample("curl", "curl", curl_example(call)),
        Sample("Python", "python", python_example(call)),
        Sample("JavaScript", "javascript", javascript_example(call)),
    ]


def curl_example(call: Call) -> str:
    """With curl. Every value is quoted for a POSIX shell."""
    messages = [{"role": "user", "content": call.question}]
    body = json.dumps({"model": call.model, "messages": messages}, ensure_ascii=False)
    lines = [
        f"curl {shlex.quote(f'{call.base_url}/chat/completions')}",
        f"-H {shlex.quote(f'Authorization: Bearer {call.key}')}",
        "-H 'Content-Type: application/json'",
        f"-d {shlex.quote(body)}",
    ]
    return " \\\n  ".join(lines)


def python_example(call: Call) -> str:
    """With OpenAI's own library (`pip install openai`)."""
    return f"""from openai import OpenAI

client = OpenAI(
    base_url={_quoted(call.base_url)},
    api_key={_quoted(call.key)},
)
answer = client.chat.completions.create(
    model={_quoted(call.model)},
    messages=[{{"role": "user", "content": {_quoted(call.question)}}}],
)
print(answer.choices[0].message.content)"""


def javascript_example(call: Call) -> str:
    """With OpenAI's own library (`npm install openai`)."""
    return f"""import OpenAI from "openai";

const client = new OpenAI({{
  baseURL: {_quoted(call.base_url)},
  apiKey: {_quoted(call.key)},
}});
const answer = await client.chat.completions.create({{
  model: {_quoted(call.model)},
  messages: [{{ role: "user", content: {_quoted(call.question)} }}],
}});
console.log(answer.choices[0].message.content);"""


def _quoted(text: str) -> str:
    # A JSON string is a string literal of Python and of JavaScript too.
    return json.dumps(text, ensure_ascii=False)
