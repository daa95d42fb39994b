"""The compose file gives the image all it demands, and names only what exists."""

import ast
import importlib.util
import itertools
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings
from django.core.management import get_commands

from accounts.base import site_operator
from config.server import THREADS
from tools.devstack import gate, launch

ROOT = Path(__file__).resolve().parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = sorted(name for name, service in SERVICES.items() if service["image"].startswith("passline"))
VARIABLE = re.compile(r"\$\{(\w+)(?::([-?])([^}]*))?\}")


def demanded() -> set[str]:
    """Names of the variables that settings ask for by `secret(...)`: production must be given them."""
    source = (ROOT / "config" / "settings.py").read_text(encoding="utf-8")
    return set(re.findall(r"\bsecret\(\s*\"(\w+)\"", source))


def example() -> dict[str, str]:
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def filled(value: str) -> str:
    known = {
        **example(),
        "SECRET_KEY": "0123456789abcdefghij" * 3,
        "CONTACT_EMAIL": "hello@passline.example",
    }

    def fill(match: re.Match[str]) -> str:
        name, kind, rest = match.groups()
        return known.get(name) or (rest if kind == "-" else f"word{len(name)}")

    return VARIABLE.sub(fill, value)


def environment(name: str) -> dict[str, str]:
    return {key: filled(str(value)) for key, value in SERVICES[name]["environment"].items()}


def words(name: str) -> list[str]:
    command = SERVICES[name].get("command") or dockerfile_command()
    return [word for part in command for word in part.split()]


def dockerfile_command() -> list[str]:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    # The last target is the image of the site.
    command = ast.literal_eval(re.findall(r"^CMD (\[.*\])$", text, re.MULTILINE)[-1])
    assert isinstance(command, list)
    return command


def test_all_parts_of_the_site_are_there() -> None:
    assert set(OURS) == {"migrate", "content", "web", "worker", "slow", "beat", "sweep", "backup"}
    assert {"postgres", "valkey", "proxy", "mail"} <= set(SERVICES)


@pytest.mark.parametrize("name", OURS)
def test_every_variable_that_production_demands_is_given(name: str) -> None:
    assert demanded() - set(SERVICES[name]["environment"]) == set()


def test_every_variable_of_the_compose_file_is_explained_in_the_example() -> None:
    used = {found[0] for found in VARIABLE.findall((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))}
    assert used - set(example()) == set()
    assert set(example()) - used == set()


def test_the_demands_of_settings_are_found() -> None:
    assert {"SECRET_KEY", "SITE_URL", "DATABASE_URL", "REDIS_URL", "MAIL_HOST"} <= demanded()


def test_the_gate_checks_production_with_every_value_that_it_demands() -> None:
    assert demanded() - set(gate.PRODUCTION) == {"DATABASE_URL", "REDIS_URL"}
    assert [name for name in site_operator.REQUIRED if not gate.PRODUCTION.get(name)] == []


@pytest.mark.parametrize("name", OURS)
def test_no_fact_about_the_operator_that_must_be_given_has_a_default(name: str) -> None:
    for key in site_operator.REQUIRED:
        assert VARIABLE.findall(SERVICES[name]["environment"][key]) == [(key, "?", "must be set in .env")]
    assert [key for key in site_operator.OPTIONAL if key not in SERVICES[name]["environment"]] == []


def test_an_operator_starts_with_an_example_that_names_nobody() -> None:
    assert {example()[key] for key in (*site_operator.REQUIRED, *site_operator.OPTIONAL)} == {""}


