"""Both ways a letter leaves: a mail server, and the laptop's folder."""

import socket
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gateway.adapters.mail_console import MOST_LETTERS, ConsoleMail
from gateway.adapters.mail_smtp import SmtpMail
from gateway.letters.rules import Occasion, letter
from gateway.mail import Letter, MailRefused, MailUnavailable
from tests.support.engines import free_port
from tests.support.mail import SENDER, PostBox, letters_in, mail_server

LETTER = Letter("test", "ada@example.org", "Stoa: 您好", "Walk in the shade.\n柱廊\n")
SECRET = "a word between servers"


@pytest.fixture
def post() -> Iterator[PostBox]:
    with mail_server() as box:
        yield box


@contextmanager
def deaf_server() -> Iterator[int]:
    """Takes connections, and never says a word."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield listening.getsockname()[1]


async def test_a_mail_server_gets_the_letter_as_it_was_written(post: PostBox) -> None:
    mail = SmtpMail(post.settings())
    await mail.check()
    await mail.send(LETTER)

    (got,) = post.letters
    assert (got["To"], got["From"], got["Subject"]) == (LETTER.to, SENDER, LETTER.subject)
    assert got.get_content().replace("\r\n", "\n") == LETTER.text
    assert got["Auto-Submitted"] == "auto-generated"


async def test_the_folder_gets_it_for_its_owner_alone(tmp_path: Path) -> None:
    mail = ConsoleMail(tmp_path / "mail")
    await mail.check()
    await mail.send(LETTER)

    (path,) = (tmp_path / "mail").glob("*.eml")
    (got,) = letters_in(tmp_path / "mail")
    assert (got["Subject"], got.get_content()) == (LETTER.subject, LETTER.text)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


async def test_whoever_looks_into_the_folder_never_reads_half_a_letter(tmp_path: Path) -> None:
    halves: list[str] = []
    is_over = threading.Event()

    def look() -> None:
        while not is_over.is_set():
            for path in tmp_path.glob("*.eml"):
                if b"\n\n" not in path.read_bytes():
                    halves.append(path.name)
                path.unlink()

    reader = threading.Thread(target=look)
    reader.start()
    for _ in range(300):
        await ConsoleMail(tmp_path).send(LETTER)
    is_over.set()
    reader.join(30)

    assert halves == []


async def test_the_folder_keeps_the_newest_letters(tmp_path: Path) -> None:
    filled(tmp_path)
    await ConsoleMail(tmp_path).send(LETTER)

    names = names_in(tmp_path)
    assert (len(names), names[0]) == (MOST_LETTERS, "2020-0001.eml")


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("*.eml"))


def filled(folder: Path) -> None:
    """With as many letters as are kept."""
    for number in range(MOST_LETTERS):
        (folder / f"2020-{number:04}.eml").touch()


@pytest.fixture
def in_the_way(tmp_path: Path) -> Path:
    """A file where a folder should be."""
    path = tmp_path / "mail"
    path.write_text("in the way")
    return path


async def test_a_folder_that_cannot_be_written_is_a_failure_of_mail(in_the_way: Path) -> None:
    with pytest.raises(MailUnavailable):
        await ConsoleMail(in_the_way).send(LETTER)


async def test_starttls_with_a_password_reaches_a_server_that_wants_both(tmp_path: Path) -> None:
    with mail_server(tmp_path, SECRET) as post:
        settings = post.settings(
            security="starttls", ca_path=post.certificate, username="stoa", password=SECRET
        )
        await SmtpMail(settings).send(LETTER)

        assert len(post.letters) == 1


async def test_a_server_nobody_vouches_for_gets_nothing(tmp_path: Path) -> None:
    with mail_server(tmp_path) as post:
        with pytest.raises(MailUnavailable):
            await SmtpMail(post.settings(security="starttls")).send(LETTER)

        assert post.letters == []


async def test_a_server_without_starttls_gets_nothing(post: PostBox) -> None:
    with pytest.raises(MailUnavailable):
        await SmtpMail(post.settings(security="starttls")).send(LETTER)

    assert post.letters == []


async def test_a_wrong_password_is_refused_for_good(tmp_path: Path) -> None:
    with mail_server(tmp_path, SECRET) as post:
        settings = post.settings(
            security="starttls",
            ca_path=post.certificate,
            username="stoa",
            password="a wrong word between servers",
        )
        with pytest.raises(MailRefused):
            await SmtpMail(settings).check()


@pytest.mark.parametrize(
    ("answer", "failure"),
    [("451 Later", MailUnavailable), ("554 Never", MailRefused)],
)
async def test_what_passes_and_what_stays_are_told_apart(
    post: PostBox, answer: str, failure: type[MailUnavailable]
) -> None:
    post.answer = answer

    with pytest.raises(MailUnavailable) as caught:
        await SmtpMail(post.settings()).send(LETTER)

    assert type(caught.value) is failure


async def test_an_absent_server_and_a_deaf_one_are_given_up_in_time() -> None:
    absent, others = PostBox(free_port()), threading.active_count()
    with deaf_server() as port:
        deaf = PostBox(port)
        for box in (absent, deaf):
            with pytest.raises(MailUnavailable):
                await SmtpMail(box.settings(timeout_seconds=0.3)).send(LETTER)

    assert threading.active_count() <= others + 5


async def test_no_line_end_gets_into_a_header(post: PostBox) -> None:
    forged = Letter("test", "ada@example.org\r\nBcc: eve@example.org", "Hello", "text")

    with pytest.raises(MailUnavailable):
        await SmtpMail(post.settings()).send(forged)

    assert post.letters == []


@pytest.mark.parametrize("occasion", list(Occasion))
@pytest.mark.parametrize("language", ["en-GB,en;q=0.9", "zh-CN,zh;q=0.9"])
def test_every_letter_is_there_in_both_languages(occasion: Occasion, language: str) -> None:
    """A take-down is told in both at once: whoever did not ask chose no language."""
    written = letter(occasion, "ada@example.org", language, "http://stoa.example", "http://x/y?t")
    is_chinese = any("\u4e00" <= sign <= "\u9fff" for sign in written.text)

    assert is_chinese == (language.startswith("zh") or occasion is Occasion.TAKEN_DOWN)
    assert "http://stoa.example" in written.text
    assert "{" not in written.subject + written.text
