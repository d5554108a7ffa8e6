import { execFile } from 'node:child_process';
import { mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Problem } from '../problem/index.js';
import { findMaven } from './java.js';
import type { Environment } from './java.js';
import type { KafkaVersion } from './version.js';

/** Written last, so that a resolution that was cut off is never taken for a whole one. */
const STAMP = 'complete.json';

/** Outside the repository: a clean checkout does not resolve the jars again. */
export function jarsDirectory(version: KafkaVersion, environment: Environment = process.env): string {
  const configured = environment['XDG_CACHE_HOME'];
  const cache = configured === undefined || configured === '' ? join(homedir(), '.cache') : configured;
  return join(cache, 'orion', `kafka-${version}`);
}

/**
 * The folder that holds the broker's jars. On the first call Maven resolves them, with the repositories it is
 * configured for on this machine. Throws a Problem.
 */
export async function resolveJars(version: KafkaVersion): Promise<string> {
  const directory = jarsDirectory(version);
  if (await isComplete(directory)) return directory;
  const maven = await findMaven();
  const partial = `${directory}.partial-${process.pid}`;
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { recursive: true });
  try {
    await copyDependencies(maven, partial, version);
    const jars = (await readdir(partial)).filter((name) => name.endsWith('.jar')).toSorted();
    await writeFile(join(partial, STAMP), `${JSON.stringify({ version, jars }, null, 2)}\n`);
    await publish(partial, directory);
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
  return directory;
}

/** True when the stamp is there and so is every jar it names. */
export async function isComplete(directory: string): Promise<boolean> {
  try {
    const { jars } = JSON.parse(await readFile(join(directory, STAMP), 'utf8')) as { readonly jars: readonly string[] };
    const present = new Set(await readdir(directory));
    return jars.length > 0 && jars.every((jar) => present.has(jar));
  } catch {
    // No folder, no stamp or an unreadable one: all mean that the jars have to be resolved.
    return false;
  }
}

async function copyDependencies(maven: string, directory: string, version: KafkaVersion): Promise<void> {
  const pom = join(directory, 'pom.xml');
  await writeFile(pom, pomOf(version));
  const goal = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${directory}`];
  try {
    await promisify(execFile)(maven, ['--batch-mode', '--quiet', '--file', pom, ...goal], { cwd: directory });
  } catch (error) {
    const { stdout, stderr } = error as { readonly stdout?: string; readonly stderr?: string };
    const lines = `${stdout ?? ''}${stderr ?? ''}`.split('\n').filter((line) => line.includes('ERROR'));
    throw new Problem(`Maven could not resolve the jars of Kafka ${version}.`, {
      advice: lines.slice(0, 5),
      cause: error,
    });
  }
}

/** Another process may have finished first; its folder is as good as ours. */
async function publish(partial: string, directory: string): Promise<void> {
  if (!(await isComplete(directory))) await rm(directory, { recursive: true, force: true });
  try {
    await rename(partial, directory);
  } catch (error) {
    if (!(await isComplete(directory))) throw error;
  }
}

/** slf4j-simple is the one logging backend: the broker itself brings only the API. */
function pomOf(version: KafkaVersion): string {
  return `<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>orion</groupId>
  <artifactId>kafka-broker</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>${version}</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-simple</artifactId><version>1.7.36</version></dependency>
  </dependencies>
</project>
`;
}
