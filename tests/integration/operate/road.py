"""What a person does in the browser, with ids and canaries that are looked for afterwards."""

import re
from contextlib import closing
from dataclasses import dataclass

import httpx2

from tests.support.processes import EMAIL, PASSWORD, Five
from tests.support.waiting import wait_until

UPLOAD_ID, QUESTION_ID = "upload-7f3a9c21", "question-5be0d4a6"
DOCUMENT = "# Harbour\n\nThe mole is closed in storms. The pilot is Marguerite Okonkwo-Vane.\n"
QUESTION = "When is the mole closed, and who is the pilot?"
CANARY = "canary-in-the-query-string"
_FORM_TOKEN = re.compile(r'name="form_token"\s+value="([^"]+)"')
_TURN = re.compile(r"/chat/turns/(turn_[0-9a-z]+)/events")


@dataclass(frozen=True)
class Road:
    """What was used on the way; the secrets among it must be in no log."""

    assistant_id: str
    secrets: tuple[str, ...]
    texts: tuple[str, ...]


class Visitor:
    """Somebody at web, without a browser."""

    def __init__(self, five: Five) -> None:
        headers = {"accept": "text/html", "accept-language": "en"}
        self.http = httpx2.Client(base_url=five.address("web"), headers=headers, timeout=60)
        self.post("/login", {"email": EMAIL, "password": PASSWORD, "next": "/"}, page="/login")

    def post(
        self,
        path: str,
        fields: dict[str, str],
        page: str = "/account",
        request_id: str | None = None,
        files: list[tuple[str, tuple[str, bytes]]] | None = None,
    ) -> httpx2.Response:
        found = _FORM_TOKEN.search(self.http.get(page).text)
        assert found is not None, page
        headers = {} if request_id is None else {"x-request-id": request_id}
        data = {"form_token": found[1], **fields}
        answer = self.http.post(path, data=data, files=files, headers=headers)
        assert answer.status_code in (200, 303), answer.text
        return answer


def travelled(five: Five) -> Road:
    """Upload by web, publish, ask by web and once by the API."""
    with five.session() as api:
        made = api.post("/v1/assistants", json={"name": "Harbour"}).json()
        visitor = Visitor(five)
        with closing(visitor.http):
            visitor.post(
                f"/studio/uploads/{made['id']}",
                {},
                request_id=UPLOAD_ID,
                files=[("files", ("harbour.md", DOCUMENT.encode()))],
            )
            wait_until(lambda: _is_ready(api), seconds=60, what="the document to be ready")
            assert api.post(f"/v1/assistants/{made['id']}/publish").is_success
            begun = visitor.post(
                "/chat/conversations",
                {"assistant_id": made["id"], "text": QUESTION},
                request_id=QUESTION_ID,
            )
            page = visitor.http.get(begun.headers["location"]).text
            turn = _TURN.search(page)
            if turn is not None:
                visitor.http.get(f"/chat/turns/{turn[1]}/events?after=0&{CANARY}=1")
            cookies = tuple(visitor.http.cookies.values())
        asked = api.post(
            f"/v1/chat/completions?{CANARY}=1",
            headers={"idempotency-key": "asked-once"},
            json={"model": made["id"], "messages": [{"role": "user", "content": QUESTION}]},
        )
        assert asked.is_success, asked.text
        key = api.post("/v1/keys", json={"name": "test", "scopes": ["chat"]}).json()["key"]
        api.get("/v1/models", headers={"authorization": f"Bearer {key}"})
        api.get("/v1/models", headers={"authorization": f"Bearer {key}x"})
        session = api.headers["authorization"].removeprefix("Bearer ")
    secrets = (PASSWORD, session, key, CANARY, five.environment["STOA_SERVICE_SECRET"], *cookies)
    return Road(made["id"], secrets, (DOCUMENT.splitlines()[-1], QUESTION))


def _is_ready(api: httpx2.Client) -> bool:
    collections = api.get("/v1/vector_stores").json()["data"]
    files = [
        file
        for each in collections
        for file in api.get(f"/v1/vector_stores/{each['id']}/files").json()["data"]
    ]
    return bool(files) and all(file["status"] == "completed" for file in files)
