"""A Python client generated from the committed contract is complete, passes strict types, and leads a case."""

import compileall
import shutil
import sys
from pathlib import Path

import pytest

from clients.told import led_a_case
from clients.toolbox import CONTRACT, HERE, install_python_generator, run
from workflow.api.service import Service


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The consumer's program, with the client generated beside it; a part that the generator leaves out is an error."""
    folder = tmp_path_factory.mktemp("python-client")
    packages = install_python_generator(folder)
    shutil.copy(HERE / "python" / "lead_a_case.py", folder)
    run(
        *(sys.executable, "-m", "openapi_python_client", "generate", "--path", CONTRACT, "--meta", "none"),
        *("--output-path", folder / "secor_client", "--fail-on-warning"),
        *("--config", HERE / "python" / "generator.yaml"),
        cwd=folder,
        PYTHONPATH=str(packages),
        PATH=f"{packages / 'bin'}:/usr/bin:/bin",
    )
    return folder / "lead_a_case.py"


def test_all_of_the_client_compiles(program: Path) -> None:
    assert compileall.compile_dir(program.with_name("secor_client"), quiet=1, workers=2)


def test_a_program_that_uses_it_passes_strict_types(program: Path) -> None:
    config = HERE / "python" / "mypy.ini"
    run(sys.executable, "-m", "mypy", "--config-file", config, program.name, cwd=program.parent)


def test_it_registers_and_advances_a_case(program: Path, service: Service) -> None:
    assert service.staff.key
    told = run(
        *(sys.executable, program, service.new_account()),
        cwd=program.parent,
        WORKFLOW_URL=service.url,
        WORKFLOW_KEY=service.staff.key,
    )

    led_a_case(service, told)
