"""What must agree between docker-compose.yml, the Dockerfiles, the settings and their neighbours.

Each rule takes a stack and names, in one sentence each, whatever is wrong with it.
"""

import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import yaml
from pydantic import BaseModel
from pydantic_settings import BaseSettings

from contracts.tasks import TASKS
from gateway.settings import Settings as GatewaySettings
from inference.settings import Settings as InferenceSettings
from ingest.settings import IngestSettings
from retrieval.settings import Settings as RetrievalSettings
from runtime.settings import SharedSettings
from tests.support.compose import OURS, ROOT, Service, Stack, dockerfile_of
from web.settings import Settings as WebSettings

Rule = Callable[[Stack], Iterator[str]]

SETTINGS: Mapping[str, tuple[type[BaseSettings], ...]] = {
    "gateway": (GatewaySettings,),
    "migrate": (GatewaySettings,),
    "tools": (GatewaySettings,),
    "web": (WebSettings,),
    "retrieval": (RetrievalSettings,),
    "inference": (InferenceSettings,),
    "worker": (SharedSettings, IngestSettings),
    "beat": (SharedSettings, IngestSettings),
    "models": (),
}
OTHER_PROGRAMS = {
    "PIP_CONFIG_FILE": "pip",
    "STOA_MODELS": "the command itself",
    "STOA_HOME": "laptop.models",
}
ONCE = ("migrate", "models", "tools")
PUBLISHED = "nginx"
_ADDRESS = re.compile(r"\w+(?:\+\w+)?://(?:[^@/\s]*@)?([a-z][a-z-]*):(\d+)")
_SECRET = re.compile(r"/run/secrets/(\w+)")
_SERVING = re.compile(r"127\.0\.0\.1[:/](\d+)")


def problems_of(stack: Stack) -> list[str]:
    """All that is wrong, by every rule."""
    return [problem for rule in RULES for problem in rule(stack)]


def variables_are_settings(stack: Stack) -> Iterator[str]:
    for service in _ours(stack):
        known = {name for kind in SETTINGS[service.name] for name in variables_of(kind)}
        known |= {f"{name}_FILE" for name in known} | set(OTHER_PROGRAMS)
        yield from (
            f"{service.name}: no setting is called {name}"
            for name in service.environment
            if name not in known
        )


def required_settings_are_given(stack: Stack) -> Iterator[str]:
    for service in _ours(stack):
        needed = {name for kind in SETTINGS[service.name] for name in required_of(kind)}
        if SETTINGS[service.name]:
            needed |= {"STOA_SERVICE_SECRET", "STOA_ENVIRONMENT"}
        if service.name in ("gateway", "migrate", "worker", "beat"):
            needed.add("STOA_REDIS_URL")
        for name in sorted(needed):
            if not {name, f"{name}_FILE"} & set(service.environment):
                yield f"{service.name}: {name} is not set"


def secrets_are_files(stack: Stack) -> Iterator[str]:
    declared, used = set(stack.given["secrets"]), set[str]()
    made = (ROOT / "infra/compose/secrets").read_text(encoding="utf-8")
    for service in stack.services.values():
        built_with = set(service.given.get("build", {}).get("secrets", []))
        named = set(_SECRET.findall(_text_of(service)))
        if service.name == "inference":  # which engines there are is the operator's choice
            engines = (ROOT / "infra/compose/engines").glob("*.json")
            named |= {found for path in engines for found in _SECRET.findall(path.read_text())}
        used |= set(service.secrets) | built_with
        yield from (
            f"{service.name}: reads {each}, which it is not given"
            for each in sorted(named - set(service.secrets))
        )
        yield from (
            f"{service.name}: is given {each} and never reads it"
            for each in sorted(set(service.secrets) - named)
        )
        yield from (
            f"{service.name}: {name} holds a secret in the open"
            for name in service.environment
            if re.search(r"(PASSWORD|SECRET|_KEY)$", name.removesuffix("_ACCESS_KEY_ID"))
        )
    yield from (f"secret {each} is declared and unused" for each in sorted(declared - used))
    yield from (f"secret {each} is used and not declared" for each in sorted(used - declared))
    yield from (
        f"infra/compose/secrets does not make {each}"
        for each in sorted(declared)
        if each not in made
    )


