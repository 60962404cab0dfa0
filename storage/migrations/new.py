"""Write the next migration: `python -m storage.migrations.new "what changes"`, or `make migration WHAT="what changes"`.

Compares storage/tables.py with a database made by the migrations that are there. Read what it wrote before it is
committed: it cannot know a renamed column from a new one, and it moves no data.
"""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path
from typing import Any, Literal

import sqlalchemy as sa
from alembic.autogenerate import produce_migrations, render_python_code
from alembic.migration import MigrationContext

from storage import migrate, tables
from storage.database import open_database

PAGE = '''"""{what}"""

import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = {previous!r}


def upgrade() -> None:
    {body}
'''


def main(what: str) -> Path:
    """The file that was written."""
    known = migrate.revisions()
    for table in tables.metadata.tables.values():
        for column in table.columns:
            column.comment = None  # written for people who read tables.py; no part of the schema
    revision = f"{int(known[-1]) + 1 if known else 1:04}"
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(f"sqlite:///{folder}/scratch.db")
        if known:
            migrate.migrate(database)
        with database.engine.connect() as connection:
            options = {"render_item": _plainly, "render_as_batch": bool(known), "compare_type": True}
            context = MigrationContext.configure(connection, opts=options)
            changes = produce_migrations(context, tables.metadata)
            assert changes.upgrade_ops is not None
            body = render_python_code(
                changes.upgrade_ops, render_item=_plainly, migration_context=context, render_as_batch=bool(known)
            )
        database.close()
    # The names are in the tables' convention already; a migration says what is made and explains nothing.
    body = re.sub(r"# ### .*\n?\s*", "", body).strip() or "pass"
    slug = "_".join(re.findall(r"[a-z0-9]+", what.lower())[:6])
    path = migrate.FOLDER / "versions" / f"{revision}_{slug}.py"
    sentence = what[:1].upper() + what[1:].rstrip(".") + "."
    path.write_text(PAGE.format(what=sentence, revision=revision, previous=known[-1] if known else None, body=body))
    migrate.revisions.cache_clear()
    return path


def _plainly(kind: str, item: Any, context: Any) -> str | Literal[False]:
    """Types as they are today: a migration must not change when storage/tables.py does."""
    if kind == "type" and isinstance(item, sa.TypeDecorator):
        return "sa.DateTime(timezone=True)"
    return False


if __name__ == "__main__":
    print(main(" ".join(sys.argv[1:]) or "start"))
