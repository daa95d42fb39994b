"""What runs on the hosts: etcd and Patroni beside each PostgreSQL, Valkey, webs, workers, the balancer."""

import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from string import Template
from typing import Any, Final
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import psycopg2

from tools.devstack import paths
from tools.devstack.gate import PRODUCTION
from tools.devstack.launch import GRANIAN
from tools.devstack.postgres import APP, DATABASE, OWNER, SQL, find_programs
from tools.devstack.valkey import find_program
from tools.rehearse.engine import RehearsalFailed
from tools.rehearse.wide.hosts import NETWORK, Host

DOCS: Final = paths.PROJECT / "docs" / "cluster"
DATABASES: Final = ("db1", "db2", "db3")
WEBS: Final = ("web1", "web2", "web3")
NAMES: Final = (*DATABASES, *WEBS, "worker", "valkey", "balancer")
PACKAGES: Final = ("patroni", "python3-etcd", "etcd-server", "etcd-client", "haproxy", "iproute2")
METRIC: Final = re.compile(r"\bpatroni_\w+")
READY_SECONDS: Final = 90.0
PLAIN: Final = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8"}
CELERY: Final = "-q -A config.celery worker --without-gossip --without-mingle -l WARNING -c"
BEAT: Final = "-q -A config.celery beat -l WARNING --pidfile= --schedule /tmp/beat"
WORK: Final = {
    "worker": ["celery", *CELERY.split(), "1", "-Q", "score,mail", "-n", "worker@%h"],
    "slow": ["celery", *CELERY.split(), "1", "-Q", "slow", "-n", "slow@%h"],
    "beat": ["celery", *BEAT.split()],
}


def install_missing() -> None:
    """Install the Debian packages that are missing. Raises RehearsalFailed when that cannot be done."""
    if subprocess.run(["dpkg", "-s", *PACKAGES], capture_output=True, check=False).returncode == 0:
        return
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "-y", "-q", "--no-install-recommends", *PACKAGES]
    for command in (["apt-get", "update", "-q"], install):
        done = subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=False)
    if done.returncode:
        raise RehearsalFailed(f"apt-get could not install {' '.join(PACKAGES)}")


def wait_until(holds: Callable[[], object], what: str, seconds: float = READY_SECONDS) -> None:
    """Ask until something holds. Raises RehearsalFailed when it does not in time."""
    until = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > until:
            raise RehearsalFailed(f"after {seconds:.0f} s: {what}")
        time.sleep(0.2)


