"""`sonagi completion`: what it prints makes a real bash know our commands and flags."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from test_plan_command import sonagi


def completed(folder: Path, *words: str) -> list[str]:
    """What bash offers for the last of `words`."""
    bin_ = Path(sys.executable).parent
    typed = " ".join(f"'{word}'" for word in words)
    script = f"""
    eval "$(sonagi completion bash)"
    COMP_WORDS=({typed}); COMP_CWORD={len(words) - 1}
    _sonagi_completion sonagi
    printf "%s\\n" "${{COMPREPLY[@]}}"
    """
    environment = {**os.environ, "PATH": f"{bin_}:{os.environ['PATH']}"}
    bash = shutil.which("bash")
    assert bash
    done = subprocess.run(
        [bash, "-c", script], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    return done.stdout.split()


def test_commands_and_flags_are_completed(tmp_path: Path) -> None:
    assert {"run", "hit", "new", "plan"} <= set(completed(tmp_path, "sonagi", ""))
    assert "--duration" in completed(tmp_path, "sonagi", "run", "--du")
    assert "compact" in completed(tmp_path, "sonagi", "run", "--summary-mode", "c")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_has_a_script(tmp_path: Path, shell: str) -> None:
    done = sonagi(tmp_path, "completion", shell)
    assert done.returncode == 0 and "_SONAGI_COMPLETE" in done.stdout


def test_another_shell_is_refused_with_those_there_are(tmp_path: Path) -> None:
    done = sonagi(tmp_path, "completion", "tcsh")
    assert done.returncode == 104 and "fish" in done.stderr
