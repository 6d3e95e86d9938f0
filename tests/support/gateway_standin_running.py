"""The stand-in's engines and reconciliations, and the documents that are not ready as jobs."""

from fastapi import APIRouter, Request

from contracts.engines import EngineState, EngineStates, Tokens
from contracts.errors import ErrorKind
from contracts.ids import new_id
from contracts.in_force import SettingView, SettingViews
from contracts.job_list import IngestJob, JobState
from contracts.jobs import Stage
from contracts.lists import Page
from contracts.reconciling import Finding, ReconciledEngine, ReconciliationView
from tests.support.gateway_standin import Refused, Standin, now

_STATES = {Stage.QUEUED: JobState.QUEUED, Stage.FAILED: JobState.FAILED}
COUNTED = Tokens(input_tokens=48_210, cached_tokens=21_002, output_tokens=9_105)
LOST = Tokens(input_tokens=812, cached_tokens=0, output_tokens=61)


def running_app() -> APIRouter:
    """The routes, over the stand-in of the app they are put into."""
    router = APIRouter()
    router.add_api_route("/v1/admin/engines", engines, methods=["GET"])
    router.add_api_route("/v1/admin/settings", settings, methods=["GET"])
    router.add_api_route("/v1/admin/jobs", jobs, methods=["GET"])
    path = "/v1/admin/reconciliations"
    router.add_api_route(path, reconciliations, methods=["GET"])
    router.add_api_route(path, reconcile, methods=["POST"], status_code=201)
    path = f"{path}/{{look_id}}/findings/{{number}}/correction"
    router.add_api_route(path, correct, methods=["POST"], status_code=201)
    return router


async def settings(request: Request) -> SettingViews:
    _operator(request)
    shown = (
        ("", "SIGN_UP", "open", "invite"),
        ("", "PUBLIC_URL", "", ""),
        ("mail", "MAIL__HOST", "", ""),
        ("sessions", "SESSIONS__DAYS", "30", "30"),
        ("knowledge", "KNOWLEDGE__FILE_BYTES", "536870912", "536870912"),
    )
    views = [
        SettingView(
            name=f"GATEWAY_{name}",
            group=group,
            value=value,
            default=default,
            is_default=value == default,
        )
        for group, name, value, default in shown
    ]
    return SettingViews(data=views)


async def engines(request: Request) -> EngineStates:
    _operator(request)
    state = EngineState(
        engine="llamacpp:small",
        model="small",
        slots=2,
        running=1,
        waiting=3,
        is_up=True,
        tokens=COUNTED,
        answers=214,
        tokens_per_second=11.4,
        first_token_p50_ms=1_830,
    )
    down = EngineState(
        engine="openai:large", model="large", slots=64, running=0, waiting=0, is_up=False
    )
    return EngineStates(data=[state, down])


async def jobs(request: Request, state: JobState | None = None) -> Page[IngestJob]:
    found = [
        IngestJob(
            id=f"dver_{document.id}",
            created_at=document.created_at,
            workspace_id="wsp_home",
            workspace_name="Athens",
            vector_store_id=document.vector_store_id,
            collection_name="Plans",
            file_id=document.id,
            filename=document.filename,
            size_bytes=4_096,
            state=_STATES.get(document.progress.stage, JobState.RUNNING),
            stage=document.progress.stage,
            done=document.progress.done,
            total=document.progress.total,
            attempts=document.progress.attempt,
            code=document.last_error.code if document.last_error else None,
            message=document.last_error.message if document.last_error else None,
            may_change=True,
        )
        for document in _memory(request).documents.values()
        if document.progress.stage is not Stage.READY
    ]
    return Page(data=[job for job in found if state in (None, job.state)])


async def reconciliations(request: Request) -> Page[ReconciliationView]:
    _operator(request)
    return Page(data=list(reversed(_memory(request).reconciliations)))


async def reconcile(request: Request) -> ReconciliationView:
    """The first look finds everything right; each later one, an answer that was not charged."""
    _operator(request)
    kept = _memory(request).reconciliations
    lost = LOST if kept else Tokens()
    engine = ReconciledEngine(
        engine="llamacpp:small",
        model="small",
        note="" if kept else "first",
        since=now() - 86_400,
        until=now(),
        calls=214,
        counted=COUNTED,
        charged=COUNTED - lost,
        difference=lost,
        verdict="differs" if kept else "equal",
    )
    finding = Finding(
        kind="not_charged",
        at=now() - 3_600,
        request_id="trn_01hzy3v7q8",
        ledger_id=None,
        model=None,
        said=LOST,
        charged=Tokens(),
        correction=LOST,
    )
    made = ReconciliationView(
        id=new_id("rec_"),
        created_at=now(),
        night=None,
        since=now() - 86_400,
        until=now() - 120,
        verdict=engine.verdict,
        engines=[engine],
        findings=[finding] if kept else [],
        finding_count=len(kept[:1]),
        open_count=len(kept[:1]),
    )
    kept.append(made)
    return made


async def correct(request: Request, look_id: str, number: int) -> Finding:
    _operator(request)
    look = next(each for each in _memory(request).reconciliations if each.id == look_id)
    look.findings[number - 1].correction_id = "led_corrected"
    look.open_count = 0
    return look.findings[number - 1]


def _operator(request: Request) -> None:
    state = _memory(request)
    token = request.headers.get("authorization", "").removeprefix("Bearer ")
    if token not in state.sessions or not state.sessions[token].is_operator:
        raise Refused(ErrorKind.FORBIDDEN, "reconciliations_not_yours", "Not yours.")


def _memory(request: Request) -> Standin:
    state = request.app.state.standin
    assert isinstance(state, Standin)
    return state
