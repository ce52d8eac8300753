"""endorsements at ports"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "endorsement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("certificate_id", sa.Uuid(), nullable=False),
        sa.Column("declaration", sa.String(length=40), nullable=False),
        sa.Column("place", sa.String(length=5), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("quantities", sa.JSON(), nullable=False),
        sa.Column("officer", sa.String(length=120), nullable=False),
        sa.Column("device", sa.String(length=60), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_by", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["certificate_id"], ["certificate.id"], name=op.f("fk_endorsement_certificate_id_certificate")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_endorsement_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["received_by"], ["user_account.id"], name=op.f("fk_endorsement_received_by_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_endorsement")),
        sa.UniqueConstraint("reference", "digest", name=op.f("uq_endorsement_reference_digest")),
    )
    with op.batch_alter_table("endorsement", schema=None) as batch_op:
        batch_op.create_index("ix_endorsement_certificate_id_at", ["certificate_id", "at"], unique=False)
    op.create_table(
        "endorsement_alarm",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("endorsement_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ruling", sa.String(length=12), nullable=True),
        sa.Column("ruled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ruled_by", sa.String(length=120), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["endorsement_id"], ["endorsement.id"], name=op.f("fk_endorsement_alarm_endorsement_id_endorsement")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_endorsement_alarm")),
        sa.UniqueConstraint("endorsement_id", "kind", name=op.f("uq_endorsement_alarm_endorsement_id_kind")),
    )
    with op.batch_alter_table("endorsement_alarm", schema=None) as batch_op:
        batch_op.create_index("ix_endorsement_alarm_ruling_raised_at", ["ruling", "raised_at"], unique=False)
