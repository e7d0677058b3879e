"""The gate once more, in the database: what reaches the table of notices past the gate is refused there, whoever writes it.

What the database cannot know alone (the task of the unit, the places of the site, a second roll with the same person) stays with ``gate``. The triggers
are made anew after each migration, since SQLite loses them where a table is rebuilt.
"""

from __future__ import annotations

from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections

_STANDS = """
    SELECT 1 FROM campaigns_callup c JOIN campaigns_roll r ON r.id = c.roll_id JOIN campaigns_campaign k ON k.id = r.campaign_id
    WHERE c.id = NEW.callup_id AND c.verdict = 'clear' AND NOT c.held
      AND (c.state = 'checked' OR EXISTS (SELECT 1 FROM notices_notice n WHERE n.callup_id = c.id AND n.state = 'replaced'))
      AND r.state = 'signed' AND r.frozen_at IS NOT NULL AND r.run <> ''
      AND k.state = 'running' AND {issued} BETWEEN k.starts AND k.ends
      AND NEW.report_on > NEW.contest_until AND NEW.report_on <= k.ends
"""
"""A notice may be made. The day on which it is issued is told by the days for contesting, so that the zone of the office counts."""
_SAYS = "nobody is noticed past the gate"
_ENDED = "a notice that has ended stays ended"
_SQLITE = (
    "DROP TRIGGER IF EXISTS notice_gate",
    f"""CREATE TRIGGER notice_gate BEFORE INSERT ON notices_notice
        WHEN NOT EXISTS ({_STANDS.format(issued="date(NEW.contest_until, '-' || k.contest_days || ' days')")})
        BEGIN SELECT RAISE(ABORT, '{_SAYS}'); END""",
    "DROP TRIGGER IF EXISTS notice_ended",
    f"""CREATE TRIGGER notice_ended BEFORE UPDATE OF state, callup_id ON notices_notice
        WHEN NEW.callup_id <> OLD.callup_id OR (NEW.state <> OLD.state AND OLD.state <> 'in_force')
        BEGIN SELECT RAISE(ABORT, '{_ENDED}'); END""",
)
_POSTGRESQL = (
    f"""CREATE OR REPLACE FUNCTION notice_gate() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF NOT EXISTS ({_STANDS.format(issued="NEW.contest_until - k.contest_days")}) THEN
                RAISE EXCEPTION '{_SAYS}' USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        END $$""",
    "CREATE OR REPLACE TRIGGER notice_gate BEFORE INSERT ON notices_notice FOR EACH ROW EXECUTE FUNCTION notice_gate()",
    f"""CREATE OR REPLACE FUNCTION notice_ended() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION '{_ENDED}' USING ERRCODE = 'check_violation';
        END $$""",
    """CREATE OR REPLACE TRIGGER notice_ended BEFORE UPDATE OF state, callup_id ON notices_notice FOR EACH ROW
        WHEN (NEW.callup_id <> OLD.callup_id OR (NEW.state <> OLD.state AND OLD.state <> 'in_force')) EXECUTE FUNCTION notice_ended()""",
)


def stand(using: str = DEFAULT_DB_ALIAS, **_: Any) -> None:
    """Put the triggers up. Called after each migration."""
    database = connections[using]
    with database.cursor() as cursor:
        for statement in _SQLITE if database.vendor == "sqlite" else _POSTGRESQL:
            cursor.execute(statement)
