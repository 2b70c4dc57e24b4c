/** Engine.IO's mark of a message: the first byte of its packet. */
export const MESSAGE = 0x34;

/** Socket.IO's marks of its packets' kinds, which stand behind it. */
export const EVENT = 0x32;
export const ACK = 0x33;
/** Of an event with bytes; so many of them follow. */
export const BINARY_EVENT = 0x35;
