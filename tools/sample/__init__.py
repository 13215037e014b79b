"""Draws the sample catalog's posters, and trains the toy picture model that knows such drawings.

python -m tools.sample.draw                      catalog.csv -> discover/sample/posters
python -m tools.sample.train_tiny_clip OUT_DIR   -> open_clip model, its config and README
"""
