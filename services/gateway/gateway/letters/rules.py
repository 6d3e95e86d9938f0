"""What letters say, in English and in Chinese. Plain text, one link at most, nothing to load."""

from dataclasses import dataclass
from enum import StrEnum

from gateway.mail import Letter


class Occasion(StrEnum):
    """Why somebody is written to."""

    CONFIRM = "confirm"
    RESET = "reset"
    SIGN_UP_AGAIN = "sign-up-again"
    NEW_ADDRESS = "new-address"
    ADDRESS_CHANGED = "address-changed"
    PASSWORD_CHANGED = "password-changed"  # noqa: S105 - no password
    TAKEN_DOWN = "taken-down"


@dataclass(frozen=True)
class Words:
    """Subject and text; `{link}` and `{place}` are filled in."""

    subject: str
    text: str


_IGNORE = "If this was not you, do nothing: without the link nothing happens."
_IGNORE_ZH = "如果这不是您本人的操作，请不要理会：不打开链接，什么都不会发生。"
_ALARM = "If this was not you, choose a new password at once: {link}"
_ALARM_ZH = "如果这不是您本人的操作，请立即设置新密码：{link}"

# Written to somebody who did not ask for it: nobody knows in which language they read.
_TAKEN_DOWN = Words(
    "An assistant of yours was taken out of the store / 您的助手已从商店下架",
    "A moderator took one of your assistants at {place} out of the store. Your workspace goes on "
    "using it. Why, and how to ask for another look:\n\n{link}\n\n"
    "{place} 的管理员已将您的一个助手从商店下架，您的工作区仍可继续使用。"
    "查看原因或申请复核，请打开上面的链接。\n",
)

_ENGLISH = {
    Occasion.TAKEN_DOWN: _TAKEN_DOWN,
    Occasion.CONFIRM: Words(
        "Confirm your address",
        f"Somebody made an account with this address at {{place}}. "
        f"Confirm the address within an hour:\n\n{{link}}\n\n{_IGNORE}\n",
    ),
    Occasion.RESET: Words(
        "Choose a new password",
        f"Somebody asked for a new password for your account at {{place}}. "
        f"Choose one within an hour:\n\n{{link}}\n\n{_IGNORE}\n",
    ),
    Occasion.SIGN_UP_AGAIN: Words(
        "You have an account already",
        f"Somebody wanted to make an account with this address at {{place}}. There is one "
        f"already. Sign in with it, or choose a new password within an hour:\n\n{{link}}\n\n"
        f"{_IGNORE}\n",
    ),
    Occasion.NEW_ADDRESS: Words(
        "Confirm your new address",
        f"Your account at {{place}} is to have this address. Confirm it within an hour:\n\n"
        f"{{link}}\n\n{_IGNORE}\n",
    ),
    Occasion.ADDRESS_CHANGED: Words(
        "Your address was changed",
        "Your account at {place} has another address now. Letters go there from now on.\n\n"
        "If this was not you, tell whoever runs {place}.\n",
    ),
    Occasion.PASSWORD_CHANGED: Words(
        "Your password was changed",
        f"The password of your account at {{place}} was changed, and its other sessions were "
        f"ended.\n\n{_ALARM}\n",
    ),
}
_CHINESE = {
    Occasion.TAKEN_DOWN: _TAKEN_DOWN,
    Occasion.CONFIRM: Words(
        "确认您的邮箱地址",
        f"有人用这个地址在 {{place}} 注册了账号。请在一小时内确认：\n\n{{link}}\n\n{_IGNORE_ZH}\n",
    ),
    Occasion.RESET: Words(
        "设置新密码",
        f"有人为您在 {{place}} 的账号申请重设密码。"
        f"请在一小时内设置：\n\n{{link}}\n\n{_IGNORE_ZH}\n",
    ),
    Occasion.SIGN_UP_AGAIN: Words(
        "您已经有账号了",
        f"有人想用这个地址在 {{place}} 注册账号，但账号已经存在。请直接登录，"
        f"或在一小时内设置新密码：\n\n{{link}}\n\n{_IGNORE_ZH}\n",
    ),
    Occasion.NEW_ADDRESS: Words(
        "确认您的新邮箱地址",
        f"您在 {{place}} 的账号将改用这个地址。请在一小时内确认：\n\n{{link}}\n\n{_IGNORE_ZH}\n",
    ),
    Occasion.ADDRESS_CHANGED: Words(
        "您的邮箱地址已更改",
        "您在 {place} 的账号已改用另一个邮箱地址，以后的邮件会发到那里。\n\n"
        "如果这不是您本人的操作，请告知 {place} 的管理者。\n",
    ),
    Occasion.PASSWORD_CHANGED: Words(
        "您的密码已更改",
        f"您在 {{place}} 的账号密码已更改，其他会话已全部结束。\n\n{_ALARM_ZH}\n",
    ),
}


def letter(occasion: Occasion, to: str, language: str, place: str, link: str = "") -> Letter:
    """A letter in the reader's language. place: the address of the installation's pages."""
    words = (_CHINESE if language.lower().startswith("zh") else _ENGLISH)[occasion]
    return Letter(
        kind=occasion.value,
        to=to,
        subject=f"Stoa: {words.subject}",
        text=words.text.format(place=place, link=link),
    )
