// Throws what throws again when somebody wants to say what it is.
export default ({ how }) => {
  const refuse = () => {
    throw new Error('not even that');
  };
  if (how === 'proxy') throw new Proxy({}, { get: refuse, getPrototypeOf: refuse, ownKeys: refuse, has: refuse });
  if (how === 'getters')
    throw Object.defineProperties(new Error(), {
      name: { get: refuse },
      message: { get: refuse },
      stack: { get: refuse },
    });
  throw { toString: refuse, [Symbol.toPrimitive]: refuse, toJSON: refuse };
};
