// Imported first by each apps/*/bin/*.js. Plain JavaScript that any Node since 14 reads: an older one must still be able to say what is wrong.
const nodeMin = 24;

if (Number(process.versions.node.split(".")[0]) < nodeMin) {
  const program = (process.argv[1] || "hub").replace(/^.*[\\/]/, "").replace(/\.js$/, "");
  const start = program === "start" ? "npm start" : `npm run ${program} --`;
  process.stderr.write(`error NODE_TOO_OLD: Waybill needs Node ${nodeMin} or newer; this is Node ${process.versions.node}.
Node ${nodeMin} comes with \`npm ci\`; start the program as \`${start}\`, which uses that one.
`);
  process.exit(2);
}

// Compiled code is kept between starts: a program is up in half of the time. Threads, and programs that it starts, learn by the environment where.
const { directory } = process.getBuiltinModule("node:module").enableCompileCache();
if (directory) process.env.NODE_COMPILE_CACHE ??= directory;
