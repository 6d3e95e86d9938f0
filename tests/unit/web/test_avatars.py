"""An assistant's picture on the pages: chosen, followed, shown, taken off."""

import pytest

from contracts.avatars import MOST_UPLOAD_BYTES, AvatarProblem
from tests.support.gateway_standin import Standin
from tests.support.gateway_standin_avatars import wear
from tests.support.portraits import portrait, red
from tests.support.web_people import Person, words_of

HTMX = {"hx-request": "true"}
CHINESE = {"accept-language": "zh-CN"}


def chosen(content: bytes) -> list[tuple[str, tuple[str, bytes]]]:
    return [("picture", ("me.png", content))]


def test_a_picture_is_sent_followed_and_shown_without_a_script(
    ada: Person, standin: Standin, assistant_of_ada: str
) -> None:
    studio = f"/studio/{assistant_of_ada}"
    sent = ada.post(f"/studio/uploads/{assistant_of_ada}/avatar", files=chosen(red()))
    while_read = ada.get(studio)
    digest = wear(standin, assistant_of_ada, portrait())
    after = ada.get(studio)
    shown = ada.get(f"/avatars/{assistant_of_ada}/{digest}")

    assert sent.headers["location"] == f"{studio}#who"
    assert "The picture is being read." in words_of(while_read)
    assert "Show how far it is now" in words_of(while_read)
    assert f'src="/avatars/{assistant_of_ada}/{digest}"' in after.text
    assert "Use the pattern again" in words_of(after)
    assert shown.content == portrait()
    assert shown.headers["content-type"] == "image/png"
    assert shown.headers["x-content-type-options"] == "nosniff"
    assert shown.headers["cache-control"] == "private, max-age=31536000, immutable"
    assert "sandbox" in shown.headers["content-security-policy"]


def test_a_script_swaps_the_form_until_the_picture_is_there(
    ada: Person, standin: Standin, assistant_of_ada: str
) -> None:
    sent = ada.post(f"/studio/uploads/{assistant_of_ada}/avatar", files=chosen(red()), headers=HTMX)
    digest = wear(standin, assistant_of_ada, portrait())
    followed = ada.get(f"/studio/{assistant_of_ada}/avatar", headers=HTMX)
    removed = ada.post(f"/studio/{assistant_of_ada}/avatar/remove", headers=HTMX)

    assert 'hx-trigger="every 1s"' in sent.text
    assert 'hx-trigger="every 1s"' not in followed.text
    assert followed.text.count(f"/avatars/{assistant_of_ada}/{digest}") == 2
    assert "/avatars/" not in removed.text
    assert standin.assistants[assistant_of_ada].avatar is None


@pytest.mark.parametrize("problem", AvatarProblem)
def test_each_failure_is_told_in_both_languages(
    ada: Person, standin: Standin, assistant_of_ada: str, problem: AvatarProblem
) -> None:
    standin.avatars[assistant_of_ada] = problem
    pages = [
        words_of(ada.get(f"/studio/{assistant_of_ada}", headers=headers))
        for headers in ({}, CHINESE)
    ]

    said = {
        AvatarProblem.NOT_A_PICTURE: ("This is no picture", "这不是图片"),
        AvatarProblem.TOO_MANY_PIXELS: ("too many pixels", "像素太多"),
        AvatarProblem.DAMAGED: ("may be damaged", "可能已损坏"),
        AvatarProblem.TOOK_TOO_LONG: ("took too long", "时间太长"),
    }[problem]
    assert [words in page for words, page in zip(said, pages, strict=True)] == [True, True]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "This is no picture"),
        (bytes(MOST_UPLOAD_BYTES + 1), "This picture is larger than 2 MB."),
    ],
)
def test_a_refused_picture_is_told_in_its_place(
    ada: Person, assistant_of_ada: str, content: bytes, words: str
) -> None:
    path = f"/studio/uploads/{assistant_of_ada}/avatar"
    plain, swapped = (
        ada.post(path, files=chosen(content), headers=headers) for headers in ({}, HTMX)
    )

    assert (plain.status_code, swapped.status_code) == (422, 200)
    assert words in words_of(plain)
    assert words in words_of(swapped)


def test_lists_and_chats_show_the_picture(
    ada: Person, standin: Standin, assistant_of_ada: str
) -> None:
    digest = wear(standin, assistant_of_ada, portrait())
    ada.post(f"/studio/{assistant_of_ada}/publish")
    pages = ["/", "/studio", f"/chat/new?assistant={assistant_of_ada}"]
    talk = ada.post("/chat/conversations", {"assistant_id": assistant_of_ada, "text": "Hi"})
    pages += [talk.headers["location"].partition("#")[0], "/chat"]

    assert [
        path
        for path in pages
        if f'src="/avatars/{assistant_of_ada}/{digest}"' not in ada.get(path).text
    ] == []
    assert ada.get(f"/avatars/{assistant_of_ada}/{'0' * 64}").status_code == 404
    assert ada.get(f"/avatars/{assistant_of_ada}/%2e%2e").status_code == 400
