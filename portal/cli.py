"""The command line: the same rooms without a browser. Exit 0 = yes, 1 = no, 2 = could not tell."""

import sys
from pathlib import Path

import click

from portal.config import SOURCE_ROOT, Settings
from portal.web import assets as web_assets


@click.group()
@click.version_option(package_name="due-diligence-portal")
def main() -> None:
    """Due diligence for exports: certify, assess, screen and verify."""


@main.command()
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--threads", default=8, show_default=True, type=click.IntRange(1, 256))
def serve(port: int, host: str, threads: int) -> None:
    """Serve the site."""
    import waitress

    from portal.app import create_app

    settings = Settings()
    app = create_app(settings)
    click.echo(f"Serving on http://{host}:{port}")
    waitress.serve(app, host=host, port=port, threads=threads, ident=None, clear_untrusted_proxy_headers=True)


@main.group()
def assets() -> None:
    """Styles, scripts and fonts that come from packages."""


@assets.command("build")
def assets_build() -> None:
    """Fetch styles and scripts into static/vendor."""
    try:
        made = web_assets.build(SOURCE_ROOT)
    except web_assets.AssetsUnavailable as error:
        click.echo(str(error), err=True)
        sys.exit(2)
    for path in made:
        click.echo(path.relative_to(Path(SOURCE_ROOT)))
