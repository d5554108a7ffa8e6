import { defineConfig } from 'vite';

/** The page is served at a path of the gateway that only the gateway knows: every link in it is relative. */
export default defineConfig({
  base: './',
  build: {
    outDir: 'dist/page',
    target: 'es2023',
    // Served from the same machine or behind a proxy that compresses; monaco alone is above the standard warning.
    chunkSizeWarningLimit: 8_000,
    reportCompressedSize: false,
    license: { fileName: 'licenses.txt' },
    rolldownOptions: {
      // Hundreds of lines about "use client", which means something to servers only.
      onLog: (level, log, report) => {
        if (log.code !== 'MODULE_LEVEL_DIRECTIVE') report(level, log);
      },
    },
  },
});
