"""What an OpenAI-style server says it serves, held against what the settings say."""

from typing import Any

from inference.adapters.openai_http import OpenAiHttp, Refusal
from inference.errors import NotServedThere
from inference.settings import OpenAiSettings

MODELS_PATH = "/v1/models"
KEY_REFUSED = (401, 403)


async def check_served(http: OpenAiHttp, settings: OpenAiSettings) -> None:
    """Raises NotServedThere with what is wrong; a server without such a list is believed."""
    try:
        listed = (await http.get(MODELS_PATH)).get("data")
    except Refusal as refusal:
        if refusal.status not in KEY_REFUSED:
            return
        raise NotServedThere(
            f"the server at {settings.url} refuses the key of the engine for {settings.model}:"
            " api_key_file must name a file with its key"
        ) from None
    found = {str(each.get("id")): each for each in listed or () if isinstance(each, dict)}
    wanted = settings.served_name or settings.model
    if wanted not in found:
        raise NotServedThere(
            f"the server at {settings.url} does not serve {wanted}; it serves"
            f" {', '.join(sorted(found)) or 'nothing'}"
        )
    _check_window(found[wanted], settings)


def _check_window(listed: dict[str, Any], settings: OpenAiSettings) -> None:
    window_tokens = listed.get("max_model_len")  # vLLM says it, others do not
    if isinstance(window_tokens, int) and window_tokens < settings.window_tokens:
        raise NotServedThere(
            f"the server at {settings.url} serves {settings.model} with a window of"
            f" {window_tokens} tokens, fewer than window_tokens, {settings.window_tokens}"
        )
