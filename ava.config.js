/** Those that take longest: begun first, so that no core waits for the other in the end. */
const longest = [
  'scenarios/library/neutron',
  'cli/sweeps/queue',
  'cli/sweeps/sweep',
  'scenarios/library/ovn',
  'cli/check',
];

const rank = file => {
  const index = longest.findIndex(name => file.endsWith(`${name}.test.js`));
  return index < 0 ? longest.length : index;
};

export default {
  files: ['dist/test/**/*.test.js'],
  timeout: '120s',
  nodeArguments: ['--enable-source-maps'],
  sortTestFiles: (one, other) => rank(one) - rank(other) || (one < other ? -1 : 1),
};
