"""first release"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "adjudication",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("pair", sa.String(length=32), nullable=False),
        sa.Column("source", sa.String(length=32), nullable=False),
        sa.Column("entry", sa.String(length=96), nullable=False),
        sa.Column("content", sa.String(length=64), nullable=False),
        sa.Column("sides", sa.JSON(), nullable=False),
        sa.Column("listed", sa.String(length=500), nullable=False),
        sa.Column("party", sa.String(length=500), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("verdict", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("expires", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("proposed_by", sa.String(length=64), nullable=False),
        sa.Column("proposed_name", sa.String(length=200), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.String(length=64), nullable=False),
        sa.Column("decided_name", sa.String(length=200), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rejection", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_adjudication")),
    )
    with op.batch_alter_table("adjudication", schema=None) as batch_op:
        batch_op.create_index("ix_adjudication_pair", ["pair", "state"], unique=False)
        batch_op.create_index("ix_adjudication_source_entry", ["source", "entry"], unique=False)
        batch_op.create_index(
            "uq_adjudication_proposed",
            ["pair"],
            unique=True,
            sqlite_where=sa.text("state = 'proposed'"),
            postgresql_where=sa.text("state = 'proposed'"),
        )

    op.create_table(
        "audit_event",
        sa.Column("sequence", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_kind", sa.String(length=16), nullable=False),
        sa.Column("actor_id", sa.String(length=64), nullable=False),
        sa.Column("actor_name", sa.String(length=200), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("verb", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_audit_event")),
        sa.UniqueConstraint("digest", name=op.f("uq_audit_event_digest")),
    )
    with op.batch_alter_table("audit_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_event_actor_id"), ["actor_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_event_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_event_organisation_id"), ["organisation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_event_subject"), ["subject"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_event_verb"), ["verb"], unique=False)

    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("events", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    op.create_table(
        "case_sequence",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_case_sequence")),
    )
    op.create_table(
        "certificate",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=24), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("issuer_id", sa.String(length=200), nullable=False),
        sa.Column("test", sa.Boolean(), nullable=False),
        sa.Column("purpose", sa.String(length=32), nullable=False),
        sa.Column("exporter_name", sa.String(length=200), nullable=False),
        sa.Column("end_user_name", sa.String(length=200), nullable=False),
        sa.Column("destination", sa.String(length=2), nullable=False),
        sa.Column("band", sa.String(length=16), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("log_index", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate")),
        sa.UniqueConstraint("digest", name=op.f("uq_certificate_digest")),
        sa.UniqueConstraint("log_index", name=op.f("uq_certificate_log_index")),
        sa.UniqueConstraint("number", name=op.f("uq_certificate_number")),
    )
    with op.batch_alter_table("certificate", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_certificate_destination"), ["destination"], unique=False)
        batch_op.create_index(batch_op.f("ix_certificate_issued_at"), ["issued_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_certificate_organisation_id"), ["organisation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_certificate_subject_id"), ["subject_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_certificate_valid_until"), ["valid_until"], unique=False)

    op.create_table(
        "certificate_number_sequence",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_certificate_number_sequence")),
    )
    op.create_table(
        "job",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=160), nullable=True),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.String(length=300), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
        sa.UniqueConstraint("key", name=op.f("uq_job_key")),
    )
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.create_index("ix_job_state_due_at", ["state", "due_at"], unique=False)

    op.create_table(
        "list_edition",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(length=32), nullable=False),
        sa.Column("edition", sa.String(length=64), nullable=False),
        sa.Column("published", sa.Date(), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("entry_count", sa.Integer(), nullable=False),
        sa.Column("name_count", sa.Integer(), nullable=False),
        sa.Column("incomplete", sa.Boolean(), nullable=False),
        sa.Column("binding", sa.Boolean(), nullable=False),
        sa.Column("key_version", sa.String(length=16), nullable=False),
        sa.Column("imported_by", sa.String(length=200), nullable=False),
        sa.Column("added", sa.Integer(), nullable=True),
        sa.Column("removed", sa.Integer(), nullable=True),
        sa.Column("changed", sa.Integer(), nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_list_edition")),
    )
    with op.batch_alter_table("list_edition", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_list_edition_digest"), ["digest"], unique=False)
        batch_op.create_index("ix_list_edition_source_state", ["source", "state"], unique=False)
        batch_op.create_index(
            "uq_list_edition_current",
            ["source"],
            unique=True,
            sqlite_where=sa.text("state = 'current'"),
            postgresql_where=sa.text("state = 'current'"),
        )

    op.create_table(
        "log_entry",
        sa.Column("index", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("issued", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("index", name=op.f("pk_log_entry")),
    )
    op.create_table(
        "log_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("origin", sa.String(length=255), nullable=False),
        sa.Column("size", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("frontier", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_log_head")),
    )
    op.create_table(
        "log_shown",
        sa.Column("index", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("issued", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("index", name=op.f("pk_log_shown")),
    )
    op.create_table(
        "log_tile",
        sa.Column("level", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("hashes", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("level", "number", name=op.f("pk_log_tile")),
    )
    op.create_table(
        "organisation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("identifier_scheme", sa.String(length=8), nullable=False),
        sa.Column("identifier", sa.String(length=20), nullable=True),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("agency", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("demonstration", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
        sa.UniqueConstraint("identifier", name=op.f("uq_organisation_identifier")),
    )
    op.create_table(
        "questionnaire_submission",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("questionnaire_id", sa.String(length=64), nullable=False),
        sa.Column("version", sa.String(length=20), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("frozen", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("frozen_digest", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_questionnaire_submission")),
        sa.UniqueConstraint(
            "owner_id", "questionnaire_id", name=op.f("uq_questionnaire_submission_owner_id_questionnaire_id")
        ),
    )
    op.create_table(
        "registration_link",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("token_digest", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registration_link")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_registration_link_token_digest")),
    )
    op.create_table(
        "certificate_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("certificate_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason_code", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor_kind", sa.String(length=16), nullable=False),
        sa.Column("actor_id", sa.String(length=64), nullable=False),
        sa.Column("actor_name", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["certificate_id"], ["certificate.id"], name=op.f("fk_certificate_event_certificate_id_certificate")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate_event")),
        sa.UniqueConstraint("certificate_id", "sequence", name=op.f("uq_certificate_event_certificate_id_sequence")),
    )
    with op.batch_alter_table("certificate_event", schema=None) as batch_op:
        batch_op.create_index("ix_certificate_event_state_at", ["state", "at"], unique=False)

    op.create_table(
        "certificate_file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("certificate_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["certificate_id"], ["certificate.id"], name=op.f("fk_certificate_file_certificate_id_certificate")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate_file")),
        sa.UniqueConstraint("certificate_id", "kind", name=op.f("uq_certificate_file_certificate_id_kind")),
    )
    op.create_table(
        "list_entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("edition_id", sa.Uuid(), nullable=False),
        sa.Column("uid", sa.String(length=96), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("program", sa.String(length=500), nullable=False),
        sa.Column("effect", sa.String(length=16), nullable=False),
        sa.Column("whole", sa.Boolean(), nullable=False),
        sa.Column("mark", sa.String(length=8), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("content", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["list_edition.id"], name=op.f("fk_list_entry_edition_id_list_edition")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_list_entry")),
        sa.UniqueConstraint("edition_id", "uid", name=op.f("uq_list_entry_edition_id_uid")),
    )
    with op.batch_alter_table("list_entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_list_entry_edition_id"), ["edition_id"], unique=False)

    op.create_table(
        "questionnaire_answer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("question_id", sa.String(length=64), nullable=False),
        sa.Column("item_id", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=9), nullable=False),
        sa.Column("value", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("typed", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["questionnaire_submission.id"],
            name=op.f("fk_questionnaire_answer_submission_id_questionnaire_submission"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_questionnaire_answer")),
        sa.UniqueConstraint(
            "submission_id",
            "question_id",
            "item_id",
            name=op.f("uq_questionnaire_answer_submission_id_question_id_item_id"),
        ),
    )
    op.create_table(
        "user_account",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("position", sa.String(length=120), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("role_names", sa.JSON(), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("session_epoch", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_sign_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("totp_secret", sa.String(length=400), nullable=False),
        sa.Column("totp_step", sa.Integer(), nullable=False),
        sa.Column("recovery_digests", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_user_account_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_account")),
        sa.UniqueConstraint("email", name=op.f("uq_user_account_email")),
    )
    with op.batch_alter_table("user_account", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_user_account_organisation_id"), ["organisation_id"], unique=False)

    op.create_table(
        "enforcement_case",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=24), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("topic", sa.String(length=140), nullable=False),
        sa.Column("because", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("agency", sa.String(length=16), nullable=False),
        sa.Column("assignee_id", sa.Uuid(), nullable=True),
        sa.Column("outcome", sa.String(length=16), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["assignee_id"], ["user_account.id"], name=op.f("fk_enforcement_case_assignee_id_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enforcement_case")),
        sa.UniqueConstraint("number", name=op.f("uq_enforcement_case_number")),
    )
    with op.batch_alter_table("enforcement_case", schema=None) as batch_op:
        batch_op.create_index("ix_enforcement_case_state_updated_at", ["state", "updated_at"], unique=False)
        batch_op.create_index(
            "uq_enforcement_case_topic",
            ["topic"],
            unique=True,
            sqlite_where=sa.text("state != 'closed' AND topic != ''"),
            postgresql_where=sa.text("state != 'closed' AND topic != ''"),
        )

    op.create_table(
        "invitation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("role_names", sa.JSON(), nullable=False),
        sa.Column("token_digest", sa.String(length=64), nullable=False),
        sa.Column("invited_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["invited_by"], ["user_account.id"], name=op.f("fk_invitation_invited_by_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_invitation_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_invitation_token_digest")),
    )
    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_invitation_organisation_id"), ["organisation_id"], unique=False)

    op.create_table(
        "list_address",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(length=1000), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("country_name", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["list_entry.id"], name=op.f("fk_list_address_entry_id_list_entry")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_list_address")),
    )
    with op.batch_alter_table("list_address", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_list_address_entry_id"), ["entry_id"], unique=False)

    op.create_table(
        "list_identifier",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("scheme", sa.String(length=32), nullable=False),
        sa.Column("value", sa.String(length=200), nullable=False),
        sa.Column("detail", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["list_entry.id"], name=op.f("fk_list_identifier_entry_id_list_entry")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_list_identifier")),
    )
    with op.batch_alter_table("list_identifier", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_list_identifier_entry_id"), ["entry_id"], unique=False)
        batch_op.create_index("ix_list_identifier_scheme_value", ["scheme", "value"], unique=False)

    op.create_table(
        "list_interval",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("standing", sa.String(length=16), nullable=False),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("announcement", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["list_entry.id"], name=op.f("fk_list_interval_entry_id_list_entry")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_list_interval")),
    )
    with op.batch_alter_table("list_interval", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_list_interval_entry_id"), ["entry_id"], unique=False)

    op.create_table(
        "list_name",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=500), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("script", sa.String(length=16), nullable=False),
        sa.Column("mark", sa.String(length=8), nullable=False),
        sa.Column("key", sa.String(length=1000), nullable=False),
        sa.Column("native", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["list_entry.id"], name=op.f("fk_list_name_entry_id_list_entry")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_list_name")),
    )
    with op.batch_alter_table("list_name", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_list_name_entry_id"), ["entry_id"], unique=False)

    op.create_table(
        "measure_change",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("effective", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("announcement", sa.String(length=64), nullable=False),
        sa.Column("successor", sa.String(length=64), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("mark", sa.String(length=2), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("drafted_by", sa.Uuid(), nullable=False),
        sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "decided_by IS NULL OR decided_by <> drafted_by OR state = 'withdrawn'",
            name=op.f("ck_measure_change_two_people"),
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["user_account.id"], name=op.f("fk_measure_change_decided_by_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["drafted_by"], ["user_account.id"], name=op.f("fk_measure_change_drafted_by_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_measure_change")),
    )
    with op.batch_alter_table("measure_change", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_measure_change_number"), ["number"], unique=False)
        batch_op.create_index("ix_measure_change_state_decided_at", ["state", "decided_at"], unique=False)

    op.create_table(
        "password_reset",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("token_digest", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_password_reset_user_id_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_password_reset")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_password_reset_token_digest")),
    )
    with op.batch_alter_table("password_reset", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_password_reset_user_id"), ["user_id"], unique=False)

    op.create_table(
        "shipment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.String(length=60), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("previous_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("contract_number", sa.String(length=100), nullable=False),
        sa.Column("contract_date", sa.Date(), nullable=True),
        sa.Column("incoterm", sa.String(length=3), nullable=False),
        sa.Column("departure", sa.String(length=2), nullable=False),
        sa.Column("departure_port", sa.String(length=100), nullable=False),
        sa.Column("transit", sa.JSON(), nullable=False),
        sa.Column("destination", sa.String(length=2), nullable=False),
        sa.Column("mode", sa.String(length=8), nullable=False),
        sa.Column("planned_on", sa.Date(), nullable=True),
        sa.Column("licence_number", sa.String(length=100), nullable=False),
        sa.Column("licence_issuer", sa.String(length=200), nullable=False),
        sa.Column("licence_valid_until", sa.Date(), nullable=True),
        sa.Column("licence_scope", sa.String(length=8), nullable=False),
        sa.Column("licence_quantity_left", sa.String(length=32), nullable=True),
        sa.Column("licence_unit", sa.String(length=3), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("editors", sa.JSON(), nullable=False),
        sa.Column("submitted_by", sa.Uuid(), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("returned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("return_reason", sa.Text(), nullable=False),
        sa.Column("attested_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("case_digest", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["user_account.id"], name=op.f("fk_shipment_created_by_user_account")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_shipment_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(["previous_id"], ["shipment.id"], name=op.f("fk_shipment_previous_id_shipment")),
        sa.ForeignKeyConstraint(
            ["submitted_by"], ["user_account.id"], name=op.f("fk_shipment_submitted_by_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shipment")),
        sa.UniqueConstraint(
            "organisation_id", "reference", "revision", name=op.f("uq_shipment_organisation_id_reference_revision")
        ),
    )
    with op.batch_alter_table("shipment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_shipment_organisation_id"), ["organisation_id"], unique=False)
        batch_op.create_index(
            "ix_shipment_organisation_id_state_updated_at", ["organisation_id", "state", "updated_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_shipment_previous_id"), ["previous_id"], unique=False)

    op.create_table(
        "case_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("agencies", sa.JSON(), nullable=False),
        sa.Column("actor_kind", sa.String(length=16), nullable=False),
        sa.Column("actor_id", sa.String(length=64), nullable=False),
        sa.Column("actor_name", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["enforcement_case.id"], name=op.f("fk_case_event_case_id_enforcement_case")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_event")),
        sa.UniqueConstraint("case_id", "sequence", name=op.f("uq_case_event_case_id_sequence")),
    )
    op.create_table(
        "case_hit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("mark", sa.String(length=64), nullable=False),
        sa.Column("shipment_id", sa.Uuid(), nullable=False),
        sa.Column("certificate", sa.String(length=24), nullable=False),
        sa.Column("party", sa.String(length=300), nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("pair", sa.String(length=32), nullable=False),
        sa.Column("source", sa.String(length=32), nullable=False),
        sa.Column("entry", sa.String(length=96), nullable=False),
        sa.Column("edition", sa.String(length=64), nullable=False),
        sa.Column("listed", sa.String(length=500), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("strength", sa.String(length=16), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("why", sa.JSON(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["enforcement_case.id"], name=op.f("fk_case_hit_case_id_enforcement_case")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_hit")),
        sa.UniqueConstraint("mark", name=op.f("uq_case_hit_mark")),
    )
    with op.batch_alter_table("case_hit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_hit_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_case_hit_certificate"), ["certificate"], unique=False)
        batch_op.create_index(batch_op.f("ix_case_hit_pair"), ["pair"], unique=False)
        batch_op.create_index(batch_op.f("ix_case_hit_shipment_id"), ["shipment_id"], unique=False)

    op.create_table(
        "case_link",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("reference", sa.String(length=140), nullable=False),
        sa.Column("label", sa.String(length=300), nullable=False),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["enforcement_case.id"], name=op.f("fk_case_link_case_id_enforcement_case")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_link")),
        sa.UniqueConstraint("case_id", "kind", "reference", name=op.f("uq_case_link_case_id_kind_reference")),
    )
    with op.batch_alter_table("case_link", schema=None) as batch_op:
        batch_op.create_index("ix_case_link_kind_reference", ["kind", "reference"], unique=False)

    op.create_table(
        "goods_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("shipment_id", sa.Uuid(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("name_zh", sa.String(length=300), nullable=False),
        sa.Column("element", sa.String(length=8), nullable=False),
        sa.Column("chemical_form", sa.String(length=200), nullable=False),
        sa.Column("purity", sa.String(length=100), nullable=False),
        sa.Column("particle_size", sa.String(length=100), nullable=False),
        sa.Column("hs_code", sa.String(length=10), nullable=False),
        sa.Column("control_code", sa.String(length=40), nullable=False),
        sa.Column("quantity", sa.String(length=32), nullable=False),
        sa.Column("unit", sa.String(length=3), nullable=False),
        sa.Column("net_weight_kg", sa.String(length=32), nullable=False),
        sa.Column("value", sa.String(length=32), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("origin", sa.String(length=2), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["shipment_id"], ["shipment.id"], name=op.f("fk_goods_line_shipment_id_shipment")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_goods_line")),
    )
    with op.batch_alter_table("goods_line", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_goods_line_shipment_id"), ["shipment_id"], unique=False)

    op.create_table(
        "list_mark",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("edition_id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("value", sa.String(length=200), nullable=False),
        sa.Column("text", sa.String(length=500), nullable=False),
        sa.Column("address_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["address_id"], ["list_address.id"], name=op.f("fk_list_mark_address_id_list_address")),
        sa.ForeignKeyConstraint(["edition_id"], ["list_edition.id"], name=op.f("fk_list_mark_edition_id_list_edition")),
        sa.ForeignKeyConstraint(["entry_id"], ["list_entry.id"], name=op.f("fk_list_mark_entry_id_list_entry")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_list_mark")),
    )
    with op.batch_alter_table("list_mark", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_list_mark_entry_id"), ["entry_id"], unique=False)
        batch_op.create_index("ix_list_mark_value_edition_id", ["value", "edition_id"], unique=False)

    op.create_table(
        "shipment_assessment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("shipment_id", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("policy_id", sa.String(length=80), nullable=False),
        sa.Column("policy_version", sa.String(length=40), nullable=False),
        sa.Column("policy_digest", sa.String(length=64), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("questionnaires", sa.JSON(), nullable=False),
        sa.Column("answers_digest", sa.String(length=64), nullable=False),
        sa.Column("lists", sa.JSON(), nullable=False),
        sa.Column("controls", sa.JSON(), nullable=False),
        sa.Column("result", sa.JSON(), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("band", sa.String(length=16), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["shipment_id"], ["shipment.id"], name=op.f("fk_shipment_assessment_shipment_id_shipment")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shipment_assessment")),
    )
    with op.batch_alter_table("shipment_assessment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_shipment_assessment_shipment_id"), ["shipment_id"], unique=False)

    op.create_table(
        "shipment_attestation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("shipment_id", sa.Uuid(), nullable=False),
        sa.Column("officer_id", sa.Uuid(), nullable=False),
        sa.Column("officer_name", sa.String(length=120), nullable=False),
        sa.Column("position", sa.String(length=120), nullable=False),
        sa.Column("text_version", sa.String(length=16), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("method", sa.String(length=40), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["officer_id"], ["user_account.id"], name=op.f("fk_shipment_attestation_officer_id_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["shipment_id"], ["shipment.id"], name=op.f("fk_shipment_attestation_shipment_id_shipment")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shipment_attestation")),
    )
    with op.batch_alter_table("shipment_attestation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_shipment_attestation_shipment_id"), ["shipment_id"], unique=False)

    op.create_table(
        "shipment_hit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("shipment_id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("name", sa.String(length=500), nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("pair", sa.String(length=32), nullable=False),
        sa.Column("source", sa.String(length=32), nullable=False),
        sa.Column("entry", sa.String(length=96), nullable=False),
        sa.Column("listed", sa.String(length=500), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("strength", sa.String(length=16), nullable=False),
        sa.Column("binding", sa.Boolean(), nullable=False),
        sa.Column("met_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("gone_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["shipment_id"], ["shipment.id"], name=op.f("fk_shipment_hit_shipment_id_shipment")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shipment_hit")),
        sa.UniqueConstraint(
            "shipment_id", "subject", "source", "entry", name=op.f("uq_shipment_hit_shipment_id_subject_source_entry")
        ),
    )
    with op.batch_alter_table("shipment_hit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_shipment_hit_pair"), ["pair"], unique=False)
        batch_op.create_index(batch_op.f("ix_shipment_hit_shipment_id"), ["shipment_id"], unique=False)

    op.create_table(
        "shipment_party",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("shipment_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_native", sa.String(length=200), nullable=False),
        sa.Column("aliases", sa.JSON(), nullable=False),
        sa.Column("former_names", sa.JSON(), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("address", sa.String(length=500), nullable=False),
        sa.Column("identifiers", sa.JSON(), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("website", sa.String(length=300), nullable=False),
        sa.Column("owners", sa.JSON(), nullable=False),
        sa.Column("vessel", sa.String(length=200), nullable=False),
        sa.Column("vessel_imo", sa.String(length=20), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["shipment_id"], ["shipment.id"], name=op.f("fk_shipment_party_shipment_id_shipment")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shipment_party")),
    )
    with op.batch_alter_table("shipment_party", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_shipment_party_shipment_id"), ["shipment_id"], unique=False)

    op.create_table(
        "shipment_decision",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("shipment_id", sa.Uuid(), nullable=False),
        sa.Column("assessment_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("purpose", sa.String(length=32), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.String(length=200), nullable=False),
        sa.Column("certificate_number", sa.String(length=24), nullable=False),
        sa.ForeignKeyConstraint(
            ["assessment_id"],
            ["shipment_assessment.id"],
            name=op.f("fk_shipment_decision_assessment_id_shipment_assessment"),
        ),
        sa.ForeignKeyConstraint(
            ["shipment_id"], ["shipment.id"], name=op.f("fk_shipment_decision_shipment_id_shipment")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shipment_decision")),
        sa.UniqueConstraint("shipment_id", "sequence", name=op.f("uq_shipment_decision_shipment_id_sequence")),
    )
    with op.batch_alter_table("shipment_decision", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_shipment_decision_shipment_id"), ["shipment_id"], unique=False)

    op.create_table(
        "shipment_document",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("shipment_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("filename", sa.String(length=200), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("stored", sa.String(length=200), nullable=False),
        sa.Column("party_id", sa.Uuid(), nullable=True),
        sa.Column("goods_id", sa.Uuid(), nullable=True),
        sa.Column("uploaded_by", sa.Uuid(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["goods_id"], ["goods_line.id"], name=op.f("fk_shipment_document_goods_id_goods_line")),
        sa.ForeignKeyConstraint(
            ["party_id"], ["shipment_party.id"], name=op.f("fk_shipment_document_party_id_shipment_party")
        ),
        sa.ForeignKeyConstraint(
            ["shipment_id"], ["shipment.id"], name=op.f("fk_shipment_document_shipment_id_shipment")
        ),
        sa.ForeignKeyConstraint(
            ["uploaded_by"], ["user_account.id"], name=op.f("fk_shipment_document_uploaded_by_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shipment_document")),
    )
    with op.batch_alter_table("shipment_document", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_shipment_document_sha256"), ["sha256"], unique=False)
        batch_op.create_index(batch_op.f("ix_shipment_document_shipment_id"), ["shipment_id"], unique=False)

    op.create_table(
        "shipment_hit_explanation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("hit_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("filename", sa.String(length=200), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("stored", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["user_account.id"], name=op.f("fk_shipment_hit_explanation_by_user_account")),
        sa.ForeignKeyConstraint(
            ["hit_id"], ["shipment_hit.id"], name=op.f("fk_shipment_hit_explanation_hit_id_shipment_hit")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shipment_hit_explanation")),
    )
    with op.batch_alter_table("shipment_hit_explanation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_shipment_hit_explanation_hit_id"), ["hit_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("shipment_hit_explanation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_shipment_hit_explanation_hit_id"))

    op.drop_table("shipment_hit_explanation")
    with op.batch_alter_table("shipment_document", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_shipment_document_shipment_id"))
        batch_op.drop_index(batch_op.f("ix_shipment_document_sha256"))

    op.drop_table("shipment_document")
    with op.batch_alter_table("shipment_decision", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_shipment_decision_shipment_id"))

    op.drop_table("shipment_decision")
    with op.batch_alter_table("shipment_party", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_shipment_party_shipment_id"))

    op.drop_table("shipment_party")
    with op.batch_alter_table("shipment_hit", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_shipment_hit_shipment_id"))
        batch_op.drop_index(batch_op.f("ix_shipment_hit_pair"))

    op.drop_table("shipment_hit")
    with op.batch_alter_table("shipment_attestation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_shipment_attestation_shipment_id"))

    op.drop_table("shipment_attestation")
    with op.batch_alter_table("shipment_assessment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_shipment_assessment_shipment_id"))

    op.drop_table("shipment_assessment")
    with op.batch_alter_table("list_mark", schema=None) as batch_op:
        batch_op.drop_index("ix_list_mark_value_edition_id")
        batch_op.drop_index(batch_op.f("ix_list_mark_entry_id"))

    op.drop_table("list_mark")
    with op.batch_alter_table("goods_line", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_goods_line_shipment_id"))

    op.drop_table("goods_line")
    with op.batch_alter_table("case_link", schema=None) as batch_op:
        batch_op.drop_index("ix_case_link_kind_reference")

    op.drop_table("case_link")
    with op.batch_alter_table("case_hit", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_hit_shipment_id"))
        batch_op.drop_index(batch_op.f("ix_case_hit_pair"))
        batch_op.drop_index(batch_op.f("ix_case_hit_certificate"))
        batch_op.drop_index(batch_op.f("ix_case_hit_case_id"))

    op.drop_table("case_hit")
    op.drop_table("case_event")
    with op.batch_alter_table("shipment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_shipment_previous_id"))
        batch_op.drop_index("ix_shipment_organisation_id_state_updated_at")
        batch_op.drop_index(batch_op.f("ix_shipment_organisation_id"))

    op.drop_table("shipment")
    with op.batch_alter_table("password_reset", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_password_reset_user_id"))

    op.drop_table("password_reset")
    with op.batch_alter_table("measure_change", schema=None) as batch_op:
        batch_op.drop_index("ix_measure_change_state_decided_at")
        batch_op.drop_index(batch_op.f("ix_measure_change_number"))

    op.drop_table("measure_change")
    with op.batch_alter_table("list_name", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_list_name_entry_id"))

    op.drop_table("list_name")
    with op.batch_alter_table("list_interval", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_list_interval_entry_id"))

    op.drop_table("list_interval")
    with op.batch_alter_table("list_identifier", schema=None) as batch_op:
        batch_op.drop_index("ix_list_identifier_scheme_value")
        batch_op.drop_index(batch_op.f("ix_list_identifier_entry_id"))

    op.drop_table("list_identifier")
    with op.batch_alter_table("list_address", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_list_address_entry_id"))

    op.drop_table("list_address")
    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_invitation_organisation_id"))

    op.drop_table("invitation")
    with op.batch_alter_table("enforcement_case", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_enforcement_case_topic",
            sqlite_where=sa.text("state != 'closed' AND topic != ''"),
            postgresql_where=sa.text("state != 'closed' AND topic != ''"),
        )
        batch_op.drop_index("ix_enforcement_case_state_updated_at")

    op.drop_table("enforcement_case")
    with op.batch_alter_table("user_account", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_user_account_organisation_id"))

    op.drop_table("user_account")
    op.drop_table("questionnaire_answer")
    with op.batch_alter_table("list_entry", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_list_entry_edition_id"))

    op.drop_table("list_entry")
    op.drop_table("certificate_file")
    with op.batch_alter_table("certificate_event", schema=None) as batch_op:
        batch_op.drop_index("ix_certificate_event_state_at")

    op.drop_table("certificate_event")
    op.drop_table("registration_link")
    op.drop_table("questionnaire_submission")
    op.drop_table("organisation")
    op.drop_table("log_tile")
    op.drop_table("log_shown")
    op.drop_table("log_head")
    op.drop_table("log_entry")
    with op.batch_alter_table("list_edition", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_list_edition_current",
            sqlite_where=sa.text("state = 'current'"),
            postgresql_where=sa.text("state = 'current'"),
        )
        batch_op.drop_index("ix_list_edition_source_state")
        batch_op.drop_index(batch_op.f("ix_list_edition_digest"))

    op.drop_table("list_edition")
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.drop_index("ix_job_state_due_at")

    op.drop_table("job")
    op.drop_table("certificate_number_sequence")
    with op.batch_alter_table("certificate", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_certificate_valid_until"))
        batch_op.drop_index(batch_op.f("ix_certificate_subject_id"))
        batch_op.drop_index(batch_op.f("ix_certificate_organisation_id"))
        batch_op.drop_index(batch_op.f("ix_certificate_issued_at"))
        batch_op.drop_index(batch_op.f("ix_certificate_destination"))

    op.drop_table("certificate")
    op.drop_table("case_sequence")
    op.drop_table("audit_head")
    with op.batch_alter_table("audit_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_event_verb"))
        batch_op.drop_index(batch_op.f("ix_audit_event_subject"))
        batch_op.drop_index(batch_op.f("ix_audit_event_organisation_id"))
        batch_op.drop_index(batch_op.f("ix_audit_event_at"))
        batch_op.drop_index(batch_op.f("ix_audit_event_actor_id"))

    op.drop_table("audit_event")
    with op.batch_alter_table("adjudication", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_adjudication_proposed",
            sqlite_where=sa.text("state = 'proposed'"),
            postgresql_where=sa.text("state = 'proposed'"),
        )
        batch_op.drop_index("ix_adjudication_source_entry")
        batch_op.drop_index("ix_adjudication_pair")

    op.drop_table("adjudication")
