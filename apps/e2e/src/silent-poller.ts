/** A vendor that polls by hand, and only when it is told to: until then the hub cannot write to it. */
export type SilentPoller = {
  /** One request: all that waits for this socket, as names of events with their bodies. */
  poll(): Promise<{ name: string; body: unknown }[]>;
};

export async function openSilentPoller(url: string, namespace: string, token: string): Promise<SilentPoller> {
  const target = `${url}/socket.io/?EIO=4&transport=polling`;
  const handshake = await (await fetch(target)).text();
  const { sid } = JSON.parse(handshake.slice(1)) as { sid: string };
  const session = `${target}&sid=${sid}`;
  const poll = async () => {
    const packets = (await (await fetch(session)).text()).split("\u001e");
    const head = `42${namespace},`;
    return packets
      .filter((packet) => packet.startsWith(head))
      .map((packet) => JSON.parse(packet.slice(head.length)) as [string, unknown])
      .map(([name, body]) => ({ name, body }));
  };
  await fetch(session, { method: "POST", body: `40${namespace},${JSON.stringify({ token })}` });
  // CONNECT's answer and `welcome` may come in one body or in two.
  while (!(await poll()).some(({ name }) => name === "welcome"));
  return { poll };
}
