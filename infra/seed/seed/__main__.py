"""`python -m seed`: put the examples into a Stoa that runs."""

import sys
import time

import httpx2
from pydantic import ValidationError

from seed.api import Api
from seed.errors import CannotSeed
from seed.people import Keepsake, operator, settle
from seed.plan import OWNER, WORKSPACE, planned_assistants
from seed.planting import Planting
from seed.settings import Settings
from seed.talking import Talking

_TIMEOUT = httpx2.Timeout(120, connect=5)


def seed(settings: Settings) -> None:
    """People first, then assistants, then what people ask them. Raises CannotSeed."""
    assistants = planned_assistants(settings.documents)
    kept = Keepsake(settings.kept)
    with httpx2.Client(base_url=settings.gateway_url, timeout=_TIMEOUT, trust_env=False) as http:
        api = Api(http)
        people = settle(api, operator(settings, api, kept), kept)
        _say(f"The workspace {WORKSPACE} has {len(people)} members")
        planting = Planting(people[OWNER.name], _say, settings.reading_seconds)
        planted = [(wanted, planting.plant(wanted)) for wanted in assistants]
        talking = Talking(people, _say, settings.answer_seconds)
        for wanted, assistant in planted:
            talking.talk(wanted, assistant["id"])
    _tell(settings, kept)


def main() -> int:
    """Seed, or say in one sentence why not."""
    began = time.monotonic()
    try:
        seed(Settings())
    except ValidationError as error:
        first = error.errors()[0]
        print(f"SEED_{str(first['loc'][0]).upper()}: {first['msg']}.", file=sys.stderr)
        return 2
    except CannotSeed as reason:
        print(f"The examples are not complete: {reason}.", file=sys.stderr)
        print("`make seed` goes on from here.", file=sys.stderr)
        return 1
    print(f"Done in {time.monotonic() - began:.0f} s.")
    return 0


def _say(line: str) -> None:
    print(line, flush=True)


def _tell(settings: Settings, kept: Keepsake) -> None:
    print(f"\nSign in at {settings.web_url}/login (kept in {kept.path}):")
    for email, password in kept.rows():
        print(f"  {email:<32}{password}")


if __name__ == "__main__":
    sys.exit(main())
