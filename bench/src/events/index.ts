import type { Figure } from '../measure.js';
import { measureBackbone } from './backbone.js';
import { startBenchPostgres } from './bench-postgres.js';
import type { BenchSetting } from './bench-setting.js';
import { comparisonTable } from './compare.js';
import type { Comparison } from './compare.js';
import { measureIngest } from './ingest.js';
import { measureJobs } from './jobs.js';
import { measureKafka } from './kafka.js';
import { measureMail } from './mail.js';
import { measurePublish } from './publish.js';

const COMPARISONS: Readonly<Record<string, (setting: BenchSetting) => Promise<readonly Comparison[]>>> = {
  publish: measurePublish,
  kafka: measureKafka,
  jobs: measureJobs,
  mail: measureMail,
  ingest: measureIngest,
};

const FIGURES: Readonly<Record<string, (setting: BenchSetting) => Promise<readonly Figure[]>>> = {
  backbone: measureBackbone,
};

/** What can be measured of events, jobs and mails; `events` stands for all of it. */
export const EVENT_MEASUREMENTS: readonly string[] = [...Object.keys(COMPARISONS), ...Object.keys(FIGURES)];

/** Runs the measurements that are named, on a Postgres of their own; returns a table in Markdown. */
export async function measureEvents(
  names: readonly string[],
  { rounds }: { readonly rounds: number },
): Promise<string> {
  const postgres = await startBenchPostgres();
  try {
    const comparisons: Comparison[] = [];
    for (const name of names) comparisons.push(...((await COMPARISONS[name]?.({ postgres, rounds })) ?? []));
    const figures: Figure[] = [];
    for (const name of names) figures.push(...((await FIGURES[name]?.({ postgres, rounds })) ?? []));
    return [
      `${postgres.description}, ${rounds} rounds\n`,
      ...(comparisons.length > 0 ? [comparisonTable(comparisons)] : []),
      ...(figures.length > 0
        ? ['| | |\n|---|---|', ...figures.map(({ name, value }) => `| ${name} | ${value} |`)]
        : []),
      '',
    ].join('\n');
  } finally {
    await postgres.stop();
  }
}
