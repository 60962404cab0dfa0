"""Setting up, the import contract, and that what the pages tell a person to type works as it stands there."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from storage import migrate
from storage.database import open_database

ROOT = Path(__file__).parent.parent


FROM_MAKE = {"PYTHON", "MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "GNUMAKEFLAGS"}
"""What `make test` hands down to a make that a test starts, which is meant to be the first."""


def run(*command: str | Path, cwd: Path = ROOT, **environ: str) -> subprocess.CompletedProcess[str]:
    inherited = {name: value for name, value in os.environ.items() if name not in FROM_MAKE}
    return subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={**inherited, **environ},
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def blocks(page: str, kind: str = "sh") -> list[str]:
    """The commands of a page, one text for each block."""
    text = (ROOT / page).read_text()
    found = re.findall(rf"^( *)```{kind}\n(.*?)^ *```$", text, re.MULTILINE | re.DOTALL)
    return [re.sub(f"^{indent}", "", block, flags=re.MULTILINE) for indent, block in found]


# ---------------------------------------------------------------- the floors


def test_imports_point_down() -> None:
    """The contracts of pyproject.toml; `make check` runs them too."""
    done = run(Path(sys.executable).parent / "lint-imports", "--no-cache", PYTHONPATH=str(ROOT))
    assert done.returncode == 0, done.stdout


# ---------------------------------------------------------------- make


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What `make` needs to see, in a folder with a space in its name; nothing is installed."""
    folder = tmp_path / "a check out"
    folder.mkdir()
    for name in ("Makefile", "requirements.lock", "requirements-dev.lock", "pyproject.toml"):
        shutil.copy(ROOT / name, folder / name)
    return folder


def needs(*programs: str) -> pytest.MarkDecorator:
    """Left out where one of them is missing; the continuous integration must have them."""
    missing = [name for name in programs if shutil.which(name) is None]
    reason = f"{' and '.join(missing)} not installed on this machine"
    return pytest.mark.skipif(bool(missing) and not os.environ.get("CI"), reason=reason)


needs_make = needs("make")


def fake_python(path: Path, version: str, pip: bool = True) -> Path:
    """A Python that says it has that version, and does what the Makefile asks of it without a network."""
    path.parent.mkdir(parents=True, exist_ok=True)
    number = tuple(map(int, version.split(".")))
    path.write_text(
        f"""#!/bin/sh
case "$1 $2 $3" in
  *version_info*%*) echo "Pacer needs Python 3.11 or newer, and $0 is {version}." >&2; exit {int(number < (3, 11))};;
  *"print(sys"*) echo {number >= (3, 11)};;
  *version_info*) exit {int(number < (3, 11))};;
  "--version"*) echo "Python {version}";;
  "-m pip --version") exit {int(not pip)};;
  "-m pip --python") echo "$@" >> pip-calls;;
  "-m venv"*) mkdir -p .venv/bin; cp "$0" .venv/bin/python;;
esac
"""
    )
    path.chmod(0o755)
    return path


@needs_make
def test_set_up_happens_once_and_says_so(checkout: Path) -> None:
    python = fake_python(checkout.parent / "bin" / "python3", "3.12")
    path = f"{python.parent}:{os.environ['PATH']}"
    first = run("make", "install", cwd=checkout, PATH=path)
    assert first.returncode == 0, first.stderr
    assert first.stdout.splitlines() == [
        "Making .venv with Python 3.12 ...",
        "Installing what Pacer needs into .venv (once; a minute or two) ...",
        "Ready: .venv/bin/pacer",
    ]
    calls = (checkout / "pip-calls").read_text().splitlines()
    assert len(calls) == 2
    assert "--require-hashes -r requirements.lock" in calls[0]
    assert "--no-index -e ." in calls[1]
    second = run("make", "install", cwd=checkout, PATH=path)
    assert second.stdout == "Ready: .venv/bin/pacer\n"
    assert len((checkout / "pip-calls").read_text().splitlines()) == 2


@needs_make
def test_an_environment_that_was_moved_is_made_anew(checkout: Path) -> None:
    python = fake_python(checkout.parent / "bin" / "python3", "3.12")
    path = f"{python.parent}:{os.environ['PATH']}"
    run("make", "install", cwd=checkout, PATH=path)
    moved = checkout.rename(checkout.parent / "elsewhere")
    done = run("make", "install", cwd=moved, PATH=path)
    assert ".venv no longer works here (moved), so it is made anew." in done.stdout
    assert "Making .venv" in done.stdout
    (moved / ".venv" / "bin" / "python").write_text("#!/bin/sh\nexit 1\n")
    done = run("make", "install", cwd=moved, PATH=path)
    assert ".venv no longer works here (broken), so it is made anew." in done.stdout
    assert done.returncode == 0