def ports_agree(stack: Stack) -> Iterator[str]:
    for service in _ours(stack):
        image = dockerfile_of(service)
        ports = [value for name, value in service.environment.items() if name.endswith("_PORT")]
        if ports and ports != image.ports:
            yield f"{service.name}: listens on {ports}, and its image exposes {image.ports}"
        for what, probe in (("compose", service.probe), ("image", " ".join(image.probe))):
            if service.name not in ONCE and _SERVING.findall(probe) != image.ports:
                yield f"{service.name}: the {what}'s health check asks another port"
        for name, value in service.environment.items():
            if name.endswith("_HOST") and value != "0.0.0.0":  # noqa: S104 - inside its container
                yield f"{service.name}: {name} is {value}, where nobody else reaches it"


def addresses_lead_somewhere(stack: Stack) -> Iterator[str]:
    for service in _ours(stack):
        text = f"{list(service.environment.values())} {_mounted_text(service)}"
        for host, port in _ADDRESS.findall(text):
            if host != "localhost":
                yield from _reached(stack, service, host, port)


def nginx_passes_to_who_listens(stack: Stack) -> Iterator[str]:
    nginx = stack.services[PUBLISHED]
    text = _mounted_text(nginx)
    for host, port in _ADDRESS.findall(text):
        yield from _reached(stack, nginx, host, port)
    listening = set(re.findall(r"listen (\d+)", text))
    for given in nginx.given["ports"]:
        inside = given.rpartition(":")[2]
        if inside not in listening | {"8443"}:  # 8443: only with the site `tls`
            yield f"nginx: port {inside} is published, and nothing listens there"
    for hidden in ("/metrics", "/internal"):
        if not re.search(rf"location {hidden} {{\s*return 404;", text):
            yield f"nginx: {hidden} can be reached from outside"


def prometheus_asks_who_listens(stack: Stack) -> Iterator[str]:
    prometheus = stack.services["prometheus"]
    given = yaml.safe_load((ROOT / "infra/prometheus/prometheus.yml").read_text(encoding="utf-8"))
    asked = set()
    for job in given["scrape_configs"]:
        for source in job["dns_sd_configs"]:
            for host in source["names"]:
                asked.add(host)
                yield from _reached(stack, prometheus, host, str(source["port"]))
    serving = {service.name for service in _ours(stack)} - set(ONCE)
    yield from (f"prometheus: {name} is not asked" for name in sorted(serving - asked))


def commands_exist(stack: Stack) -> Iterator[str]:
    for service in _ours(stack):
        image = dockerfile_of(service)
        if service.command == image.command:
            continue
        for module in re.findall(r"python -m ([\w.]+)", " ".join(service.command)):
            if module != "celery" and not any(
                (ROOT / source).parent.joinpath(*module.split(".")).with_suffix(".py").exists()
                or (ROOT / source).parent.joinpath(*module.split("."), "__main__.py").exists()
                for source, _ in image.copies
            ):
                yield f"{service.name}: its image has no module {module}"
        if not re.search(r"python -m [\w.]+", " ".join(service.command)):
            yield f"{service.name}: its command starts no module"


def queues_are_drained(stack: Stack) -> Iterator[str]:
    words = " ".join(stack.services["worker"].command)
    for queue in sorted({task.queue for task in TASKS}):
        if f"--queues={queue}" not in words:
            yield f"worker: nobody takes from the queue {queue}"


def volumes_are_declared(stack: Stack) -> Iterator[str]:
    used = {
        mount.source
        for service in stack.services.values()
        for mount in service.mounts
        if mount.is_named
    }
    declared = set(stack.given["volumes"])
    yield from (f"volume {each} is declared and unused" for each in sorted(declared - used))
    yield from (f"volume {each} is used and not declared" for each in sorted(used - declared))
    for service in stack.services.values():
        for mount in service.mounts:
            is_ours = mount.source.startswith("./infra") and "/private/" not in mount.source
            if is_ours and not (ROOT / mount.source).exists():
                yield f"{service.name}: {mount.source} is mounted and not there"


def only_nginx_is_published(stack: Stack) -> Iterator[str]:
    networks = stack.given["networks"]
    outside = {name for name, given in networks.items() if not given.get("internal")}
    if outside != {"edge", "outside"}:
        yield f"networks that are not internal: {sorted(outside)}"
    for service in stack.services.values():
        if service.name != PUBLISHED and "ports" in service.given:
            yield f"{service.name}: publishes ports"
        if service.name != PUBLISHED and "edge" in service.networks:
            yield f"{service.name}: is on the network edge"
        if service.name not in ("models", "vllm", "worker") and "outside" in service.networks:
            yield f"{service.name}: reaches the internet"
        if not service.networks:
            yield f"{service.name}: is on the default network"


