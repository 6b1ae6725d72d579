process.on('SIGTERM', () => undefined);
process.on('SIGINT', () => undefined);
export default () => new Promise(() => setInterval(() => undefined, 1000));
