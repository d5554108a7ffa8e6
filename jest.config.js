/** Tests run on compiled output: `npm test` builds first (tools/bootstrap/test.mjs). */
export default {
  testEnvironment: 'node',
  transform: {},
  roots: ['platform', 'gateway', 'subgraphs', 'tools', 'tests'].map((folder) => `<rootDir>/${folder}`),
  testMatch: ['<rootDir>/{platform,gateway,subgraphs/*,tools,tests}/dist/**/*.test.js'],
  setupFiles: ['reflect-metadata'],
  globalSetup: '<rootDir>/tests/dist/setup/global-setup.js',
  globalTeardown: '<rootDir>/tests/dist/setup/global-teardown.js',
  reporters: ['default', '<rootDir>/tests/dist/setup/count-reporter.js'],
  maxWorkers: 2,
  testTimeout: 30_000,
  coverageProvider: 'v8',
  watchman: false,
};
