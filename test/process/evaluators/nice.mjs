import { getPriority } from 'node:os';
export default () => ({ nice: getPriority() });
