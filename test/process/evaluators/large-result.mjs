export default (input) => new Uint8Array(input.megabytes * 2 ** 20);
