import { once } from "node:events";
import { connect } from "node:net";
import { expect, test } from "vitest";
import { createEdgeServer } from "./http-server.ts";

async function openServer(ready: { ready: boolean; why?: string } = { ready: true }) {
  const server = createEdgeServer({ host: "127.0.0.1", port: 0, ready: () => ready, metrics: async () => "waybill_pending 0\n" });
  return { server, url: await server.listen(), [Symbol.asyncDispose]: () => server.close() };
}

test("says that it runs, whether it is ready and why not, its counters, and what it is", async () => {
  await using opened = await openServer({ ready: false, why: "the storage is opening" });
  const get = async (path: string) => {
    const response = await fetch(opened.url + path);
    return [response.status, response.headers.get("content-type"), await response.text()];
  };
  expect(await get("/healthz")).toEqual([200, "text/plain; charset=utf-8", "ok\n"]);
  expect(await get("/readyz")).toEqual([503, "text/plain; charset=utf-8", "not ready: the storage is opening\n"]);
  expect(await get("/metrics?x=1")).toEqual([200, "text/plain; version=0.0.4; charset=utf-8", "waybill_pending 0\n"]);
  expect(await get("/")).toEqual([200, "text/plain; charset=utf-8", expect.stringContaining("/vendor")]);
  expect((await get("/../etc/passwd"))[0]).toBe(404);
});

test("nothing but GET and HEAD, and no page may do anything with an answer", async () => {
  await using opened = await openServer();
  expect((await fetch(`${opened.url}/healthz`, { method: "POST", body: "x" })).status).toBe(405);
  const head = await fetch(`${opened.url}/readyz`, { method: "HEAD" });
  expect([head.status, await head.text()]).toEqual([200, ""]);
  expect(head.headers.get("content-security-policy")).toContain("default-src 'none'");
  expect(head.headers.get("x-content-type-options")).toBe("nosniff");
});

test("limits of slow peers are set", async () => {
  await using opened = await openServer();
  const { http } = opened.server;
  expect([http.headersTimeout, http.requestTimeout, http.keepAliveTimeout, http.maxHeadersCount]).toEqual([10_000, 15_000, 5_000, 64]);
  expect(http.maxConnections).toBeGreaterThan(0);
});

test("a second server on the port is an error that names the port", async () => {
  await using opened = await openServer();
  const port = Number(new URL(opened.url).port);
  const second = createEdgeServer({ host: "127.0.0.1", port, ready: () => ({ ready: true }), metrics: async () => "" });
  await expect(second.listen()).rejects.toMatchObject({ code: "EADDRINUSE", port });
});

test("garbage instead of a request is answered 400 and closed", async () => {
  await using opened = await openServer();
  const socket = connect(Number(new URL(opened.url).port), "127.0.0.1");
  socket.write("\u0016\u0003\u0001 not http\r\n\r\n");
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk);
  expect(Buffer.concat(chunks).toString()).toContain("400 Bad Request");
});

test("a websocket that never answers a close is open until it is cut; then nothing is left", async () => {
  const opened = await openServer();
  opened.server.http.on("upgrade", (_request, socket) => socket.write("HTTP/1.1 101 Switching Protocols\r\n\r\n"));
  const peer = connect(Number(new URL(opened.url).port), "127.0.0.1");
  peer.write("GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
  await once(peer, "data");
  const closed = opened.server.close();
  const gone = once(peer, "close");
  opened.server.cut();
  await Promise.all([closed, gone]);
});
