"""What reasons and outcomes are called on the pages."""

from contracts.moderation import CaseOutcome, ReportReason
from web.languages import N_

REASONS = (
    (ReportReason.HARMFUL, N_("It is harmful or illegal")),
    (ReportReason.MISLEADING, N_("It says what is not true")),
    (ReportReason.COPIED, N_("It is somebody else's work")),
    (ReportReason.PERSONAL_DATA, N_("It tells personal things of people")),
    (ReportReason.SPAM, N_("It is advertising, or worth nothing")),
    (ReportReason.OTHER, N_("Something else")),
)
"""Why a listing is reported, in the order of the form."""

OUTCOMES = {
    CaseOutcome.DISMISSED: N_("Nothing was done"),
    CaseOutcome.TAKEN_DOWN: N_("Taken out of the store"),
    CaseOutcome.LET_BACK: N_("Let back into the store"),
}
