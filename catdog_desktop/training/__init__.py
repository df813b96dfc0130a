"""Makes models: the only place that imports TensorFlow. The app runs without it and never imports it."""
