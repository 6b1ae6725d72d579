export default (_input, { progress }) => {
  for (let done = 0; ; done++) progress(done);
};
