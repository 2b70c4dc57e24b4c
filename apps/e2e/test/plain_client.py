"""A driver and a store in Python, with the public Socket.IO client and docs/PROTOCOL.md alone."""

import json
import queue
import sys

import socketio

url, driver_token, vendor_token, transport = sys.argv[1:5]
received = queue.Queue()


def connect(namespace, token, handler=None):
    client = socketio.Client()
    if handler:
        client.on("*", handler, namespace=namespace)
    client.connect(url, namespaces=[namespace], auth={"token": token}, transports=[transport])
    return client


attempts = {}


def on_event(name, *data):
    if name in ("welcome", "presence", "position"):
        return None
    event = data[0]
    received.put(f"{name} {event['attempt']}")
    # The first offer fails, the second is handled: what a callback returns is the acknowledgement.
    if name == "pickup" and event["attempt"] == 1:
        return {"nack": "try again", "delayMs": 10}
    return None


driver = connect("/driver", driver_token)
vendor = connect("/vendor", vendor_token, on_event)
parcel = f"py-{transport}"
scan = {"store": "acme", "parcel": parcel}
confirms = [
    driver.call("pickup", {**scan, "id": f"{transport}-1"}, namespace="/driver"),
    driver.call("delivered", {**scan, "id": f"{transport}-2"}, namespace="/driver"),
    driver.call("delivered", {**scan, "id": f"{transport}-2"}, namespace="/driver"),
]
subscribed = vendor.call("subscribe", {"queue": "store/acme"}, namespace="/vendor")
assert subscribed["outcome"] == "subscribed", subscribed
lines = [received.get(timeout=20) for _ in range(3)]
print(json.dumps({"confirms": [confirm["outcome"] for confirm in confirms], "received": lines}))
driver.disconnect()
vendor.disconnect()
