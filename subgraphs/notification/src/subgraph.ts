import { route } from '@orion/platform/events';
import { isUuid } from '@orion/platform/ids';
import { holds } from '@orion/platform/identity';
import { createLivePoll } from '@orion/platform/live';
import { defineSubgraph } from '@orion/platform/subgraph';
import { authMailRoutes } from './auth-mail/auth-mail.consumer.js';
import { accountNoticeRoutes } from './account-notice/account-notice.consumer.js';
import { CapturedMessageResolver } from './captured-message/captured-message.resolver.js';
import { CapturedMessageService } from './captured-message/captured-message.service.js';
import { configSchema } from './config.js';
import type { NotificationConfig } from './config.js';
import { DeadLetterCommandResolver } from './dead-letter/dead-letter-command.resolver.js';
import { DeadLetterCommandService } from './dead-letter/dead-letter-command.service.js';
import { DeadLetterEditService } from './dead-letter/dead-letter-edit.service.js';
import { DeadLetterOperationResolver } from './dead-letter/dead-letter-operation.resolver.js';
import { registerDeadLetterUpkeep } from './dead-letter/dead-letter-upkeep.job.js';
import { deadLetterRoutes } from './dead-letter/dead-letter.consumer.js';
import { DeadLetter } from './dead-letter/dead-letter.entity.js';
import { DeadLetterResolver } from './dead-letter/dead-letter.resolver.js';
import { DeadLetterService } from './dead-letter/dead-letter.service.js';
import type { ChangePlace } from './dead-letter/dead-letter.service.js';
import { eventReplayRoute } from './event-replay/event-replay.consumer.js';
import { EventReplay } from './event-replay/event-replay.entity.js';
import { EventReplayResolver } from './event-replay/event-replay.resolver.js';
import { EventReplayService } from './event-replay/event-replay.service.js';
import { exportRoute } from './export/export.consumer.js';
import { Inbox } from './inbox/inbox.entity.js';
import { InboxResolver } from './inbox/inbox.resolver.js';
import { InboxService } from './inbox/inbox.service.js';
import { followInboxes } from './live/live.feed.js';
import { createLiveInbox } from './live/live-inbox.js';
import { LiveResolver } from './live/live.resolver.js';
import { registerMailDelivery } from './mail-delivery/mail-delivery.js';
import { createSmtpTransport } from './mail-delivery/smtp-transport.js';
import { DeliveryAttempt } from './mail/delivery-attempt.entity.js';
import { Mail } from './mail/mail.entity.js';
import { MailService } from './mail/mail.service.js';
import { migrations } from './migrations/index.js';
import { Notification } from './notification/notification.entity.js';
import { NotificationResolver } from './notification/notification.resolver.js';
import { NotificationService } from './notification/notification.service.js';
import { UserNotificationsResolver } from './notification/user-notifications.resolver.js';
import { QueueStatsResolver } from './queue/queue-stats.resolver.js';
import { QueueStatsService } from './queue/queue-stats.service.js';
import { recipientRoutes } from './recipient/recipient.consumer.js';
import { Recipient } from './recipient/recipient.entity.js';
import { RecipientService } from './recipient/recipient.service.js';
import { User } from './recipient/user.stub.js';
import { securityAlertRoute } from './security-alert/security-alert.consumer.js';
import { securityNoticeRoute } from './security-notice/security-notice.consumer.js';
import { SendingResolver } from './sending/sending.resolver.js';
import { SendingService } from './sending/sending.service.js';
import { registerUpkeep } from './upkeep/upkeep.job.js';
import { verificationRoutes } from './verification/verification.consumer.js';
import { welcomeRoute } from './welcome/welcome.consumer.js';

/** Between looks for what changed, while somebody listens. */
const LETTERS_LOOK_MS = 500;
const QUEUE_LOOK_MS = 2_000;

