"""Who may do what, as one written table, compared with the function that decides.

A letter is an action: (s)ee, (u)se, (l)ist, (d)ownload, (e)dit, s(h)are, (x) delete, (c)reate,
(a)dminister. What is not there is refused: as not found where `s` is not there either.
"""

from dataclasses import replace
from itertools import product

import pytest

from contracts.accounts import Power
from gateway.policy.rules import (
    OPENED_BY,
    OPENED_TO_GUESTS,
    OPENED_TO_VISITS,
    Asker,
    Thing,
    allowed,
)
from gateway.policy.words import Action, Kind, Verdict, Way

LETTERS = {
    "s": Action.SEE,
    "u": Action.USE,
    "l": Action.LIST,
    "d": Action.DOWNLOAD,
    "e": Action.EDIT,
    "h": Action.SHARE,
    "x": Action.DELETE,
    "c": Action.CREATE,
    "a": Action.ADMINISTER,
}

TABLE = """
kind          who               private    workspace  public
assistant     stranger          -          -          u
assistant     operator          -          -          u
assistant     guest             -          -          u
assistant     member            -          su         su
assistant     admin             suehx      suehx      suehx
assistant     owner             suehx      suehx      suehx
assistant     maker             suehx      suehx      suehx
assistant     guest maker       su         su         su
assistant     may use           su         su         su
assistant     may edit          sue        sue        sue
assistant     may download      -          su         su
assistant     guest may use     u          u          u
assistant     guest may edit    u          u          u
assistant     guest may load    -          -          u
assistant     visitor           -          u          u
assistant     visiting maker    -          u          u
assistant     linked            -          su         su
assistant     linked stranger   -          u          u
assistant     linked guest      -          u          u
assistant     visitor of else   -          -          -
collection    stranger          -          -          -
collection    operator          -          -          -
collection    guest             -          -          -
collection    member            -          suld       suld
collection    admin             suldehx    suldehx    suldehx
collection    owner             suldehx    suldehx    suldehx
collection    maker             suldehx    suldehx    suldehx
collection    guest maker       suld       suld       suld
collection    may use           su         suld       suld
collection    may edit          sule       sulde      sulde
collection    may download      sld        suld       suld
collection    guest may use     su         su         su
collection    guest may edit    sul        sul        sul
collection    guest may load    sld        sld        sld
collection    visitor           -          -          -
collection    visiting maker    -          -          -
file          stranger          -          -          -
file          operator          -          -          -
file          guest             -          -          -
file          member            -          -          -
file          admin             sdx        sdx        sdx
file          owner             sdx        sdx        sdx
file          maker             sdx        sdx        sdx
file          guest maker       sd         sd         sd
file          may use           -          -          -
file          may edit          -          -          -
file          may download      sd         sd         sd
file          guest may use     -          -          -
file          guest may edit    -          -          -
file          guest may load    sd         sd         sd
file          visitor           -          -          -
file          visiting maker    -          -          -
conversation  stranger          -          -          -
conversation  operator          -          -          -
conversation  guest             -          -          -
conversation  member            -          -          -
conversation  admin             -          -          -
conversation  owner             -          -          -
conversation  maker             suehx      suehx      suehx
conversation  guest maker       suehx      suehx      suehx
conversation  may use           -          -          -
conversation  may edit          -          -          -
conversation  may download      -          -          -
conversation  guest may use     -          -          -
conversation  guest may edit    -          -          -
conversation  guest may load    -          -          -
conversation  visitor           -          -          -
conversation  visiting maker    suex       suex       suex
key           stranger          -          -          -
key           operator          -          -          -
key           guest             -          -          -
key           member            -          -          -
key           admin             sx         sx         sx
key           owner             sx         sx         sx
key           maker             sx         sx         sx
key           guest maker       sx         sx         sx
key           may use           -          -          -
key           may edit          -          -          -
key           may download      -          -          -
key           guest may use     -          -          -
key           guest may edit    -          -          -
key           guest may load    -          -          -
key           visitor           -          -          -
key           visiting maker    -          -          -
group         stranger          -          -          -
group         operator          -          -          -
group         guest             -          -          -
group         member            s          s          s
group         admin             sex        sex        sex
group         owner             sex        sex        sex
workspace     stranger          -          -          -
workspace     operator          -          -          -
workspace     guest             s          s          s
workspace     member            sc         sc         sc
workspace     admin             sca        sca        sca
workspace     owner             sca        sca        sca
roster        stranger          -          -          -
roster        operator          scex       scex       scex
roster        guest             -          -          -
roster        member            -          -          -
roster        admin             scex       scex       scex
roster        owner             scex       scex       scex
ledger        stranger          -          -          -
ledger        operator          s          s          s
ledger        guest             -          -          -
ledger        member            -          -          -
ledger        admin             s          s          s
ledger        owner             s          s          s
budget        stranger          -          -          -
budget        operator          scex       scex       scex
budget        guest             -          -          -
budget        member            -          -          -
budget        admin             scex       scex       scex
budget        owner             scex       scex       scex
audit         stranger          -          -          -
audit         operator          s          s          s
audit         guest             -          -          -
audit         member            -          -          -
audit         admin             s          s          s
audit         owner             s          s          s
installation  stranger          -          -          -
installation  operator          sa         sa         sa
installation  guest             -          -          -
installation  member            -          -          -
installation  admin             -          -          -
installation  owner             -          -          -
"""

