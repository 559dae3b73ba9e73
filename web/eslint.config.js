import js from '@eslint/js'
import jsxA11y from 'eslint-plugin-jsx-a11y'
import reactHooks from 'eslint-plugin-react-hooks'
import tseslint from 'typescript-eslint'

// Which folder may not see which: features stand alone, `ui` and `lib` know no server.
const layers = [
  { files: ['src/lib/**'], forbidden: ['@/api/*', '@/ui/*', '@/features/*', '@/app/*'] },
  { files: ['src/ui/**'], forbidden: ['@/api/*', '@/features/*', '@/app/*'] },
  { files: ['src/api/**'], forbidden: ['@/ui/*', '@/features/*', '@/app/*'] },
  { files: ['src/features/**'], forbidden: ['@/features/*', '@/app/*'] },
]

export default tseslint.config(
  { ignores: ['dist', 'test-results', 'playwright-report', 'src/api/generated'] },
  js.configs.recommended,
  {
    files: ['**/*.{ts,tsx}'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/consistent-type-assertions': ['error', { assertionStyle: 'never' }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { attributes: false } }],
      // Redirects are thrown in route guards.
      '@typescript-eslint/only-throw-error': 'off',
    },
  },
  {
    files: ['src/**/*.tsx'],
    extends: [reactHooks.configs.flat['recommended-latest'], jsxA11y.flatConfigs.recommended],
    rules: { 'jsx-a11y/no-autofocus': 'off' },
  },
  ...layers.map(({ files, forbidden }) => ({
    files,
    rules: { 'no-restricted-imports': ['error', { patterns: forbidden }] },
  })),
)
