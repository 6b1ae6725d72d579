// Who may import whom: a floor knows only the floors below it. From the ground up.
const floors = [
  ['errors', 'events', 'words'],
  ['clock', 'wire'],
  ['operators', 'breaker', 'probes'],
  ['sla', 'supervisor', 'evaluator'],
  ['executors', 'games', 'journal'],
  ['callbacks'],
  ['trainer', 'observability', 'replay', 'report', 'dashboard'],
  ['adapters'],
  ['testing', 'cli'],
];

const own = (folders) => `^src/(${folders.join('|')})/`;

/** A folder may import itself and what lies on the floors below: everything else of ours is forbidden. */
const layers = floors.flatMap((floor, level) =>
  floor.map((folder) => ({
    name: `floor-${level}-${folder}`,
    comment: `src/${folder} may only know the floors below it`,
    severity: 'error',
    from: { path: `^src/${folder}/` },
    to: {
      path: '^src/',
      // 'testing' and 'cli' are users of the library: they may stand on its public surface.
      pathNot: [
        `^src/${folder}/`,
        ...floors.slice(0, level).map(own),
        ...(level === floors.length - 1 ? ['^src/index'] : []),
      ],
    },
  })),
);

module.exports = {
  forbidden: [
    ...layers,
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'events-import-nothing-of-ours',
      severity: 'error',
      from: { path: '^src/events/' },
      to: { path: '^src/', pathNot: '^src/events/' },
    },
    {
      name: 'breaker-logic-knows-no-rxjs',
      severity: 'error',
      from: { path: '^src/breaker/', pathNot: '^src/breaker/(with-breaker|circuit-breaker|transition-queue)' },
      to: { path: 'node_modules/rxjs', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'only-the-winston-entry-knows-winston',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/observability/winston' },
      to: { path: 'node_modules/winston' },
    },
    {
      name: 'only-what-draws-knows-log-update',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(cli/demo/live-view|observability/progress-screen)' },
      to: { path: 'node_modules/log-update' },
    },
    {
      name: 'only-the-gpu-probe-knows-systeminformation',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/supervisor/gpu-probe-others' },
      to: { path: 'node_modules/systeminformation' },
    },
    {
      name: 'only-the-process-of-the-gpu-probe-loads-what-it-asks',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/supervisor/gpu-probe-entry' },
      to: { path: '^src/supervisor/gpu-probe-others', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'only-the-gpu-probe-and-the-doctor-ask-nvidia',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(supervisor/gpu-probe-entry|cli/doctor/gpu-finding)' },
      to: { path: '^src/supervisor/gpu-probe-nvidia', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'only-the-prometheus-entry-knows-prom-client',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/observability/prometheus' },
      to: { path: 'node_modules/prom-client' },
    },
    {
      name: 'only-the-tfjs-adapter-knows-tensorflow',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/adapters/tfjs' },
      to: { path: 'node_modules/@tensorflow' },
    },
    {
      name: 'the-tfjs-adapter-loads-no-trainer',
      comment: 'an evaluator process loads it for its weights',
      severity: 'error',
      from: { path: '^src/adapters/tfjs' },
      to: { path: '^src/trainer', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'only-the-otel-entry-knows-opentelemetry',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/observability/otel' },
      to: { path: 'node_modules/@opentelemetry' },
    },
    {
      name: 'of-opentelemetry-only-the-api',
      comment: 'the SDK is the user’s',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: 'node_modules/@opentelemetry', pathNot: 'node_modules/@opentelemetry/api/' },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['pitwall:source', 'import', 'node', 'default'],
    },
  },
};