class Stack:
    """All hosts, and what a person who operates them does and asks."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.chmod(0o755)
        self.hosts = {name: Host(name, number, folder) for number, name in enumerate(NAMES, start=11)}
        self.programs = find_programs()
        self.account = paths.server_account()
        self.password = secrets.token_hex(16)
        self.databases = [self.hosts[name] for name in DATABASES]
        self.environment = self._environment()

    def _environment(self) -> dict[str, str]:
        """Return the variables of every process of the site, as .env and docker-compose.yml have them."""
        hosts = ",".join(f"{host.address}:5432" for host in self.databases)
        where = f"@{hosts}/{DATABASE}?target_session_attrs=read-write"
        return {
            **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
            **PRODUCTION,
            "SECRET_KEY": secrets.token_hex(32),
            "BEHIND_PROXY": "1",
            "TRUSTED_PROXIES": "1",
            "DATABASE_URL": f"postgres://{APP}:{self.password}{where}",
            "DATABASE_OWNER_URL": f"postgres://{OWNER}:{self.password}{where}",
            "REDIS_URL": f"redis://:{self.password}@{self.hosts['valkey'].address}:6379/0",
            "STATE_DIR": str(self.folder / "site"),
            "PYTHONUNBUFFERED": "1",
        }

    @property
    def site(self) -> str:
        """The name under which the site answers."""
        return PRODUCTION["ALLOWED_HOSTS"]

    # --- Starting -------------------------------------------------------------------------------------

    def start(self) -> None:
        """Bring up everything but the third web. Raises RehearsalFailed."""
        for host in self.databases:
            host.power_on()
            self._configure(host)
        for name in DATABASES:
            self.start_database(name)
        wait_until(self.is_whole, "the cluster has no primary with two synchronous standbys")
        self._make_database()
        self.start_valkey()
        self._load()
        for name in ("web1", "web2"):
            self.power_on_web(name)
        self._start_workers()
        self._start_balancer()
        wait_until(lambda: self.is_ready("web1") and self.is_ready("web2"), "the webs are not ready")

    def _configure(self, host: Host) -> None:
        """Fill in what docs/cluster has for etcd and Patroni."""
        known = {name.upper(): self.hosts[name].address for name in DATABASES}
        known |= {"NAME": host.name, "ADDRESS": host.address, "NETWORK": NETWORK}
        known |= {"ETCD_DATA": str(host.folder / "etcd"), "PGDATA": str(host.folder / "data")}
        known |= {"PG_BINDIR": str(self.programs.folder)}
        known |= dict.fromkeys(("POSTGRES_PASSWORD", "REPLICATION_PASSWORD"), self.password)
        for name in ("etcd.yml", "patroni.yml"):
            text = Template((DOCS / name).read_text(encoding="utf-8")).substitute(known)
            paths.write_private(host.folder / name, text)
            if self.account:
                os.chown(host.folder / name, *self.account)
        if self.account:
            os.chown(host.folder, *self.account)

    def start_database(self, name: str) -> None:
        """Start etcd and Patroni, as happens when a host boots."""
        self.start_etcd(name)
        host = self.hosts[name]
        command = ["patroni", str(host.folder / "patroni.yml")]
        host.start("patroni", command, {**PLAIN, "HOME": str(host.folder)}, user=self.account)

    def start_etcd(self, name: str) -> None:
        """Start one etcd."""
        host = self.hosts[name]
        host.start("etcd", ["etcd", "--config-file", str(host.folder / "etcd.yml")], PLAIN)

    def _make_database(self) -> None:
        known = {"database": DATABASE, "owner_password": self.password, "app_password": self.password}
        sets = [part for name, value in known.items() for part in ("--set", f"{name}={value}")]
        address = f"host={self.primary().address} user=postgres password={self.password} dbname="
        psql = [self.programs.path("psql"), "-q", "-X", "--set", "ON_ERROR_STOP=1", *sets]
        self.call([*psql, "-d", f"{address}postgres", "-c", f"CREATE DATABASE {DATABASE}"])
        self.call([*psql, "-d", f"{address}{DATABASE}", "-f", str(SQL / "roles.sql")])

    def start_valkey(self) -> None:
        """Start Valkey's host."""
        host = self.hosts["valkey"]
        host.power_on()
        program, _, _ = find_program()
        lines = f"bind {host.address}\nrequirepass {self.password}\ndir {host.folder}\nappendonly yes\n"
        (host.folder / "valkey.conf").write_text(lines, encoding="utf-8")
        host.start("valkey", [program, str(host.folder / "valkey.conf")], PLAIN)

    def _load(self) -> None:
        """Migrate, and load one exam: candidates see no page, and nothing is for sale."""
        variables = self._variables("prepare")
        self.call([sys.executable, "-m", "tools.devstack.prepare", "database"], variables)
        load = ["load_bank", "--dir", "fixtures/mls-c01", "--only", "exam-1"]
        self.call([sys.executable, "manage.py", *load], variables)

    def _variables(self, name: str) -> dict[str, str]:
        return {**self.environment, "PROMETHEUS_MULTIPROC_DIR": str(self.folder / "metrics" / name)}

    def power_on_web(self, name: str) -> None:
        """Start a web's host."""
        self.hosts[name].power_on()
        self.start_web(name)

    def start_web(self, name: str) -> None:
        """Start a web as the Dockerfile does."""
        options = "--host 0.0.0.0 --port 8000 --respawn-failed-workers --workers-kill-timeout 20s"
        granian = [
            sys.executable,
            "-m",
            "granian",
            *GRANIAN.split(),
            *options.split(),
            "--log-level",
            "warning",
        ]
        command = [sys.executable, "-m", "config.drain", *granian, "config.wsgi:application"]
        self.hosts[name].start("web", command, self._variables(name))

    def _start_workers(self) -> None:
        host = self.hosts["worker"]
        host.power_on()
        for name, module in WORK.items():
            variables = {**self._variables(name), "CELERY_WORKER": "1"}
            host.start(name, [sys.executable, "-m", *module], variables)
        host.start("sweep", [sys.executable, "manage.py", "sweeper"], self._variables("sweep"))

    def _start_balancer(self) -> None:
        host = self.hosts["balancer"]
        host.power_on()
        environment = {**PLAIN, "BIND": ":80", **{name.upper(): self.hosts[name].address for name in WEBS}}
        host.start("haproxy", ["haproxy", "-W", "-f", str(DOCS / "haproxy.cfg")], environment)

    def stop(self, *, keep: bool) -> None:
        """Take the power from every host, and delete what they stored unless it is to be kept."""
        for host in self.hosts.values():
            host.power_off()
        if not keep:
            shutil.rmtree(self.folder, ignore_errors=True)

    # --- Asking ---------------------------------------------------------------------------------------

    def call(self, command: list[str], environment: dict[str, str] | None = None) -> str:
        """Run a command and return what it prints. Raises RehearsalFailed with what it said."""
        done = subprocess.run(
            command, env=environment, cwd=paths.PROJECT, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RehearsalFailed(f"{' '.join(command)}\n{done.stdout[-2000:]}{done.stderr[-4000:]}")
        return done.stdout

    def members(self, asked: Sequence[Host] = ()) -> list[dict[str, Any]]:
        """Return the members of the cluster as the first host that answers sees them."""
        for host in asked or self.databases:
            if "patroni" in host.children:
                try:
                    with urlopen(f"http://{host.address}:8008/cluster", timeout=2) as reply:
                        found: list[dict[str, Any]] = json.load(reply)["members"]
                        return found
                except OSError:
                    continue
        return []

    def leaders(self, asked: Sequence[Host] = ()) -> list[str]:
        """Return who is the primary, as these hosts see it, or all."""
        members = self.members(asked)
        return [one["name"] for one in members if one["role"] == "leader" and one["state"] == "running"]

    def primary(self) -> Host:
        """Return the primary's host. Raises RehearsalFailed when there is none."""
        wait_until(self.leaders, "the cluster has no primary")
        return self.hosts[self.leaders()[0]]

    def standbys(self) -> list[Host]:
        """Return the synchronous standbys that stream."""
        streaming = [one for one in self.members() if one["state"] == "streaming"]
        return [self.hosts[one["name"]] for one in streaming if one["role"] == "sync_standby"]

    def is_whole(self) -> bool:
        """Say whether there is a primary with two synchronous standbys."""
        return len(self.leaders()) == 1 and len(self.standbys()) == len(DATABASES) - 1

    def is_ready(self, name: str) -> bool:
        """Say whether a web would be given requests."""
        address = f"http://{self.hosts[name].address}:8000/health/ready"
        try:
            with urlopen(Request(address, headers={"Host": self.site}), timeout=6) as reply:
                return bool(reply.status == 200)
        except (HTTPError, OSError):
            return False

    def unknown_metrics(self) -> set[str]:
        """Return what alert rules name and Patroni does not serve."""
        rules = (DOCS.parent / "monitoring" / "alerts-cluster.yml").read_text(encoding="utf-8")
        served = ""
        for host in self.databases:
            with urlopen(f"http://{host.address}:8008/metrics", timeout=5) as reply:
                served += reply.read().decode()
        return set(METRIC.findall(rules)) - set(METRIC.findall(served))

    def patronictl(self, *words: str) -> str:
        """Command the cluster from a host that takes part in it."""
        config = next(host for host in self.databases if "patroni" in host.children).folder / "patroni.yml"
        return self.call(["patronictl", "-c", str(config), *words], PLAIN)

    def etcd_leader(self) -> Host:
        """Return the host whose etcd leads."""
        endpoints = ",".join(f"http://{host.address}:2379" for host in self.databases)
        text = self.call(["etcdctl", f"--endpoints={endpoints}", "endpoint", "status", "-w", "json"])
        for member in json.loads(text):
            if member["Status"]["leader"] == member["Status"]["header"]["member_id"]:
                address = member["Endpoint"].removeprefix("http://").removesuffix(":2379")
                return next(host for host in self.databases if host.address == address)
        raise RehearsalFailed("no etcd leads")

    def ask(self, query: str, *values: object, hosts: Sequence[Host] = ()) -> list[tuple[Any, ...]]:
        """Ask the primary, among these hosts or all, as its superuser. Raises psycopg2.OperationalError."""
        link = psycopg2.connect(
            host=",".join(host.address for host in hosts or self.databases),
            user="postgres",
            password=self.password,
            dbname=DATABASE,
            connect_timeout=2,
            target_session_attrs="read-write",
        )
        try:
            with link, link.cursor() as cursor:
                cursor.execute(query, values)
                return list(cursor.fetchall())
        finally:
            link.close()

    def is_answering(self) -> bool:
        """Say whether the list of hosts leads to a primary: one that just starts may break a connection."""
        try:
            return bool(self.ask("SELECT 1"))
        except psycopg2.OperationalError:
            return False
