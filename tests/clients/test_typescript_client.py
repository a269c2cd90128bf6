"""A TypeScript client generated from the committed contract compiles strictly and leads a case."""

from pathlib import Path

import pytest

from clients.told import led_a_case
from clients.toolbox import CONTRACT, HERE, install_typescript_tools, run
from workflow.api.service import Service


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The consumer's program, compiled against types made from the contract."""
    project = install_typescript_tools(tmp_path_factory.mktemp("typescript-client"))
    tools = project / "node_modules" / ".bin"
    # A request may leave out what has a default; without this the generator takes it to be always there.
    optional = "--default-non-nullable=false"
    run(tools / "openapi-typescript", CONTRACT, "--output", "contract.d.ts", optional, cwd=project)
    run(tools / "tsc", cwd=project)
    return project / "built" / "lead_a_case.js"


def test_it_registers_and_advances_a_case(program: Path, service: Service) -> None:
    assert service.staff.key
    told = run(
        *("node", program, service.new_account()),
        cwd=program.parent,
        WORKFLOW_URL=service.url,
        WORKFLOW_KEY=service.staff.key,
    )

    led_a_case(service, told)


def test_the_lock_names_no_host_and_pins_all_by_hash() -> None:
    for lock in ("typescript/package-lock.json", "generator.lock"):
        assert "://" not in (HERE / lock).read_text("utf-8")
    locked = (HERE / "typescript" / "package-lock.json").read_text("utf-8")
    assert locked.count('"integrity"') == locked.count('    "node_modules/')
