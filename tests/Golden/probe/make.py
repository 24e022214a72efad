"""Makes expected.json: what scikit-learn's logistic regression gives on a small set of made-up features.

Run with scikit-learn 1.2.1 (Debian's python3-sklearn): python3 make.py > expected.json
"""
import json
import warnings

import numpy
from sklearn.linear_model import LogisticRegression

random = numpy.random.default_rng(5)
classes, dimensions, count = 4, 6, 120
centres = random.normal(size=(classes, dimensions))
labels = random.integers(0, classes, size=count)
features = (centres[labels] + 1.2 * random.normal(size=(count, dimensions))).astype(numpy.float32)
fits = []
for strength in (1e-2, 1.0, 31.6, 1e4):
    model = LogisticRegression(C=1 / strength, solver="newton-cg", max_iter=100_000, tol=1e-10)
    with warnings.catch_warnings():
        # The line search ends where rounding does.
        warnings.simplefilter("ignore")
        model.fit(features.astype(numpy.float64), labels)
    fits.append({
        "strength": strength,
        "weights": model.coef_.ravel().tolist(),
        # The penalty does not touch the bias, which is known up to a constant.
        "bias": (model.intercept_ - model.intercept_.mean()).tolist(),
        "accuracy": model.score(features.astype(numpy.float64), labels),
    })
print(json.dumps({
    "classes": classes, "dimensions": dimensions, "features": features.astype(float).ravel().tolist(), "labels": labels.tolist(), "fits": fits,
}))
