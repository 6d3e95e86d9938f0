"""A first call with a new key, ready to be pasted into a terminal."""

import json
import shlex


def curl_example(api_url: str, key: str, model: str, question: str) -> str:
    """A chat completion with curl. Every value is quoted for a POSIX shell."""
    body = {"model": model, "messages": [{"role": "user", "content": question}]}
    lines = [
        f"curl {shlex.quote(f'{api_url}/v1/chat/completions')}",
        f"-H {shlex.quote(f'Authorization: Bearer {key}')}",
        "-H 'Content-Type: application/json'",
        f"-d {shlex.quote(json.dumps(body, ensure_ascii=False))}",
    ]
    return " \\\n  ".join(lines)
