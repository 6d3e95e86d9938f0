"""Sets right what a reconciliation has found, one finding at a time, when an operator says so."""

from zoneinfo import ZoneInfo

from contracts.generation import EngineUsage
from contracts.reconciling import Finding
from gateway.audit.rules import Act
from gateway.audit.service.acts import Acts
from gateway.caller import Caller
from gateway.db import Database, Transaction
from gateway.policy.words import Action
from gateway.reconciling.errors import CorrectedOtherwise, FindingNotFound, FindingWithoutPrice
from gateway.reconciling.repository import ReconcilingRepository
from gateway.reconciling.rules import set_right, sets_right
from gateway.reconciling.service import findings_of, require_operator
from gateway.usage.charging import CalledModel, Charging, ModelCall

BY_HAND = "correction"
"""In the column of engines: no engine counted it when the row was written."""


class CorrectingService:
    """Writes correcting rows. zone: where budgets' days and months begin."""

    def __init__(self, database: Database, zone: ZoneInfo) -> None:
        self._database = database
        self._zone = zone

    async def correct(self, caller: Caller, reconciliation_id: str, number: int) -> Finding:
        """Write the row that a finding lacks. number: of the findings, from 1 on.

        Asked again, nothing more is written.
        """
        require_operator(caller, Action.ADMINISTER)
        async with self._database.transaction() as tx:
            repository = ReconcilingRepository(tx)
            finding = await _finding(repository, reconciliation_id, number)
            request_id = sets_right(finding)
            rows = await repository.rows_of([request_id])
            if request_id not in rows:
                await self._write(tx, finding)
                rows = await repository.rows_of([request_id])
                Acts(tx).record(Act.LEDGER_CORRECTED, caller, rows[request_id].id)
        corrected = set_right(finding, rows)
        if corrected.correction_id is None:
            raise CorrectedOtherwise("This row was corrected before, by other counts.")
        return corrected

    async def _write(self, tx: Transaction, finding: Finding) -> None:
        charging = Charging(tx, self._zone)
        if finding.ledger_id is not None:
            await charging.amend(finding.ledger_id, finding.correction)
            return
        found = await ReconcilingRepository(tx).uncharged(finding.request_id)
        if found is None:
            raise FindingWithoutPrice(
                "No other answer of this assistant was ever charged, so nothing says its price."
            )
        lacking = finding.correction
        call = ModelCall(
            request_id=finding.request_id,
            purpose="chat",
            payer=found.payer,
            assistant_version=found.assistant_version,
            conversation_id=found.conversation_id,
            model=CalledModel(found.model, BY_HAND, found.currency, found.price),
            usage=EngineUsage(
                input_tokens=lacking.input_tokens,
                cached_tokens=lacking.cached_tokens,
                output_tokens=lacking.output_tokens,
            ),
            status="complete",
            first_token_ms=None,
            total_ms=None,
        )
        await charging.charge(call, found.began)


async def _finding(
    repository: ReconcilingRepository, reconciliation_id: str, number: int
) -> Finding:
    row = await repository.get(reconciliation_id)
    findings = [] if row is None else findings_of(row)
    if not 0 < number <= len(findings):
        raise FindingNotFound(f"No finding {number} of a reconciliation {reconciliation_id}.")
    return findings[number - 1]
