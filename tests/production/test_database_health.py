"""The health check of the database's container: a first start that was broken off is not healthy."""

import subprocess

from tests.production.image import ROOT, Compose
from tools.devstack.postgres import PLAIN


def check(compose: Compose) -> subprocess.CompletedProcess[str]:
    programs = compose.postgres.programs.folder
    return subprocess.run(
        ["sh", ROOT / "config" / "docker" / "postgres-health.sh"],
        env={
            **PLAIN,
            "PATH": f"{programs}:/usr/bin:/bin",
            "PGHOST": "127.0.0.1",
            "PGPORT": str(compose.postgres.port),
            "PGPASSWORD": "check",
        },
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_database_without_its_roles_is_unhealthy_and_says_where_the_way_out_is(compose: Compose) -> None:
    compose.ask("CREATE ROLE postgres SUPERUSER LOGIN PASSWORD 'check'")
    try:
        assert check(compose).returncode == 0, check(compose).stderr
        compose.ask("ALTER ROLE passline_app RENAME TO passline_gone")
        try:
            done = check(compose)
        finally:
            compose.ask("ALTER ROLE passline_gone RENAME TO passline_app")
        assert done.returncode == 1
        assert "Database without roles" in done.stderr
        assert "**Database without roles**" in (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    finally:
        # A renamed role loses nothing but the hash of its password in old formats; set it again to be sure.
        compose.ask("ALTER ROLE passline_app PASSWORD 'app'")
        compose.ask("DROP ROLE postgres")
    compose.postgres.stop()
    try:
        assert check(compose).returncode != 0
    finally:
        compose.postgres.start()
