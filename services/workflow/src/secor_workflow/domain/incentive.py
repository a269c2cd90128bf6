"""The financial incentive, as an estimate: WorkSafeBC decides and pays it."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from secor_workflow.domain.case import Case
from secor_workflow.domain.policy import Policy
from secor_workflow.domain.values import Amount, Money


@dataclass(frozen=True, slots=True, kw_only=True)
class IncentiveEstimate:
    """The lesser of the cap and the share of the base premium, and how it was reckoned."""

    amount: Amount
    currency: str
    explanation: tuple[str, ...]


def incentive_estimate(case: Case, policy: Policy) -> IncentiveEstimate | None:
    """Once a certificate is issued and where the premium is known (go2HR, SECOR step 7)."""
    premium: Money | None = case.employer.base_premium if case.employer else None
    if case.certificate is None or premium is None:
        return None
    cap, percent = policy.numbers.incentive_cap.value, policy.numbers.incentive_share_percent.value
    share = (premium.amount * percent / 100).quantize(Decimal("0.01"), ROUND_HALF_UP)
    amount = min(cap, share)
    return IncentiveEstimate(
        amount=amount,
        currency=premium.currency,
        explanation=(
            f"{percent} % of the base premium {premium.amount} {premium.currency} = {share} {premium.currency}",
            f"at most {cap} {premium.currency}",
            f"= {amount} {premium.currency}, an estimate: WorkSafeBC decides",
        ),
    )