ANY = ("stranger", "operator", "guest", "member", "admin", "owner")
OF_OBJECTS = (
    *ANY,
    "maker",
    "guest maker",
    "may use",
    "may edit",
    "may download",
    "guest may use",
    "guest may edit",
    "guest may load",
    "visitor",
    "visiting maker",
)
BY_LINKS = ("linked", "linked stranger", "linked guest", "visitor of else")
OBJECTS = (Kind.ASSISTANT, Kind.COLLECTION, Kind.FILE, Kind.CONVERSATION, Kind.KEY)
VISIBILITIES = ("private", "workspace", "public")

HERE = Asker(member_id="mem_her", workspace_id="wsp_here", power=Power.MEMBER)
GRANTS = {
    "use": Way.GRANTED_USE,
    "edit": Way.GRANTED_EDIT,
    "download": Way.GRANTED_DOWNLOAD,
    "load": Way.GRANTED_DOWNLOAD,
}


def asker(who: str) -> Asker:
    if who.startswith("linked"):
        return asker(who.removeprefix("linked").strip() or "member")
    if who in ("stranger", "operator"):
        # Owner of another workspace: the strongest that is not of this one.
        elsewhere = replace(HERE, workspace_id="wsp_there", power=Power.OWNER)
        return replace(elsewhere, is_operator=who == "operator")
    if who.startswith("visit"):
        return replace(HERE, power=Power.GUEST, visits="else" if who.endswith("else") else "one")
    powers = {"guest": Power.GUEST, "admin": Power.ADMIN, "owner": Power.OWNER}
    return replace(HERE, power=powers.get(who.split()[0], Power.MEMBER))


def thing(kind: Kind, who: str, visibility: str) -> Thing:
    granted = frozenset({GRANTS[who.split()[-1]]} if " may " in f" {who}" else ())
    return Thing(
        kind=kind,
        id="one",
        workspace_id="wsp_here",
        owner_ids=frozenset({"mem_her" if who.endswith("maker") else "mem_else"}),
        is_open=visibility != "private",
        # Of collections nothing is public; whatever a row said, it would open nothing.
        is_public=visibility == "public",
        # Of anything else nothing is linked.
        is_linked=_is_linked(who) and visibility != "private",
        granted=granted,
    )


def _is_linked(who: str) -> bool:
    return who.startswith(("linked", "visit")) and not who.endswith("else")


def rows() -> dict[tuple[str, str], tuple[str, ...]]:
    found = {}
    for line in TABLE.strip().splitlines()[1:]:
        kind, who, rest = line[:14].strip(), line[14:32].strip(), line[32:].split()
        found[kind, who] = tuple(rest)
    return found


def test_the_table_has_a_row_for_everybody() -> None:
    people = [(kind, who) for kind in Kind for who in _people(kind)]

    assert list(rows()) == [(kind.value, who) for kind, who in people]


def _people(kind: Kind) -> tuple[str, ...]:
    everybody = OF_OBJECTS if kind in OBJECTS else ANY
    return (*everybody, *BY_LINKS) if kind is Kind.ASSISTANT else everybody


@pytest.mark.parametrize(("kind", "who"), list(rows()))
def test_everybody_may_what_the_table_says_and_nothing_else(kind: str, who: str) -> None:
    for visibility, letters in zip(VISIBILITIES, rows()[kind, who], strict=True):
        written = {LETTERS[letter] for letter in letters.strip("-")}
        object_ = thing(Kind(kind), who, visibility)
        refusal = Verdict.FORBIDDEN if Action.SEE in written else Verdict.HIDDEN
        expected = {each: Verdict.ALLOWED if each in written else refusal for each in Action}

        assert {each: allowed(asker(who), each, object_) for each in Action} == expected


def test_owners_of_another_workspace_find_nothing_even_if_a_row_names_them() -> None:
    every_way = frozenset(GRANTS.values())
    for kind, action in product(OBJECTS, Action):
        mine = Thing(
            kind, "one", "wsp_here", frozenset({"mem_her"}), is_open=True, granted=every_way
        )

        assert allowed(asker("stranger"), action, mine) is Verdict.HIDDEN


def test_a_bound_key_reaches_its_assistant_and_what_its_address_opened() -> None:
    key = replace(HERE, power=Power.OWNER, assistant_id="ast_1")
    inside = replace(key, opened=frozenset({"vs_1"}))

    def verdict(asker: Asker, kind: Kind, object_id: str) -> Verdict:
        return allowed(asker, Action.SEE, Thing(kind, object_id, "wsp_here", is_public=True))

    assert verdict(key, Kind.ASSISTANT, "ast_1") is Verdict.ALLOWED
    assert verdict(key, Kind.ASSISTANT, "ast_2") is Verdict.HIDDEN
    assert verdict(key, Kind.COLLECTION, "vs_1") is Verdict.HIDDEN
    assert verdict(inside, Kind.COLLECTION, "vs_1") is Verdict.ALLOWED
    assert verdict(inside, Kind.COLLECTION, "vs_2") is Verdict.HIDDEN
    assert verdict(inside, Kind.WORKSPACE, "wsp_here") is Verdict.HIDDEN


def test_no_way_opens_more_to_guests_than_to_members() -> None:
    for kind, way in product(Kind, Way):
        to_guests = OPENED_TO_GUESTS.get(kind, {}).get(way, frozenset())

        assert to_guests <= OPENED_BY[kind].get(way, frozenset())


def test_a_visit_opens_no_more_than_a_guest_has_and_nothing_by_being_public() -> None:
    for kind, way in product(Kind, Way):
        to_visits = OPENED_TO_VISITS.get(kind, {}).get(way, frozenset())

        assert to_visits <= OPENED_TO_GUESTS.get(kind, {}).get(way, frozenset())
        assert not to_visits or way in (Way.LINKED, Way.OWNS)
