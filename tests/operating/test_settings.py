"""A wrong setting is told in plain words before anything is opened, all of them at once, and no secret is repeated."""

import json
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from operating.programs import ran

PASSWORD = "g3heim"
WRONG = [
    ("workflow", "WORKFLOW_DATABASE_URL", "nonsense", "It cannot be read. Write sqlite:///path"),
    ("workflow", "WORKFLOW_DATABASE_URL", f"postgresql://u:{PASSWORD}@h:port/x", "It cannot be read."),
    ("workflow", "WORKFLOW_DATABASE_URL", f"mysql://u:{PASSWORD}@h/x", "sqlite or postgresql, not mysql"),
    ("workflow", "WORKFLOW_DATABASE_URL", "sqlite://", "It names no file"),
    ("workflow", "WORKFLOW_DOCUMENTS_URL", "ftp://host/x", "Must begin with file:// or s3://"),
    ("workflow", "WORKFLOW_DOCUMENTS_URL", "s3://", "Names no bucket"),
    ("workflow", "WORKFLOW_CLAMD", "clamd.example.org", "Must be host:port or the path of a socket"),
    ("workflow", "WORKFLOW_PORT", "tcp://10.0.0.1:8000", "Write a whole number."),
    ("workflow", "WORKFLOW_PORT", "99999", "It must be 65535 or less."),
    ("workflow", "WORKFLOW_AUTO_MIGRATE", "perhaps", "Write true or false."),
    ("workflow", "WORKFLOW_TRUSTED_PROXIES", "10.0.0.0/33", "10.0.0.0/33 is no address and no network"),
    ("workflow", "SECOR_LOG_LEVEL", "loud", "Write one of these: DEBUG, INFO, WARNING or ERROR."),
    ("workflow", "SECOR_SECRETS_DIR", "/nowhere", "there is no folder /nowhere"),
    ("notifier", "NOTIFIER_DATABASE_URL", f"postgresql://u:{PASSWORD}@h:port/x", "It cannot be read."),
    ("notifier", "NOTIFIER_DATABASE_URL", f"mysql://u:{PASSWORD}@h/x", "not mysql"),
    ("notifier", "NOTIFIER_MAIL_URL", f"smtp://u:{PASSWORD}@h:port", "Its port is no number"),
    ("notifier", "NOTIFIER_MAIL_URL", f"carrier://u:{PASSWORD}@h", "must be smtp://…, smtps://… or file:/path"),
    ("notifier", "NOTIFIER_STAFF_TARGETS", f"nothing://{PASSWORD}", "URL number 1 is of no kind"),
    ("notifier", "NOTIFIER_WORKFLOW_URL", "workflow:8000", "begins with http:// or https://"),
    ("notifier", "NOTIFIER_CASE_URL", "https://portal.example.org/", "{case_id}"),
    ("notifier", "NOTIFIER_TOKEN_URL", "http://login.example.org/token", "begins with https://"),
    ("notifier", "NOTIFIER_STAFF_ADDRESS", "staff", "name@example.com"),
    ("notifier", "NOTIFIER_POLL_SECONDS", "61", "It must be 60 or less."),
    ("notifier", "NOTIFIER_LOCALE", "tlh", "There are no letters in 'tlh'"),
    ("notifier", "SECOR_SECRETS_DIR", "/nowhere", "there is no folder /nowhere"),
    ("workflow", "WORKFLOW_DATABASE_URL", f"postgresql://secor:{PASSWORD}@[::1],two/secor", "its IPv4 address"),
    ("notifier", "NOTIFIER_DATABASE_URL", f"postgresql://secor:{PASSWORD}@[::1],two/secor", "its IPv4 address"),
    ("notifier", "NOTIFIER_WORKFLOW_KEY", "", "is not set: the notifier needs a key"),
]


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    """Settings that are right."""
    return {"SECOR_HOME": str(tmp_path), "NOTIFIER_WORKFLOW_KEY": PASSWORD}


@pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")  # apprise's, when it is imported
@pytest.mark.parametrize(("service", "name", "value", "told"), WRONG)
def test_a_wrong_setting_is_told_by_its_name_in_a_sentence(
    home: dict[str, str], service: str, name: str, value: str, told: str
) -> None:
    checked = ran(service, "config", "check", "--json", **(home | {name: value}))
    served = ran(service, "serve", **(home | {name: value}))

    assert (checked.exit_code, served.exit_code) == (2, 2)
    (fault,) = json.loads(checked.stdout)["faults"]
    assert fault.startswith(name)
    assert told in fault
    (line,) = served.stderr.splitlines()
    assert json.loads(line)["settings"][0].startswith(name)
    assert PASSWORD not in checked.output + served.output
    assert not list(Path(home["SECOR_HOME"]).iterdir())  # nothing was opened


@pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")  # apprise's, when it is imported
@pytest.mark.parametrize(
    ("service", "wrong"),
    [
        (
            "workflow",
            {"WORKFLOW_PORT": "no", "WORKFLOW_DOCUMENTS_URL": "ftp://x", "WORKFLOW_DATABASE_URL": "mysql://x"},
        ),
        ("notifier", {"NOTIFIER_FROM_ADDRESS": "nobody", "NOTIFIER_MAIL_URL": "http://mail"}),
    ],
)
def test_an_address_that_cannot_be_is_told_beside_a_value_that_cannot_be(
    home: dict[str, str], service: str, wrong: dict[str, str]
) -> None:
    told = json.loads(ran(service, "config", "check", "--json", **(home | wrong)).stdout)

    assert {fault.split()[0].rstrip(":") for fault in told["faults"]} == {*wrong}


@pytest.mark.parametrize("service", ["workflow", "notifier"])
def test_it_says_its_version(service: str) -> None:
    assert ran(service, "--version").stdout.strip() == version(f"secor-{service}")


def test_all_that_is_wrong_is_told_at_once(home: dict[str, str]) -> None:
    wrong = {"WORKFLOW_PORT": "no", "WORKFLOW_HSTS_SECONDS": "-1", "SECOR_SANDBOX": "maybe"}

    told = json.loads(ran("workflow", "config", "check", "--json", **(home | wrong)).stdout)

    assert sorted(fault.partition(":")[0] for fault in told["faults"]) == sorted(wrong)
    assert told["ok"] is False


@pytest.mark.parametrize(
    ("service", "typed", "meant"),
    [
        ("workflow", "WORKFLOW_DATABSE_URL", "WORKFLOW_DATABASE_URL"),
        ("workflow", "WORKFLW_DOCUMENTS_URL", "WORKFLOW_DOCUMENTS_URL"),
        ("workflow", "SECOR_SANBOX", "SECOR_SANDBOX"),
        ("workflow", "WORKFLOW_XYZZY", None),
        ("notifier", "NOTIFIER_MAIL_UR", "NOTIFIER_MAIL_URL"),
        ("notifier", "SECOR_LOGLEVEL", "SECOR_LOG_LEVEL"),
    ],
)
def test_a_misspelt_name_is_told_with_the_nearest(
    home: dict[str, str], service: str, typed: str, meant: str | None
) -> None:
    told = ran(service, "config", "check", "--json", **(home | {typed: "x"}))

    assert told.exit_code == 0
    assert json.loads(told.stdout)["unknown"] == {typed: meant}


def test_names_of_others_are_nobodys_mistake(home: dict[str, str]) -> None:
    others = {"NOTIFIER_ANYTHING": "x", "PATH_INFO": "x", "WORKFLOWS": "x", "SECOR_POSTGRES_BIN": "/x"}

    told = ran("workflow", "config", "check", "--json", **(home | others))

    assert json.loads(told.stdout)["unknown"] == {}


def test_a_misspelt_secret_is_told_too(home: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "WORKFLOW_DATABASEURL").write_text("sqlite:///x.db")

    told = ran("workflow", "config", "check", "--json", SECOR_SECRETS_DIR=str(tmp_path), **home)

    assert json.loads(told.stdout)["unknown"] == {"WORKFLOW_DATABASEURL": "WORKFLOW_DATABASE_URL"}


@pytest.mark.parametrize(
    ("service", "secrets"),
    [
        (
            "workflow",
            {
                "WORKFLOW_DATABASE_URL": f"postgresql://secor:{PASSWORD}@host/name",
                "WORKFLOW_REPLICA_URL": f"postgresql://secor:{PASSWORD}@other/name",
            },
        ),
        (
            "notifier",
            {
                "NOTIFIER_DATABASE_URL": f"postgresql://secor:{PASSWORD}@host/name?password={PASSWORD}",
                "NOTIFIER_MAIL_URL": f"smtp://secor:{PASSWORD}@host:587?starttls=1",
                "NOTIFIER_SECRET": PASSWORD,
                "NOTIFIER_CLIENT_SECRET": PASSWORD,
                "NOTIFIER_STAFF_TARGETS": f"slack://{PASSWORD}/x/y",
            },
        ),
    ],
)
def test_settings_in_force_are_shown_without_their_secrets(
    home: dict[str, str], service: str, secrets: dict[str, str]
) -> None:
    shown = [ran(service, "config", "show", *as_, **(home | secrets)) for as_ in ((), ("--json",))]

    assert [one.exit_code for one in shown] == [0, 0]
    assert all(PASSWORD not in one.output for one in shown)
    told = json.loads(shown[1].stdout)
    assert {name for name, one in told.items() if one["said"]} >= secrets.keys()
    assert "host" in told[next(iter(secrets))]["value"]


@pytest.mark.parametrize("service", ["workflow", "notifier"])
def test_traces_that_nothing_here_can_make_are_told_before_anything_is_opened(
    home: dict[str, str], service: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = home | {"SECOR_OTLP_URL": "http://127.0.0.1:1/v1/traces"}
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)  # not installed

    checked, served = (ran(service, *command, **wanted) for command in (("config", "check"), ("serve",)))

    assert (checked.exit_code, served.exit_code) == (2, 2)
    (told,) = json.loads(served.stderr)["settings"]
    assert told.startswith("SECOR_OTLP_URL: It asks for traces")
    assert f"pip install 'secor-{service}[tracing]'" in told
    assert not list(Path(home["SECOR_HOME"]).iterdir())
