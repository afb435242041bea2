"""One module for each command of ``livevae``; with ``livevae.cli`` the only places that print.

Each has ``main(arguments) -> exit status`` and imports what it needs and no more.
"""
