"""Looks for the usual faults and says how to mend each. Prints nothing; ``livevae.commands.doctor`` does."""
