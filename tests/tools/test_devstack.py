"""The launcher's own logic: what it reads, skips, gives up on, and cleans up."""

import io
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import SLOW, WAITING
from tools.devstack import browser, cli, gate, launch, paths, postgres, processes, stamps, valkey
from tools.devstack.paths import ServiceError
from tools.devstack.services import Lock, Services, StateInUse

SLEEP = [sys.executable, "-c", "import time; time.sleep(600)"]


def ends(pid: int, seconds: float = 5.0) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until and processes.start_time_of(pid):
        time.sleep(0.05)
    return not processes.start_time_of(pid)


def test_the_port_and_the_state_folder_come_from_the_environment(tmp_path: Path) -> None:
    options = launch.read_options({"PORT": "8123", "HOST": "0.0.0.0", "STATE_DIR": str(tmp_path)})
    assert (options.port, options.host, options.state) == (8123, "0.0.0.0", tmp_path)
    assert options.url == "http://localhost:8123"


@pytest.mark.parametrize("port", ["0", "65536", "http", "-1", "80 80"])
def test_a_bad_port_is_refused_by_name(port: str) -> None:
    with pytest.raises(ServiceError, match="PORT"):
        launch.read_options({"PORT": port})


@pytest.mark.parametrize("profile", ["production", "test", "develpoment"])
def test_the_launcher_serves_only_the_development_profile(profile: str) -> None:
    with pytest.raises(ServiceError, match=profile):
        launch.read_options({"PASSLINE_PROFILE": profile})


