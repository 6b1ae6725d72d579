// What is wrong with its progress must not switch its limits off.
export default async (_input, { item, progress }) => {
  progress(NaN, null, '\u0001'.repeat(10_000));
  progress(1, Infinity, '\u0001'.repeat(10_000));
  await item('\u0001'.repeat(10_000), () => {
    for (;;);
  });
};
