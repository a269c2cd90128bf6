"""80 % of all points and 50 % of each element's, in exact integers: nothing is ever rounded up to a pass."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import example
from hypothesis import given as for_all
from hypothesis import strategies as st

from secor_workflow.domain.events import QADecided
from secor_workflow.domain.values import Score, Total
from workflow.domain.examples import ELEMENTS, decide_qa, scores, under_review
from workflow.specification import When


def decided(card: tuple[Score, ...]) -> tuple[When, QADecided]:
    when = under_review.when(decide_qa(card))
    fact = when.granted().events[-1].fact
    assert isinstance(fact, QADecided)
    return when, fact


@pytest.mark.parametrize(
    ("card", "state", "failed"),
    [
        (scores(80), "QAPassed", ()),
        (scores(80, management=79), "QAFailed", ()),
        (scores(80, management=79, hazards=81), "QAPassed", ()),
        (scores(100, hazards=50), "QAPassed", ()),
        (scores(100, hazards=49), "QAFailed", ("hazards",)),
        (scores(19, 24), "QAFailed", ()),  # 79.2 %, which some call 80
        (scores(799_999, 1_000_000), "QAFailed", ()),
        (scores(800_000, 1_000_000), "QAPassed", ()),
        (scores(1_000_000, 1_000_000, hazards=499_999), "QAFailed", ("hazards",)),
        (scores(0), "QAFailed", ELEMENTS),
    ],
)
def test_the_borders_are_exact(card: tuple[Score, ...], state: str, failed: tuple[str, ...]) -> None:
    when, fact = decided(card)
    assert (when.case.state, fact.failed_elements) == (state, failed)


def test_an_element_without_points_does_not_fail() -> None:
    card = tuple(replace(s, earned=0, available=0) if s.code == "hazards" else s for s in scores(80))
    when, fact = decided(card)
    assert (when.case.state, fact.failed_elements) == ("QAPassed", ())


def cards() -> st.SearchStrategy[tuple[Score, ...]]:
    """Scorecards near the borders as well as anywhere."""
    available = st.one_of(st.integers(1, 12), st.sampled_from([100, 1_000_000]))
    near = available.flatmap(lambda n: st.tuples(st.integers(max(0, n // 2 - 1), n), st.just(n)))
    anywhere = available.flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
    points = st.lists(st.one_of(near, anywhere), min_size=len(ELEMENTS), max_size=len(ELEMENTS))
    return points.map(
        lambda found: tuple(
            Score(code=code, earned=earned, available=most)
            for code, (earned, most) in zip(ELEMENTS, found, strict=True)
        )
    )


@for_all(cards())
@example(scores(4, 5))
@example(scores(4, 5, management=3))
def test_a_review_passes_exactly_where_fractions_say_so(card: tuple[Score, ...]) -> None:
    when, fact = decided(card)
    weak = tuple(score.code for score in card if Fraction(score.earned, score.available) < Fraction(50, 100))
    overall = Fraction(sum(score.earned for score in card), sum(score.available for score in card))
    assert fact.failed_elements == weak
    assert (when.case.state == "QAPassed") is (overall >= Fraction(80, 100) and not weak)


@for_all(st.integers(0, 10**6), st.integers(1, 10**6), st.integers(0, 100))
def test_a_share_is_reached_exactly_where_fractions_say_so(earned: int, available: int, percent: int) -> None:
    total = Total(earned=earned, available=available)
    assert total.reaches(percent) is (Fraction(earned, available) >= Fraction(percent, 100))
