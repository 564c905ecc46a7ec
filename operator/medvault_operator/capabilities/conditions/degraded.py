"""Whether a fault was found that does not mend itself."""

from collections.abc import Iterable

from medvault_operator.api.conditions import Reason
from medvault_operator.capabilities.conditions.finding import Finding, Rank
from medvault_operator.capabilities.conditions.judgement import Judgement


def degraded(findings: Iterable[Finding]) -> Judgement:
    """Tell all that was found, once each; the lowest rank gives the reason."""
    ranked = sorted(findings, key=lambda one: one.rank)
    if not ranked:
        return Judgement("False", Reason.AS_EXPECTED, "Nothing is wrong.")
    messages = list(dict.fromkeys(one.message for one in ranked))
    return Judgement("True", ranked[0].reason, " ".join(messages))


def refused(problems: Iterable[str]) -> Judgement:
    """Tell what the API server refuses; `problems` are fit to be read by a person."""
    return degraded(
        Finding(
            Rank.OPERATOR,
            Reason.REFUSED,
            f"The API server refuses {problem}. Change the spec, or what the cluster forbids.",
        )
        for problem in problems
    )


def failed(error: str) -> Judgement:
    """Tell that the operator met an error that nobody foresaw; `error` is fit for a person."""
    message = (
        f"The operator met an error that it did not expect: {error}. It tries again by itself. "
        "Use the definition and the operator of one release; if it lasts, report the operator's "
        "log."
    )
    return degraded([Finding(Rank.OPERATOR, Reason.OPERATOR_FAILED, message)])
