import type { ApiVersions } from './kafka-wire.js';

/**
 * The APIs that this transport needs: from the least version that can do what it does (record headers, offsets by time,
 * groups that can be deleted) to the highest that kafkajs 2.2.4 speaks. kafkajs itself takes the lower of both highest
 * versions and never looks at the lowest: a broker that has dropped the old ones (KIP-896 and what comes after) would
 * fail at some later request, with a message that explains nothing, and one that is too old would lose the headers.
 * `since` is the Kafka version that brought the least one.
 */
const NEEDED_APIS = [
  { key: 0, name: 'Produce', least: 3, highest: 7, since: '0.11' },
  { key: 1, name: 'Fetch', least: 4, highest: 11, since: '0.11' },
  { key: 2, name: 'ListOffsets', least: 1, highest: 3, since: '0.10.1' },
  { key: 3, name: 'Metadata', least: 1, highest: 6, since: '0.10' },
  { key: 8, name: 'OffsetCommit', least: 2, highest: 5, since: '0.9' },
  { key: 9, name: 'OffsetFetch', least: 1, highest: 4, since: '0.9' },
  { key: 10, name: 'FindCoordinator', least: 0, highest: 2, since: '0.9' },
  { key: 11, name: 'JoinGroup', least: 1, highest: 5, since: '0.10.1' },
  { key: 12, name: 'Heartbeat', least: 0, highest: 3, since: '0.9' },
  { key: 13, name: 'LeaveGroup', least: 0, highest: 3, since: '0.9' },
  { key: 14, name: 'SyncGroup', least: 0, highest: 3, since: '0.9' },
  { key: 19, name: 'CreateTopics', least: 0, highest: 3, since: '0.10.1' },
  { key: 42, name: 'DeleteGroups', least: 0, highest: 1, since: '1.1' },
] as const;

/** What is tested, see tools/src/kafka. */
const RIGHT_VERSIONS = 'Use Kafka 3.9 or 4.x.';

/** Why a broker with these APIs can never do, and what to do; undefined when it can. */
export function apiProblem(broker: string, versions: ApiVersions): string | undefined {
  if (!versions.has(0) || !versions.has(1)) {
    return (
      `${broker} is a KRaft controller: it serves no Produce. ` +
      'Set KAFKA_BROKERS to the port of a broker listener (often 9092), not of controller.quorum (often 9093).'
    );
  }
  const tooOld = NEEDED_APIS.filter(({ key, least }) => (versions.get(key)?.highest ?? -1) < least);
  if (tooOld.length > 0) {
    const list = tooOld.map(
      ({ key, name, least, since }) =>
        `${name} (needed from v${least}, Kafka ${since}; offered up to ${shown(versions.get(key)?.highest)})`,
    );
    return `${broker} is too old, it does not speak ${list.join(', ')}. ${RIGHT_VERSIONS}`;
  }
  const tooNew = NEEDED_APIS.filter(({ key, highest }) => (versions.get(key)?.lowest ?? 0) > highest);
  if (tooNew.length === 0) return undefined;
  const list = tooNew.map(
    ({ key, name, highest }) =>
      `${name} (needed at most v${highest}, offered from ${shown(versions.get(key)?.lowest)})`,
  );
  return `${broker} is too new for kafkajs 2.2.4, it no longer speaks ${list.join(', ')}. ${RIGHT_VERSIONS}`;
}

function shown(version: number | undefined): string {
  return version === undefined ? 'none' : `v${version}`;
}
