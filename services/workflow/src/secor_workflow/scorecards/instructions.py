"""What the template tells those who fill it in, in plain words."""

from secor_workflow.domain.policy import Policy
from secor_workflow.scorecards import layout as at

INSTRUCTIONS = "How to fill it in"

_WORDS = """How to fill in the scorecard
1. Go to the sheet “{sheet}”. Only the yellow cells are yours to fill in.
2. “{earned}”: the points that your audit gave the element. Write 0 where it gave none; leave no cell empty.
3. “{available}”: the points that there were to earn; it is filled in already. Where a question does not apply to you, \
take its points away here.
4. Points are whole numbers, and no element earns more than is available.
5. The sheet works out totals and percentages. An audit passes with at least {overall} % of all points and at least \
{element} % of the points of each element. Percentages are rounded down for show; what counts are the exact points.
6. Please do not move, insert, merge or rename rows and columns, and leave audit tool and policy at the top as they \
are: they say which audit the scorecard belongs to. Below the total you may write what you like.
7. The sheet is protected against slips. There is no password.
8. Save it as .xlsx and upload it. You are told of every cell that needs another look, and nothing counts before you \
submit the audit."""


def instructions(policy: Policy) -> list[str]:
    """A heading, then one line for each thing to know."""
    words = _WORDS.format(
        sheet=at.SHEET,
        earned=at.HEADINGS[2],
        available=at.HEADINGS[3],
        overall=policy.numbers.overall_pass_percent.value,
        element=policy.numbers.element_pass_percent.value,
    )
    return words.splitlines()
