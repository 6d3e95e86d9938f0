"""The processes of Stoa on one machine, and the environment each of them gets."""

import json
import sys
from collections.abc import Mapping, Sequence

from laptop import postgres, valkey, vllm
from laptop.cores import usable_cores
from laptop.places import Place
from laptop.postgres import PostgresServer
from laptop.private_files import secret
from laptop.program import Program
from laptop.provision import Models
from laptop.readiness import Answers, says
from laptop.settings import REPOSITORY, LaptopSettings
from laptop.valkey import ValkeyServer
from laptop.vllm import VllmServer, vllm_python

ENGINES, KNOWLEDGE, GATEWAY, EDGE = range(4)  # layers: the last one is stopped first
SMALL_MACHINE_CORES = 8
LAST_WORDS_SECONDS = 3.0  # after STOA_STOP_SECONDS, which open answers get


def postgres_of(place: Place) -> PostgresServer:
    password = secret(place.secret_file("postgres"))
    return PostgresServer(place.home / "postgres", place.port("postgres"), password)


def valkey_of(place: Place) -> ValkeyServer:
    password = secret(place.secret_file("valkey"))
    return ValkeyServer(place.home / "valkey", place.port("valkey"), password)


def programs(
    settings: LaptopSettings, place: Place, models: Models, inherited: Mapping[str, str]
) -> list[Program]:
    """All of Stoa, in the order of starting."""
    environment = child_environment(settings, place, inherited, models)
    engines = embedded_engines(settings, place, inherited)
    names = [engine.name for engine in engines]
    servers = _model_servers(place, models, inherited)
    return [*engines, *servers, *_services(place, environment, names)]


def embedded_engines(
    settings: LaptopSettings, place: Place, inherited: Mapping[str, str]
) -> list[Program]:
    """PostgreSQL and Valkey, unless the installation was given an address for them."""
    found = []
    if settings.database_url is None:
        database = postgres_of(place)
        found.append(
            Program(
                "postgres",
                tuple(database.command()),
                inherited,
                is_ready=database.is_ready,
                layer=ENGINES,
                stop_signal=postgres.STOP_SIGNAL,
            )
        )
    if settings.redis_url is None:
        broker = valkey_of(place)
        found.append(
            Program(
                "valkey",
                tuple(broker.command()),
                inherited,
                is_ready=broker.is_ready,
                layer=ENGINES,
                stop_signal=valkey.STOP_SIGNAL,
            )
        )
    return found


def vllm_of(place: Place, models: Models) -> VllmServer | None:
    """None: the chat model runs in inference's own llama.cpp child."""
    if models.vllm_folder is None:
        return None
    return VllmServer(
        python=vllm_python(REPOSITORY),
        folder=models.vllm_folder,
        model=models.chat_id,
        port=place.port("vllm"),
        api_key=secret(place.secret_file("vllm")),
        scratch=place.home / "run" / "vllm",
    )


def _model_servers(place: Place, models: Models, inherited: Mapping[str, str]) -> list[Program]:
    server = vllm_of(place, models)
    if server is None:
        return []
    return [
        Program(
            "vllm",
            server.command(),
            server.environment(inherited),
            is_ready=Answers(server.port, "/health"),
            layer=ENGINES,
            stop_signal=vllm.STOP_SIGNAL,
            stop_seconds=vllm.STOP_SECONDS,
            start_seconds=vllm.START_SECONDS,
        )
    ]


def _services(
    place: Place, environment: Mapping[str, str], engines: Sequence[str]
) -> list[Program]:
    def served(name: str, layer: int, *after: str) -> Program:
        ready = Answers(place.port(name))
        command = (sys.executable, "-m", name)
        return Program(
            name,
            command,
            environment,
            after=after,
            is_ready=ready,
            layer=layer,
            stop_seconds=_stop_seconds(environment),
        )

    return [
        migration(environment, engines),
        served("inference", KNOWLEDGE),
        served("retrieval", KNOWLEDGE),
        served("gateway", GATEWAY, "migrate"),
        _worker(place, environment),
        _beat(place, environment),
        served("web", EDGE, "migrate"),
    ]


def migration(environment: Mapping[str, str], after: Sequence[str]) -> Program:
    command = (sys.executable, "-m", "gateway.migrate")
    return Program("migrate", command, environment, after=tuple(after), runs_once=True)


