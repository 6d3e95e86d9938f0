"""The child process: llama.cpp's own HTTP server on loopback, alive as long as its parent is.

Started as `python -m inference.adapters.llamacpp_server` with one line of JSON on standard input
(ServerPlan). Says `{"address": …}` on standard output when the model is loaded. Standard input
stays open: its end is the parent's end.
"""

import ctypes
import json
import os
import signal
import sys
from typing import Any

from inference.adapters.llamacpp_plan import ServerPlan

LOG_WARNINGS = 2
_PR_SET_PDEATHSIG = 1


def fill(params: Any, plan: ServerPlan) -> None:
    """The plan in llama.cpp's words (CommonParams has no types)."""
    params.model.path = str(plan.path)
    params.model_alias = {plan.model}
    params.hostnames = ["127.0.0.1"]
    params.port = plan.port
    params.api_keys = [plan.api_key]
    params.n_ctx = plan.window_tokens * plan.slots
    params.n_parallel = plan.slots
    # A batch is read in one go: an abort waits for it, and so does the other slot's next token.
    params.n_batch = params.n_ubatch = plan.batch_tokens
    params.cpuparams_batch.n_threads = plan.prompt_threads
    params.cpuparams.n_threads = plan.answer_threads
    params.n_threads_http = plan.slots + 16
    # By default 8 GiB of old prompts would be kept, and shared between tenants.
    params.cache_ram_mib = 0
    params.cache_idle_slots = False
    # The server learns that a reader left when it writes: every second, not every thirty.
    params.sse_ping_interval = 1
    params.ui = False
    params.endpoint_metrics = True  # what it has counted is held against the ledger
    params.cors_origins = ""
    params.verbosity = LOG_WARNINGS


def main() -> None:
    """Load the model, serve, and end with the parent."""
    plan = ServerPlan.model_validate_json(sys.stdin.readline())
    _die_with(plan.parent_pid)
    # OpenMP reads this when it is loaded, so before the import. Threads that spin for one another
    # write 2 tokens a second when another program wants a core, threads that sleep write 10.
    os.putenv("OMP_WAIT_POLICY", "PASSIVE")
    import xllamacpp  # type: ignore[import-untyped]  # compiled, and without stubs

    params = xllamacpp.CommonParams()
    fill(params, plan)
    server = xllamacpp.Server(params)
    sys.stdout.write(json.dumps({"address": server.listening_address}) + "\n")
    sys.stdout.flush()
    sys.stdin.read()
    # Not sys.exit: stopping the server in order waits for the answers it is giving.
    os._exit(0)


def _die_with(parent_pid: int) -> None:
    # Covers a parent killed while the model loads, when nobody reads standard input.
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent_pid:
        os._exit(0)


if __name__ == "__main__":
    main()
