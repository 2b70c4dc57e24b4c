import { Encoder, type Packet, PacketType } from "socket.io-parser";

/**
 * An argument of a Socket.IO event that is JSON already: it goes into the packet as it is. To an encoder that does not know it, it is
 * the value that it stands for.
 */
export class JsonText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toJSON(): unknown {
    return JSON.parse(this.text);
  }
}

/** Writes an event whose one argument is a `JsonText` without looking for bytes in it; all other packets as Socket.IO does. */
export class JsonTextEncoder extends Encoder {
  override encode(packet: Packet): (string | Buffer)[] {
    const { type, nsp, id = "", data } = packet;
    if (type !== PacketType.EVENT || data.length !== 2 || !(data[1] instanceof JsonText)) return super.encode(packet);
    const namespace = nsp === "/" ? "" : `${nsp},`;
    return [`${type}${namespace}${id}[${JSON.stringify(data[0])},${data[1].text}]`];
  }
}