def _worker(place: Place, environment: Mapping[str, str]) -> Program:
    command = _celery("worker", "--concurrency=1", "--queues=ingest", "--loglevel=INFO")
    return Program(
        "worker",
        command,
        environment,
        after=("migrate",),
        is_ready=says(place.log("worker"), " ready."),
        layer=EDGE,
        niceness=10,  # reading documents must not slow down an answer
        stop_seconds=_stop_seconds(environment),
    )


def _beat(place: Place, environment: Mapping[str, str]) -> Program:
    schedule = f"--schedule={place.home / 'run' / 'beat-schedule'}"
    command = _celery("beat", schedule, "--pidfile=", "--loglevel=INFO")
    return Program("beat", command, environment, after=("migrate",), layer=EDGE)


def _stop_seconds(environment: Mapping[str, str]) -> float:
    return float(environment["STOA_STOP_SECONDS"]) + LAST_WORDS_SECONDS


def _celery(*words: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "celery", "-A", "ingest.worker", *words)


def child_environment(
    settings: LaptopSettings,
    place: Place,
    inherited: Mapping[str, str],
    models: Models | None = None,
) -> dict[str, str]:
    """Defaults, then what the person set, then what must fit this start."""
    defaults = _defaults(settings, place) | _for_guests(inherited)
    if models is not None:
        defaults |= _model_defaults(models, place)
    return defaults | dict(inherited) | _wiring(settings, place)


def _model_defaults(models: Models, place: Place) -> dict[str, str]:
    return {
        "GATEWAY_DEFAULT_MODEL": models.chat_id,
        "INFERENCE_ENGINES": json.dumps([_engine(models, place)]),
        "RETRIEVAL_EMBEDDING_PATH": str(models.embedding_folder),
        "INGEST_EMBEDDING_PATH": str(models.embedding_folder),
        "INGEST_SPACY_PATH": str(models.spacy_folder),
    }


def _engine(models: Models, place: Place) -> dict[str, object]:
    server = vllm_of(place, models)
    if server is not None:
        is_small = usable_cores() < SMALL_MACHINE_CORES
        return server.engine(place.secret_file("vllm"), is_small=is_small)
    return {
        "kind": "llamacpp",
        "model": models.chat_id,
        "path": str(models.chat_file),
        "port": place.port("llamacpp"),
        "threads": usable_cores(),
    }


def _defaults(settings: LaptopSettings, place: Place) -> dict[str, str]:
    return {
        # One thread each: torch, ONNX Runtime and llama.cpp would fight for the same cores.
        "OMP_NUM_THREADS": "1",
        "OMP_WAIT_POLICY": "PASSIVE",
        "TOKENIZERS_PARALLELISM": "false",
        "HF_HUB_OFFLINE": "1",
        "DO_NOT_TRACK": "1",
        "PYTHONUNBUFFERED": "1",
        "STOA_STOP_SECONDS": str(settings.stop_seconds),
        "STOA_REDIS_URL": settings.redis_url or valkey_of(place).address(),
        "GATEWAY_DATABASE_URL": settings.database_url or postgres_of(place).address(),
        "GATEWAY_BLOBS_URL": f"file://{place.home / 'blobs'}",
        "RETRIEVAL_INDEX_PATH": str(place.home / "index"),
    }


def _for_guests(inherited: Mapping[str, str]) -> dict[str, str]:
    """Whoever sits at this machine may ask what is shared by link; its network may not, unasked."""
    host = inherited.get("WEB_HOST", "127.0.0.1")
    is_here = host in ("127.0.0.1", "::1", "localhost")
    return {"GATEWAY_GUESTS__ADMITTED": "true" if is_here else "false"}


def _wiring(settings: LaptopSettings, place: Place) -> dict[str, str]:
    secret(place.secret_file("service-auth"))  # made before any service looks for it
    ports = {
        f"{name.upper()}_PORT": str(place.port(name))
        for name in ("web", "gateway", "retrieval", "inference")
    }
    return ports | {
        "STOA_HOME": str(settings.home),
        "STOA_SERVICE_SECRET_FILE": str(place.secret_file("service-auth")),
        "INFERENCE_LLAMACPP_PORT": str(place.port("llamacpp")),
        "GATEWAY_RETRIEVAL_URL": place.address("retrieval"),
        "GATEWAY_INFERENCE_URL": place.address("inference"),
        "GATEWAY_WEB_URL": place.address("web"),
        "INGEST_GATEWAY_URL": place.address("gateway"),
        "INGEST_RETRIEVAL_URL": place.address("retrieval"),
        "WEB_GATEWAY_URL": place.address("gateway"),
    }
