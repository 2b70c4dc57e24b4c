/** Loaded into a hub (`--expose-gc --import`) whose memory is to be measured: SIGUSR2 collects the garbage. */
process.on("SIGUSR2", () => globalThis.gc?.());
