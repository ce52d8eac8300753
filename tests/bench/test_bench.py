"""That the benchmarks run; what they tell is for people to read."""

import subprocess
import sys

from portal.config import SOURCE_ROOT


def test_every_part_runs_and_prints_its_ratio() -> None:
    asked = [sys.executable, "-W", "error", "-m", "tests.bench", "--quick"]
    done = subprocess.run(asked, cwd=SOURCE_ROOT, capture_output=True, encoding="utf-8", timeout=900, check=False)
    assert done.returncode == 0, done.stderr
    for letter in "abcdefghijklm":
        assert f"\n({letter}) " in done.stdout
    assert done.stdout.count("    RATIO     ") >= 12
    assert done.stdout.count("    means     ") >= done.stdout.count("    RATIO     ")
