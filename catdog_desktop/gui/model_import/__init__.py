"""The menu *Model* and the dialog that imports a model."""
