// Has a supervisor load what NODE_OPTIONS preload, as it does under Yarn's Plug'n'Play alone.
Object.defineProperty(process, 'versions', { value: { ...process.versions, pnp: '3' } });