@needs_make
def test_a_newer_python_is_found_beside_an_old_one(checkout: Path) -> None:
    folder = checkout.parent / "bin"
    fake_python(folder / "python3", "3.9")
    fake_python(folder / "python3.13", "3.13")
    done = run("make", "install", cwd=checkout, PATH=f"{folder}:{os.environ['PATH']}")
    assert "Making .venv with Python 3.13" in done.stdout


@needs_make
@pytest.mark.parametrize("version", ["3.9", "3.10"])
def test_an_old_python_is_a_sentence(checkout: Path, version: str) -> None:
    python = fake_python(checkout.parent / "old python", version)
    done = run("make", "install", f"PYTHON='{python}'", cwd=checkout)
    assert done.returncode != 0
    assert f"Pacer needs Python 3.11 or newer, and {python} is {version}." in done.stderr
    assert "Traceback" not in done.stderr
    assert not (checkout / ".venv").exists()


@needs_make
def test_no_python_and_no_pip_are_sentences(checkout: Path) -> None:
    done = run("make", "install", "PYTHON=", cwd=checkout)
    assert done.returncode != 0
    assert "Pacer needs Python 3.11 or newer, and this machine's python3 is" in done.stderr
    python = fake_python(checkout.parent / "bin" / "python3", "3.11", pip=False)
    done = run("make", "install", f"PYTHON={python}", cwd=checkout)
    assert done.returncode != 0
    assert "pip is missing" in done.stderr
    assert not (checkout / ".venv").exists()


@needs_make
def test_make_alone_says_what_there_is() -> None:
    done = run("make")
    for name in ("run", "test", "install", "check", "bench", "screenshots"):
        assert re.search(rf"^  make {name} +\S", done.stdout, re.MULTILINE), done.stdout


def test_no_address_of_a_registry_and_no_home_of_ours_in_the_locks() -> None:
    for name in ("requirements.lock", "requirements-dev.lock", "Makefile", "pyproject.toml"):
        assert not re.search(r"https?://|file:/|--index|--find-links|/home/|/ro{2}t/", _without_lock(ROOT / name)), name


def _without_lock(path: Path) -> str:
    """The text, less the one recipe that tells the resolver to leave addresses out."""
    return "\n".join(line for line in path.read_text().splitlines() if "uv pip compile" not in line)


def test_every_locked_package_has_its_hashes() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        packages = re.split(r"\n(?=\S)", (ROOT / name).read_text())
        assert len(packages) > 30
        assert not [package for package in packages if "==" in package and "--hash=sha256:" not in package]


