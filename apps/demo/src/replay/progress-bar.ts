import type { Counts } from "./worker.ts";

type Progress = Counts & { kills: number };

const WIDTH = 28;
const LINE_EVERY_MS = 1_000;

/** A bar on a terminal, a JSON line a second elsewhere. */
export function createProgressBar(published: number, out: NodeJS.WriteStream): { show(progress: Progress): void; end(): void } {
  const startedAt = performance.now();
  let shownAt = Number.NEGATIVE_INFINITY;
  const text = ({ confirmed, applied, kills }: Progress, seconds: number) => {
    const share = published === 0 ? 1 : Math.min(1, confirmed / published);
    const bar = "█".repeat(Math.round(share * WIDTH)).padEnd(WIDTH, "░");
    const killed = kills > 0 ? `, ${kills} kills` : "";
    return `${bar} ${confirmed.toLocaleString("en")} of ${published.toLocaleString("en")} confirmed, ${applied.toLocaleString("en")} handled${killed}, ${seconds.toFixed(0)} s`;
  };
  return {
    show(progress) {
      const now = performance.now();
      if (now - shownAt < (out.isTTY ? 100 : LINE_EVERY_MS)) return;
      shownAt = now;
      const seconds = (now - startedAt) / 1_000;
      const { confirmed, applied, kills } = progress;
      out.write(
        out.isTTY ? `\r${text(progress, seconds)}\u001b[K` : `${JSON.stringify({ msg: "progress", confirmed, applied, kills, seconds })}\n`,
      );
    },
    end: () => void (out.isTTY && out.write("\r\u001b[K")),
  };
}