def test_a_taken_port_is_named_before_anything_starts(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(ServiceError, match=f"Port {port}"):
            launch.check_port(launch.Options("127.0.0.1", port, tmp_path))


def test_the_second_copy_in_one_state_folder_is_refused(tmp_path: Path) -> None:
    first, second = Lock(tmp_path / "lock"), Lock(tmp_path / "lock")
    first.take()
    with pytest.raises(StateInUse, match="STATE_DIR"):
        second.take()
    first.release()
    second.take()
    second.release()


def test_named_servers_are_used_instead_of_own_ones(tmp_path: Path) -> None:
    named = {"DATABASE_URL": "postgres://u:p@db/x", "REDIS_URL": "redis://queue/0"}
    with Services(tmp_path, named) as services:
        assert services.postgres is None
        assert services.valkey is None
        assert services.variables().items() >= named.items()


def test_only_a_changed_step_is_done_again(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("one")
    done = stamps.Stamps(tmp_path / "stamps.json")
    first = stamps.digest(tmp_path, ["*.txt"])
    assert done.pending({"a": first}) == ["a"]
    done.set("a", first)
    assert done.pending({"a": stamps.digest(tmp_path, ["*.txt"]), "b": "new"}) == ["b"]
    (tmp_path / "a.txt").write_text("two")
    assert done.pending({"a": stamps.digest(tmp_path, ["*.txt"])}) == ["a"]


def test_a_renamed_file_and_another_cluster_change_the_digest(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("one")
    before = stamps.digest(tmp_path, ["*.txt"], "cluster 1")
    assert stamps.digest(tmp_path, ["*.txt"], "cluster 2") != before
    (tmp_path / "a.txt").rename(tmp_path / "b.txt")
    assert stamps.digest(tmp_path, ["*.txt"], "cluster 1") != before


def test_broken_stamps_mean_that_nothing_was_done(tmp_path: Path) -> None:
    (tmp_path / "stamps.json").write_text("{")
    assert stamps.Stamps(tmp_path / "stamps.json").pending({"a": "1"}) == ["a"]


# A file of each kind that a step is made from.
MADE_FROM = {
    "messages": ["i18n/locale/hu/LC_MESSAGES/django.po", "tools/messages.py"],
    "database": [
        "exams/migrations/0001_squashed_0041_profile.py",
        "exams/migrations/guards.sql",
        "accounts/migrations/0001_squashed_0022_mail_claim.py",
        "requirements.txt",
    ],
    "static": ["static/js/attempt.js", "config/static.py", "config/settings.py", "requirements.txt"],
    "content": [
        *("fixtures/mls-c01/blueprint.yaml", "fixtures/mls-c01/exams/exam-1.yaml"),
        *(
            "exams/content/formats/exam_yaml.py",
            "exams/content/rules/wording.py",
            "exams/content_sync/load.py",
        ),
        *("exams/bank/services.py", "exams/management/commands/load_bank.py", "requirements.txt"),
    ],
    "demo": ["fixtures/demo.yaml", "accounts/management/commands/make_demo.py", "accounts/users/models.py"],
}


@pytest.mark.parametrize(
    ("step", "name"), [(step, name) for step, names in MADE_FROM.items() for name in names]
)
def test_a_step_is_due_again_after_a_change_of_what_it_is_made_from(
    step: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "project" / name
    file.parent.mkdir(parents=True)
    file.write_bytes((paths.PROJECT / name).read_bytes())
    monkeypatch.setattr(paths, "PROJECT", tmp_path / "project")
    options = launch.Options("127.0.0.1", 8000, tmp_path)
    done = stamps.Stamps(tmp_path / "stamps.json")
    done.set(step, launch.wanted_digests(options, "")[step])
    assert step not in done.pending(launch.wanted_digests(options, ""))
    file.write_bytes(file.read_bytes() + b"\n")
    assert step in done.pending(launch.wanted_digests(options, ""))


def test_every_step_of_the_preparation_has_a_headline_and_a_test() -> None:
    assert set(launch.HEADLINES) == set(launch.INPUTS) == set(MADE_FROM)


def test_each_state_folder_signs_with_a_key_of_its_own(tmp_path: Path) -> None:
    def key(name: str, **variables: str) -> str:
        (tmp_path / name).mkdir(exist_ok=True)
        options = launch.Options("127.0.0.1", 8000, tmp_path / name)
        services = Services(tmp_path / name, {"DATABASE_URL": "postgres://x", "REDIS_URL": "redis://x"})
        return launch.Site(options, services, variables).environment()["SECRET_KEY"]

    first = key("a")
    assert len(first) > 50
    assert "only-for-development" not in first
    assert key("a") == first != key("b")
    assert (tmp_path / "a" / launch.SECRET_KEY).stat().st_mode & 0o777 == 0o600
    assert key("a", SECRET_KEY="given") == "given"


def test_production_starts_the_web_server_with_the_same_options() -> None:
    text = (paths.PROJECT / "Dockerfile").read_text(encoding="utf-8")
    words = re.findall(r'"([^"]+)"', text[text.index("CMD [") :])
    options = launch.GRANIAN.split()
    assert [word for word in words if word in options] == options


def test_the_launcher_gives_up_after_four_failures_within_a_minute() -> None:
    watched = launch.Watched(processes.Child("web", ["true"]))
    assert [watched.failed(second) for second in (0.0, 10.0, 20.0, 30.0)] == [False, False, False, True]


def test_failures_that_lie_far_apart_are_forgiven() -> None:
    watched = launch.Watched(processes.Child("web", ["true"]))
    assert not any(watched.failed(second) for second in (0.0, 30.0, 61.0, 92.0, 123.0))


def test_a_child_writes_its_lines_and_ends_when_asked() -> None:
    lines: list[str] = []
    code = "print('here', flush=True); import time; time.sleep(600)"
    child = processes.Child("talker", [sys.executable, "-c", code], output=lines.append)
    child.start()
    until = time.monotonic() + 10
    while not lines and time.monotonic() < until:
        time.sleep(0.02)
    child.stop()
    assert lines == ["here"]
    assert child.code == -signal.SIGTERM


def test_a_child_that_ignores_the_request_is_killed_with_its_own_children() -> None:
    code = (
        "import signal, subprocess, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']);"
        "print(p.pid, flush=True);"
        "time.sleep(600)"
    )
    lines: list[str] = []
    child = processes.Child("deaf", [sys.executable, "-c", code], output=lines.append, stop_seconds=0.2)
    child.start()
    until = time.monotonic() + 10
    while not lines and time.monotonic() < until:
        time.sleep(0.02)
    child.stop()
    assert child.code == -signal.SIGKILL
    assert ends(int(lines[0]))


@pytest.mark.skipif(not processes.LINUX, reason="only Linux tells a child that its parent ended")
def test_children_end_when_their_launcher_is_killed() -> None:
    code = (
        "import sys, time; from tools.devstack.processes import Child;"
        f"c = Child('x', {SLEEP!r}); c.start(); print(c.pid, flush=True); time.sleep(600)"
    )
    launcher = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=paths.PROJECT
    )
    assert launcher.stdout is not None
    pid = int(launcher.stdout.readline())
    assert processes.start_time_of(pid)
    launcher.kill()
    launcher.wait()
    launcher.stdout.close()
    assert ends(pid)


def test_a_leftover_is_ended_but_a_stranger_with_its_number_is_not(tmp_path: Path) -> None:
    leftover, stranger = (subprocess.Popen(SLEEP) for _ in range(2))
    try:
        rows = [
            {
                "name": "left",
                "pid": leftover.pid,
                "started": processes.start_time_of(leftover.pid),
                "signal": 15,
            },
            {"name": "other", "pid": stranger.pid, "started": "another start", "signal": 15},
        ]
        (tmp_path / "processes.json").write_text(json.dumps(rows))
        assert processes.Register(tmp_path / "processes.json").end_leftovers() == ["left"]
        assert leftover.wait(5) == -signal.SIGTERM
        assert stranger.poll() is None
    finally:
        for process in (leftover, stranger):
            process.kill()
            process.wait()


def test_without_any_postgresql_the_error_names_the_ways_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PG_BINDIR", raising=False)
    monkeypatch.setattr(postgres, "wheel_folder", lambda: None)
    monkeypatch.setattr(postgres, "system_folders", list)
    with pytest.raises(ServiceError, match=r"DATABASE_URL(.|\n)*PG_BINDIR"):
        postgres.find_programs()


def test_a_postgresql_that_is_too_old_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PG_BINDIR", raising=False)
    monkeypatch.setattr(postgres, "wheel_folder", lambda: None)
    monkeypatch.setattr(postgres, "system_folders", lambda: [Path("/old")])
    monkeypatch.setattr(postgres, "version_in", lambda folder: "14.2")
    with pytest.raises(ServiceError, match=r"14\.2 of this machine is too old"):
        postgres.find_programs()


def test_a_wrong_pg_bindir_is_an_error_and_not_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PG_BINDIR", "/nowhere")
    with pytest.raises(ServiceError, match="PG_BINDIR=/nowhere"):
        postgres.find_programs()


def test_without_any_redis_the_error_names_redis_url(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(valkey, "wheel_program", lambda: None)
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(ServiceError, match="REDIS_URL"):
        valkey.find_program()


def test_a_named_browser_that_does_not_run_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHROMIUM", "/nowhere/chromium")
    with pytest.raises(ServiceError, match="CHROMIUM"):
        browser.find()


def test_without_a_browser_the_gate_fails_clearly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CHROMIUM", raising=False)
    for way in ("on_system", "of_playwright", "from_distribution", "from_playwright"):
        monkeypatch.setattr(browser, way, str)
    with pytest.raises(ServiceError, match="No Chromium"):
        browser.find(install=True)
    assert browser.main() == 1


def test_a_test_run_installs_no_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    def never() -> str:
        raise AssertionError("installed something")

    monkeypatch.delenv("CHROMIUM", raising=False)
    for way in ("on_system", "of_playwright"):
        monkeypatch.setattr(browser, way, str)
    for way in ("from_distribution", "from_playwright"):
        monkeypatch.setattr(browser, way, never)
    with pytest.raises(ServiceError, match="No Chromium"):
        browser.find()


def test_each_level_of_the_gate_adds_steps_to_the_one_before() -> None:
    fast, test, whole = ([step.name for step in gate.chosen([], level)] for level in gate.Level)
    assert whole == [step.name for step in gate.STEPS]
    assert [name for name in whole if name not in test] == [
        *("controls", "thorough", "production"),
        *("other-faults", "other-browser"),
    ]
    assert [name for name in test if name not in fast] == ["chromium", "faults", "browser"]


def test_every_file_that_begins_first_is_there() -> None:
    stems = {path.stem for path in (Path(__file__).parents[1]).rglob("test_*.py")}
    assert {*WAITING, *SLOW} <= stems


def test_an_unknown_step_is_an_error() -> None:
    with pytest.raises(ValueError, match="spelling"):
        gate.chosen(["spelling"], gate.Level.TEST)


def test_every_test_belongs_to_exactly_one_part_of_the_gate() -> None:
    marks = [step.commands[0][2] for step in gate.STEPS if step.commands[0][0] == "pytest"]

    def parts(*marked: str) -> int:
        names = ("controls", "thorough", "production", "faults", "browser")
        return sum(
            bool(eval(mark, {"__builtins__": {}}, {name: name in marked for name in names})) for mark in marks
        )

    alone = [(), ("controls",), ("thorough",), ("production",), ("faults",), ("browser",)]
    both = [(place, kept) for place in ("faults", "browser") for kept in ("controls", "thorough")]
    assert {parts(*marked) for marked in alone + both} == {1}


def test_the_numbers_of_real_test_runs_are_added_up(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paths, "PROJECT", tmp_path)
    (tmp_path / "test_good.py").write_text("def test_a(): pass\ndef test_b(): pass\n")
    (tmp_path / "test_mixed.py").write_text(
        "import pytest\ndef test_a(): pass\ndef test_b(): assert False\n"
        "@pytest.mark.skip\ndef test_c(): pass\n"
    )

    def step(name: str) -> gate.Step:
        return gate.Step(name, name, (("pytest", "-q", "-p", "no:cacheprovider", f"test_{name}.py"),))

    # The inner runs must not take themselves for a part of the outer one.
    kept = {k: value for k, value in os.environ.items() if not k.startswith(("PYTEST", "DJANGO"))}
    # Nor load the plugins of this project: pytest itself does the counting.
    kept["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    assert gate.Gate(kept).run([step("good"), step("mixed")]) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "3 passed, 1 failed, 1 skipped"
    assert gate.Gate(kept).run([step("good")]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "2 passed, 0 failed"


def test_a_test_run_that_ends_well_but_before_its_end_is_a_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paths, "PROJECT", tmp_path)
    (tmp_path / "test_ends.py").write_text("import os\ndef test_a(): os._exit(0)\n")
    kept = {k: value for k, value in os.environ.items() if not k.startswith(("PYTEST", "DJANGO"))}
    kept["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    step = gate.Step("ends", "Ends", (("pytest", "-q", "-p", "no:cacheprovider", "test_ends.py"),))
    assert gate.Gate(kept).run([step]) == 1


def scripts(folder: Path, monkeypatch: pytest.MonkeyPatch, **texts: str) -> dict[str, gate.Step]:
    """Return a step for each script, the first alone and the others beside it."""
    monkeypatch.setattr(paths, "PROJECT", folder)
    for name, text in texts.items():
        (folder / f"{name}.py").write_text(text)
    return {
        name: gate.Step(name, name.title(), ((name,),), beside=number > 0)
        for number, name in enumerate(texts)
    }


# Each goes on only when the other has begun.
MEETING = """
import pathlib, time
pathlib.Path("{own}").touch()
end = time.monotonic() + 20
while not pathlib.Path("{other}").exists():
    assert time.monotonic() < end, "alone"
    time.sleep(0.01)
print("{own} met {other}")
"""


def test_steps_beside_each_other_run_at_once_and_are_told_one_after_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    steps = scripts(
        tmp_path,
        monkeypatch,
        one=MEETING.format(own="anna", other="bela"),
        two=MEETING.format(own="bela", other="anna"),
    )
    assert gate.Gate(dict(os.environ)).run(list(steps.values())) == 0
    output = capfd.readouterr().out
    parts = ["1/2 One", "anna met bela", "good after", "2/2 Two", "bela met anna", "good after", "All good."]
    assert re.findall("|".join(parts), output) == parts


def test_a_step_that_fails_beside_a_good_one_stops_the_gate_and_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    steps = scripts(tmp_path, monkeypatch, one="", two="import sys\nsys.exit('no room')")
    later = gate.Step("later", "Later", (("one",),))
    assert gate.Gate(dict(os.environ)).run([*steps.values(), later]) == 1
    output = capfd.readouterr().out
    assert "no room" in output
    assert "STOPPED at: Two (step `two`)" in output
    assert "Later" not in output


def test_the_gate_stops_at_the_first_failure(capsys: pytest.CaptureFixture[str]) -> None:
    steps = [
        gate.Step("a", "First", (("config.nothing",),)),
        gate.Step("b", "Second", (("tools.messages", "compile"),)),
    ]
    assert gate.Gate(dict(os.environ)).run(steps) == 1
    output = capsys.readouterr().out
    assert "STOPPED at: First" in output
    assert "Second" not in output


def test_the_launcher_prints_passwords_secrets_and_voucher_codes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    accounts = [
        {"role": "candidate", "email": "c@passline.example", "password": "one"},
        {"role": "admin", "email": "a@passline.example", "password": "two", "totp_secret": "ABCD"},
    ]
    demo = {"accounts": accounts, "vouchers": ["PASS-1111-2222-3333-4444"]}
    (tmp_path / "demo.json").write_text(json.dumps(demo))
    launch.show_accounts(launch.Options("127.0.0.1", 8000, tmp_path))
    output = capsys.readouterr().out.splitlines()
    assert [line.split() for line in output if "@" in line] == [
        ["candidate", "c@passline.example", "one"],
        ["admin", "a@passline.example", "two", "authenticator", "secret:", "ABCD"],
    ]
    assert output[-1].strip() == "PASS-1111-2222-3333-4444"


def test_resetting_asks_first_and_leaves_strange_files_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("STATE_DIR", str(tmp_path))
    for name in ("demo.json", "stamps.json", "notes.txt"):
        (tmp_path / name).write_text("{}")
    monkeypatch.setenv("YES", "")
    monkeypatch.setattr("sys.stdin", io.StringIO())
    assert cli.reset() == 1
    assert (tmp_path / "demo.json").exists()
    monkeypatch.setenv("YES", "1")
    assert cli.reset() == 0
    assert {path.name for path in tmp_path.iterdir()} == {"notes.txt", "lock"}