export const subgraph = defineSubgraph<NotificationConfig>({
  name: 'notification',
  configSchema,
  entities: [DeadLetter, DeliveryAttempt, EventReplay, Inbox, Mail, Notification, Recipient],
  migrations,
  resolvers: [
    CapturedMessageResolver,
    DeadLetterCommandResolver,
    DeadLetterOperationResolver,
    DeadLetterResolver,
    EventReplayResolver,
    InboxResolver,
    LiveResolver,
    NotificationResolver,
    QueueStatsResolver,
    SendingResolver,
    UserNotificationsResolver,
  ],
  stubs: [User],
  owners: { User: 'id' },

  assemble({ config, database, backbone, jobs, transport, sealer, logger }) {
    const { manager } = database;
    const recipients = new RecipientService();
    const notifications = new NotificationService(manager);
    const inboxes = new InboxService(database);
    const mails = new MailService(manager, sealer, config.ORION_DEMO);
    const captured = config.ORION_DEMO ? new CapturedMessageService(manager, sealer) : null;
    const sending = new SendingService(database, recipients, notifications, mails);
    const live = createLiveInbox({ manager, logger });
    const letters = new DeadLetterService(manager);
    const letterChanges = createLivePoll({
      everyMs: LETTERS_LOOK_MS,
      look: (place: ChangePlace | null) => letters.changedAfter(place),
      logger,
    });
    const queueStats = new QueueStatsService(manager, backbone, logger);
    const queueChanges = createLivePoll({
      everyMs: QUEUE_LOOK_MS,
      look: (before: string | null) => queueStats.changed(before),
      logger,
    });
    const mailOptions = { recipients, mails, sealer, publicUrl: config.PUBLIC_URL.replace(/\/+$/, '') };
    const smtp =
      config.SMTP_URL === undefined || config.MAIL_FROM === undefined || config.ORION_DEMO
        ? undefined
        : createSmtpTransport({ url: config.SMTP_URL, from: config.MAIL_FROM });
    if (smtp !== undefined) registerMailDelivery(jobs, { database, sealer, transport: smtp, logger });
    registerUpkeep(jobs);
    registerDeadLetterUpkeep(jobs);

    return {
      resolvers: [
        new CapturedMessageResolver(captured),
        new DeadLetterCommandResolver(new DeadLetterCommandService(database), new DeadLetterEditService(database)),
        new DeadLetterOperationResolver(),
        new DeadLetterResolver(letters, letterChanges),
        new EventReplayResolver(new EventReplayService(database)),
        new InboxResolver(inboxes),
        new LiveResolver(live, manager),
        new NotificationResolver(mails),
        new QueueStatsResolver(queueStats, queueChanges),
        new SendingResolver(sending),
        new UserNotificationsResolver(notifications, inboxes),
      ],
      references: {
        // Whether the person exists is for the user subgraph to say; what is no UUID has no inbox for certain.
        User: ({ id = '' }) => (isUuid(id) ? { id } : null),
        DeadLetter: ({ id = '' }, { loaders, viewer }) =>
          holds(viewer, 'deadletter:read:any') ? loaders.load(letters.byId, id) : null,
        Notification: async ({ id = '' }, { loaders, viewer }) => {
          const notification = await loaders.load(notifications.byId, id);
          const isOwn = notification !== null && notification.recipientId === viewer?.userId;
          return isOwn || holds(viewer, 'notification:read:any') ? notification : null;
        },
      },
      async start() {
        backbone.consume({
          group: 'notification',
          topics: ['orion.auth', 'orion.user'],
          ordering: 'key',
          handle: route([
            ...recipientRoutes(recipients),
            welcomeRoute(mailOptions),
            ...verificationRoutes(mailOptions),
            ...authMailRoutes(mailOptions),
            securityAlertRoute({ recipients, mails }),
            ...accountNoticeRoutes({ recipients, mails }),
            securityNoticeRoute({ recipients, mails }),
          ]),
        });
        backbone.consume({
          group: 'notification.dead-letters',
          topics: ['orion.dlq', 'orion.system', 'orion.user'],
          types: ['event.dead_lettered', 'dead_letter.settled', 'events.replayed', 'user.deleted'],
          ordering: 'key',
          handle: route([...deadLetterRoutes(), eventReplayRoute()]),
        });
        backbone.consume({
          group: 'notification.exports',
          topics: ['orion.user'],
          types: ['user.export_requested'],
          ordering: 'none',
          handle: route([exportRoute(sealer)]),
        });
        await transport.tail(['orion.notification'], { onEvent: followInboxes(live) });
      },
      async stop() {
        await Promise.all([live.close(), letterChanges.close(), queueChanges.close()]);
        // The workers have stopped: nothing is being sent.
        smtp?.close();
      },
    };
  },
});
