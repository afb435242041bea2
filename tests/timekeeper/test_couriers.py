"""Messages reach the other process in order; a process that does not read loses some and holds up nobody."""

from __future__ import annotations

import threading
from multiprocessing import Pipe

from livevae.timekeeper.couriers import Sender, listen
from livevae.timekeeper.pacing import Bell

PATIENCE_S = 20.0


def test_batches_keep_the_order() -> None:
    ours, theirs = Pipe()
    sender: Sender[int] = Sender(ours, 1000, batched=True)
    for number in range(100):
        sender.post(number)
    sender.start()
    sender.close(PATIENCE_S)
    received: list[int] = []
    while len(received) < 100:
        received += theirs.recv()
    assert received == list(range(100))
    theirs.close()


def test_a_full_queue_drops_and_counts() -> None:
    ours, theirs = Pipe()
    sender: Sender[int] = Sender(ours, 10, batched=True)
    for number in range(25):
        sender.post(number)
    assert sender.dropped == 15
    sender.start()
    sender.close(PATIENCE_S)
    assert theirs.recv() == tuple(range(10))
    theirs.close()


def test_a_reader_that_is_gone_holds_up_nobody() -> None:
    ours, theirs = Pipe()
    theirs.close()
    sender: Sender[int] = Sender(ours, 10, batched=False)
    sender.start()
    sender.post(1)
    sender.close(PATIENCE_S)


def test_the_end_of_a_pipe_is_told_once() -> None:
    ours, theirs = Pipe()
    heard: list[int] = []
    closed = threading.Event()
    listen(ours, heard.append, closed.set)
    theirs.send(1)
    theirs.send(2)
    theirs.close()
    assert closed.wait(PATIENCE_S)
    assert heard == [1, 2]


def test_half_a_message_is_the_end() -> None:
    ours, theirs = Pipe()
    closed = threading.Event()
    listen(ours, lambda message: None, closed.set)
    theirs.send_bytes(b"\x80\x05not a pickle")
    assert closed.wait(PATIENCE_S)
    theirs.close()


def test_a_bell_rung_twice_wakes_once() -> None:
    bell = Bell()
    bell.ring()
    bell.ring()
    assert bell.wait(0)
    assert not bell.wait(0)


def test_a_bell_wakes_a_sleeper_in_another_thread() -> None:
    bell = Bell()
    woken = threading.Event()

    def sleep() -> None:
        if bell.wait(PATIENCE_S):
            woken.set()

    threading.Thread(target=sleep, daemon=True).start()
    bell.ring()
    assert woken.wait(PATIENCE_S)
