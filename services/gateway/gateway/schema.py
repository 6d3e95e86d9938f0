"""Every table of the gateway, for migrations."""

from gateway.accounts import tables as accounts
from gateway.allowances import tables as allowances
from gateway.assistants import tables as assistants
from gateway.audit import tables as audit
from gateway.budgets import tables as budgets
from gateway.catalog import tables as catalog
from gateway.conversations import tables as conversations
from gateway.credentials import tables as credentials
from gateway.db import Record
from gateway.doors import tables as doors
from gateway.idempotency import tables as idempotency
from gateway.knowledge import tables as knowledge
from gateway.members import tables as members
from gateway.moderation import tables as moderation
from gateway.outbox import tables as outbox
from gateway.policy import tables as policy
from gateway.prices import tables as prices
from gateway.quotas import tables as quotas
from gateway.reconciling import tables as reconciling
from gateway.reporting import tables as reporting
from gateway.reservations import tables as reservations
from gateway.shares import tables as shares
from gateway.usage import tables as usage

FEATURES = (
    accounts,
    allowances,
    assistants,
    audit,
    budgets,
    catalog,
    conversations,
    credentials,
    doors,
    idempotency,
    knowledge,
    members,
    moderation,
    outbox,
    policy,
    reservations,
    prices,
    quotas,
    reporting,
    reconciling,
    shares,
    usage,
)
METADATA = Record.metadata
