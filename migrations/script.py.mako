"""${message}

1. Numbered: one number after the last, one head.
2. Reversible, or downgrade() says in its docstring why not.
3. Works with the previous release: it may run against these tables while servers are replaced one by one. So add
   columns that may be NULL or have a server default; drop or rename only what the previous release no longer uses.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
${imports if imports else ""}
revision = "${up_revision}"
down_revision = ${'"%s"' % down_revision if down_revision else None}


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    ${downgrades if downgrades else "pass"}
