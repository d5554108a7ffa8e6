import { f01RelayKilled } from './f01-relay-killed.js';
import { f02ConsumerKilledAfterCommit } from './f02-consumer-killed-after-commit.js';
import { f03ConsumerKilledInTransaction } from './f03-consumer-killed-in-transaction.js';
import { f04BrokerDown } from './f04-broker-down.js';
import { f05Network } from './f05-network.js';
import { f06Poison } from './f06-poison.js';
import { f07DeliveredTwice } from './f07-delivered-twice.js';
import { f08FirstOfKeyFails } from './f08-first-of-key-fails.js';
import { f09DatabaseRestarts } from './f09-database-restarts.js';
import { f10RestoredFromBackup } from './f10-restored-from-backup.js';
import { f11LateCommit } from './f11-late-commit.js';
import { f12IdleInTransaction } from './f12-idle-in-transaction.js';
import { f13OutboxGrows } from './f13-outbox-grows.js';
import { f16SplitBrain } from './f16-split-brain.js';
import { f17RebalanceStorm } from './f17-rebalance-storm.js';
import { f23Replayed } from './f23-replayed.js';
import { f24MixedVersions } from './f24-mixed-versions.js';
import { f28RollingRestarts } from './f28-rolling-restarts.js';
import type { Scenario } from './scenario.js';

/** The rows of the fault matrix that are run here, in its order. */
export const scenarios: readonly Scenario[] = [
  f01RelayKilled,
  f02ConsumerKilledAfterCommit,
  f03ConsumerKilledInTransaction,
  f04BrokerDown,
  f05Network,
  f06Poison,
  f07DeliveredTwice,
  f08FirstOfKeyFails,
  f09DatabaseRestarts,
  f10RestoredFromBackup,
  f11LateCommit,
  f12IdleInTransaction,
  f13OutboxGrows,
  f16SplitBrain,
  f17RebalanceStorm,
  f23Replayed,
  f24MixedVersions,
  f28RollingRestarts,
];
