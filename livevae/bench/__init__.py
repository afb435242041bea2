"""How well livevae keeps time and infers on this computer."""
