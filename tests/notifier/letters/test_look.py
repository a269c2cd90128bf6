"""Letters can be read: enough contrast by day and by night, nothing too wide, and styles that mail programs keep."""

import re

import pytest

from notifier.letters.examples import ALL, letter, readers
from notifier.letters.page import Page
from secor_notifier.domain.letters.environment import source

ENOUGH = 4.5
ENOUGH_FOR_LINES = 3.0
DARK = "@media (prefers-color-scheme: dark)"
# What stands on what: the rule that colours the text or line, and the one behind it.
TEXTS = [
    (".page", ".page"),
    (".sheet", ".sheet"),
    (".case", ".sheet"),
    ("h2", ".sheet"),
    ("a", ".sheet"),
    ("dt", ".sheet"),
    (".foot", ".sheet"),
    (".sheet", ".step"),
    ("h2", ".step"),
    ("a", ".step"),
    ("a.action", "a.action"),
]
LINES = [(".due", ".sheet"), (".late", ".sheet")]


def colours(css: str, wanted: str) -> dict[str, str]:
    """Selector → colour, for one property."""
    found: dict[str, str] = {}
    for selectors, body in re.findall(r"([^{}]+)\{([^{}]*)\}", css):
        for name, value in re.findall(r"([\w-]+):\s*([^;]+);", body):
            if name == wanted and (colour := re.search(r"#[0-9a-f]{6}", value)):
                found |= dict.fromkeys((one.strip() for one in selectors.split(",")), colour.group())
    return found


def shades(wanted: str) -> tuple[dict[str, str], dict[str, str]]:
    """By day, and by night, when what the night does not change stays."""
    css = source("letter.css")
    day, night = css.partition(DARK)[0], css.partition(DARK)[2].partition("{")[2]
    by_day = colours(day, wanted)
    return by_day, by_day | colours(night, wanted)


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("night", [False, True])
@pytest.mark.parametrize(("text", "ground"), TEXTS)
def test_every_text_stands_out_from_its_ground(text: str, ground: str, night: bool) -> None:  # noqa: FBT001 - a parameter
    assert contrast(shades("color")[night][text], shades("background")[night][ground]) >= ENOUGH


@pytest.mark.parametrize("night", [False, True])
@pytest.mark.parametrize(("line", "ground"), LINES)
def test_every_line_that_means_something_does_too(line: str, ground: str, night: bool) -> None:  # noqa: FBT001 - see above
    edges = [shades(wanted)[night] for wanted in ("border-left-color", "border-left")]
    colour = edges[0].get(line) or edges[1][line]
    assert contrast(colour, shades("background")[night][ground]) >= ENOUGH_FOR_LINES


@pytest.mark.parametrize("name", ALL)
def test_styles_stand_at_each_element_and_only_what_cannot_stays_behind(name: str) -> None:
    html = letter(name, addressee=readers(name)[0]).html
    kept = html.partition("<style>")[2].partition("</style>")[0]

    assert DARK in kept
    assert "max-width: 480px" in kept
    assert not re.sub(r"@media[^{]*\{(?:[^{}]*\{[^{}]*\})*\s*\}", "", kept).strip()
    assert 'style="margin: 0 auto;' in html or "max-width: 600px" in html
    assert '<meta name="color-scheme" content="light dark">' in html


def test_headings_go_down_one_step_at_a_time() -> None:
    for name in ALL:
        tags = Page(letter(name, addressee=readers(name)[0]).html).tags
        assert next(tag for tag in tags if re.fullmatch(r"h\d", tag)) == "h1"
        assert tags.count("h1") == 1
        assert "h3" not in tags
