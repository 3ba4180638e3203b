"""The command ``g4f``."""

from __future__ import annotations

import gc
import sys
from contextlib import closing
from pathlib import Path
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
    gc.disable()  # to look for garbage in what is being loaded takes a fifth of the start; the server turns it on again
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


@cli.group()
def files() -> None:
    """Look after the files."""


@files.command("clean")
@click.option("--dry-run", is_flag=True, help="Say what would go, and remove nothing.")
def clean_files(dry_run: bool) -> None:
    """Remove what was deleted long ago, uploads never finished and objects that are nobody's; drafts never sent go to the trash."""
    from g4f import aio
    from g4f.gui.server.api import Api

    with closing(Api()) as api:
        api.open()
        waste = aio.run(api.cleaning.report() if dry_run else api.cleaning.clean())
    click.echo(
        f"{'Would remove' if dry_run else 'Removed'} {waste.files} files, {waste.uploads} unfinished uploads and {waste.objects} objects "
        f"that are nobody's: {waste.bytes + waste.object_bytes} bytes.\n"
        f"{'Would put' if dry_run else 'Put'} {waste.drafts} files of messages that were never sent into the trash."
    )


@cli.command("say")
@click.argument("text")
@click.option("--out", "-o", type=click.Path(dir_okay=False, path_type=Path), required=True, help="File to write: .mp3, .wav or .pcm.")
@click.option("--engine", default="", help="Who reads; empty takes the first that can.")
@click.option("--voice", default="", help="Voice of the engine.")
@click.option("--language", default="", help="Language, such as ru; empty finds it out.")
@click.option("--speed", type=click.FloatRange(0.5, 2), default=1.0, show_default=True, help="Times the usual speed.")
def say_aloud(text: str, out: Path, engine: str, voice: str, language: str, speed: float) -> None:
    """Read TEXT aloud into a file."""
    from g4f.config import Settings
    from g4f.services.say import say

    say(text, out, engine, voice, language, speed, settings=Settings.load())


@cli.group()
def usage() -> None:
    """Look after the ledger of what answers used."""


@usage.command("verify")
def verify_usage() -> None:
    """Count messages and attempts again and name every difference to the ledger; the exit code is 1 when there is one."""
    from g4f.config import Settings
    from g4f.db.migration import pending
    from g4f.db.session import Database
    from g4f.services.ledger_audit import verify

    settings = Settings.load()
    with closing(Database(settings.database_address)) as database:
        if pending(database):
            raise ConfigError("The database is not up to date; run: g4f db upgrade.")
        differences = verify(database, settings.usage_days)
    for difference in differences:
        click.echo(difference)
    click.echo(f"The ledger has {len(differences)} differences." if differences else "The ledger is right.")
    sys.exit(1 if differences else 0)


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
