"""The page: livevae seen, touched and heard in a browser, served from this computer.

``wire`` says things as the page reads them, ``requests`` reads what the page asks, ``hub`` knows everything a
page that has just opened must be told, ``door`` decides who may come in. None of these waits. ``site`` speaks
HTTP and WebSocket, and ``server`` gives it a thread. docs/PAGE.md has the table of messages; the page itself
is in livevae/web.
"""
