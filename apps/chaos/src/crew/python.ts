import { spawnSync } from "node:child_process";

/** Debian's own, which has the packages python3-socketio and python3-websocket. */
export const PYTHON = "/usr/bin/python3";

/** `null`: a client in Python can take part. Otherwise what is missing. */
export function whyNoPython(): string | null {
  const tried = spawnSync(PYTHON, ["-c", "import requests, socketio, websocket"]);
  return tried.status === 0 ? null : "needs Python's Socket.IO client (packages python3-socketio, python3-websocket, python3-requests)";
}
