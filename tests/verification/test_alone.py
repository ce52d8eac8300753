"""A verifier can be shipped alone: it loads neither the web frame nor what draws a page."""

import subprocess
import sys

CHECK = """
import sys
import portal.verification.command, portal.verification.sources
heavy = {"flask", "weasyprint", "portal.certificates.page", "portal.certificates.issue", "portal.accounts"}
print(sorted(heavy & set(sys.modules)))
"""


def test_the_verifier_loads_no_room_that_it_does_not_need() -> None:
    done = subprocess.run([sys.executable, "-c", CHECK], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
