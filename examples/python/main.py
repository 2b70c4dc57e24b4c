"""A store in Python, with the public Socket.IO client: pip install "python-socketio[client]"."""

import os

import socketio

client = socketio.Client()


def say(*words):
    # Each packet has a thread of its own here: in one write, so that no other line comes into it.
    print(" ".join(words) + "\n", end="", flush=True)


@client.on("connect", namespace="/vendor")
def connected():
    client.emit("subscribe", {}, namespace="/vendor", callback=lambda reply: say(reply["outcome"]))


@client.on("*", namespace="/vendor")
def happened(name, *data):
    # What a handler returns is its acknowledgement: handled, never sent again.
    if data and "parcel" in data[0] and "offset" in data[0]:
        say(data[0]["parcel"], name)


url = os.environ.get("WAYBILL_URL", "http://127.0.0.1:3000")
client.connect(url, namespaces=["/vendor"], auth={"token": os.environ["WAYBILL_TOKEN"]})
client.wait()
