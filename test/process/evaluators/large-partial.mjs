export default (_input, { partial }) => {
  partial(new Uint8Array(3 * 2 ** 20 - 8));
};
