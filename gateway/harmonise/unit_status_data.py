"""Unit statuses of every registry, in its own words, with CAD Trust's beside them.

`Held` is what CAD Trust calls a unit that can be transacted, so an issued or active block is
Held. Most ledgers say the status by which list a row stands in; the words are those lists'.
"""

from __future__ import annotations

from typing import Final

from gateway.model.picklists import UnitStatus as U

# S&P's platform: status and stateCode of holdings, retirements and cancellations.
PLATFORM: Final = {
    "Issued": U.HELD,
    "Active": U.HELD,
    "Listed": U.HELD,
    "Retired": U.RETIRED,
    "Cancelled": U.CANCELLED,
    "Canceled": U.CANCELLED,
    "UNIT_CANCELLED": U.CANCELLED,
    "UNIT_ON_HOLD": U.INACTIVE,
    "On Hold": U.INACTIVE,
    "Buffer": U.BUFFER,
    "BUFFER_DEPOSITED": U.BUFFER,
    "BUFFER_ON_HOLD": U.BUFFER,
    # A released unit has left the buffer and a cancelled one is gone: neither is in it.
    "BUFFER_RELEASED": U.HELD,
    "BUFFER_CANCELLED": U.CANCELLED,
}

GOLD_STANDARD: Final = {
    "ISSUED": U.HELD,
    "RETIRED": U.RETIRED,
    "Canceled": U.CANCELLED,
    "Cancelled": U.CANCELLED,
}

# A null holdingStatus stands for the issued view; isReserve makes it Buffer.
GREENTRACE: Final = {
    "ISSUED": U.HELD,
    "ACTIVE": U.HELD,
    "INACTIVE": U.INACTIVE,
    "RETIRED": U.RETIRED,
    "CANCELED": U.CANCELLED,
    "Cancelled": U.CANCELLED,
    "Buffer": U.BUFFER,
    "RESERVE": U.BUFFER,
}

# Cancelling in order to be issued again elsewhere is leaving this registry, not the end.
GREENTRACE_REASONS: Final = {
    "CONVERT_TO_ARB_OFFSET_CREDITS": U.EXPORTED,
    "Convert cancelled credits to ARB offsets": U.EXPORTED,
    "CONVERT_TO_ECOLOGY_OFFSET_CREDITS": U.EXPORTED,
    "Convert to Ecology": U.EXPORTED,
    "REMOVAL_FROM_REGISTRY": U.CANCELLED,
    "COMPENSATION_FOR_INTENTIONAL_REVERSAL": U.CANCELLED,
    "Cancellation for compensation due to intentional reversal": U.CANCELLED,
    "COMPENSATION_FOR_UNINTENTIONAL_REVERSAL": U.CANCELLED,
    "Compensation for (Un)Intentional Reversal": U.CANCELLED,
}

CAR: Final = {
    "Issued": U.HELD,
    "Active": U.HELD,
    "Retired": U.RETIRED,
    "Cancelled": U.CANCELLED,
    "Canceled": U.CANCELLED,
    "Reserve Buffer Pool": U.BUFFER,
    "Compliance Buffer Pool": U.BUFFER,
    "Buffer": U.BUFFER,
    "Canceled for Compliance": U.EXPORTED,
    "Converted to VCUs": U.EXPORTED,
    "Exported": U.EXPORTED,
}

CAR_REASONS: Final = {
    "ARB": U.EXPORTED,
    "Canceled for ARB": U.EXPORTED,
    "WA ECO": U.EXPORTED,
    "ARB Compliance": U.EXPORTED,
    "WA ECO Compliance": U.EXPORTED,
}

# The compliance ledger of California: issued for a compliance period, or undone.
ARB: Final = {
    "Issued": U.HELD,
    "Retired": U.RETIRED,
    "Invalidated": U.CANCELLED,
    "Buffer": U.BUFFER,
    "Forest Buffer Account": U.BUFFER,
}

CDM: Final = {
    "Issued": U.HELD,
    "Held": U.HELD,
    "Retired": U.RETIRED,
    "Cancelled": U.CANCELLED,
    "Canceled": U.CANCELLED,
    "Voluntarily cancelled": U.CANCELLED,
    "Voluntary cancellation": U.CANCELLED,
    "Forwarded": U.EXPORTED,
}

ECOREGISTRY: Final = {
    "Issued": U.HELD,
    "Active": U.HELD,
    "Retired": U.RETIRED,
    "Retirement": U.RETIRED,
    "Withdrawal": U.RETIRED,
    "Buffer": U.BUFFER,
    "is_buffer": U.BUFFER,
    "BF": U.BUFFER,
}

# carbon-credits (active, and by destination), retreats and cancellations.
BIOCARBON: Final = {
    "Issued": U.HELD,
    "Active": U.HELD,
    "Voluntario": U.HELD,
    "Impuesto": U.HELD,
    "Reserva": U.BUFFER,
    "Reserved": U.BUFFER,
    "R": U.BUFFER,
    "Retreat": U.RETIRED,
    "Retired": U.RETIRED,
    "Cancelled": U.CANCELLED,
    "Cancellation": U.CANCELLED,
}

UNDP: Final = {
    "Issued": U.HELD,
    "Issue": U.HELD,
    "Approve": U.HELD,
    "Received": U.HELD,
    "Transfered": U.HELD,
    "Transferred": U.HELD,
    "Transfer": U.EXPORTED,
    "Cross-Border Transactions": U.EXPORTED,
    "Retired": U.RETIRED,
    "Retire": U.RETIRED,
    "Voluntary Cancellations": U.CANCELLED,
}

ISOMETRIC: Final = {
    "ACTIVE": U.HELD,
    "RETIRED": U.RETIRED,
    "CANCELLED": U.CANCELLED,
    # The parent of the blocks it was split into: they carry the amount from there on.
    "SPLIT": U.INACTIVE,
    "BUFFER": U.BUFFER,
}

PURO: Final = {
    "Issuance": U.HELD,
    "Retirement": U.RETIRED,
    "Withdrawal": U.CANCELLED,
    "FULLY_WITHDRAWN": U.CANCELLED,
}

SOCIAL_CARBON: Final = {
    "Issuance": U.HELD,
    "Issued": U.HELD,
    "Retirement": U.RETIRED,
    "Retired": U.RETIRED,
    "Cancellation": U.CANCELLED,
    "Cancelled": U.CANCELLED,
    "Buffer": U.BUFFER,
}

ICR: Final = {
    "issued": U.HELD,
    "active": U.HELD,
    "retired": U.RETIRED,
    "cancelled": U.CANCELLED,
}

JCM: Final = {"Issued": U.HELD, "Retired": U.RETIRED, "Cancelled": U.CANCELLED}

CDOP: Final = {
    "Active": U.HELD,
    "Retired": U.RETIRED,
    "Cancelled": U.CANCELLED,
    "On Hold": U.INACTIVE,
    "Pending Transfer": U.PENDING_EXPORT,
}

# "Active" was the name of Held in CAD Trust's first data dictionaries.
CAD_TRUST_SPELLINGS: Final = {"Active": U.HELD, "Canceled": U.CANCELLED}

UNMAPPED: Final = {
    "verra-unit": ("PENDING",),
    "gold-standard-unit": ("Assigned",),
    "puro-unit": ("PARTIALLY_WITHDRAWN",),
    "undp-unit": ("CREATE", "Completed", "Pending", "Rejected"),
    "cdop-unit": ("Accepted Pending Payment", "Deposited Released"),
}
