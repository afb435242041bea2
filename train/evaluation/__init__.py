"""How good an exported model is, in figures: each module measures one thing, in numpy, on token arrays.

Arrays of windows have shape (windows, steps, columns), int64, as the model's codec makes them.
"""