def everybody_is_contained(stack: Stack) -> Iterator[str]:
    for service in stack.services.values():
        given = service.given
        limits = given.get("deploy", {}).get("resources", {}).get("limits", {})
        held = {
            "no limits": {"cpus", "memory"} <= set(limits),
            "keeps capabilities": given.get("cap_drop") == ["ALL"],
            "may gain privileges": "no-new-privileges:true" in given.get("security_opt", []),
            "has no restart policy": "restart" in given,
            "has no health check": "healthcheck" in given or service.name in ONCE,
            "a writable root": bool(given.get("read_only")) or service.name == "vllm",
            "runs as root": given.get("user", "0").split(":")[0] != "0" or service.name == "vllm",
        }
        yield from (f"{service.name}: {fault}" for fault, is_held in held.items() if not is_held)
    for service in _ours(stack):
        image = dockerfile_of(service)
        if not image.user or image.user != service.given["user"]:
            yield f"{service.name}: user {service.given['user']}, and its image has {image.user}"


def stopping_has_time(stack: Stack) -> Iterator[str]:
    for service in _ours(stack):
        seconds = float(service.environment.get("STOA_STOP_SECONDS", 0))
        grace = float(str(service.given["stop_grace_period"]).removesuffix("s"))
        if grace < seconds + 2:
            yield f"{service.name}: is killed after {grace:g} s, and may take {seconds + 2:g}"


def variables_of(kind: type[BaseSettings]) -> Iterator[str]:
    """Every variable a settings class reads."""
    for name, field in _fields(kind, str(kind.model_config.get("env_prefix", ""))):
        del field
        yield name


def required_of(kind: type[BaseSettings]) -> Iterator[str]:
    """The variables without which it cannot be made."""
    for name, field in _fields(kind, str(kind.model_config.get("env_prefix", ""))):
        if field.is_required():
            yield name


def _fields(kind: type[BaseModel], prefix: str) -> Iterator[tuple[str, Any]]:
    for name, field in kind.model_fields.items():
        nested = field.annotation
        if inspect.isclass(nested) and issubclass(nested, BaseSettings):
            yield from _fields(nested, str(nested.model_config.get("env_prefix", "")))
        elif inspect.isclass(nested) and issubclass(nested, BaseModel):
            yield from _fields(nested, f"{prefix}{name}__".upper())
        else:
            yield f"{prefix}{name}".upper(), field


def _ours(stack: Stack) -> list[Service]:
    return [stack.services[name] for name in OURS]


def _text_of(service: Service) -> str:
    given = {key: value for key, value in service.given.items() if key != "secrets"}
    return f"{given} {_mounted_text(service)}"


def _mounted_text(service: Service) -> str:
    """What of our own files a service is shown."""
    texts = []
    for mount in service.mounts:
        path = ROOT / mount.source
        if mount.source.startswith("./infra") and path.is_file():
            texts.append(path.read_text(encoding="utf-8"))
    return "\n".join(texts)


def _reached(stack: Stack, asking: Service, host: str, port: str) -> Iterator[str]:
    asked = stack.services.get(host)
    if asked is None:
        yield f"{asking.name}: there is no service {host}"
        return
    if not asked.networks & asking.networks:
        yield f"{asking.name}: shares no network with {host}"
    if port not in _ports_of(asked):
        yield f"{asking.name}: asks {host} on {port}, where it does not listen"


def _ports_of(service: Service) -> set[str]:
    text = " ".join([*service.entrypoint, *service.command])
    set_ports = {value for name, value in service.environment.items() if name.endswith("_PORT")}
    named = re.findall(r"port[= ](\d+)", text)
    return set_ports | set(named) | DEFAULT_PORTS.get(service.name, set())


DEFAULT_PORTS = {"postgres": {"5432"}, "grafana": {"3000"}, "prometheus": {"9090"}}
RULES: tuple[Rule, ...] = (
    variables_are_settings,
    required_settings_are_given,
    secrets_are_files,
    ports_agree,
    addresses_lead_somewhere,
    nginx_passes_to_who_listens,
    prometheus_asks_who_listens,
    commands_exist,
    queues_are_drained,
    volumes_are_declared,
    only_nginx_is_published,
    everybody_is_contained,
    stopping_has_time,
)
