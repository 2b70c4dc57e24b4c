import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { startTestHub } from "../src/test-hub.ts";

const python = "/usr/bin/python3";
const hasPython = spawnSync(python, ["-c", "import requests, socketio, websocket"]).status === 0;
const script = fileURLToPath(new URL("plain_client.py", import.meta.url));

test.for(["polling", "websocket"])(
  "a plain client in Python publishes, subscribes and acknowledges over %s",
  async (transport, { skip }) => {
    skip(!hasPython, "needs Python's Socket.IO client: apt-get install python3-socketio python3-websocket python3-requests");
    await using hub = await startTestHub();
    const vendor = hub.token({ role: "vendor", stores: ["acme"] });
    const driver = hub.token({ role: "driver", driver: "dana" });
    const run = await hub.run(python, [script, hub.url, driver, vendor, transport]);
    expect(JSON.parse(run.stdout)).toEqual({
      confirms: ["stored", "stored", "duplicate"],
      received: ["pickup 1", "pickup 2", "delivered 1"],
    });
  },
);