# ---------------------------------------------------------------- docs/backup.md


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder as the page has it: data/pacer.db of a Pacer, and .venv/bin/python."""
    database = open_database(f"sqlite:///{tmp_path}/data/pacer.db")
    migrate.migrate(database)
    database.close()
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    # Not a link: Python finds its environment by the place of the file that was started.
    script = f'#!/bin/sh\nexec "{sys.executable}" "$@"\n'
    (tmp_path / ".venv" / "bin" / "python").write_text(script)
    (tmp_path / ".venv" / "bin" / "python").chmod(0o755)
    return tmp_path


def audit(path: Path, *numbers: int) -> None:
    now = str(datetime.now(UTC).replace(tzinfo=None))
    with sqlite3.connect(path, timeout=30) as raw:
        statement = "INSERT INTO audit_log (id, at, event, details) VALUES (?, ?, 'x', '{}')"
        raw.executemany(statement, [(f"{number:08}", now) for number in numbers])
    raw.close()


def count(path: Path) -> int:
    with sqlite3.connect(path) as raw:
        found: int = raw.execute("SELECT count(*) FROM audit_log").fetchone()[0]
    raw.close()
    return found


def test_backing_up_and_restoring_sqlite_as_the_page_says(home: Path) -> None:
    backup, verify, move, restore, *_ = blocks("docs/backup.md")
    live = home / "data" / "pacer.db"
    stop = threading.Event()
    written = 0

    def keep_writing() -> None:
        nonlocal written
        while not stop.is_set():
            audit(live, written)
            written += 1

    audit(live, *range(100_000, 100_050))
    writer = threading.Thread(target=keep_writing)
    writer.start()
    try:
        done = run("sh", "-ec", backup, cwd=home)
    finally:
        stop.set()
        writer.join()
    assert done.returncode == 0, done.stderr
    (copy,) = (home / "backups").iterdir()
    assert count(copy) >= 50
    named = "pacer-20261122-090000.db"
    copy.rename(copy.parent / named)
    assert named in verify
    assert run("sh", "-ec", verify, cwd=home).stdout == "ok\n"

    kept = count(home / "backups" / named)
    live.write_bytes(b"damaged" * 1000)
    database = open_database(f"sqlite:///{live}")
    with pytest.raises(migrate.Damaged):
        migrate.migrate(database)
    database.close()
    for step in (move, restore):
        assert run("sh", "-ec", step, cwd=home).returncode == 0
    database = open_database(f"sqlite:///{live}")
    assert migrate.migrate(database).word == "current"
    assert migrate.integrity(database) == []
    database.close()
    assert count(live) == kept


def test_a_backup_is_never_written_over(home: Path) -> None:
    backup = re.sub(r"pacer-\$\(.*?\)", "same", blocks("docs/backup.md")[0])
    assert run("sh", "-ec", backup, cwd=home).returncode == 0
    done = run("sh", "-ec", backup, cwd=home)
    assert done.returncode != 0
    assert "already exists" in done.stderr


@needs("sqlite3")
@pytest.mark.parametrize("page_type", [b"\x0d", b"\x0a"], ids=["a page of rows", "a page of an index"])
def test_recovering_what_can_be_read_as_the_page_says(home: Path, page_type: bytes) -> None:
    live = home / "data" / "pacer.db"
    audit(live, *range(400))
    content = bytearray(live.read_bytes())
    size = 4096
    starts = [start for start in range(size, len(content), size) if b"2026" in content[start : start + size]]
    start = [start for start in starts if content[start : start + 1] == page_type][-1]
    content[start : start + 100] = b"\xff" * 100
    (home / "damaged").mkdir()
    (home / "damaged" / "pacer.db").write_bytes(content)
    live.unlink()
    (recover,) = (block for block in blocks("docs/backup.md") if ".dump |" in block)
    run("sh", "-c", recover, cwd=home)
    database = open_database(f"sqlite:///{live}")
    assert migrate.migrate(database).word == "current"
    assert migrate.integrity(database) == []
    database.close()
    assert count(live) >= 300


@pytest.mark.postgres
@needs("pg_dump", "pg_restore", "createdb")
def test_backing_up_and_restoring_postgresql_as_the_page_says(postgres_url: str, tmp_path: Path) -> None:
    dump, restore = (block for block in blocks("docs/backup.md") if "pg_" in block)
    url = make_url(postgres_url)
    server = str(url.query["host"])
    database = open_database(postgres_url)
    with database.engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO counters (name, value) VALUES ('kept', 42)")
    database.close()

    def here(block: str) -> str:
        block = block.replace(
            "postgresql://pacer@db.example.com/pacer", f"postgresql://pacer@/{url.database}?host={server}"
        )
        block = block.replace(f"{url.database}?host={server}_restored", f"{url.database}_restored?host={server}")
        return block.replace("pacer pacer_restored", f"pacer {url.database}_restored").replace("db.example.com", server)

    for block in (dump, restore):
        done = run("sh", "-ec", here(block), cwd=tmp_path)
        assert done.returncode == 0, done.stderr
    restored = open_database(f"postgresql://pacer@/{url.database}_restored?host={server}")
    assert migrate.migrate(restored).word == "current"
    with restored.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT value FROM counters WHERE name = 'kept'").scalar() == 42
    restored.close()


def test_withdrawing_what_waits_as_the_page_says(home: Path) -> None:
    (withdraw,) = (block for block in blocks("docs/backup.md") if "withdrawn" in block)
    done = run("sh", "-ec", withdraw, cwd=home)
    assert done.returncode == 0, done.stderr


# ---------------------------------------------------------------- .ci/run


@needs("bash")
def test_the_script_of_continuous_integration_can_be_read_by_bash() -> None:
    assert run("bash", "-n", ROOT / ".ci" / "run").returncode == 0
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
