"""Choose settings by scikit-learn's grid search.

python examples/grid_search.py
"""

import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import GridSearchCV, train_test_split

from inklings import NetworkClassifier

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X / 16, y, test_size=0.3, random_state=0, stratify=y)

grid = {
    "network_settings__hidden_units": np.array([20, 60]),  # a setting of the preset `mlp`
    "learning_rate": np.logspace(-3, -1, 3),
}
search = GridSearchCV(NetworkClassifier("mlp", epochs=10, random_state=0), grid, cv=3)
search.fit(X_train, y_train)
print(search.best_params_)
print(f"{search.score(X_test, y_test):.1%} of the test images")
search.best_estimator_.to_model().save("searched.inkling")
