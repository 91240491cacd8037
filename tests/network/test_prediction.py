from dataclasses import replace

import numpy as np
import pytest

from vanish import NetworkSpec, fit_spec, forward, predict, train
from vanish.choices import DATASETS
from vanish.network.prediction import fold_batch_norm

SPIRALS = DATASETS["spirals"].make()


def test_folded_batch_norm_predicts_one_example_as_it_does_many():
    fields = {"activation": "relu", "initializer": "he_normal", "normalization": "batch", "residual": "identity"}
    spec = fit_spec(NetworkSpec(depth=5, width=32, **fields), SPIRALS)
    *_, end = train(spec, SPIRALS, "adam", 40, 0.01)
    with_statistics = forward(spec, end.parameters, SPIRALS.train_inputs).outputs
    np.testing.assert_allclose(
        predict(spec, end.parameters, SPIRALS.train_inputs, SPIRALS.train_inputs), with_statistics
    )
    alone = predict(spec, end.parameters, SPIRALS.train_inputs[:1], SPIRALS.train_inputs)
    np.testing.assert_allclose(alone, with_statistics[:1])
    folded, _ = fold_batch_norm(spec, end.parameters, SPIRALS.train_inputs)
    assert folded == replace(spec, normalization="none")
    with pytest.raises(ValueError, match="reference must be the training inputs"):
        predict(spec, end.parameters, SPIRALS.test_inputs)
