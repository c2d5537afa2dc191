import js from '@eslint/js';
import tseslint from 'typescript-eslint';

const browserless = ['api.ts', 'boot.ts'];

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', 'test-results/'] },
  js.configs.recommended,
  {
    files: ['src/**/*.ts', 'test/unit/**/*.ts'],
    extends: [...tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-console': ['error', { allow: ['error'] }],
      'max-lines': ['error', { max: 300 }],
      // Texts reach the page as text nodes only.
      'no-restricted-syntax': [
        'error',
        { selector: "MemberExpression[property.name=/^(innerHTML|outerHTML|insertAdjacentHTML)$/]", message: 'use textContent' },
      ],
      // Only api.ts asks the server.
      'no-restricted-globals': ['error', { name: 'fetch', message: 'use api.ts' }],
    },
  },
  { files: browserless.map((name) => `src/${name}`), rules: { 'no-restricted-globals': 'off' } },
  {
    files: ['test/unit/**/*.ts'],
    // node:test answers each test with a promise that the runner itself awaits.
    rules: { '@typescript-eslint/no-floating-promises': 'off' },
  },
  {
    files: ['**/*.mjs', '*.js'],
    languageOptions: {
      globals: Object.fromEntries(
        ['process', 'console', 'URL', 'URLSearchParams', 'Buffer', 'setTimeout', 'clearTimeout', 'fetch', 'window', 'document', 'location', 'history', 'localStorage', 'getComputedStyle', 'axe', 'navigator', 'performance', 'requestAnimationFrame', 'FormData', 'Blob', 'File', 'DataTransfer'].map((name) => [name, 'readonly']),
      ),
    },
  },
);
