"""Masked questions: the subject is hidden, and what echoes in the wording still echoes."""

import re

from hypothesis import given
from hypothesis import strategies as st

from exams.content.masking import lower_words, masking

TEXTS = (
    "A company trains a model on 3 clusters. The model must detect 40 kinds of ships.",
    "Train the model with Amazon SageMaker, and set `EnableNetworkIsolation` on the cluster.",
)
SUBJECT = frozenset({"train", "trains", "model", "cluster", "network"})
KNOWN = lower_words((*TEXTS, "to enable and to detect in isolation"))


def test_words_of_the_subject_and_names_are_hidden_and_everything_else_stays() -> None:
    said = " ".join(map(masking(KNOWN, SUBJECT, seed=1), TEXTS))
    for hidden in ("model", "cluster", "train", "amazon", "sage", "maker", "network"):
        assert hidden not in said.lower()
    assert said.startswith("A company ")
    assert "must detect 40 kinds of ships." in said
    assert re.search(r"`Enable[A-Z]\w+Isolation`", said)


def test_a_word_is_hidden_by_the_same_word_everywhere_and_its_plural_by_the_plural() -> None:
    mask = masking(KNOWN, SUBJECT, seed=1)
    assert mask("clusters") == mask("cluster") + "s"
    assert mask("Model").lower() == mask("model") == masking(KNOWN, SUBJECT, seed=1)("model")
    assert mask("model") != mask("cluster")


def test_another_seed_has_other_words() -> None:
    assert masking(KNOWN, SUBJECT, seed=1)("network") != masking(KNOWN, SUBJECT, seed=2)("network")


@given(st.text(alphabet=st.characters(exclude_categories=["L"]), max_size=80))
def test_figures_and_signs_stay_as_they_are(text: str) -> None:
    assert masking(KNOWN, SUBJECT, seed=1)(text) == text
