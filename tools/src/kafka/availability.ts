import { Problem } from '../problem/index.js';
import { isComplete, jarsDirectory } from './jars.js';
import { findJava, findMaven } from './java.js';
import type { Environment } from './java.js';
import { DEFAULT_KAFKA_VERSION } from './version.js';
import type { KafkaVersion } from './version.js';

/** Why this machine cannot run a broker, or undefined when it can. For tests that skip with a reason. */
export async function kafkaUnavailableReason({
  version = DEFAULT_KAFKA_VERSION,
  environment = process.env,
}: { readonly version?: KafkaVersion; readonly environment?: Environment } = {}): Promise<string | undefined> {
  try {
    await findJava(environment);
    if (!(await isComplete(jarsDirectory(version, environment)))) await findMaven(environment);
    return undefined;
  } catch (error) {
    if (error instanceof Problem) return error.message;
    throw error;
  }
}
