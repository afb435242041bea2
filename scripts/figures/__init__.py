"""Figures that docs/TIMING.md and docs/PAGE.md quote, measured on a whole livevae from outside.

    python -m scripts.figures.lateness    notes beside an open page, and beside floods of messages
    python -m scripts.figures.page        the page itself: frames a second, memory, a fader and its echo

They need what the tests need (Chromium, selenium, cyclictest) and a machine that has nothing else to do.
"""
