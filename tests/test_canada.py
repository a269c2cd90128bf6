"""The public holidays that both services load are the library's own, and no other country's come with them."""

import subprocess
import sys
from collections.abc import Callable

import holidays
import pytest

import secor_notifier.domain.canada
import secor_workflow.domain.canada

CANADAS = [secor_notifier.domain.canada.canada, secor_workflow.domain.canada.canada]
ALONE = """
import sys
from secor_{0}.domain.canada import canada
canada()(subdiv="BC", years=2026)
print([name for name in sys.modules if name.startswith("holidays.countries.") and not name.endswith("canada")])
"""


@pytest.mark.parametrize("canada", CANADAS)
@pytest.mark.parametrize("province", ["BC", "AB", "ON", "QC"])
def test_the_days_and_their_names_are_the_library_s(
    canada: Callable[[], type[holidays.HolidayBase]], province: str
) -> None:
    years = range(1990, 2080)

    assert canada()(subdiv=province, years=years) == holidays.country_holidays("CA", subdiv=province, years=years)


@pytest.mark.parametrize("service", ["workflow", "notifier"])
def test_no_other_country_is_loaded(service: str) -> None:
    told = subprocess.run([sys.executable, "-c", ALONE.format(service)], check=True, capture_output=True, text=True)

    assert told.stdout == "[]\n"
