"""The command ``g4f``."""

from __future__ import annotations

import sys
from contextlib import closing
from typing import Any

import click

from g4f.errors import ConfigError
from g4f.version import __version__, conflict


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="g4f")
@click.pass_context
def cli(context: click.Context) -> None:
    """Run a chat platform of your own, and look after it."""
    if context.invoked_subcommand != "doctor" and (said := conflict()):  # the doctor says so among the rest
        raise ConfigError(said)


@cli.command()
@click.option("--host", help="Address to listen on.")
@click.option("--port", "-p", type=int, help="Port to listen on.")
@click.option("--debug", "-d", is_flag=True, help="Write what providers do to the log.")
def gui(host: str | None, port: int | None, debug: bool) -> None:
    """Serve the page and the API."""
    from g4f.gui.server.app import create_app
    from g4f.gui.server.hosting import serve

    given: dict[str, Any] = {"host": host, "port": port, "debug": debug or None}
    app = create_app({name: value for name, value in given.items() if value is not None})
    serve(app, app.extensions["g4f"], click.echo)


@cli.group()
def db() -> None:
    """Look after the database."""


@db.command("upgrade")
def upgrade_database() -> None:
    """Bring the database up to date."""
    from g4f.config import Settings
    from g4f.db.lock import FolderLock
    from g4f.db.migration import head, upgrade
    from g4f.db.session import Database

    with closing(Database(Settings.load().database_address)) as database:
        # A server on the same SQLite file would write through the change; servers on PostgreSQL are made to live with it.
        migrated = upgrade(database, FolderLock(database.path.parent) if database.path else None)
    click.echo(f"The database was brought to migration {head()}." if migrated else "The database is up to date.")


@cli.command()
def doctor() -> None:
    """Check what the platform needs, a line for each; the exit code is 78 when it cannot start."""
    from g4f.doctor import examine

    found = []
    for finding in examine():
        found.append(finding.mark)
        click.echo(f"{finding.mark:<9}{finding.text}")
    sys.exit(ConfigError.exit_code if "failure" in found else 0)


@cli.command()
def version() -> None:
    """Name the version."""
    click.echo(__version__)


def main() -> None:
    """Run the command; what stops it from starting is one line and an exit code."""
    try:
        cli()
    except ConfigError as error:
        click.echo(f"g4f: {error}", err=True)
        sys.exit(error.exit_code)
