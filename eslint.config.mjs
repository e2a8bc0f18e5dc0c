import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

const source = 'packages/*/src';
const tests = ['**/*.test.ts', '**/*.contract.ts', '{packages,apps}/*/test/**', 'loadtests/**', 'bench/**'];

const takeTimeFromClock = 'Take the time from kernel/clock, so that tests can run in virtual time.';
const noDefaultExport = {
  selector: 'ExportDefaultDeclaration, ExportSpecifier[exported.name="default"]',
  message: 'No default exports but in configuration files.',
};
const noWallClock = { selector: 'NewExpression[callee.name="Date"][arguments.length=0]', message: takeTimeFromClock };
const noDirectTime = [
  { object: 'Date', property: 'now', message: takeTimeFromClock },
  { object: 'performance', property: 'now', message: takeTimeFromClock },
  { object: 'process', property: 'hrtime', message: takeTimeFromClock },
];
const noDirectTimers = ['setTimeout', 'setInterval'].map((name) => ({ name, message: takeTimeFromClock }));
const noProcessExit = { object: 'process', property: 'exit', message: 'Only cli/ ends the process.' };

const house = {
  rules: {
    'named-after-its-concept': {
      meta: { type: 'suggestion', schema: [] },
      create(context) {
        const name = context.filename.split('/').at(-1);
        const problem = /(^|[-.])(utils?|helpers?|common|managers?)([-.]|$)/.test(name)
          ? 'Name the file after the one concept inside; no utils, helpers, common, manager.'
          : !/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9-]+)*$/.test(name) && 'File names are kebab-case.';
        return { Program: (node) => problem && context.report({ node, message: problem }) };
      },
    },
  },
};

export default defineConfig(
  { ignores: ['**/dist/**', '**/.dist-*/**', '**/coverage/**', '**/.plimsoll/**'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    name: 'all TypeScript',
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { house },
    rules: {
      'house/named-after-its-concept': 'error',
      eqeqeq: 'error',
      'max-lines': ['error', { max: 400 }],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
      'no-console': 'error',
      'no-restricted-syntax': ['error', noDefaultExport],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      // Hot paths index typed arrays, where noUncheckedIndexedAccess has no better answer than `!`.
      '@typescript-eslint/no-non-null-assertion': 'off',
      // `response.json<Stats>()` is a promise of the interface.
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
    },
  },
  {
    name: 'time and process belong to one place each',
    files: [`${source}/**/*.ts`],
    ignores: [`${source}/kernel/clock.ts`],
    rules: {
      'no-restricted-syntax': ['error', noDefaultExport, noWallClock],
      'no-restricted-properties': ['error', ...noDirectTime, noProcessExit],
      'no-restricted-globals': ['error', ...noDirectTimers],
    },
  },
  {
    name: 'the command line owns the process and its real timers',
    files: [`${source}/cli/**/*.ts`],
    rules: { 'no-restricted-properties': ['error', ...noDirectTime], 'no-restricted-globals': 'off' },
  },
  {
    name: "a parser's state function may be long",
    files: [`${source}/protocol/**/*parser*.ts`, `${source}/protocol/**/*reader*.ts`],
    rules: { 'max-lines-per-function': 'off' },
  },
  {
    name: 'tests and benches',
    files: tests,
    rules: {
      'max-lines-per-function': 'off',
      'no-console': 'off',
      'no-restricted-globals': 'off',
      'no-restricted-properties': 'off',
      'no-restricted-syntax': ['error', noDefaultExport],
      '@typescript-eslint/explicit-module-boundary-types': 'off',
      '@typescript-eslint/no-empty-function': 'off',
      '@typescript-eslint/require-await': 'off',
    },
  },
  { name: 'configuration files', files: ['**/*.config.ts'], rules: { 'no-restricted-syntax': 'off' } },
);
