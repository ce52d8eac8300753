"""credentials of machines"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table("machine_credential",
    sa.Column("id", sa.Uuid(), nullable=False),
    sa.Column("organisation_id", sa.Uuid(), nullable=False),
    sa.Column("name", sa.String(length=60), nullable=False),
    sa.Column("place", sa.String(length=5), nullable=False),
    sa.Column("prefix", sa.String(length=10), nullable=False),
    sa.Column("digest", sa.String(length=64), nullable=False),
    sa.Column("scopes", sa.JSON(), nullable=False),
    sa.Column("per_minute", sa.Integer(), nullable=False),
    sa.Column("responsible_id", sa.Uuid(), nullable=False),
    sa.Column("created_by", sa.Uuid(), nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
    sa.Column("replaces_id", sa.Uuid(), nullable=True),
    sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(["created_by"], ["user_account.id"], name=op.f("fk_machine_credential_created_by_user_account")),
    sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_machine_credential_organisation_id_organisation")),
    sa.ForeignKeyConstraint(["replaces_id"], ["machine_credential.id"], name=op.f("fk_machine_credential_replaces_id_machine_credential")),
    sa.ForeignKeyConstraint(["responsible_id"], ["user_account.id"], name=op.f("fk_machine_credential_responsible_id_user_account")),
    sa.PrimaryKeyConstraint("id", name=op.f("pk_machine_credential")),
    sa.UniqueConstraint("prefix", name=op.f("uq_machine_credential_prefix"))
    )
    with op.batch_alter_table("machine_credential", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_machine_credential_organisation_id"), ["organisation_id"], unique=False)

    op.create_table("machine_use",
    sa.Column("id", sa.Uuid(), nullable=False),
    sa.Column("credential_id", sa.Uuid(), nullable=False),
    sa.Column("day", sa.Date(), nullable=False),
    sa.Column("scope", sa.String(length=16), nullable=False),
    sa.Column("number", sa.Integer(), nullable=False),
    sa.Column("told", sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(["credential_id"], ["machine_credential.id"], name=op.f("fk_machine_use_credential_id_machine_credential")),
    sa.PrimaryKeyConstraint("id", name=op.f("pk_machine_use")),
    sa.UniqueConstraint("credential_id", "day", "scope", name=op.f("uq_machine_use_credential_id_day_scope"))
    )
    with op.batch_alter_table("machine_use", schema=None) as batch_op:
        batch_op.create_index("ix_machine_use_told_day", ["told", "day"], unique=False)

    with op.batch_alter_table("endorsement", schema=None) as batch_op:
        batch_op.add_column(sa.Column("credential_id", sa.Uuid(), nullable=True))
        batch_op.create_foreign_key(batch_op.f("fk_endorsement_credential_id_machine_credential"), "machine_credential", ["credential_id"], ["id"])
