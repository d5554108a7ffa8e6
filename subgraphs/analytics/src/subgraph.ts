import { route } from '@orion/platform/events';
import type { EventSubscription } from '@orion/platform/events';
import { isUuid } from '@orion/platform/ids';
import { defineSubgraph } from '@orion/platform/subgraph';
import { ActivitySummaryResolver, UserActivityResolver } from './activity/activity.resolver.js';
import { ActivityService } from './activity/activity.service.js';
import { configSchema } from './config.js';
import type { AnalyticsConfig } from './config.js';
import { exportRoute } from './export/export.consumer.js';
import { ingestEvents, TOPICS } from './ingest/ingest.consumer.js';
import { LiveEventResolver } from './live/live-event.resolver.js';
import { LiveEvents } from './live/live-events.js';
import { migrations } from './migrations/index.js';
import { createPartitions } from './partition/partitions.js';
import { registerUpkeep } from './partition/upkeep.job.js';
import { PersonResolver } from './person/person.resolver.js';
import { ActiveUsersService } from './report/active-users.service.js';
import { ArrivalsService } from './report/arrivals.service.js';
import { LoginPatternsService } from './report/login-patterns.service.js';
import { ReportResolver } from './report/report.resolver.js';
import { TrendService } from './report/trend.service.js';
import { TrackResolver } from './track/track.resolver.js';
import { TrackService } from './track/track.service.js';
import { User } from './user/user.stub.js';

/** Rows in one statement: what a transaction costs is shared by more of them than in other services. */
const INGEST_BATCH = 2_000;

export const subgraph = defineSubgraph<AnalyticsConfig>({
  name: 'analytics',
  configSchema,
  // The events table is written and read by statements of its own: partitions and bulk inserts are no work for an ORM.
  entities: [],
  migrations,
  resolvers: [
    ActivitySummaryResolver,
    LiveEventResolver,
    PersonResolver,
    ReportResolver,
    TrackResolver,
    UserActivityResolver,
  ],
  stubs: [User],
  owners: { User: 'id' },

  assemble({ config, database, backbone, jobs, transport, sealer, logger }) {
    const partitions = createPartitions(database, { retentionDays: config.ANALYTICS_RETENTION_DAYS });
    const activity = new ActivityService(database);
    const live = new LiveEvents();
    let tail: EventSubscription | undefined;
    registerUpkeep(jobs, { database, partitions, logger });

    return {
      resolvers: [
        new ActivitySummaryResolver(activity),
        new LiveEventResolver(live),
        new PersonResolver(database),
        new ReportResolver(
          new TrendService(database),
          new ActiveUsersService(database),
          new LoginPatternsService(database),
          new ArrivalsService(database),
        ),
        new TrackResolver(new TrackService(database, partitions)),
        new UserActivityResolver(activity),
      ],
      // Analytics knows no people, only what happened to whom: any id may be asked about.
      references: { User: ({ id = '' }) => (isUuid(id) ? { id } : null) },
      async start() {
        backbone.consume({
          group: 'analytics',
          topics: TOPICS,
          ordering: 'none',
          batchSize: INGEST_BATCH,
          handle: ingestEvents(partitions),
        });
        backbone.consume({
          group: 'analytics.exports',
          topics: ['orion.user'],
          types: ['user.export_requested'],
          ordering: 'none',
          handle: route([exportRoute(sealer)]),
        });
        tail = await transport.tail(TOPICS, { onEvent: (event) => live.show(event) });
      },
      async stop() {
        live.close();
        await tail?.stop();
      },
    };
  },
});
