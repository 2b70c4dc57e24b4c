import { Socket as TcpSocket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { newVendor, startHub } from "./setup.ts";

const QUEUE = "store/acme";

/** All that this process has written to sockets since, as it left. */
function watchWrites(): () => string {
  let written = "";
  const hear = (chunk: Uint8Array): void => {
    written += Buffer.from(chunk).toString("latin1");
  };
  const { _write, _writev } = TcpSocket.prototype;
  TcpSocket.prototype._write = function (chunk, ...rest) {
    hear(Buffer.from(chunk));
    _write.call(this, chunk, ...rest);
  };
  TcpSocket.prototype._writev = function (chunks, done) {
    for (const { chunk } of chunks) hear(Buffer.from(chunk));
    _writev?.call(this, chunks, done);
  };
  onTestFinished(() => void Object.assign(TcpSocket.prototype, { _write, _writev }));
  return () => written;
}

const startedIn = (written: string, counter: number): boolean =>
  [...written.matchAll(/"started":\[\[(\d+),(\d+)\]\]/g)].some(([, from, to]) => Number(from) <= counter && counter <= Number(to));

type Below = { _socket: TcpSocket };

test("of several frames that come at once, each one's handlers begin behind the news that they start", async () => {
  const hub = await startHub();
  const written = watchWrites();
  const told: boolean[] = [];
  const vendor = newVendor(hub).onOther((_event, { token }) => {
    told.push(startedIn(written(), Number(token.split(".")[1])));
  });
  await vendor.start();
  const [transport] = hub.sockets.map(({ conn }) => conn.transport as unknown as { socket: Below });
  if (!transport) throw new Error("The vendor is connected.");
  const { _socket: below } = transport.socket;
  below.cork();
  for (let at = 1; at <= 3; at += 1) {
    hub.append(QUEUE, { id: `e${at}`, parcel: `p${at}` });
    await new Promise(setImmediate); // So that each frame is handed over.
  }
  below.uncork();
  await hub.until(() => hub.group(QUEUE).settled.size === 3);
  expect(told).toEqual([true, true, true]);
});
