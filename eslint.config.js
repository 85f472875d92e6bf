import tseslint from 'typescript-eslint';

const clocksAndLuck = [
  ...['Date', 'performance', 'setTimeout', 'setInterval', 'setImmediate'].map(name => ({
    name,
    message: 'Simulated time only: the models are told the time.',
  })),
];

const inexact = ['random', 'log', 'log2', 'log10', 'exp', 'pow', 'sin', 'cos', 'tan', 'sqrt', 'cbrt'].map(property => ({
  object: 'Math',
  property,
  message: 'Chance comes from engine/chance.ts; transcendental functions differ between machines.',
}));

export default tseslint.config(
  {ignores: ['dist', 'out', 'test/fixtures', 'test/golden']},
  ...tseslint.configs.strict,
  ...tseslint.configs.stylistic,
  {
    languageOptions: {ecmaVersion: 2023, sourceType: 'module'},
    rules: {
      '@typescript-eslint/consistent-type-definitions': ['error', 'type'],
      '@typescript-eslint/consistent-type-imports': ['error', {fixStyle: 'inline-type-imports'}],
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-dynamic-delete': 'off',
      '@typescript-eslint/unified-signatures': 'off',
      '@typescript-eslint/no-unused-vars': ['error', {argsIgnorePattern: '^_', varsIgnorePattern: '^_'}],
      eqeqeq: 'error',
      'no-console': 'error',
      'max-depth': ['error', 4],
    },
  },
  {
    files: ['engine/**/*.ts', 'models/**/*.ts'],
    rules: {
      'no-restricted-globals': ['error', ...clocksAndLuck],
      'no-restricted-properties': ['error', ...inexact],
    },
  },
  {files: ['cli/**/*.ts', 'bench/**/*.ts', 'test/fidelity/**/*.ts'], rules: {'no-console': 'off'}},
);
