"""The matrix of rights, to be read by a lawyer: every address of the office, who may open it, who may send it something, and what of a person it shows.

How a row is read. ``opens``: the roles that may open the page (GET). ``sends``: those that may send its form (POST). Left out: nobody can, the answer is 405.
A role counts where a grant in force reaches: over the unit of the thing, or over one above it; not from beneath it, nor from elsewhere.

1. Who has not signed in with both factors is led to the door (302), may send nothing (403), and is told 401 by the interface for programs; so is who came with
   the password and the secret that whoever made his account knows ("handed out"), whatever he was granted.
2. Who has no grant in force is in no role: one that has run out, was ended, or waits for its second person, is none.
3. ``of``: the roles that see such things at all. Others are told 403, whether the thing is there or not.
4. Who sees such things, but not this one, is told 404, as if it were not there.
5. Who sees it, but may not do this, is told 403.
6. A list is open to a role as a whole, and holds only what the grant reaches.

``shows`` and ``tells``: what of a person stands in a page that is opened, and in the answer to what was sent: surname, number, row (his id on the roll), notice
(its number). Whatever is not named here must not appear.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

CLERK, COMMISSAR, BOARD, REVIEWER, OVERSEER = ({name} for name in ("clerk", "commissar", "board", "reviewer", "overseer"))
STATISTICIAN, AUDITOR, ADMINISTRATOR = ({name} for name in ("statistician", "auditor", "administrator"))
AT_A_SITE = {"site", "quartermaster", "medic"}
OFFICE = CLERK | COMMISSAR
WATCH = REVIEWER | OVERSEER
FILES = OFFICE | WATCH | BOARD
"""They see persons. Nobody else ever does."""
ROLES = FILES | AT_A_SITE | STATISTICIAN | AUDITOR | ADMINISTRATOR
SIGNED_IN = ROLES | {"without a grant"}
PASSWORD_ONLY, HANDED_OUT, THE_PERSON, NOT_SIGNED_IN = {"password only"}, {"handed out"}, {"the person"}, {"not signed in"}
EVERYBODY = SIGNED_IN | PASSWORD_ONLY | HANDED_OUT | THE_PERSON | NOT_SIGNED_IN

RELATIONS = {"own unit": True, "unit above": True, "unit beneath": False, "other region": False}
"""Where the grant is, seen from the unit of the thing, and whether it reaches."""


@dataclass(frozen=True, slots=True)
class Right:
    """One address. ``opened`` and ``done``: the answer where all is well; ``else_``: that to everybody else, where it is not as the rules above say;
    ``beyond``: that to a form which names a unit that the grant does not reach; ``changes``: whether sending it changes anything."""

    name: str
    opens: set[str] | None = None
    sends: set[str] | None = None
    of: set[str] | None = None
    shows: str = ""
    tells: str = ""
    opened: int = 200
    done: int = 302
    else_: int = 0
    beyond: int = 0
    changes: bool = True
    door: str = "staff"
    format: str = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """A list: as a page, as CSV, as a workbook and as JSON of the interface for programs."""

    name: str
    opens: set[str]
    shows: str = ""


PUBLIC = (
    Right("start", EVERYBODY),
    Right("check", EVERYBODY, EVERYBODY, done=200, changes=False),
    Right("checker", EVERYBODY),
    Right("keys", EVERYBODY),
    Right("status-list", EVERYBODY),
    Right("improper", EVERYBODY, EVERYBODY),
    Right("reported", EVERYBODY, opened=302),  # nothing was reported in this session: to the form
    Right("follow", EVERYBODY, EVERYBODY, done=200, changes=False),
    Right("ledger", EVERYBODY),
    Right("checkpoint", EVERYBODY),
    Right("log", EVERYBODY),
    Right("health", EVERYBODY),
    Right("ready", EVERYBODY),
    Right("language", None, EVERYBODY, changes=False),
    # whoever holds the notice, with its number and its code
    Right("own-enter", EVERYBODY, EVERYBODY, changes=False),
    Right("own-file", THE_PERSON, shows="surname number notice", else_=302),
    Right("own-receipt", THE_PERSON, else_=302),
    Right("own-correct", THE_PERSON, THE_PERSON, else_=302),
    Right("own-leave", None, EVERYBODY, changes=False),
    # whoever holds the link of a questionnaire
    Right("answer", EVERYBODY, EVERYBODY),
    Right("answer-enter", EVERYBODY, EVERYBODY, changes=False),
    Right("sign-in", EVERYBODY, EVERYBODY, done=422, changes=False),
    Right("take-over", HANDED_OUT, HANDED_OUT, done=422, else_=302, changes=False),
    Right("second-factor", SIGNED_IN | PASSWORD_ONLY | HANDED_OUT, SIGNED_IN | PASSWORD_ONLY | HANDED_OUT, done=422, else_=302, changes=False),
    Right("sign-out", None, EVERYBODY, changes=False),
)

_GRANTS, _ROLLS, _NOTICES = ADMINISTRATOR | AUDITOR | OVERSEER, OFFICE | WATCH, OFFICE | WATCH
_CAMPAIGNS = ROLES - ADMINISTRATOR
STAFF = (
    Right("own", SIGNED_IN, SIGNED_IN, done=422, changes=False),
    Right("end-sign-in", None, SIGNED_IN, changes=False),  # the sign-in of another account: nothing ends
    Right("work", SIGNED_IN),
    Right("figures", FILES | STATISTICIAN | AUDITOR),
    Right("job", OFFICE | OVERSEER, of=OFFICE | OVERSEER),
    Right("job-again", None, OFFICE, of=OFFICE | OVERSEER),
    # accounts and grants
    Right("new-account", ADMINISTRATOR, ADMINISTRATOR, done=200),
    Right("new-grant", ADMINISTRATOR, ADMINISTRATOR, beyond=422),
    Right("grant", _GRANTS, of=_GRANTS),
    Right("confirm-grant", None, ADMINISTRATOR, of=_GRANTS),
    Right("end-grant", None, ADMINISTRATOR | OVERSEER, of=_GRANTS),
    # campaigns
    Right("new-campaign", COMMISSAR, COMMISSAR, beyond=422),
    Right("campaign", _CAMPAIGNS, of=_CAMPAIGNS),
    Right("tasks", COMMISSAR, COMMISSAR, of=_CAMPAIGNS),
    Right("authorise", None, COMMISSAR, of=_CAMPAIGNS),
    Right("end-campaign", None, COMMISSAR | OVERSEER, of=_CAMPAIGNS),
    Right("deliver", OFFICE, OFFICE, of=_CAMPAIGNS, done=422, changes=False),
    Right("upload", CLERK, CLERK, of=_CAMPAIGNS),
    # rolls
    Right("roll", _ROLLS, of=_ROLLS),
    Right("freeze", None, CLERK, of=_ROLLS),
    Right("sign", None, COMMISSAR, of=_ROLLS),
    Right("withdraw", None, CLERK, of=_ROLLS),
    Right("screen", None, OFFICE, of=_ROLLS),
    Right("issue-batch", CLERK, CLERK, of=_ROLLS),
    Right("mailings", _ROLLS, CLERK, of=_ROLLS),
    Right("mailing-file", CLERK, of=_ROLLS, shows="surname"),
    # persons
    Right("callup", FILES, of=FILES, shows="surname number row"),
    Right("explanation", FILES, of=FILES, shows="surname"),
    Right("struck-letter", FILES, of=FILES, shows="surname"),
    Right("ask", None, CLERK, of=FILES, done=200, tells="surname"),
    Right("proof", None, CLERK, of=FILES),
    Right("issue", CLERK, CLERK, of=FILES, shows="surname"),
    # notices
    Right("notice", _NOTICES, of=_NOTICES, shows="surname notice"),
    Right("paper", _NOTICES, of=_NOTICES, shows="surname notice"),
    Right("revoke", None, OFFICE | OVERSEER, of=_NOTICES),
    Right("replace", None, CLERK, of=_NOTICES),  # who may both revoke and issue
    Right("serve", None, CLERK, of=_NOTICES),
    Right("report", WATCH, OVERSEER, of=WATCH),
)

LISTS = (
    Listed("campaigns", _CAMPAIGNS),
    Listed("tasks", _CAMPAIGNS),
    Listed("deliveries", _CAMPAIGNS),
    Listed("rolls", _ROLLS),
    Listed("people", FILES, "surname"),
    Listed("findings", FILES),
    Listed("questionnaires", OFFICE | WATCH, "surname"),
    Listed("notices", _NOTICES, "surname notice"),
    Listed("sites", ROLES - ADMINISTRATOR),
    Listed("cases", FILES, "surname"),
    Listed("reports", WATCH),
    Listed("looks", OVERSEER | AUDITOR),
    Listed("events", OVERSEER | AUDITOR),
    Listed("jobs", OFFICE | OVERSEER),
    Listed("units", ROLES),
    Listed("accounts", ADMINISTRATOR | AUDITOR),
    Listed("grants", _GRANTS),
)

PROGRAMS = (
    Right("openapi-json", EVERYBODY),
    Right("api-root", set(), set(), else_=404),
    Right("finding", FILES, of=FILES),
    Right("job", OFFICE | OVERSEER, of=OFFICE | OVERSEER),
    Right("screen_roll", None, OFFICE, of=_ROLLS, done=202),
    Right("issue_batch", None, CLERK, of=_ROLLS, done=202),
    Right("issue", None, CLERK, of=FILES, done=201),
    Right("revoke", None, OFFICE | OVERSEER, of=_NOTICES, done=200),
    Right("check_number", None, EVERYBODY, done=200, changes=False),
)


def rights() -> list[Right]:
    """All rows, lists unfolded: each address once, but for exports, which are there once for each list and format."""
    pages = [replace(right, door="public") for right in PUBLIC] + list(STAFF) + [replace(right, door="programs") for right in PROGRAMS]
    return pages + [one for listed in LISTS for one in _unfolded(listed)]


def _unfolded(listed: Listed) -> list[Right]:
    return [
        Right(f"list:{listed.name}", listed.opens, shows=listed.shows),
        *(Right(f"export:{listed.name}", listed.opens, shows=listed.shows, format=format) for format in ("csv", "xlsx")),
        Right(f"list_{listed.name}", listed.opens, shows=listed.shows, door="programs", format="json"),
    ]


@dataclass(frozen=True, slots=True)
class Who:
    """Somebody who tries: his role (or what he is instead), where his grant is, and how he came to have none."""

    role: str
    relation: str = ""
    why: str = ""

    @property
    def reaches(self) -> bool:
        return RELATIONS.get(self.relation, False)

    def __str__(self) -> str:
        return ", ".join(filter(None, (self.role, self.relation, self.why)))


WITHOUT = ("none was given", "all have run out", "all were ended", "none is confirmed", "all begin tomorrow")
"""How one comes to have no grant in force. But for the first, there is one of each role."""
EVERY_WHO = (
    *(Who(role, relation) for role in sorted(ROLES) for relation in RELATIONS),
    *(Who("without a grant", why=why) for why in WITHOUT),
    *(Who(name) for name in ("password only", "handed out", "the person", "not signed in")),
)


def who_tries(right: Right, method: str) -> tuple[Who, ...]:
    """Everybody. Where a method is there for nobody the answer hangs on the door alone, and two roles stand for all; where it is there for everybody it hangs on
    no unit, and each role tries from one place."""
    may = right.opens if method == "GET" else right.sends
    if may is None:
        return tuple(who for who in EVERY_WHO if not who.relation or (who.role, who.relation) in {("clerk", "own unit"), ("overseer", "unit above")})
    return tuple(who for who in EVERY_WHO if may is not EVERYBODY or who.relation in ("", "own unit"))


@dataclass(frozen=True, slots=True)
class Cell:
    """What has to be answered, what of the person has to stand in it, and whether anything may have changed."""

    status: int
    marks: frozenset[str] = frozenset()
    changes: bool = False


def cell(right: Right, method: str, who: Who) -> Cell:
    """The rules above."""
    may, well = (right.opens, right.opened) if method == "GET" else (right.sends, right.done)
    signed_in = who.role in SIGNED_IN
    if right.door == "staff" and not signed_in:
        return Cell(302 if method == "GET" else 403)
    if may is None:
        return Cell(405)
    if who.role in may:
        if right.of is not None and not who.reaches:
            return Cell(404)
        if right.beyond and method == "POST" and not who.reaches:
            return Cell(right.beyond)
        marks = (right.shows if method == "GET" else right.tells) if who.reaches or who.role in THE_PERSON else ""
        return Cell(well, frozenset(marks.split()), method == "POST" and right.changes)
    if right.else_:
        return Cell(right.else_)
    if right.door == "programs" and not signed_in:
        return Cell(401)
    return Cell(404 if right.of is not None and who.role in right.of and not who.reaches else 403)
