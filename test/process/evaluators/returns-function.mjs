export default () => ({ play: () => 1 });
