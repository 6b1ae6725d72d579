import { describe, expect, it } from 'vitest';
import { supervisorEnvironment } from '../../src/executors/supervisor-environment.ts';
import { inheritedEnvironment } from '../../src/supervisor/inherited-environment.ts';

const agent = { PATH: '/bin', NODE_OPTIONS: '--require ./agent.cjs' };
const versions = { node: '20.20.2' } as NodeJS.ProcessVersions;
const plugAndPlay = { ...versions, pnp: '3' } as NodeJS.ProcessVersions;

describe('what NODE_OPTIONS preload', () => {
  it('is not loaded by a built supervisor, but by its evaluators', () => {
    const env = supervisorEnvironment(false, { env: agent, versions });

    expect(env.NODE_OPTIONS).toBeUndefined();
    expect(inheritedEnvironment(env)).toEqual(agent);
  });

  it.each([
    ['run from TypeScript', true, versions],
    ['whose packages lie in archives', false, plugAndPlay],
  ])('is loaded by a supervisor that is %s, too', (_what, needsLoader, versionsThere) => {
    const env = supervisorEnvironment(needsLoader, { env: agent, versions: versionsThere });

    expect(env).toEqual(agent);
    expect(inheritedEnvironment(env)).toEqual(agent);
  });

  it('is nobody’s where there is none, whatever the training itself was started with', () => {
    const env = supervisorEnvironment(false, {
      env: { PATH: '/bin', PITWALL_NODE_OPTIONS: '--require ./its.cjs' },
      versions,
    });

    expect(inheritedEnvironment(env)).toEqual({ PATH: '/bin' });
  });
});