def test_production_does_not_migrate_without_the_facts_about_its_operator() -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "migrate", "--plan"],
        cwd=ROOT,
        env={
            **{name: os.environ[name] for name in ("PATH", "STATE_DIR") if name in os.environ},
            **environment("web"),
            "DATABASE_URL": os.environ["DATABASE_URL"],
            "OPERATOR_ADDRESS": "",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "(accounts.E003) OPERATOR_ADDRESS is not set." in done.stderr


def test_no_secret_has_a_default() -> None:
    for name in OURS:
        for key in ("SECRET_KEY", "DATABASE_URL", "REDIS_URL"):
            kinds = [found[1] for found in VARIABLE.findall(SERVICES[name]["environment"][key])]
            assert kinds == ["?"], f"{name}: {key}"


@pytest.mark.parametrize("name", OURS)
def test_every_command_names_what_exists(name: str) -> None:
    command = words(name)
    for before, word in itertools.pairwise(command):
        if before == "manage.py":
            assert word in get_commands(), f"manage.py {word}"
        if before in {"-m", "-A"}:
            assert importlib.util.find_spec(word), word
        if word.endswith(":application"):
            assert importlib.util.find_spec(word.partition(":")[0]), word


def test_migrations_run_as_the_owner_and_the_site_as_the_app() -> None:
    users = {
        name: SERVICES[name]["environment"]["DATABASE_URL"].split("://")[1].split(":")[0] for name in OURS
    }
    assert {users.pop("migrate"), users.pop("backup")} == {"passline_owner"}
    assert set(users.values()) == {"passline_app"}


def test_the_site_does_not_wait_for_the_queue() -> None:
    assert "valkey" not in SERVICES["web"]["depends_on"]
    assert "valkey" not in SERVICES["sweep"]["depends_on"]


def test_data_outlives_its_containers() -> None:
    assert "database:/var/lib/postgresql" in SERVICES["postgres"]["volumes"]
    assert "queue:/data" in SERVICES["valkey"]["volumes"]
    assert "appendonly yes" in COMPOSE["configs"]["valkey"]["content"]
    assert "synchronous_commit" not in str(SERVICES["postgres"]["command"])


def test_the_worker_has_time_to_finish() -> None:
    assert SERVICES["worker"]["stop_grace_period"] == "90s"
    assert SERVICES["worker"]["environment"]["CELERY_WORKER"] == "1"


def test_the_image_runs_without_root_and_without_a_writable_disk() -> None:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert re.search(r"^USER 10001$", text, re.MULTILINE)
    assert all(SERVICES[name]["read_only"] and SERVICES[name]["cap_drop"] == ["ALL"] for name in OURS)


def test_everything_that_the_image_copies_exists() -> None:
    kept = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    assert [name for name in kept if not (ROOT / name).exists()] == []
    mounted = [part.split(":")[0] for service in SERVICES.values() for part in service.get("volumes", [])]
    assert [path for path in mounted if path.startswith("./") and not (ROOT / path).exists()] == []


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_every_container_has_rotating_logs_limits_and_no_rights_beyond_its_need(name: str) -> None:
    service = SERVICES[name]
    assert service["logging"]["options"] == {"max-size": "20m", "max-file": "5"}
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["cap_drop"] == ["ALL"]
    assert set(service.get("cap_add", [])) <= {
        "CHOWN",
        "DAC_OVERRIDE",
        "FOWNER",
        "SETGID",
        "SETUID",
        "NET_BIND_SERVICE",
    }
    assert service["pids_limit"]
    assert service["mem_limit"]
    assert service.get("read_only") or name == "valkey"


def option(name: str, command: list[str]) -> int:
    """Return the number after an option of a command."""
    return int(command[command.index(name) + 1])


def test_web_may_have_the_threads_and_files_that_its_command_asks_for() -> None:
    """Docker counts threads as processes, and each connection that may wait is an open file."""
    command, web = dockerfile_command(), SERVICES["web"]
    processes = option("--workers", command)
    assert web["pids_limit"] >= processes * (option("--blocking-threads", command) + 50)
    connections = processes * option("--backpressure", command)
    assert web["ulimits"]["nofile"]["soft"] >= max(4096, 2 * connections)


def test_web_is_started_with_the_threads_that_its_limits_are_reckoned_from() -> None:
    for command in (dockerfile_command(), launch.GRANIAN.split()):
        assert option("--blocking-threads", command) == THREADS


def test_web_runs_under_the_program_that_takes_it_out_of_service_first() -> None:
    assert dockerfile_command()[:4] == ["python", "-m", "config.drain", "granian"]


def test_the_proxy_gives_up_idle_connections_before_web_does() -> None:
    """Who closes last sends a request into a connection that is being closed."""
    caddyfile = (ROOT / "config" / "docker" / "Caddyfile").read_text(encoding="utf-8")
    kept = re.findall(r"^\s+keepalive (\d+)s$", caddyfile, re.MULTILINE)
    assert len(kept) == 1
    assert int(kept[0]) * 1000 < option("--http1-header-read-timeout", dockerfile_command())


def workers() -> dict[str, list[str]]:
    """Return the queues of each service that runs Celery's worker."""
    commands = {name: SERVICES[name].get("command", []) for name in OURS}
    return {
        name: command[command.index("-Q") + 1].split(",")
        for name, command in commands.items()
        if "worker" in command
    }


def test_every_queue_has_one_worker_and_nobody_waits_for_a_score_behind_a_job() -> None:
    queues = [queue for found in workers().values() for queue in found]
    assert sorted(queues) == sorted(queue.name for queue in settings.CELERY_TASK_QUEUES)
    assert [found for found in workers().values() if "slow" in found] == [["slow"]]


@pytest.mark.parametrize("name", ["worker", "slow"])
def test_a_worker_is_asked_for_its_health_under_its_own_name(name: str) -> None:
    command = SERVICES[name]["command"]
    node = command[command.index("-n") + 1] if "-n" in command else "celery@%h"
    assert node.replace("%h", "$$HOSTNAME") == SERVICES[name]["healthcheck"]["test"][1].split()[-1]
    assert SERVICES[name]["environment"]["CELERY_WORKER"] == "1"


def test_rights_are_given_as_the_owner_after_the_tables_were_made() -> None:
    lines = SERVICES["migrate"]["command"][-1].split("\n")
    assert [line for line in lines if line][-1] == "python -m config.grants"
    assert lines.index("python -m config.grants") > lines.index("python manage.py createcachetable")
    assert "python manage.py migrate --noinput" in lines


def test_the_file_of_secrets_is_ignored_by_git_and_kept_out_of_the_image() -> None:
    ignored = subprocess.run(["git", "check-ignore", "-q", ".env"], cwd=ROOT, check=False)
    assert ignored.returncode == 0
    assert "!.env" not in (ROOT / ".dockerignore").read_text(encoding="utf-8")


def test_the_advised_secret_is_long_enough_for_the_deployment_check() -> None:
    found = re.search(r"openssl rand -hex (\d+)", (ROOT / ".env.example").read_text(encoding="utf-8"))
    assert found
    assert 2 * int(found[1]) >= 50


def test_the_database_is_healthy_only_with_its_roles() -> None:
    assert SERVICES["postgres"]["healthcheck"]["test"] == ["CMD", "sh", "/postgres-health.sh"]
    script = (ROOT / "config/docker/postgres-health.sh").read_text(encoding="utf-8")
    assert "passline_owner" in script
    assert "passline_app" in script


def production(**more: str) -> subprocess.CompletedProcess[str]:
    code = (
        "import json; from django.conf import settings as s;"
        "mail = s.MAILERS['default']['OPTIONS'];"
        "print(json.dumps([mail['use_tls'], mail['use_ssl'],"
        "s.SECURE_HSTS_INCLUDE_SUBDOMAINS, s.SECURE_HSTS_PRELOAD]))"
    )
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={
            **environment("web"),
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "PATH": os.environ["PATH"],
            **more,
        },
        capture_output=True,
        text=True,
        check=False,
    )


def test_mail_by_tls_and_promises_to_browsers_are_as_asked_for() -> None:
    assert production(MAIL_STARTTLS="1").stdout.strip() == "[true, false, false, false]"
    asked_for = production(MAIL_SSL="1", HSTS_SUBDOMAINS="1", HSTS_PRELOAD="1")
    assert asked_for.stdout.strip() == "[false, true, true, true]"


def test_mail_never_goes_by_starttls_and_by_tls_from_the_first_byte() -> None:
    both = production(MAIL_STARTTLS="1", MAIL_SSL="1")
    assert both.returncode != 0
    assert "MAIL_SSL and MAIL_STARTTLS exclude each other" in both.stderr
