import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isComplete, jarsDirectory } from './jars.js';
import { kafkaUnavailableReason } from './availability.js';

describe('the cache of Kafka jars', () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'orion-jars-'));
  });
  afterEach(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  it('lies in the cache folder of the user, outside the repository', () => {
    expect(jarsDirectory('4.1.1', { XDG_CACHE_HOME: directory })).toBe(join(directory, 'orion', 'kafka-4.1.1'));
  });

  it('is whole only when the stamp is there and every jar it names', async () => {
    expect(await isComplete(directory)).toBe(false);
    await writeFile(join(directory, 'a.jar'), '');
    expect(await isComplete(directory)).toBe(false);
    await writeFile(join(directory, 'complete.json'), JSON.stringify({ jars: ['a.jar', 'b.jar'] }));
    expect(await isComplete(directory)).toBe(false);
    await writeFile(join(directory, 'b.jar'), '');
    expect(await isComplete(directory)).toBe(true);
  });

  it('says that Java is missing', async () => {
    expect(await kafkaUnavailableReason({ environment: { JAVA_HOME: directory } })).toMatch(
      /^A Kafka broker needs Java, and ".*java" cannot be run\.$/,
    );
  });

  it('says that Java is too old', async () => {
    await writeFile(join(directory, 'java'), '#!/bin/sh\necho \'openjdk version "11.0.2" 2019-01-15\' >&2\n', {
      mode: 0o755,
    });
    expect(await kafkaUnavailableReason({ environment: { PATH: directory } })).toMatch(
      /needs a newer Java: "java" is openjdk version "11\.0\.2"/,
    );
  });

  it('says that Maven is missing, unless the jars are there already', async () => {
    await writeFile(join(directory, 'java'), '#!/bin/sh\necho \'openjdk version "17.0.1"\' >&2\n', { mode: 0o755 });
    expect(await kafkaUnavailableReason({ environment: { PATH: directory, XDG_CACHE_HOME: directory } })).toMatch(
      /have to be resolved once, by Apache Maven/,
    );
  });
});
