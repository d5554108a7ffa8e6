import { parseStartArguments, USAGE } from './start-arguments.mjs';
import { bootstrap } from './bootstrap.mjs';

/** Prepares the checkout, then starts the platform in this process. */
export async function runStart() {
  const parsed = parseStartArguments(process.argv.slice(2));
  if (parsed.error !== undefined) {
    process.stderr.write(`${parsed.error}\n\n${USAGE}`);
    process.exit(2);
  }
  if (parsed.options.help) {
    process.stdout.write(USAGE);
    return;
  }
  await bootstrap('start', async ({ root, progress, signal, addRest }) => {
    const { start } = await import('../dist/start/main.js');
    return start({ root, progress, signal, addRest, port: parsed.options.port, json: parsed.options.json });
  });
}
