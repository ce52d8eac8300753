"""The states of a shipment and the only ways from one to another."""

from enum import StrEnum

from portal.text import Text


class State(StrEnum):
    """Where a shipment stands between draft and decision."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    ATTESTED = "attested"
    CERTIFIED = "certified"
    REFERRED = "referred"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class Deed(StrEnum):
    """What may be done to a shipment as a whole."""

    EDIT = "edit"
    SUBMIT = "submit"
    RETURN = "return"
    ATTEST = "attest"
    CERTIFY = "certify"
    REFER = "refer"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    AMEND = "amend"


# A returned shipment becomes a draft again with its first edit. "attested" lasts only while the decision is made.
# A referral is settled by the authority: certified, refused, or returned to be made good.
# Amending leaves the certified revision as it is and makes a new draft.
TRANSITIONS: dict[tuple[State, Deed], State] = {
    (State.DRAFT, Deed.EDIT): State.DRAFT,
    (State.DRAFT, Deed.SUBMIT): State.SUBMITTED,
    (State.DRAFT, Deed.WITHDRAW): State.WITHDRAWN,
    (State.RETURNED, Deed.EDIT): State.DRAFT,
    (State.RETURNED, Deed.SUBMIT): State.SUBMITTED,
    (State.RETURNED, Deed.WITHDRAW): State.WITHDRAWN,
    (State.SUBMITTED, Deed.RETURN): State.RETURNED,
    (State.SUBMITTED, Deed.ATTEST): State.ATTESTED,
    (State.SUBMITTED, Deed.WITHDRAW): State.WITHDRAWN,
    (State.ATTESTED, Deed.CERTIFY): State.CERTIFIED,
    (State.ATTESTED, Deed.REFER): State.REFERRED,
    (State.ATTESTED, Deed.REFUSE): State.REFUSED,
    (State.ATTESTED, Deed.WITHDRAW): State.WITHDRAWN,
    (State.REFERRED, Deed.CERTIFY): State.CERTIFIED,
    (State.REFERRED, Deed.REFUSE): State.REFUSED,
    (State.REFERRED, Deed.RETURN): State.RETURNED,
    (State.REFERRED, Deed.WITHDRAW): State.WITHDRAWN,
    (State.CERTIFIED, Deed.AMEND): State.CERTIFIED,
}

OPEN = frozenset(state for state, deed in TRANSITIONS if deed is Deed.WITHDRAW)

_STATES = {
    State.DRAFT: Text("a draft", "草稿"),
    State.SUBMITTED: Text("submitted", "已提交"),
    State.RETURNED: Text("returned", "已退回"),
    State.ATTESTED: Text("attested", "已声明"),
    State.CERTIFIED: Text("certified", "已出证"),
    State.REFERRED: Text("referred", "已移送审查"),
    State.REFUSED: Text("refused", "已拒绝"),
    State.WITHDRAWN: Text("withdrawn", "已撤回"),
}
_DEEDS = {
    Deed.EDIT: Text("changed", "修改"),
    Deed.SUBMIT: Text("submitted", "提交"),
    Deed.RETURN: Text("returned", "退回"),
    Deed.ATTEST: Text("attested", "声明"),
    Deed.CERTIFY: Text("certified", "出证"),
    Deed.REFER: Text("referred", "移送审查"),
    Deed.REFUSE: Text("refused", "拒绝"),
    Deed.WITHDRAW: Text("withdrawn", "撤回"),
    Deed.AMEND: Text("amended", "变更"),
}


class ShipmentRefused(ValueError):
    """What was asked of a shipment cannot be done; ``reason`` says why in both languages."""

    def __init__(self, reason: Text) -> None:
        super().__init__(reason.en)
        self.reason = reason


class IllegalTransition(ShipmentRefused):
    """The shipment's state does not allow the deed."""

    def __init__(self, state: State, deed: Deed) -> None:
        text = Text("A shipment that is {state} cannot be {deed}.", "状态为“{state}”的货物批次不能{deed}。")
        super().__init__(text.filled(state=_STATES[state], deed=_DEEDS[deed]))
        self.state = state
        self.deed = deed


class SamePerson(ShipmentRefused):
    """Preparer and compliance officer must be two people."""


class NotEntitled(ShipmentRefused):
    """The person does not hold the role, or is not of the organisation, that the deed needs."""


class ShipmentChanged(ShipmentRefused):
    """Somebody else changed the shipment in the meantime."""

    def __init__(self) -> None:
        super().__init__(
            Text(
                "Somebody else has changed this shipment in the meantime. Look at it again before you go on.",
                "该货物批次已被他人修改，请重新查看后再继续。",
            )
        )


class CannotIssue(ShipmentRefused):
    """The shipment may be certified, but no certificate can be made of it as it is."""


class DocumentRefused(ShipmentRefused):
    """A file that is not taken in; ``reason`` says why."""


def after(state: State, deed: Deed) -> State:
    """The state that the deed leads to. Raises ``IllegalTransition`` where there is no way."""
    try:
        return TRANSITIONS[state, deed]
    except KeyError:
        raise IllegalTransition(state, deed) from None


def allowed(state: State) -> frozenset[Deed]:
    """What may be done to a shipment in this state, for the buttons of a page."""
    return frozenset(deed for found, deed in TRANSITIONS if found == state)
