"""What inference looks at before it serves: that each server has the model it is named for."""

from collections.abc import Sequence
from functools import partial

from inference.errors import NotServedThere
from inference.settings import Settings
from inference.wiring import refuse_wrong_servers
from runtime.probing import Probe
from runtime.starting import CannotStart


def probes(settings: Settings) -> Sequence[Probe]:
    """One. An engine that does not answer yet is waited for by readiness: vLLM takes a minute."""
    return (partial(_right_servers, settings),)


async def _right_servers(settings: Settings) -> None:
    try:
        await refuse_wrong_servers(settings)
    except NotServedThere as error:
        raise CannotStart(f"INFERENCE_ENGINES: {error.message}") from None
