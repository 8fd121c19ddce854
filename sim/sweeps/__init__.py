"""Sweeps over many classes: a plan, its design, chunks, a folder of results, and what drives them."""
