export default ({ layers }) => layers.reduce((sum, layer) => sum + layer.length, 0);
