"""The state machine, way by way."""

import itertools

import pytest

from portal.shipments import states
from portal.shipments.states import Deed, IllegalTransition, State

WAYS = {
    ("draft", "edit"): "draft",
    ("draft", "submit"): "submitted",
    ("draft", "withdraw"): "withdrawn",
    ("returned", "edit"): "draft",
    ("returned", "submit"): "submitted",
    ("returned", "withdraw"): "withdrawn",
    ("submitted", "return"): "returned",
    ("submitted", "attest"): "attested",
    ("submitted", "withdraw"): "withdrawn",
    ("attested", "certify"): "certified",
    ("attested", "refer"): "referred",
    ("attested", "refuse"): "refused",
    ("attested", "withdraw"): "withdrawn",
    ("referred", "certify"): "certified",
    ("referred", "refuse"): "refused",
    ("referred", "return"): "returned",
    ("referred", "withdraw"): "withdrawn",
    ("certified", "amend"): "certified",
}


@pytest.mark.parametrize(("state", "deed"), list(itertools.product(State, Deed)))
def test_every_pair_of_state_and_deed(state: State, deed: Deed) -> None:
    expected = WAYS.get((state.value, deed.value))
    if expected is not None:
        assert states.after(state, deed) == expected
        return
    with pytest.raises(IllegalTransition) as refused:
        states.after(state, deed)
    assert refused.value.state is state
    assert refused.value.reason.en
    assert refused.value.reason.zh


def test_what_is_decided_or_withdrawn_is_not_open() -> None:
    assert {"draft", "returned", "submitted", "attested", "referred"} == states.OPEN


def test_allowed_deeds_are_those_with_a_way() -> None:
    assert states.allowed(State.SUBMITTED) == {Deed.RETURN, Deed.ATTEST, Deed.WITHDRAW}
    assert states.allowed(State.REFUSED) == frozenset()


def test_every_state_and_deed_has_words_in_both_languages() -> None:
    for state, deed in itertools.product(State, Deed):
        reason = IllegalTransition(state, deed).reason
        assert "{" not in reason.en + reason.zh
