import all from './ava.config.js';

/** What holds the models against the benches, and what tries many random worlds, faults and files: `npm run test:thorough`. */
export const thorough = [
  'dist/test/engine/*-agenda.test.js',
  'dist/test/fidelity/*/agreement.test.js',
  'dist/test/models/**/walk-completeness.test.js',
  'dist/test/models/dataplane/mixed-traffic.test.js',
  'dist/test/models/traffic/tcp-flow.test.js',
  'dist/test/models/world/connection-sync.test.js',
  'dist/test/models/world/ha-routers.test.js',
  'dist/test/models/world/ha-walk.test.js',
  'dist/test/scenarios/common-luck.test.js',
  'dist/test/scenarios/hostile.test.js',
  'dist/test/scenarios/mutations.test.js',
  'dist/test/scenarios/stepped-lans.test.js',
];

export default {...all, files: thorough};
