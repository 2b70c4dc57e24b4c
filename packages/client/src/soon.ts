/**
 * Runs `task` after the messages that are already here were handled, and before any timer.
 * A browser has no setImmediate, and its timers are slowed to 4 ms: a message to oneself is not.
 */
export const soon: (task: () => void) => void = typeof setImmediate === "function" ? (task) => void setImmediate(task) : overChannel();

function overChannel(): (task: () => void) => void {
  const tasks: (() => void)[] = [];
  const channel = new MessageChannel();
  channel.port1.addEventListener("message", () => tasks.shift()?.());
  channel.port1.start();
  return (task) => {
    tasks.push(task);
    channel.port2.postMessage(0);
  };
}
