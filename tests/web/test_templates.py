"""What a template must not do that no browser would show at once."""

import pytest
from flask import Flask
from jinja2 import nodes

from portal.config import SOURCE_ROOT

TEMPLATES = sorted(
    str(path.relative_to(SOURCE_ROOT / "templates")) for path in (SOURCE_ROOT / "templates").rglob("*.html")
)
# These give the same in every language.
SAME_FOR_ALL = {"format", "safe", "e", "escape", "upper", "lower", "trim", "length", "tojson", "join"}


@pytest.mark.parametrize("name", TEMPLATES)
def test_no_filter_stands_on_a_literal(app: Flask, name: str) -> None:
    """Jinja works a filter of a literal out when it compiles: in the language of whoever came first, for everybody."""
    environment = app.jinja_env
    tree = environment.parse((SOURCE_ROOT / "templates" / name).read_text("utf-8"))
    frozen = [
        f"line {found.lineno}: {found.node.value!r}|{found.name}"
        for found in tree.find_all(nodes.Filter)
        if isinstance(found.node, nodes.Const) and found.name not in SAME_FOR_ALL
    ]
    assert frozen == []
