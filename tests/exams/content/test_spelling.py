"""Which words count as British in texts for candidates."""

import pytest

from exams.content.rules.spelling import british


@pytest.mark.parametrize(
    "word",
    [
        *("regularisation", "Normalises", "modelling", "unlabelled", "towards", "optimise", "anonymisation"),
        *("optimiser", "tokenisers", "kilometres", "litre", "Per cent"),
    ],
)
def test_british_words_are_found(word: str) -> None:
    assert list(british(f"the {word} of it"))


@pytest.mark.parametrize(
    "word",
    [
        *("appraised", "televised", "improvise", "cruised", "franchised", "surmise", "demise", "bruised"),
        *("denoiser", "fundraisers", "advisers", "enterprise", "supervised", "otherwise", "parameters"),
    ],
)
def test_words_that_have_their_s_in_american_english_are_not(word: str) -> None:
    assert list(british(f"the {word} of it")) == []
