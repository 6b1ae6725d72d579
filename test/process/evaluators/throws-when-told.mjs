export default ({ fails }) => {
  if (fails) throw new RangeError('as it was told');
  return { fails };
};
