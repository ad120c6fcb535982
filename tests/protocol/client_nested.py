"""The peer as a client: scenarios of nested calls."""

from dial import connect


def nested(address):
    peer = connect(address)

    def asked(method):
        ask = peer.call("Ask", method, 21)
        call = peer.expect("call", interface="IScript", method=method, parent=ask)
        assert call.value() == [21]
        return ask, call.id

    ask, call = asked("Twice")
    assert peer.result("Add", 21, 21, parent=call) == 42
    inner = peer.call("Ask", "Deeper", 1, parent=call)
    deeper = peer.expect("call", method="Deeper", parent=inner)
    peer.send("reply", 2, id=deeper.id)
    assert peer.expect("reply", id=inner).value() == ["ok", 2]
    peer.send("reply", 42, id=call, wide=True, extra=[None])
    assert peer.expect("reply", id=ask).value() == ["ok", 42]
    peer.send("reply", 43, id=call)
    peer.send("error", id=call)
    assert peer.result("Add", 1, 1, parent=call) == 2, "a parent may have its reply"

    ask, call = asked("Strange")
    peer.send("error", id=call, status=99, execution=7, message="odd", extra=[1])
    assert peer.expect("reply", id=ask).value() == ["error", 15, 2, "odd"]
    ask, call = asked("Bad")
    peer.send("reply", payload=b"\xc1", id=call)
    assert peer.expect("reply", id=ask).value()[:3] == ["error", 2, 1]
    assert peer.result("Add", 1, 1) == 2


def nested_in_a_lane(address):
    """A one-way call of lane 7 calls back; calls nested there use the same lane."""
    peer = connect(address)
    ask = peer.call("Ask", "Back", 1)
    replied = peer.expect("call", method="Back", parent=ask).id
    peer.send("reply", 0, id=replied)
    peer.expect("reply", id=ask)
    for interface in ["IPeer", "IOrdered"]:
        seven = {"interface": interface, "lane": 7}
        peer.one_way("Ask", "Back", 1, **seven)
        peer.one_way("Note", 1, "waits for the one-way call before it", **seven)
        back = peer.expect("call", method="Back", parent=None)
        nested = {**seven, "parent": back.id}
        peer.one_way("Pause", 1, **nested)
        peer.one_way("Note", 2, "waits for its sibling", **nested)
        noted = peer.call("Noted", **nested)
        for _ in range(20):
            assert peer.result("Add", 1, 1, lane=1) == 2, "siblings wait for each other"
        assert peer.result("Add", 1, 1, lane=7, parent=replied) == 2, "others do not"
        resume = peer.call("Resume", 1, lane=1)
        replies = [peer.expect("reply") for _ in range(2)]
        count = {reply.id: reply.value() for reply in replies}
        assert count == {resume: None, noted: 1}, "the one without a parent has not run"
        peer.send("reply", 0, id=back.id)
        assert peer.result("Noted", **seven) == 2, "that one runs when the one before has finished"
        peer.result("Forget")


def nested_in_order(address):
    """One call may run; it waits for a nested one, which waits for its turn at an interface."""
    peer = connect(address)
    ask = peer.call("Ask", "Back", 1)
    back = peer.expect("call", method="Back", parent=ask)
    ordered = {"interface": "IOrdered"}
    before = peer.call("Add", 1, 1, lane=1, **ordered)
    nested = peer.call("Add", 2, 2, lane=2, parent=back.id, **ordered)
    replies = [peer.expect("reply") for _ in range(2)]
    assert {reply.id: reply.value() for reply in replies} == {before: 2, nested: 4}
    peer.send("reply", 0, id=back.id)
    assert peer.expect("reply", id=ask).value() == ["ok", 0]


def nested_too_many(address):
    """Two nested calls may run: of two that wait for the same one-way call, one comes too late."""
    peer = connect(address)
    peer.call("Ask", "Back", 1)
    nested = {"parent": peer.expect("call", method="Back").id}
    peer.one_way("Pause", 1, lane=7, **nested)
    waiting = [peer.call("Noted", lane=7, **nested) for _ in range(2)]
    peer.one_way("Pause", 2, lane=8, **nested)
    assert peer.result("Add", 1, 1) == 2
    peer.call("Resume", 1)
    answers = {}
    while len(answers) < 3:
        message = peer.receive()
        if message.kind != "credit":
            answers[message.id] = message
    assert answers[waiting[0]].kind == "reply"
    refused = answers[waiting[1]]
    assert (refused.kind, refused.status, refused.execution) == ("error", 8, 0), refused
    peer.result("Resume", 2)
