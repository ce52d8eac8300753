"""shipments by when they changed"""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_shipment_updated_at", "shipment", ["updated_at"], unique=False)
