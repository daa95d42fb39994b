"""What the image holds, made without Docker: the packages of requirements.txt alone and what COPY copies.

The commands come from docker-compose.yml and the Dockerfile; only addresses and folders of containers are
replaced by those of this machine.
"""

import ast
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg2
import yaml

from tools import bootstrap
from tools.devstack import paths
from tools.devstack.postgres import DATABASE, PLAIN, USER, PostgresServer
from tools.devstack.processes import Child
from tools.devstack.valkey import ValkeyServer

ROOT = paths.PROJECT
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))[
    "services"
]
VARIABLE = re.compile(r"\$\{(\w+)(?::([-?])([^}]*))?\}")
SECRETS = {
    "SECRET_KEY": "0123456789abcdefghij" * 3,
    "OWNER_DB_PASSWORD": "owner",
    "APP_DB_PASSWORD": "app",
    "METRICS_TOKEN": "scrape",
    "OPERATOR_NAME": "Example Ltd.",
    "OPERATOR_ADDRESS": "1 Example Street",
    "CONTACT_EMAIL": "hello@passline.example",
    "HOSTING_PROVIDER": "Example Hosting",
    "MAIL_PROVIDER": "Example Mail",
}
LIMIT_SECONDS = 60


def copied() -> list[str]:
    """Return the names that .dockerignore lets into the image."""
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    return [line[1:] for line in lines if line.startswith("!")]


