"""The command ``g4f``."""

from __future__ import annotations

import sys
from importlib.metadata import PackageNotFoundError, distribution
from typing import Any

import click

from g4f.errors import ConfigError
from g4f.version import __version__


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="g4f")
def cli() -> None:
    """Run a chat platform of your own, and look after it."""
    _refuse_other_g4f()


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
    from g4f.db.migration import upgrade
    from g4f.db.session import Database

    database = Database(Settings.load().database_address)
    upgrade(database)
    database.close()
    click.echo("The database is up to date.")


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


def _refuse_other_g4f() -> None:
    """Refuse to run where PyPI's g4f is installed too: it has the same import name, and one would break the other."""
    try:
        distribution("g4f")
    except PackageNotFoundError:
        return
    raise ConfigError("The package g4f from PyPI is installed here too and has the same import name. Use a virtual environment of its own.")
