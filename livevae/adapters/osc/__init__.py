"""Open Sound Control: every parameter of the table under /livevae, in and out.

``packets`` turns datagrams into messages, ``addresses`` messages into commands, ``desk`` keeps who wants
to hear what, ``server`` owns the socket. Only the last one waits. docs/OSC.md is the musician's side of it.
"""