def dockerfile_command() -> list[str]:
    """Return the words of the image's own command."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    command = ast.literal_eval(re.findall(r"^CMD (\[.*\])$", text, re.MULTILINE)[-1])
    return [str(word) for word in command]


def example() -> dict[str, str]:
    """Return what .env.example sets."""
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    pairs = (line.split("=", 1) for line in lines if line and not line.startswith("#"))
    return {name: value for name, value in pairs if value}


class Image:
    """A folder with the packages and the files of the image."""

    def __init__(self, folder: Path, requirements: Path = ROOT / "requirements.txt") -> None:
        self.folder = folder
        self.requirements = requirements
        self.site = folder / "site"
        self.venv = folder / "venv"

    def build(self) -> None:
        """Install, copy, and run the build script of the Dockerfile."""
        uv = bootstrap.find_uv()
        self._run(uv, "venv", "--quiet", "--python", sys.executable, str(self.venv))
        into = ["--python", str(self.venv / "bin" / "python")]
        self._run(uv, "pip", "sync", "--quiet", "--require-hashes", *into, str(self.requirements))
        skip = shutil.ignore_patterns("__pycache__", "*.pyc", "*.mo")
        for name in copied():
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, self.site / name, ignore=skip)
            else:
                (self.site / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source, self.site / name)
        self._run("sh", "config/docker/build.sh", cwd=self.site, env=self.environment())
        shutil.rmtree(self.site / "tools")

    def environment(self) -> dict[str, str]:
        """Return the variables that the Dockerfile sets, with folders of this machine.

        Without PYTHONDONTWRITEBYTECODE: pip leaves the packages' bytecode in the image and uv does not, so
        here the first start writes it, and each of the others takes a second less.
        """
        return {
            "PATH": f"{self.venv / 'bin'}:/usr/bin:/bin",
            "PYTHONUNBUFFERED": "1",
            "PASSLINE_PROFILE": "production",
            "STATE_DIR": str(self.folder / "state"),
            "PROMETHEUS_MULTIPROC_DIR": str(self.folder / "build-metrics"),
        }

    @staticmethod
    def _run(*command: str, **options: Any) -> None:
        options.setdefault("env", bootstrap.installing())
        done = subprocess.run(command, capture_output=True, text=True, check=False, **options)
        assert done.returncode == 0, done.stdout + done.stderr


class Compose:
    """The services of the compose file as processes of this machine, with a real PostgreSQL and Valkey."""

    def __init__(self, image: Image, folder: Path) -> None:
        self.image = image
        self.folder = folder
        self.postgres = PostgresServer(self.folder / "postgres", durable=False)
        self.valkey = ValkeyServer(self.folder / "valkey")
        self.children: dict[str, Child] = {}
        self.ports = {name: paths.free_port() for name in SERVICES}
        self.more: dict[str, str] = {}
        """Variables beside those of the compose file, for services that start from now on."""

    def start_servers(self) -> None:
        """Start both, and make the two roles as the container's first start does."""
        self.postgres.start()
        self.valkey.start()
        sets = {
            "database": DATABASE,
            "owner_password": SECRETS["OWNER_DB_PASSWORD"],
            "app_password": SECRETS["APP_DB_PASSWORD"],
        }
        self.psql(*(part for name, value in sets.items() for part in ("--set", f"{name}={value}")))

    def psql(self, *options: str) -> None:
        """Run roles.sql as the superuser."""
        where = ["-h", "127.0.0.1", "-p", str(self.postgres.port), "-U", USER, "-d", DATABASE]
        subprocess.run(
            [
                self.postgres.programs.path("psql"),
                "-qX",
                *where,
                "--set",
                "ON_ERROR_STOP=1",
                *options,
                "-f",
                "-",
            ],
            input=(ROOT / "config" / "sql" / "roles.sql").read_bytes(),
            env={**PLAIN, "PGPASSWORD": self.postgres.password},
            check=True,
        )

    def stop(self) -> None:
        """End everything, the services at the same time."""
        for child in self.children.values():
            child.ask_to_stop()
        for child in self.children.values():
            child.stop()
        self.valkey.stop()
        self.postgres.stop()
        for server in (self.valkey.folder, self.postgres.folder):
            paths.remove_data(server)

    def temporary(self, name: str) -> Path:
        """Return the folder that is /tmp in the container of a service."""
        folder = self.folder / f"tmp-{name}"
        folder.mkdir(exist_ok=True)
        return folder

    def _filled(self, name: str, value: str) -> str:
        known = {**example(), **SECRETS, "VALKEY_PASSWORD": self.valkey.password}
        text = VARIABLE.sub(lambda found: known.get(found[1]) or found[3] or "", value)
        text = text.replace("postgres:5432", f"127.0.0.1:{self.postgres.port}")
        text = text.replace("valkey:6379", f"127.0.0.1:{self.valkey.port}")
        return text.replace("/tmp", str(self.temporary(name))).replace("$$", "$")

    def environment(self, name: str) -> dict[str, str]:
        """Return the variables of a service; the port of its web server or metrics is one that is free."""
        given = {key: self._filled(name, str(value)) for key, value in SERVICES[name]["environment"].items()}
        own = {
            **self.image.environment(),
            "STATE_DIR": str(self.folder / "state"),
            "PROMETHEUS_MULTIPROC_DIR": str(self.temporary(name) / "metrics"),
            "TMPDIR": str(self.temporary(name)),
            "HOSTNAME": socket.gethostname(),
            **given,
            **self.more,
        }
        port = str(self.ports[name])
        return {**own, "PORT": port, **({"METRICS_PORT": port} if "METRICS_PORT" in own else {})}

    def command(self, name: str) -> list[str]:
        """Return the words of a service's command."""
        words = [
            self._filled(name, str(word)) for word in SERVICES[name].get("command") or dockerfile_command()
        ]
        port = str(self.ports[name])
        return [
            port if before == "--port" else word for before, word in zip(["", *words], words, strict=False)
        ]

    def once(self, name: str) -> str:
        """Run a job to its end and return what it said. Fails when it fails."""
        done = self._do(name, self.command(name))
        assert done.returncode == 0, f"{name}:\n{done.stdout}{done.stderr}"
        return done.stdout

    def healthy(self, name: str) -> bool:
        """Run the health check of a service as Docker would; the image's own one when it has none."""
        check = SERVICES[name].get("healthcheck", {}).get("test") or [
            "CMD",
            "python",
            "-m",
            "config.healthcheck",
        ]
        words = [self._filled(name, word) for word in check[1:]]
        return self._do(name, ["sh", "-c", *words] if check[0] == "CMD-SHELL" else words).returncode == 0

    def _do(self, name: str, words: list[str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["env", *words],
            cwd=self.image.site,
            env=self.environment(name),
            capture_output=True,
            text=True,
            timeout=LIMIT_SECONDS,
            check=False,
        )

    def up(self, name: str) -> Child:
        """Start a service; what it says goes to a file."""
        child = Child(
            name,
            ["env", *self.command(name)],
            environment=self.environment(name),
            folder=self.image.site,
            output=self.folder / f"{name}.log",
        )
        child.start()
        self.children[name] = child
        return child

    def log(self, name: str) -> str:
        """Return what a service said so far."""
        return (self.folder / f"{name}.log").read_text(encoding="utf-8", errors="replace")

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        """Run a query as the superuser."""
        link = psycopg2.connect(self.postgres.url())
        try:
            with link, link.cursor() as cursor:
                cursor.execute(sql)
                return cursor.fetchall() if cursor.description else []
        finally:
            link.close()
