"""Public holidays of Canada's provinces, from the library of those of all countries."""

from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import holidays


@cache
def canada() -> type[holidays.HolidayBase]:
    """The library's Canada, without the 250 other countries that it would bring along: 10 MB, and half a second."""
    file = Path(holidays.__file__).with_name("countries") / "canada.py"
    spec = spec_from_file_location("holidays.countries.canada", file)
    assert spec is not None  # noqa: S101 (a file of Python has one)
    assert spec.loader is not None  # noqa: S101 (and it can be loaded)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    found: type[holidays.HolidayBase] = module.Canada
    return found
