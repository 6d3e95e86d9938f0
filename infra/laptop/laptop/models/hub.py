"""Fetches one file from a model hub, the last source to be tried."""

from collections.abc import Callable
from pathlib import Path

from laptop.models.catalogue import HubSource
from laptop.models.errors import ModelUnavailable
from laptop.models.stamps import BLOCK_BYTES

CONNECT_SECONDS = 15.0


def take_from_hub(
    source: HubSource, hub_url: str, target: Path, tell: Callable[[int], None]
) -> None:
    import httpx2  # here, because fetching from wheels works before it is installed

    url = f"{hub_url}/{source.repository}/resolve/{source.revision}/{source.path}"
    try:
        with (
            httpx2.stream("GET", url, follow_redirects=True, timeout=CONNECT_SECONDS) as answer,
            target.open("wb") as file,
        ):
            answer.raise_for_status()
            for block in answer.iter_bytes(BLOCK_BYTES):
                file.write(block)
                tell(answer.num_bytes_downloaded)
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ModelUnavailable(f"The hub did not give {source.repository}: {reason}.") from error
