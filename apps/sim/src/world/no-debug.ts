/** Stands for the package `debug`: Socket.IO calls it some ten times a message, and here nobody listens. */
const silent = Object.assign(() => {}, { enabled: false });

// biome-ignore lint/style/noDefaultExport: the package that it stands for has one.
export default (): typeof silent => silent;
