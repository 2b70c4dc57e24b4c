/** Supervises one talker and tells its pid; its own SIGKILL must not leave the talker behind. */
import { fileURLToPath } from "node:url";
import { createSupervisor } from "../../src/supervisor.ts";

const supervisor = createSupervisor();
const program = supervisor.start({ name: "talker", script: fileURLToPath(new URL("./talker.ts", import.meta.url)), args: ["deaf"] });
await program.awaitLine((line) => line.msg === "ready");
process.stdout.write(`${JSON.stringify({ msg: "ready", child: program.pid })}\n`);
