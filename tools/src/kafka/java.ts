import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { Problem } from '../problem/index.js';

/** Oldest Java that Kafka 4 brokers run on (KIP-1013). */
const LEAST_JAVA = 17;
const ADVICE = `Install a JRE of version ${LEAST_JAVA} or newer, or set JAVA_HOME to one.`;

export type Environment = Readonly<Record<string, string | undefined>>;

/** Path of a `java` of at least version 17, from JAVA_HOME or PATH. Throws a Problem. */
export async function findJava(environment: Environment = process.env): Promise<string> {
  const home = environment['JAVA_HOME'];
  const java = home === undefined || home === '' ? 'java' : join(home, 'bin', 'java');
  const told = await output([java, '-version'], {
    environment,
    missing: `A Kafka broker needs Java, and "${java}" cannot be run.`,
    advice: ADVICE,
  });
  const major = Number(/version "(\d+)/.exec(told)?.[1]);
  if (!(major >= LEAST_JAVA)) {
    throw new Problem(`A Kafka broker needs a newer Java: "${java}" is ${told.split('\n')[0] ?? 'unknown'}.`, {
      advice: [ADVICE],
    });
  }
  return java;
}

/** Throws a Problem unless `mvn` can be run. */
export async function findMaven(environment: Environment = process.env): Promise<string> {
  const missing = 'The jars of the Kafka broker have to be resolved once, by Apache Maven, and "mvn" cannot be run.';
  await output(['mvn', '--version'], { environment, missing, advice: 'Install Apache Maven.' });
  return 'mvn';
}

/** What a program prints, both streams: `java -version` writes to stderr. */
function output(
  [program, argument]: readonly [string, string],
  {
    environment,
    missing,
    advice,
  }: { readonly environment: Environment; readonly missing: string; readonly advice: string },
): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(program, [argument], { env: environment }, (error, stdout, stderr) => {
      if (error === null) resolve(`${stderr}${stdout}`);
      else reject(new Problem(missing, { advice: [advice], cause: error }));
    });
  });
}
