"""Web in front of the real gateway, without engines: for what people do with their accounts."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from tests.support.engines import free_port
from tests.support.gateway import Person, RunningGateway, gateway_settings, running_gateway
from tests.support.mail import PostBox
from tests.support.serving import served
from web.main import build_app
from web.settings import Settings

T = TypeVar("T")


def aside(call: Callable[[], T]) -> T:
    """Do it in a thread: Playwright's own loop runs in this one, and a second one may not."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(call).result()


@dataclass(frozen=True)
class Stage:
    """Both, and the mail server between them and people."""

    base_url: str
    gateway: RunningGateway
    post: PostBox

    def enrol(self, name: str, **more: Any) -> Person:
        """A member, as the gateway's own tests make one."""
        return aside(partial(self.gateway.enrol, name, **more))

    def link(self, address: str, number: int = 1) -> str:
        """The link of a letter, as its reader opens it on this stage."""
        letter = str(self.post.wait(address, number).get_content())
        link = next(word for word in letter.split() if "token=" in word)
        return self.base_url + link[link.index("/", len("https://")) :]


@contextmanager
def stage(database_url: str, folder: Path, post: PostBox, **fields: Any) -> Iterator[Stage]:
    """A fresh installation; `fields` are the gateway's settings."""
    settings = gateway_settings(database_url, folder, mail=post.settings(), **fields)
    with running_gateway(database_url, folder, settings=settings) as gateway:
        own = Settings(
            gateway_url=gateway.address, cookie_name=f"test{free_port()}", shared=settings.shared
        )
        with served(build_app(own)) as base_url:
            yield Stage(base_url, gateway, post)
