import type { Task } from "./world.ts";

const isBefore = (a: Task, b: Task): boolean => a.atMs < b.atMs || (a.atMs === b.atMs && a.made < b.made);

/** The earliest task first; of one time, the one that was made first. */
export class TaskHeap {
  readonly #tasks: Task[] = [];

  peek(): Task | undefined {
    return this.#tasks[0];
  }

  push(task: Task): void {
    const tasks = this.#tasks;
    let at = tasks.length;
    tasks.push(task);
    while (at > 0) {
      const up = (at - 1) >> 1;
      const parent = tasks[up];
      if (parent === undefined || isBefore(parent, task)) break;
      tasks[at] = parent;
      at = up;
    }
    tasks[at] = task;
  }

  pop(): Task | undefined {
    const tasks = this.#tasks;
    const first = tasks[0];
    const last = tasks.pop();
    if (last === undefined || tasks.length === 0) return first;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      const right = left + 1;
      const a = tasks[left];
      if (a === undefined) break;
      const b = tasks[right];
      const [least, child] = b !== undefined && isBefore(b, a) ? [right, b] : [left, a];
      if (!isBefore(child, last)) break;
      tasks[at] = child;
      at = least;
    }
    tasks[at] = last;
    return first;
  }
}
