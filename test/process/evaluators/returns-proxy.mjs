// Answers with a proxy, which cannot be cloned and may do anything while it is looked at.
export default () => new Proxy({ winRate: 1 }, {});
